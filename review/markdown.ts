import { serverOfServed } from "../naming/resources.ts";
import { shownInLine } from "../naming/unseen.mjs";
import type { Change, ChangeKind, Subject } from "./change.ts";
import { consequenceOf } from "./consequence.ts";
import { foldRows, type Row } from "./fold.ts";
import type { NamedRisk, PlainStep, Review } from "./review.ts";

const titles: Readonly<Record<Subject, string>> = {
  domain: "Domains",
  mailbox: "Mailboxes",
  alias: "Aliases",
  setting: "Settings of mail servers",
  record: "DNS records",
  key: "Keys and certificates",
  engine: "Docker Engine",
  server: "Servers",
  package: "Packages",
  volume: "Volumes",
  "client setting": "What changes for people and their clients",
};
const plurals: Partial<Record<Subject, string>> = {
  mailbox: "mailboxes",
  alias: "aliases",
};
const signs: Readonly<Record<ChangeKind, string>> = { added: "+", removed: "−", changed: "~", replaced: "±" };

/** A comment on GitHub holds 65,536 characters, and who posts it adds what the policies say. */
const LONGEST_COMMENT = 60_000;

/** How many rows a section has, and lines Pulumi's summary: nobody reads a thousand, and a comment has no room for them. */
const LIMITS: readonly Limits[] = [
  { rows: 50, items: 1000, steps: 150, isLast: false },
  { rows: 20, items: 200, steps: 50, isLast: false },
  { rows: 5, items: 10, steps: 10, isLast: true },
];

interface Limits {
  readonly rows: number;
  /** Of what is folded into one row. */
  readonly items: number;
  readonly steps: number;
  /** Whether nothing shorter follows, so that even what has a risk is cut off. */
  readonly isLast: boolean;
}

const RISKS = "⚠ Risks";

/**
 * For a pull request: a line that says it all, sections for what changes, and Pulumi's summary folded below. What
 * a comment has no room for is counted.
 */
export function toMarkdown(review: Review, stack: string): string {
  let text = "";
  for (const limits of LIMITS) {
    text = formatReview(review, stack, limits);
    if (text.length <= LONGEST_COMMENT) break;
  }
  return text;
}

/** More than that many sections have a table of contents. */
const MOST_WITHOUT_CONTENTS = 5;

function formatReview(review: Review, stack: string, limits: Limits): string {
  const heading = `**${plain(stack)}**: ${summary(review)}`;
  const unknown = listSection("What the preview does not show", review.unknown, limits.rows);
  if (review.steps.length === 0) return `${[heading, ...unknown].join("\n\n")}\n`;
  const subjects = Object.keys(titles) as Subject[];
  const sections = [
    ...riskSection(review.risks, limits),
    ...subjects.flatMap((subject) => section(subject, review.changes, limits)),
    ...unknown,
  ];
  const parts = [heading, ...contents(sections), ...sections, plainSummary(review.steps, limits.steps)];
  return `${parts.join("\n\n")}\n`;
}

