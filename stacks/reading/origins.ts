/** Where settings were written outside a stack file, by path. @example `domains[0].mailboxes[8]` → `users.csv:2` */
export type Origins = ReadonlyMap<string, string>;

const place = /domains\[\d+\]\.mailboxes\[\d+\]/;
const named = new RegExp(`(${place.source})(\\.name)?`, "g");

/** A problem's line at the place where it is to be fixed: in the file that its mailbox comes from. */
export function placeProblem(
  path: string,
  message: string,
  origins: Origins,
): { text: string; inFile: boolean } {
  const located = message.replaceAll(named, (whole, mailbox: string) => origins.get(mailbox) ?? whole);
  const [mailbox = ""] = place.exec(path) ?? [];
  const origin = origins.get(mailbox);
  if (origin === undefined) return { text: `${path}: ${located}`, inFile: false };
  const key = path.slice(mailbox.length).replace(/^\./, "");
  return { text: `${origin}: ${key === "" ? "" : `${key}: `}${located}`, inFile: true };
}
