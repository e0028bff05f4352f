import { type Change, ServerEffect, Way } from "./change.ts";

/**
 * Neighbours of an order that one `up` can make, at most so many: those that at most reload servers, and need nothing of
 * each other. Whatever stops a server, goes wrong or is refused is on its own.
 */
export function inGroups(order: readonly Change[], most: number): Change[][] {
  const groups: Change[][] = [];
  for (const change of order) {
    const last = groups.at(-1);
    const fits =
      last !== undefined &&
      last.length < most &&
      [...last, change].every(isMild) &&
      !(change.after ?? []).some((id) => last.some((other) => other.id === id));
    if (fits) last.push(change);
    else groups.push([change]);
  }
  return groups;
}

function isMild({ servers = {}, way = Way.plain, commentsIn, damage, refusal, knownFault }: Change): boolean {
  return (
    way === Way.plain &&
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
    risks: [...new Set(group.flatMap(({ risks = [] }) => risks))],
    rows: group.flatMap(({ rows = [] }) => rows),
    servers: Object.assign({}, ...group.map(({ servers }) => servers)),
    volumes: {
      added: group.flatMap(({ volumes }) => volumes?.added ?? []),
      removed: group.flatMap(({ volumes }) => volumes?.removed ?? []),
    },
  };
}