function contents(sections: readonly string[]): string[] {
  const headings = sections.flatMap((part) => /^### (.+)$/.exec(part)?.[1] ?? []);
  if (headings.length <= MOST_WITHOUT_CONTENTS) return [];
  // As forges make them of a heading.
  const anchor = (title: string) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-");
  return [headings.map((title) => `[${title}](#${anchor(title)})`).join(" · ")];
}

/** The description of a commit status on GitHub holds no more. */
const LONGEST_STATUS = 140;

/** One line of plain text, for a commit status: {@link verdict}, cut to what one holds. */
export function toShort(review: Review): string {
  const text = verdict(review);
  return text.length > LONGEST_STATUS ? `${text.slice(0, LONGEST_STATUS - 1)}…` : text;
}

/** One line of plain text: the risks first, since the rest may not have room. */
export function verdict(review: Review): string {
  const ids = [...new Set(review.risks.map(({ id }) => id))];
  const risks =
    ids.length === 0 ? [] : [`${review.risks.length === 1 ? "risk" : "risks"}: ${ids.join(", ")}`];
  const [whole] = summary({ ...review, risks: [] }).split(/; no risk found\.$|\.$/);
  return [...risks, ids.length === 0 ? summary(review) : whole].join("; ");
}

/** One line. @example "1 mailbox added, 1 removed; reload only, nothing restarts; 2 risks" */
export function summary({ changes, risks, steps }: Review): string {
  if (steps.length === 0) return "no change.";
  const counts = Object.keys(titles).flatMap((subject) => countKinds(subject as Subject, changes));
  const danger =
    risks.length === 0 ? "no risk found" : `**${risks.length} ${risks.length === 1 ? "risk" : "risks"}**`;
  return `${[...counts, ...summarizeServers(changes), danger].join("; ")}.`;
}

const names = new Intl.ListFormat("en-GB");

/** By their names: there are few, and each is another matter. */
function summarizeServers(changes: readonly Change[]): string[] {
  const servers = changes.filter(({ subject }) => subject === "server");
  const parts = (["added", "removed", "replaced"] as const).flatMap((kind) => {
    const found = servers.filter((change) => change.kind === kind);
    const certain = found.filter(({ isUncertain }) => !isUncertain).map(({ name }) => name);
    const uncertain = found.filter(({ isUncertain }) => isUncertain).map(({ name }) => name);
    return [
      ...(certain.length === 0 ? [] : [`${names.format(certain)} ${kind}`]),
      ...(uncertain.length === 0 ? [] : [`${names.format(uncertain)} may be ${kind}`]),
    ];
  });
  if (servers.some(({ kind }) => kind === "replaced")) return parts;
  const reloads = servers.some(({ kind }) => kind === "changed");
  return [...parts, ...(reloads ? ["reload only, nothing restarts"] : [])];
}

function countKinds(subject: Subject, changes: readonly Change[]): string[] {
  if (subject === "server") return [];
  const kinds = (Object.keys(signs) as ChangeKind[]).flatMap((kind) => {
    const names = new Set(
      changes.filter((change) => change.subject === subject && change.kind === kind).map(({ name }) => name),
    );
    return names.size === 0 ? [] : [{ kind, count: names.size }];
  });
  const [first, ...others] = kinds;
  if (first === undefined) return [];
  const noun = first.count === 1 ? subject : (plurals[subject] ?? `${subject}s`);
  return [
    [`${first.count} ${noun} ${first.kind}`, ...others.map(({ kind, count }) => `${count} ${kind}`)].join(
      ", ",
    ),
  ];
}

/** Fewer of one kind each say for themselves what they mean. */
const FEWEST_RISKS_FOLDED = 8;

function riskSection(risks: readonly NamedRisk[], { items }: Limits): string[] {
  if (risks.length === 0) return [];
  const byId = Map.groupBy(risks, ({ id }) => id);
  const lines = [...byId.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined || all.length < FEWEST_RISKS_FOLDED) return all.map(formatRisk);
    return [
      `${formatRisk(first)} ${openable(`and ${all.length - 1} more`, all.map(({ name }) => plain(name)).slice(1), items)}`,
    ];
  });
  return [`### ${RISKS}`, lines.map((line) => `- ${line}`).join("\n")];
}

function formatRisk({ id, name, reason }: NamedRisk): string {
  return `\`${id}\` ${plain(name)}: ${plain(reason)}`;
}

function section(subject: Subject, changes: readonly Change[], limits: Limits): string[] {
  const rows = foldRows(changes.filter((change) => change.subject === subject));
  if (rows.length === 0) return [];
  // Those with a risk come first, and are there whatever else has no room.
  const risky = rows.filter(({ change }) => change.risk !== undefined).length;
  const most = limits.isLast ? limits.rows : Math.max(limits.rows, risky);
  const shown = rows.slice(0, most);
  const table = [
    "| | what | before | after | effect | who notices, and when | undo |",
    "|---|---|---|---|---|---|---|",
  ];
  const left = rows.slice(most).reduce((sum, { all }) => sum + all.length, 0);
  return [
    `### ${titles[subject]}`,
    [...table, ...shown.map((one) => row(one, limits.items))].join("\n"),
    ...(left === 0 ? [] : [`… and ${left} more: \`--json\` has all.`]),
  ];
}

function more(count: number, shown: number): string[] {
  return count <= shown ? [] : [`… and ${count - shown} more: \`--json\` has all.`];
}

