/**
 * The configuration folder of docker-mailserver, mounted there at `/tmp/docker-mailserver`, in terms of a stack file.
 * Its formats: https://docker-mailserver.github.io/docker-mailserver/latest/config/account-management/provisioner/file/
 */
import { cut, formatAddress, roleLocalParts } from "../records/index.ts";
import { type Check, type DraftDomain, type DraftMailbox, prune } from "./draft.ts";
import { reportOtherFiles } from "./other-files.ts";
import { addressesIn, readTable, type Table } from "./postfix-table.ts";
import type { PlacedRoutes } from "./proof.ts";
import { formatQuota, parseQuota } from "./quota.ts";
import { readSigningKeys } from "./signing-keys.ts";
import {
  linesOf,
  type NotTaken,
  type Place,
  type Placed,
  type Report,
  type SourceFolder,
  splitAddress,
} from "./source.ts";

export interface Translation {
  readonly domains: readonly DraftDomain[];
  readonly notTaken: readonly NotTaken[];
  /** What is imported in a different form, or deserves a look. */
  readonly notes: readonly string[];
  /** Where mail went, for the proof that it still does. */
  readonly routes: PlacedRoutes;
}

const accountsFile = "postfix-accounts.cf";
const aliasesFile = "postfix-virtual.cf";
const quotasFile = "dovecot-quotas.cf";

/** docker-mailserver sets no limit by itself; here each mailbox has one. */
const noLimit = "1 TiB";

/** @param check - what a stack file's schema refuses; what it refuses is left out and reported. */
export function translateDockerMailserver(folder: SourceFolder, check: Check): Translation {
  const notTaken: NotTaken[] = [];
  const report: Report = (place, reason) => notTaken.push({ place, reason });
  const drafts = readAccounts(folder, report);
  readQuotas(folder, drafts, report);
  const mailboxPlaces = placesOf(drafts);
  const lines = readTable(aliasesFile, folder, report);
  readAliases(lines, drafts, report);
  const notes = readSigningKeys(folder, drafts, report);
  reportOtherFiles(folder, report);
  const domains = prune([...drafts.values()], check, report);
  const unlimited = domains
    .flatMap(({ mailboxes }) => mailboxes)
    .filter(({ quota }) => quota === noLimit).length;
  if (unlimited > 0)
    notes.push(`Mailboxes without a quota: ${unlimited}. Here each has one; they get ${noLimit}.`);
  return { domains, notTaken: notTaken.sort(byPlace), notes, routes: routesOf(lines, mailboxPlaces) };
}

/** @internal */
export function byPlace(a: NotTaken, b: NotTaken): number {
  return a.place.localeCompare(b.place, "en", { numeric: true });
}

type Drafts = Map<string, DraftDomain>;

/** `address|hash`, and perhaps `|attributes` for Dovecot. */
function readAccounts(folder: SourceFolder, report: Report): Drafts {
  const drafts: Drafts = new Map();
  for (const { place, value } of linesOf(accountsFile, folder)) {
    const [login = "", hash = "", ...attributes] = value.split("|");
    const address = splitAddress(login);
    if (address === undefined) {
      report(place, "is not a valid account: use a line like ana@example.org|{SHA512-CRYPT}$6$…");
      continue;
    }
    const mailbox: DraftMailbox = { place, name: address.local, aliases: [] };
    if (hash.trim() !== "") mailbox.passwordHash = withScheme(hash.trim());
    readAttributes(attributes.join("|"), mailbox, report);
    const domain = drafts.get(address.domain) ?? emptyDomain(address.domain, place);
    domain.mailboxes.push(mailbox);
    drafts.set(address.domain, domain);
  }
  return drafts;
}

function emptyDomain(name: string, place: string): DraftDomain {
  return { place, name, mailboxes: [], aliases: [], dkim: [] };
}

/** Dovecot does not mind a scheme's case; one that is missing is the default of docker-mailserver's passdb. */
function withScheme(hash: string): string {
  const [, scheme, digest = ""] = /^\{([^{}]*)\}(.*)$/.exec(hash) ?? [];
  return scheme === undefined ? `{SHA512-CRYPT}${hash}` : `{${scheme.toUpperCase()}}${digest}`;
}

const quotaRule = /^userdb_quota_rule=\*:(bytes|storage)=(\S+)$/;

function readAttributes(text: string, mailbox: DraftMailbox, report: Report): void {
  for (const attribute of text.split(/\s+/).filter((each) => each !== "")) {
    const [, kind, amount = ""] = quotaRule.exec(attribute) ?? [];
    const bytes = kind === undefined ? undefined : parseQuota(amount, kind === "storage" ? "k" : "");
    if (bytes !== undefined) mailbox.quota = formatQuota(bytes);
    else report(mailbox.place, `the attribute ${attribute.split("=")[0]} has no equivalent in a stack file`);
  }
}

