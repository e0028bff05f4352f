import { type Change, ServerEffect, Way } from "./change.ts";

/**
 * The changes of an order, put together so that one `up` makes several at once: those that at most reload servers, and
 * need nothing of each other. Whatever stops a server, goes wrong or is refused is on its own.
 *
 * @param most - of how many a group is at most
 */
export function inGroups(order: readonly Change[], most: number): Change[][] {
  const left = [...order];
  const done = new Set<string>();
  const groups: Change[][] = [];
  for (let first = left.shift(); first !== undefined; first = left.shift()) {
    const isReady = ({ after = [] }: Change) => after.every((id) => done.has(id));
    const others = isMild(first)
      ? left.filter((other) => isMild(other) && isReady(other)).slice(0, most - 1)
      : [];
    for (const other of others) left.splice(left.indexOf(other), 1);
    const group = [first, ...others];
    for (const { id } of group) done.add(id);
    groups.push(group);
  }
  return groups;
}

const mildWays: readonly Way[] = [Way.plain, Way.whole];

function isMild({ servers = {}, way = Way.plain, commentsIn, damage, refusal, knownFault }: Change): boolean {
  return (
    mildWays.includes(way) &&
    [commentsIn, damage, refusal, knownFault].every((special) => special === undefined) &&
    Object.values(servers).every((effect) => effect === ServerEffect.reload)
  );
}

/** Several changes as one, of which is written what is written of each. */
export function together(group: readonly Change[]): Change {
  const [first] = group;
  if (first === undefined) throw new Error("A group has a change.");
  if (group.length === 1) return first;
  return {
    ...first,
    id: group.map(({ id }) => id).join(" + "),
    title: group.map(({ title }) => title).join("; "),
    edit: Object.assign({}, ...group.map(({ edit }) => edit)),
    files: Object.assign({}, ...group.map(({ files }) => files)),
    way: group.some(({ way }) => way === Way.whole) ? Way.whole : Way.plain,
    risks: [...new Set(group.flatMap(({ risks = [] }) => risks))],
    rows: group.flatMap(({ rows = [] }) => rows),
    servers: Object.assign({}, ...group.map(({ servers }) => servers)),
    volumes: {
      added: group.flatMap(({ volumes }) => volumes?.added ?? []),
      removed: group.flatMap(({ volumes }) => volumes?.removed ?? []),
    },
  };
}
