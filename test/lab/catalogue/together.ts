import { type Change, ServerEffect, Way } from "./change.ts";
import { mayBeOne } from "./rows.ts";

/**
 * The changes of an order, put together so that one `up` makes several at once: those that at most reload servers, need
 * nothing of each other, and share no row of a review, which would be another one then. Whatever stops a server, goes
 * wrong or is refused is on its own.
 *
 * @param most - of how many a group is at most
 */
export function inGroups(order: readonly Change[], most: number): Change[][] {
  let left = [...order];
  const done = new Set<string>();
  const groups: Change[][] = [];
  for (let first = left.shift(); first !== undefined; first = left.shift()) {
    const isReady = ({ after = [] }: Change) => after.every((id) => done.has(id));
    const group = [first];
    for (const other of isMild(first) ? left.filter(isMild) : [])
      if (group.length < most && isReady(other) && group.every((one) => isApart(one, other)))
        group.push(other);
    for (const { id } of group) done.add(id);
    left = left.filter(({ id }) => !done.has(id));
    groups.push(group);
  }
  return groups;
}

const mildWays: readonly Way[] = [Way.plain, Way.whole];

function isMild({ servers = {}, way = Way.plain, linesIn, damage, refusal, knownFault }: Change): boolean {
  return (
    mildWays.includes(way) &&
    [linesIn, damage, refusal, knownFault].every((special) => special === undefined) &&
    Object.values(servers).every((effect) => effect === ServerEffect.reload)
  );
}

function isApart({ rows = [] }: Change, other: Change): boolean {
  return rows.every((row) => !other.rows?.some((one) => mayBeOne(row, one)));
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
