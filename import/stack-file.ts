/** What was imported, written as a stack file and, for many mailboxes, directories beside it. */
import { Document, type Pair, type Scalar, type YAMLMap } from "yaml";
import { aliasSettings, type DraftDomain, mailboxSettings, type Settings } from "./draft.ts";

/** A secret that has to be encrypted into the stack file, by its path there. */
export interface StackSecret {
  /** @example "maildomain:domains[0].dkim[0].privateKey" */
  readonly path: string;
  readonly value: string;
}

export interface StackFiles {
  /** By name below `stacks/`; the stack file is the first. */
  readonly files: ReadonlyMap<string, string>;
  readonly secrets: readonly StackSecret[];
}

/** More are easier to keep in a table. */
const maxInline = 20;

/** @param source - what was imported, for the comment at the top. @example "docker-mailserver" */
export function renderStack(stack: string, domains: readonly DraftDomain[], source: string): StackFiles {
  const directories = new Map<string, string>();
  const settings = domains.map((domain) => {
    const { name, mailboxes, aliases, catchAll, dkim } = domain;
    const rows = mailboxes.map(mailboxSettings);
    const file = `${stack}-${name}.csv`;
    const many = rows.length > maxInline;
    if (many) directories.set(file, renderCsv(rows));
    return {
      name,
      ...(many ? { directory: file } : { mailboxes: rows }),
      ...(aliases.length === 0 ? {} : { aliases: aliases.map(aliasSettings) }),
      ...(catchAll === undefined ? {} : { catchAll: catchAll.map(({ value }) => value) }),
      ...(dkim.length === 0
        ? {}
        : { dkim: dkim.map(({ selector, algorithm }) => ({ selector, algorithm })) }),
    };
  });
  const document = new Document({
    // What works at once. Which certificates they want is for people to say.
    config: { "maildomain:certificates": { issuer: "private" }, "maildomain:domains": settings },
  });
  document.commentBefore =
    ` Imported from ${source}.\n` +
    " The hashes in it are as sensitive as they were there. docs/migrating.md describes the next steps.\n" +
    " Certificates are issued by an authority of the stack's own until you choose others: docs/certificates.md.";
  flowEntries(document);
  const secrets = domains.flatMap(({ dkim }, index) =>
    dkim.map(({ privateKey }, at) => ({
      path: `maildomain:domains[${index}].dkim[${at}].privateKey`,
      value: privateKey,
    })),
  );
  const text = document.toString({ lineWidth: 0 });
  return { files: new Map([[`Pulumi.${stack}.yaml`, text], ...directories]), secrets };
}

/** One line per mailbox and alias, as people write them by hand. */
function flowEntries(document: Document): void {
  const domains = document.getIn(["config", "maildomain:domains"]) as { items: YAMLMap[] };
  for (const domain of domains.items) {
    for (const pair of domain.items as Pair<Scalar<string>, { items?: YAMLMap[] }>[]) {
      if (pair.key.value !== "mailboxes" && pair.key.value !== "aliases") continue;
      for (const entry of pair.value?.items ?? []) entry.flow = true;
    }
  }
}

/** CSV (RFC 4180) as the stack's own reader takes it: keys of keys joined by dots, lists by spaces. */
function renderCsv(rows: readonly Settings[]): string {
  const flat = rows.map((row) => flatten(row, ""));
  const columns = [...new Set(flat.flatMap((row) => [...row.keys()]))];
  const lines = [columns, ...flat.map((row) => columns.map((column) => row.get(column) ?? ""))];
  return lines.map((cells) => `${cells.map(quote).join(",")}\n`).join("");
}

function flatten(row: Settings, prefix: string): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(row).flatMap(([key, value]): [string, string][] => {
      if (Array.isArray(value)) return [[prefix + key, value.join(" ")]];
      if (typeof value === "object" && value !== null)
        return [...flatten(value as Settings, `${prefix}${key}.`)];
      return [[prefix + key, String(value)]];
    }),
  );
}

function quote(cell: string): string {
  return /[",;\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
