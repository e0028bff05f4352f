/** What an importer has found so far: the settings of a stack, each with its place in the old server's files. */
import type { Place, Placed, Report } from "./source.ts";

export interface DraftMailbox {
  readonly place: Place;
  readonly name: string;
  passwordHash?: string;
  quota?: string;
  aliases: Placed<string>[];
  forward?: { to: Placed<string>[]; readonly keepCopy: boolean };
}

export interface DraftAlias {
  readonly place: Place;
  readonly name: string;
  to: Placed<string>[];
}

export interface DraftKey {
  readonly place: Place;
  readonly selector: string;
  readonly algorithm: "rsa" | "rsa-2048" | "ed25519";
  /** PEM. SECRET. */
  readonly privateKey: string;
}

export interface DraftDomain {
  readonly place: Place;
  readonly name: string;
  mailboxes: DraftMailbox[];
  aliases: DraftAlias[];
  catchAll?: Placed<string>[];
  dkim: DraftKey[];
}

/** A mailbox, an alias or a domain as a stack file has it. */
export type Settings = Readonly<Record<string, unknown>>;

export function mailboxSettings({ name, passwordHash, quota, aliases, forward }: DraftMailbox): Settings {
  return {
    name,
    ...(quota === undefined ? {} : { quota }),
    ...(aliases.length === 0 ? {} : { aliases: values(aliases) }),
    ...(forward === undefined ? {} : { forward: { to: values(forward.to), keepCopy: forward.keepCopy } }),
    ...(passwordHash === undefined ? {} : { passwordHash }),
  };
}

export function aliasSettings({ name, to }: DraftAlias): Settings {
  return { name, to: values(to) };
}

function domainSettings({ name, mailboxes, aliases, catchAll, dkim }: DraftDomain): Settings {
  return {
    name,
    mailboxes: mailboxes.map(mailboxSettings),
    aliases: aliases.map(aliasSettings),
    ...(catchAll === undefined ? {} : { catchAll: values(catchAll) }),
    ...(dkim.length === 0 ? {} : { dkim: dkim.map(({ place: _, ...key }) => key) }),
  };
}

function values<Value>(placed: readonly Placed<Value>[]): Value[] {
  return placed.map(({ value }) => value);
}

/** Something wrong with settings, by the path of it. */
export interface SettingsProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Reports what a stack file's schema would refuse. */
export type Check = (settings: Settings) => readonly SettingsProblem[];

/**
 * Leaves out what the schema refuses, each with its reason, until it refuses nothing: of an alias the one target, of
 * a mailbox the one property, and the whole only where it is its name. What led to something that is left out is
 * refused by the next look.
 *
 * @throws Error for a problem that is of none of these
 */
export function prune(domains: readonly DraftDomain[], check: Check, report: Report): readonly DraftDomain[] {
  let kept = domains;
  while (kept.length > 0) {
    const problems = check({ domains: kept.map(domainSettings) });
    if (problems.length === 0) break;
    const dropped = new Set<object>();
    let reported = 0;
    const count: Report = (place, reason) => {
      reported += 1;
      report(place, reason);
    };
    // What is left out as a whole comes first: its parts need no report of their own.
    const whole = problems.filter(({ path }) => path.at(-1) === "name");
    for (const problem of [...whole, ...problems]) drop(kept, problem, dropped, count);
    if (reported === 0)
      throw new Error(`the importer made settings that are refused: ${problems[0]?.message}`);
    kept = without(kept, dropped);
  }
  return kept;
}

/** Reasons in the importer's words, for keys that the schema may not know. */
const unknownKeys: Readonly<Record<string, string>> = {
  forward: "it is a mailbox too, whose mail is not sent on: declare a name of its own for it",
  catchAll: "an address for all others of its domain cannot be declared",
};

function drop(
  domains: readonly DraftDomain[],
  { path, message }: SettingsProblem,
  dropped: Set<object>,
  report: Report,
): void {
  const [list, index, key, at, property, n, deep] = path;
  const domain = list === "domains" ? domains[Number(index)] : undefined;
  if (domain === undefined) throw new Error(`the importer made settings that are refused: ${message}`);
  const leave = (what: { readonly place: Place } | undefined, reason = withPlaces(message, domains)) => {
    if (what === undefined || dropped.has(what)) return;
    dropped.add(what);
    report(what.place, reason);
  };

  if (key === "mailboxes" && at !== undefined) {
    const mailbox = domain.mailboxes[Number(at)];
    if (mailbox === undefined || dropped.has(mailbox)) return;
    if (property === "aliases") leave(mailbox.aliases[Number(n)]);
    else if (property === "forward" && n === "to" && deep !== undefined)
      leave(mailbox.forward?.to[Number(deep)]);
    else if (property === "forward") {
      leave(mailbox.forward?.to[0], message.startsWith("unknown key") ? unknownKeys.forward : undefined);
      delete mailbox.forward;
    } else if (property === "passwordHash" || property === "quota") {
      const instead = property === "quota" ? "it gets the default" : "it gets a generated password";
      report(mailbox.place, `its ${property} ${withPlaces(message, domains)}; ${instead}`);
      delete mailbox[property];
    } else leave(mailbox);
  } else if (key === "aliases" && at !== undefined) {
    const alias = domain.aliases[Number(at)];
    if (n !== undefined) leave(alias?.to[Number(n)]);
    else leave(alias, alias?.to.length === 0 ? "none of its targets is accepted" : undefined);
  } else if (key === "catchAll") {
    leave(
      domain.catchAll?.[Number(at ?? 0)],
      message.startsWith("unknown key") ? unknownKeys.catchAll : undefined,
    );
    if (at === undefined) delete domain.catchAll;
  } else if (key === "dkim" && at !== undefined) leave(domain.dkim[Number(at)]);
  else
    leave(
      domain,
      key === "mailboxes" ? `${domain.name} has no mailbox, only aliases: give it one` : undefined,
    );
}

function without(domains: readonly DraftDomain[], dropped: ReadonlySet<object>): readonly DraftDomain[] {
  const stays = (each: object) => !dropped.has(each);
  for (const domain of domains) {
    domain.mailboxes = domain.mailboxes.filter(stays);
    domain.aliases = domain.aliases.filter(stays);
    domain.dkim = domain.dkim.filter(stays);
    for (const mailbox of domain.mailboxes) {
      mailbox.aliases = mailbox.aliases.filter(stays);
      if (mailbox.forward === undefined) continue;
      mailbox.forward.to = mailbox.forward.to.filter(stays);
      if (mailbox.forward.to.length === 0) delete mailbox.forward;
    }
    for (const alias of domain.aliases) alias.to = alias.to.filter(stays);
    const catchAll = domain.catchAll?.filter(stays);
    if (catchAll !== undefined && catchAll.length > 0) domain.catchAll = catchAll;
    else delete domain.catchAll;
  }
  return domains.filter(stays);
}

const named = /domains\[(\d+)\]\.(mailboxes|aliases|dkim)\[(\d+)\](?:\.aliases\[(\d+)\])?(?:\.\w+)?/g;

/** A message that names other settings by their path names them by their place instead. */
function withPlaces(message: string, domains: readonly DraftDomain[]): string {
  return message.replaceAll(named, (whole, index: string, list: string, at: string, alias?: string) => {
    const entry = domains[Number(index)]?.[list as "mailboxes" | "aliases" | "dkim"][Number(at)];
    const inner =
      alias === undefined || entry === undefined || !("aliases" in entry) ? undefined : entry.aliases;
    return inner?.[Number(alias)]?.place ?? entry?.place ?? whole;
  });
}
