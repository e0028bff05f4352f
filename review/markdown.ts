import { serverOfCarrier } from "../naming/resources.ts";
import { shownInLine } from "../naming/unseen.mjs";
import type { Change, ChangeKind, Subject } from "./change.ts";
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
const LIMITS: readonly { readonly rows: number; readonly steps: number }[] = [
  { rows: 50, steps: 150 },
  { rows: 20, steps: 50 },
  { rows: 5, steps: 10 },
];

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

function formatReview(review: Review, stack: string, { rows, steps }: (typeof LIMITS)[number]): string {
  const heading = `**${plain(stack)}**: ${summary(review)}`;
  const unknown = listSection("What the preview does not show", review.unknown, rows);
  if (review.steps.length === 0) return `${[heading, ...unknown].join("\n\n")}\n`;
  const subjects = Object.keys(titles) as Subject[];
  const parts = [
    heading,
    ...riskSection(review.risks, rows),
    ...subjects.flatMap((subject) => section(subject, review.changes, rows)),
    ...unknown,
    plainSummary(review.steps, steps),
  ];
  return `${parts.join("\n\n")}\n`;
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

function riskSection(risks: readonly NamedRisk[], maxRows: number): string[] {
  return listSection(
    "⚠ Risks",
    risks.map(({ id, name, reason }) => `\`${id}\` ${plain(name)}: ${plain(reason)}`),
    maxRows,
  );
}

function section(subject: Subject, changes: readonly Change[], maxRows: number): string[] {
  const rows = changes.filter((change) => change.subject === subject).map(row);
  if (rows.length === 0) return [];
  const table = ["| | what | before | after | effect |", "|---|---|---|---|---|", ...rows.slice(0, maxRows)];
  return [`### ${titles[subject]}`, table.join("\n"), ...more(rows.length, maxRows)];
}

function more(count: number, shown: number): string[] {
  return count <= shown ? [] : [`… and ${count - shown} more: \`--json\` has all.`];
}

function row({ kind, name, property, before, after, effect, risk }: Change): string {
  const what = [plain(name), ...(property === undefined ? [] : [plain(property)])].join(": ");
  const result = [effect, risk && `⚠ \`${risk.id}\``].filter((part) => part !== undefined).join(" ");
  return `| ${signs[kind]} | ${what} | ${cell(before)} | ${cell(after)} | ${inert(result)} |`;
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
    const configured = type === "docker:index/container:Container" ? serverOfCarrier(name) : undefined;
    // The container that carries the files is replaced; nobody notices more than the reload.
    if (configured !== undefined && operation === "replace") return `reload   configuration of ${configured}`;
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
