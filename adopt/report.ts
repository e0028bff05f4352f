/** A comparison as a report for people. */
import type { LiveRecord } from "../publishers/live.ts";
import type { Change, Comparison, Conflict } from "./comparison.ts";
import type { SettingsProposal, SettingsValue } from "./settings-proposal.ts";
import type { SpfProposal } from "./spf-proposal.ts";
import type { WantedRecord } from "./wanted-record.ts";

export interface ComparedZone {
  readonly name: string;
  readonly id: string;
  /** How people know who publishes it. @example "Cloudflare" */
  readonly publisher: string;
  readonly comparison: Comparison;
}

/** One zone's findings, conflicts first. */
export function formatComparison({ name, id, publisher, comparison }: ComparedZone): string {
  const { matches, conflicts, creations, held, untouched, warnings } = comparison;
  const counts = [
    `${matches.length} to import`,
    `${conflicts.length} in conflict`,
    `${creations.length} to create`,
    ...(held.length === 0 ? [] : [`${held.length} the stack's already`]),
    `${untouched.length} left alone`,
  ];
  return [
    `${name} (${publisher} zone ${id}): ${counts.join(", ")}.`,
    ...section("In conflict: left untouched", conflicts.flatMap(formatConflict)),
    ...section("Before `up`", warnings),
    ...section(
      "To import: they become the stack's, in place",
      matches.flatMap(({ wanted, live, changes }) => [
        `${wanted.resource}: ${formatLive(live)}`,
        ...changes.map((change) => `  up changes ${formatChange(change)}`),
      ]),
    ),
    ...section("To create", creations.map(formatWanted)),
    ...section("Left alone", untouched.map(formatLive)),
    "",
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines.map((line) => `  ${line}`)];
}

function formatConflict({ wanted, live, remedy, canTakeOver, spf, proposal }: Conflict): string[] {
  return [
    ...live.map((record) => `there:  ${formatLive(record)}`),
    ...wanted.map((record) => `wanted: ${formatWanted(record)}`),
    `  ${remedy}`,
    ...(spf === undefined ? [] : formatSpfProposal(spf)),
    ...(proposal === undefined ? [] : formatProposal(proposal)),
    ...(canTakeOver
      ? [`  To take over: --take-over ${wanted.map(({ resource }) => resource).join(",")}`]
      : []),
  ];
}

function formatSpfProposal(proposal: SpfProposal): string[] {
  const { setting, includes, relays, merged, problems } = proposal;
  const settings = [
    ...(includes.length === 0 ? [] : [`    includes: [${includes.map(formatText).join(", ")}]`]),
    ...(relays.length === 0
      ? []
      : [`    relays: [${relays.map((relay) => JSON.stringify(relay)).join(", ")}]`]),
  ];
  const some = proposal.unsaid.length === 0 ? "every sender allowed today" : "senders allowed today";
  return [
    ...(settings.length === 0
      ? proposal.unsaid.length === 0
        ? ["  Your policy allows every sender allowed today."]
        : []
      : [`  Add to ${setting}, to allow ${some}:`, ...settings]),
    `  The resulting policy: ${merged}`,
    ...formatUnsaid(proposal),
    ...problems.map((problem) => `  ${problem}`),
  ];
}

function formatProposal(proposal: SettingsProposal): string[] {
  const { setting, values } = proposal;
  const settings = Object.entries(values).map(([key, value]) => `    ${key}: ${formatSetting(value)}`);
  return [
    ...(settings.length === 0 ? [] : [`  In ${setting} this would be:`, ...settings]),
    ...formatUnsaid(proposal),
  ];
}

function formatUnsaid({ unsaid, reasons }: Pick<SettingsProposal, "unsaid" | "reasons">): string[] {
  if (unsaid.length === 0) return [];
  const list = unsaid.map((said, index) => `    ${said}: ${reasons[index]}`);
  return ["  No setting expresses this: do without, or keep the record.", ...list];
}

/** As YAML has it, of which JSON is a part. */
function formatSetting(value: SettingsValue): string {
  return typeof value === "string" ? formatText(value) : JSON.stringify(value);
}

/** What could be anything but text to YAML, such as a number, is in quotes. */
function formatText(text: string): string {
  return /^[a-z_][a-z0-9_.@-]*$/i.test(text) ? text : JSON.stringify(text);
}

function formatLive({ name, type, content, ttl, proxied, flattened, keeper }: LiveRecord): string {
  const marks = [
    ttl === 1 ? "automatic" : `${ttl} s`,
    ...(proxied ? ["proxied"] : []),
    ...(flattened === true ? ["flattened"] : []),
    ...(keeper === undefined ? [] : [`of ${keeper.name}`]),
  ];
  return `${name} ${type} ${shorten(content)} (${marks.join(", ")})`;
}

function formatWanted({ resource, record: { name, type, content } }: WantedRecord): string {
  return `${resource}: ${name} ${type} ${content === null ? unknown : shorten(content)}`;
}

function formatChange({ property, from, to }: Change): string {
  const after = to === undefined ? unknown : quoteIfEmpty(shorten(to));
  return `${property}: ${quoteIfEmpty(shorten(from))} → ${after}`;
}

const unknown = "(known once its key is made; compared by name and type only)";

function quoteIfEmpty(text: string): string {
  return text === "" ? '""' : text;
}

/** Keys are longer than people read. */
function shorten(text: string): string {
  const longest = 100;
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
