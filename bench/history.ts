/** The last runs of the bench, as a table that the page hands on from run to run. */
import { type Figure, formatFigure } from "./figure.ts";

const heading = "## The last runs";
const mostRuns = 12;

/** What is followed, by the beginning of its figure's name. */
const followed: readonly (readonly [column: string, figure: string])[] = [
  ["preview / floor", "CPU time of a no-op preview / of the floor"],
  ["one password / preview", "CPU time of an up that changes one password"],
  ["10,000 mailboxes / 8", "no-op preview with 10,000 mailboxes"],
  ["50 domains / one", "no-op preview with 50 domains"],
  ["first login, 10,000 / 8", "first login of a mailbox added to 10,000"],
  ["`verify`", "verify of the lab"],
];

/**
 * The section with this run first.
 *
 * @param run - when, and how loaded the machine was.
 * @param former - the page before, whose rows stay.
 */
export function runHistory(
  run: { readonly day: string; readonly load: string },
  figures: readonly Figure[],
  former: string,
): string {
  const columns = followed.map(([column]) => column);
  const cells = followed.map(([, name]) => {
    const figure = figures.find((one) => one.name.startsWith(name));
    return figure === undefined ? "" : formatFigure(figure).value;
  });
  const rows = [line([run.day, run.load, ...cells]), ...formerRows(former)].slice(0, mostRuns);
  const head = ["run", "load", ...columns];
  return [heading, "", line(head), line(head.map(() => "---")), ...rows].join("\n");
}

function formerRows(page: string): string[] {
  const [, section = ""] = page.split(`${heading}\n`);
  const [own = ""] = section.split("\n## ");
  // The first two lines are the heading of the table.
  return own
    .split("\n")
    .filter((text) => text.startsWith("|"))
    .slice(2);
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
