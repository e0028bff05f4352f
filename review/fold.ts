import type { Change, Subject } from "./change.ts";

/** Rows of one kind, which a reader takes in as one. */
export interface Row {
  readonly change: Change;
  /** All that the row stands for, the one of `change` first; one where nothing is folded. */
  readonly all: readonly Change[];
}

/** Of the others there are few, and each is another matter. */
const folded: readonly Subject[] = ["record", "mailbox", "alias", "package", "client setting"];

/** So many of one kind become one row. */
const FEWEST_FOLDED = 4;

/**
 * Changes that belong together as one row each, those with a risk first: what a comment has no room for is cut off
 * at the end.
 */
export function foldRows(changes: readonly Change[]): Row[] {
  const rows = [...Map.groupBy(changes, kindOf).values()].flatMap((all): Row[] => {
    const [change] = all;
    return change === undefined ||
      all.length < FEWEST_FOLDED ||
      !all.every(({ subject }) => folded.includes(subject))
      ? all.map((each) => ({ change: each, all: [each] }))
      : [{ change, all }];
  });
  const isRisky = ({ change }: Row) => change.risk !== undefined;
  const place = new Map(changes.map((change, index) => [change, index]));
  const byPlace = (a: Row, b: Row) => (place.get(a.change) ?? 0) - (place.get(b.change) ?? 0);
  return rows.toSorted((a, b) => Number(isRisky(b)) - Number(isRisky(a)) || byPlace(a, b));
}

/** What is added or removed as a whole belongs together by where it is; what changes, by what it changes from and to. */
function kindOf({ kind, property, group, before, after, effect, risk }: Change): string {
  const isWhole = kind === "added" || kind === "removed";
  return JSON.stringify([kind, property, group, risk?.id, ...(isWhole ? [] : [before, after, effect])]);
}
