import { type Change, ServerEffect, sections } from "./change.ts";
import { formatEdit } from "./edit.ts";
import type { MeasuredChange, Measurements } from "./measurements.ts";

/** `docs/changes.md` as Markdown: what each change does, for people who are about to make one. */
export function changesPage(changes: readonly Change[], measured: Measurements): string {
  const parts = sections.flatMap((section) => {
    const found = changes.filter((change) => change.section === section);
    if (found.length === 0) return [];
    return [`## ${section}`, found.map((change) => describe(change, measured[change.id])).join("\n")];
  });
  return `${[heading(changes, measured), ...parts].join("\n\n")}\n`;
}

function heading(changes: readonly Change[], measured: Measurements): string {
  return `# What each change does

Written by \`npm run catalogue\` from \`test/lab/catalogue\`: ${changes.length} changes, made one after another, in an order that is
drawn each time, to one running lab of two mail servers. Meanwhile mail is delivered and submitted, users log in and wait
for mail (IDLE), names are looked up and settings fetched. For each change these hold, or the run fails:

- The review names these risks and no others, and each row that it shows is expected.
- A server is replaced, reloaded, added or removed as the review announces it. Whoever uses any other server notices
  nothing: no connection is refused, no session closed.
- No message that was accepted is lost, and none is refused for good.
- Volumes come and go as it says here, and no others.
- An \`up\` after it changes nothing.

${formatMachine(Object.values(measured))}

*Away* is the longest time in which a client was not
served, as each asks every two seconds; it is left out where nobody had to wait.`;
}

/** When it was measured, and how busy the machine was. */
function formatMachine(measured: readonly MeasuredChange[]): string {
  const range = <Value extends string | number>(values: readonly Value[]) => {
    const sorted = values.toSorted((a, b) => (a < b ? -1 : 1));
    const [first, last] = [sorted[0], sorted.at(-1)];
    return first === last ? `${first}` : `${first} to ${last}`;
  };
  if (measured.length === 0) return "Nothing was measured yet.";
  const days = range(measured.map(({ day }) => day));
  const cores = range(measured.map((one) => one.cores));
  const load = range(measured.map((one) => Math.round(one.load)));
  return `Measured on ${days} with ${cores} cores, all containers and clients on the same machine, where ${load} processes were
ready to run meanwhile: the more of them there are for each core, the shorter are these times on a quiet machine.`;
}

function describe(change: Change, measured: MeasuredChange | undefined): string {
  const { title, edit, risks = [], notices, undo, knownFault } = change;
  const written = Object.keys(edit).length === 0 ? "" : ` (${formatEdit(edit)})`;
  const facts = [
    ...(change.refusal === undefined ? [formatServers(change)] : ["Refused before anything changes."]),
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

const effectNames: Readonly<Record<ServerEffect, string>> = {
  [ServerEffect.reload]: "Reloaded",
  [ServerEffect.mayBeReplaced]: "May be replaced",
  [ServerEffect.replaced]: "Replaced",
  [ServerEffect.added]: "Added",
  [ServerEffect.removed]: "Removed",
};

/** @example "Reloaded: mail-server, web-server." */
function formatServers({ servers = {} }: Change): string {
  const byEffect = Map.groupBy(Object.entries(servers), ([, effect]) => effect);
  if (byEffect.size === 0) return "No server changes.";
  return [...byEffect]
    .map(([effect, found]) => `${effectNames[effect]}: ${found.map(([server]) => server).join(", ")}.`)
    .join(" ");
}

function formatMeasured(measured: MeasuredChange | undefined): string {
  if (measured === undefined) return "Not measured yet.";
  const away = Object.entries(measured.away).map(([service, seconds]) => `${service} ${seconds} s`);
  const others =
    measured.together > 1
      ? `, with ${measured.together - 1} other change${measured.together > 2 ? "s" : ""}`
      : "";
  return `\`up\` took ${measured.up} s${others}; away: ${away.length === 0 ? "nothing" : away.join(", ")}.`;
}
