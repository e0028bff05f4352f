/** `docs/performance.md`: what the bench last measured, for people who decide whether it is enough. */
import { type Figure, formatFigure, seconds } from "./figure.ts";
import { runHistory } from "./history.ts";
import { describeMachine } from "./machine.ts";
import type { Growth } from "./mailboxes.ts";

/** What follows it is written by people, and stays. */
const byHand = "<!-- written by hand from here -->";

/**
 * The whole page as Markdown.
 *
 * @param run - its day, and the load of the machine meanwhile
 * @param former - the page before
 */
export function performancePage(
  figures: readonly Figure[],
  growth: readonly Growth[],
  run: { readonly day: string; readonly load: string },
  former = "",
): string {
  const [, written = ""] = former.split(byHand);
  return `# Performance

Written by \`npm run bench\` on ${run.day}: ${describeMachine()}; load ${run.load};
state in local files, all containers on the same machine. Ratios are of two things measured in turns in one run, so they say
more than the seconds, which are this machine's. Those of previews are of CPU time, in which other work on the machine
counts least.

${runHistory(run, figures, former)}

## From 8 mailboxes to 10,000

${table([
  [
    "mailboxes",
    "no-op preview",
    "CPU",
    "to 8",
    "`up` that adds one",
    "its first login after",
    "reload",
    "memory",
    "deliveries",
    "logins",
  ],
  ...growth.map((row) => [
    row.mailboxes.toLocaleString("en"),
    seconds(row.preview, 1),
    seconds(row.previewCpu, 1),
    row.previewRatio.toFixed(2),
    seconds(row.addOne, 1),
    seconds(row.firstLogin, 1),
    seconds(row.reload, 1),
    `${row.memory.toFixed(0)} MiB`,
    `${row.deliveries.toFixed(1)}/s`,
    `${row.logins.toFixed(1)}/s`,
  ]),
])}

- *Reload*: from the arrival of a changed configuration on the server's volume until every daemon serves it. The kernel
  wakes the server; no session is closed meanwhile.
- *Memory*: of the mail server's container after the measurements.
- *Deliveries*: messages of one sender, one connection, each filtered, signed and put into another mailbox.
- *Logins*: by IMAP, six at a time; most of it is the password hash, which is meant to cost that much.

## All figures

${table([
  ["figure", "value", "limit", "from"],
  ...figures.map((figure) => Object.values(formatFigure(figure))),
])}

${byHand}${written || "\n"}`;
}

function table([heading = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heading), line(heading.map(() => "---")), ...rows.map(line)].join("\n");
}