/** `address:size`, where 0 means unlimited. */
function readQuotas(folder: SourceFolder, drafts: Drafts, report: Report): void {
  const earlier = new Map<DraftMailbox, Place>();
  for (const { place, value } of linesOf(quotasFile, folder)) {
    const at = value.lastIndexOf(":");
    const mailbox = findMailbox(value.slice(0, Math.max(0, at)), drafts);
    const bytes = parseQuota(value.slice(at + 1));
    const first = mailbox === undefined ? undefined : earlier.get(mailbox);
    if (mailbox !== undefined && first === undefined) earlier.set(mailbox, place);
    if (first !== undefined) report(place, `its mailbox has a quota already, at ${first}`);
    else if (mailbox === undefined) report(place, "is a quota without an account");
    else if (bytes === undefined)
      report(place, "is not a valid size: use one like 5G; the mailbox gets the default");
    else if (bytes > 0) mailbox.quota = formatQuota(bytes);
  }
  for (const { mailboxes } of drafts.values()) {
    for (const mailbox of mailboxes) mailbox.quota ??= noLimit;
  }
}

function findMailbox(address: string, drafts: Drafts): DraftMailbox | undefined {
  const parts = splitAddress(address);
  return parts && drafts.get(parts.domain)?.mailboxes.find(({ name }) => name === parts.local);
}

function placesOf(drafts: Drafts): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const { name, mailboxes } of drafts.values()) {
    for (const mailbox of mailboxes) {
      const address = formatAddress({ local: mailbox.name, domain: name });
      if (!places.has(address)) places.set(address, mailbox.place);
    }
  }
  return places;
}

/** docker-mailserver accepts mail for the domains of its accounts and of its aliases. */
function routesOf(lines: Table, mailboxPlaces: ReadonlyMap<string, Place>): PlacedRoutes {
  const mailboxes = new Set(mailboxPlaces.keys());
  const keys = [...mailboxes, ...lines.keys()];
  return {
    aliases: new Map([...lines].map(([key, { value }]) => [key, addressesIn(value)])),
    mailboxes,
    domains: new Set(keys.map((key) => cut(key)?.domain).filter((domain) => domain !== undefined)),
    aliasPlaces: new Map([...lines].map(([key, { place }]) => [key, place])),
    mailboxPlaces,
  };
}

/** `alias target, target`: a Postfix virtual(5) table. */
function readAliases(lines: Table, drafts: Drafts, report: Report): void {
  const identity = new Map(
    [...drafts].map(([name, { mailboxes }]) => [name, new Map(mailboxes.map((m) => [m.name, m]))]),
  );
  for (const [key, { place, value }] of lines) {
    const { local = "", domain: domainName = "" } = cut(key) ?? {};
    if (domainName === "" || local.includes("@")) {
      report(place, `"${key}" has no domain: it is an address of the container itself`);
      continue;
    }
    const to: Placed<string>[] = [];
    for (const target of addressesIn(value)) {
      if (splitAddress(target) !== undefined) to.push({ place, value: target });
      else report(place, targetReason(target));
    }
    if (to.length === 0) continue;
    const domain = drafts.get(domainName) ?? emptyDomain(domainName, place);
    drafts.set(domainName, domain);
    const same = identity.get(domainName);
    placeAlias(domain, { place, local, key, to }, same?.get(local), (name) => same?.get(name));
  }
  for (const domain of drafts.values()) keepRoles(domain, identity.get(domain.name));
}

function targetReason(target: string): string {
  return target.startsWith("@")
    ? `the target "${target}" sends every name on to the same name there: declare an alias for each`
    : `the target "${target}" has no domain: it is an address of the container itself`;
}

/** Here each domain has its roles, which its first mailbox gets; there its catch-all got them. */
function keepRoles(domain: DraftDomain, mailboxes: ReadonlyMap<string, DraftMailbox> | undefined): void {
  const [first, ...more] = domain.catchAll ?? [];
  if (first === undefined) return;
  const [mailbox] = domain.mailboxes;
  if (more.length === 0 && first.value === formatAddress({ local: mailbox?.name ?? "", domain: domain.name }))
    return;
  const declared = new Set([
    ...domain.aliases.map(({ name }) => name),
    ...domain.mailboxes.flatMap(({ name, aliases }) => [name, ...aliases.map(({ value }) => value)]),
  ]);
  for (const local of roleLocalParts) {
    if (declared.has(local)) continue;
    const alias = { place: first.place, key: "", local, to: [...(domain.catchAll ?? [])] };
    placeAlias(domain, alias, undefined, (name) => mailboxes?.get(name));
  }
}

interface AliasLine {
  readonly place: string;
  readonly key: string;
  readonly local: string;
  readonly to: Placed<string>[];
}

function placeAlias(
  domain: DraftDomain,
  { place, key, local, to }: AliasLine,
  own: DraftMailbox | undefined,
  mailboxNamed: (name: string) => DraftMailbox | undefined,
): void {
  if (local === "") {
    domain.catchAll = [...(domain.catchAll ?? []), ...to];
    return;
  }
  if (own !== undefined) {
    // To itself alone is how docker-mailserver keeps a mailbox out of its domain's catch-all; nothing else is meant.
    const others = to.filter(({ value }) => value !== key);
    if (others.length > 0) own.forward = { to: others, keepCopy: others.length < to.length };
    return;
  }
  const [only, ...more] = to;
  const target = only === undefined || more.length > 0 ? undefined : splitAddress(only.value);
  const mailbox = target?.domain === domain.name ? mailboxNamed(target.local) : undefined;
  if (mailbox !== undefined) mailbox.aliases.push({ place, value: local });
  else domain.aliases.push({ place, name: local, to });
}