function row({ change, all }: Row, items: number): string {
  const { kind, name, property, before, after, effect, risk, parts } = change;
  const common = all.every((one) => one.effect === effect) ? effect : undefined;
  const result = [common, risk && `⚠ \`${risk.id}\``].filter((part) => part !== undefined).join(" ");
  const what = [plain(name), ...(property === undefined ? [] : [plain(property)])].join(": ");
  const last = `${inert(result)} | ${formatConsequence(all)}`;
  if (all.length > 1) return foldedRow({ change, all }, last, items);
  const title =
    parts === undefined
      ? what
      : openable(
          what,
          parts.map((part) => cell(part)),
          items,
        );
  return `| ${signs[kind]} | ${title} | ${cell(before)} | ${cell(after)} | ${last} |`;
}

/** Two cells; what differs among several changes is left out. */
function formatConsequence(all: readonly Change[]): string {
  const [first, ...others] = all.map(consequenceOf).map(({ who, when, undo }) => ({
    noticed: who.startsWith("nobody") ? who : `${who}, ${when}`,
    undo,
  }));
  const common = (key: "noticed" | "undo") =>
    first !== undefined && others.every((other) => other[key] === first[key]) ? first[key] : "";
  return `${inert(common("noticed"))} | ${inert(common("undo"))}`;
}

/** What it stands for is below a line that can be opened. */
function foldedRow({ change, all }: Row, last: string, items: number): string {
  const { subject, kind, property, group, before, after } = change;
  const number = `${all.length} ${plurals[subject] ?? `${subject}s`}`;
  if (kind !== "added" && kind !== "removed") {
    const title = property === undefined ? number : `${plain(property)} of ${number}`;
    const names = all.map(({ name }) => plain(name));
    return `| ${signs[kind]} | ${openable(title, names, items)} | ${cell(before)} | ${cell(after)} | ${last} |`;
  }
  const title = group === undefined ? number : `${number} of ${plain(group)}`;
  const lines = all.map((one) => [plain(one.name), cell(one.after ?? one.before)].join(" ").trim());
  return `| ${signs[kind]} | ${openable(title, lines, items)} |  |  | ${last} |`;
}

/** Within a table, where a line break ends the row. */
function openable(title: string, lines: readonly string[], items: number): string {
  const more = lines.length > items ? [`… and ${lines.length - items} more: \`--json\` has all.`] : [];
  return `<details><summary>${title}</summary>${[...lines.slice(0, items), ...more].join("<br>")}</details>`;
}

const LONGEST = 120;

/** As code, so that an address does not mention anybody and nothing in it is read as Markdown. */
function cell(value: string | undefined): string {
  if (value === undefined || value === "") return "";
  const short = value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
  return `\`${shownInLine(short.replace(/\s+/g, " ")).replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

function plain(text: string): string {
  return inert(shownInLine(text.replace(/\s+/g, " ")).replace(/[\\`*_[\]|~#]/g, "\\$&"));
}

/** Our own sentences may have Markdown; the names in them must neither be HTML nor notify somebody on a forge. */
function inert(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("@", "&#64;");
}

function listSection(title: string, items: readonly string[], maxRows: number): string[] {
  if (items.length === 0) return [];
  const shown = items.slice(0, maxRows).map((item) => `- ${item}`);
  return [`### ${title}`, shown.join("\n"), ...more(items.length, maxRows)];
}

function plainSummary(steps: readonly PlainStep[], maxSteps: number): string {
  const lines = steps.slice(0, maxSteps).map(({ operation, type, name, because }) => {
    const configured = type === "maildomain:index:ServedGeneration" ? serverOfServed(name) : undefined;
    if (configured !== undefined && operation === "update") return `reload   configuration of ${configured}`;
    const reason = because.length === 0 ? "" : ` (${because.join(", ")})`;
    return `${operation.padEnd(8)} ${type} ${name}${reason}`;
  });
  return [
    `<details><summary>Pulumi: ${steps.length} ${steps.length === 1 ? "resource" : "resources"}</summary>`,
    `\`\`\`\n${lines.map((line) => shownInLine(line).replaceAll("`", "'")).join("\n")}\n\`\`\``,
    ...more(steps.length, maxSteps),
    "</details>",
  ].join("\n\n");
}
