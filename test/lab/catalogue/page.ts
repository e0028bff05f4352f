import { type Change, sections } from "./change.ts";
import { formatEdit } from "./edit.ts";
import type { MeasuredChange, Measurements } from "./measurements.ts";

/** `docs/changes.md` as Markdown: what each change does, for people who are about to make one. */
export function changesPage(changes: readonly Change[], measured: Measurements): string {
  const parts = sections.flatMap((section) => {
    const found = changes.filter((change) => change.section === section);
    if (found.length === 0) return [];
    return [`## ${section}`, found.map((change) => describe(change, measured.changes[change.id])).join("\n")];
  });
  return `${[heading(changes, measured), ...parts].join("\n\n")}\n`;
}

function heading(changes: readonly Change[], { day, cores, memoryGiB, load, seed }: Measurements): string {
  const [before, after] = load.map((value) => value.toFixed(1));
  return `# What each change does

Written by \`npm run catalogue\` from \`test/lab/catalogue\`: ${changes.length} changes, made one after another, in an order that is
drawn anew each time, to one running lab of two mail servers. Meanwhile mail is delivered and submitted, users log in and wait
for mail (IDLE), names are looked up and settings fetched. For each change these hold, or the run fails:

- The review names these risks and no others, and each row that it shows is expected.
- A server is replaced, reloaded, added or removed as the review announces it. Whoever uses any other server notices
  nothing: no connection is refused, no session closed.
- No message that was accepted is lost, and none is refused for good.
- Volumes come and go as it says here, and no others.
- An \`up\` after it changes nothing.

Measured on ${day}: ${cores} cores, ${memoryGiB} GiB of memory, all containers and clients on the same machine, which had ${before}
processes ready to run before and ${after} after the run (seed ${seed}). *Away* is the longest time in which a client was not
served, as it asks every two seconds; nothing is said where that was no time at all.`;
}

function describe(change: Change, measured: MeasuredChange | undefined): string {
  const { title, edit, risks = [], notices, undo, knownFault } = change;
  const written = Object.keys(edit).length === 0 ? "" : ` (${formatEdit(edit)})`;
  const facts = [
    ...(change.refusal === undefined
      ? [`Servers: ${formatServers(change)}.`]
      : ["Refused before anything changes."]),
    ...(risks.length === 0 ? [] : [`Risks: ${risks.map((risk) => `\`${risk}\``).join(", ")}.`]),
    ...(change.refusal === undefined ? [formatMeasured(measured)] : []),
    ...(knownFault === undefined ? [] : [`Known fault: ${knownFault}.`]),
  ];
  return [
    `- **${title}**${written}`,
    `  - ${facts.join(" ")}`,
    `  - Who notices: ${notices}`,
    `  - Undo: ${undo}`,
  ].join("\n");
}

function formatServers({ servers = {} }: Change): string {
  const byEffect = Map.groupBy(Object.entries(servers), ([, effect]) => effect);
  if (byEffect.size === 0) return "none changes";
  return [...byEffect]
    .map(([effect, found]) => `${found.map(([server]) => server).join(", ")} ${effect}`)
    .join("; ");
}

function formatMeasured(measured: MeasuredChange | undefined): string {
  if (measured === undefined) return "Not measured yet.";
  const away = Object.entries(measured.away).map(([service, seconds]) => `${service} ${seconds} s`);
  const others = measured.together > 1 ? ` with ${measured.together - 1} other changes` : "";
  return `\`up\` took ${measured.up} s${others}; away: ${away.length === 0 ? "nothing" : away.join(", ")}.`;
}
