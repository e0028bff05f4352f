/**
 * Names of certificates that lead elsewhere: an authority that asks there finds no challenge, and one such name would fail
 * a whole order (RFC 8555 section 7.1.6).
 */
import { Resolver } from "node:dns/promises";
import * as z from "zod";
import { outputsSchema } from "../../outputs/schema.ts";
import { addressList, areAmong, ZoneFinder } from "../../records/index.ts";
import { acmeSettings, areProvedInDns, plannedOrders, resolverOf } from "../program/acme-settings.ts";
import { zoneArgs } from "../program/zones.ts";
import type { StackSettings } from "../schema/config.ts";
import { type KnownResource, reportedOutputs } from "./former-engine.ts";

/** What the last `up` has reported of names. */
export interface FormerNames {
  /** Addresses that were published, `name address`. */
  readonly published: ReadonlySet<string>;
  /** The names in the certificates that were ordered. */
  readonly ordered: ReadonlySet<string>;
  /** Those that were not, as they led elsewhere. */
  readonly leftOut: ReadonlySet<string>;
}

/** @returns the addresses of a name, none where it has none; undefined where nobody answers. */
export type AskAddresses = (name: string) => Promise<readonly string[] | undefined>;

export interface LeadingNames {
  /** The names that are not to be ordered. */
  readonly elsewhere: ReadonlySet<string>;
  /** A line each, which begins with the setting's path. */
  readonly warnings: readonly string[];
}

const formerOutputs = z.object({
  zones: z.array(
    z.object({ records: z.array(z.object({ name: z.string(), type: z.string(), content: z.unknown() })) }),
  ),
  acme: outputsSchema.shape.acme,
});

export function formerNames(resources: readonly KnownResource[]): FormerNames {
  const { zones = [], acme: former } = formerOutputs.safeParse(reportedOutputs(resources)).data ?? {};
  const records = zones.flatMap((zone) => zone.records).filter(({ type }) => ["A", "AAAA"].includes(type));
  return {
    published: new Set(records.map(({ name, content }) => `${name} ${content}`)),
    ordered: new Set(former?.orders.flatMap(({ hostNames }) => hostNames)),
    leftOut: new Set(former?.leftOut?.map(({ name }) => name)),
  };
}

/**
 * Asks for the names that somebody has published already. What this run is to publish itself is not asked for: it leads
 * here by then, and a resolver would remember that it did not exist (RFC 2308).
 */
export async function leadingNames(
  settings: StackSettings,
  former: FormerNames,
  ask: AskAddresses | undefined = asker(settings),
): Promise<LeadingNames> {
  const questions = ask === undefined ? [] : questionsOf(settings, former);
  const found = new Map<string, Question>(questions.map((question) => [question.name, question]));
  const answers = new Map<string, readonly string[] | undefined>();
  const names = [...found.keys()];
  for (let at = 0; at < names.length; at += atOnce) {
    const some = names.slice(at, at + atOnce);
    const said = await Promise.all(some.map((name) => ask?.(name)));
    for (const [index, name] of some.entries()) answers.set(name, said[index]);
  }
  const verdicts = [...found.values()].map((question) => judge(question, answers.get(question.name), former));
  return {
    elsewhere: new Set(verdicts.filter(({ isLeftOut }) => isLeftOut).map(({ question }) => question.name)),
    warnings: warningsOf(verdicts),
  };
}

/** As many questions as are under way at a time. */
const atOnce = 64;

interface Question {
  readonly name: string;
  readonly path: string;
  readonly addresses: readonly string[];
}

function questionsOf(settings: StackSettings, { published }: FormerNames): Question[] {
  // In the DNS names are proved wherever they lead.
  if (areProvedInDns(settings)) return [];
  const zones = new ZoneFinder(zoneArgs(settings));
  return plannedOrders(settings).flatMap(({ path, hostNames, addresses }) => {
    const own = addressList(addresses);
    return hostNames
      .filter((name) => {
        const isPublished = own.some((address) => published.has(`${name} ${address}`));
        return isPublished || zones.find(name) === undefined;
      })
      .map((name) => ({ name, path, addresses: own }));
  });
}

interface Verdict {
  readonly question: Question;
  readonly isLeftOut: boolean;
  /** What is to be said of it; nothing where it leads here. */
  readonly said?: string | undefined;
}

function judge(question: Question, answer: readonly string[] | undefined, former: FormerNames): Verdict {
  const { name, addresses } = question;
  if (answer === undefined) {
    const isLeftOut = former.leftOut.has(name);
    const what = isLeftOut ? "still left out of the certificates" : "ordered as before";
    return { question, isLeftOut, said: `the resolver does not answer: ${what}` };
  }
  // An authority chooses among them, and asks IPv6 first where there is one.
  if (answer.length > 0 && areAmong(answer, addresses)) {
    return { question, isLeftOut: false };
  }
  const now = answer.length === 0 ? "the DNS has no address" : `the DNS says ${answer.join(", ")}`;
  const what = former.ordered.has(name) ? "removed from" : "left out of";
  const wanted = addresses.join(" and ") + (answer.length > addresses.length ? " alone" : "");
  return {
    question,
    isLeftOut: true,
    said: `${now}: ${what} the certificates until it says ${wanted} and \`up\` runs again`,
  };
}

/** One line for all names of a setting of which the same is to be said. */
function warningsOf(verdicts: readonly Verdict[]): string[] {
  const reported = verdicts.filter(({ said }) => said !== undefined);
  const groups = Map.groupBy(reported, ({ question: { path }, said }) => `${path} ${said}`);
  return [...groups.values()].map((group) => {
    const names = group.map(({ question }) => question.name).join(", ");
    return `${group[0]?.question.path}: ${names}: ${group[0]?.said}`;
  });
}

/** @returns nothing where nobody is to be asked: the names of a lab are in its own zones. */
function asker(settings: StackSettings): AskAddresses | undefined {
  const own = acmeSettings(settings);
  if (own === undefined) return undefined;
  const resolver = resolverOf(own);
  if (resolver === undefined && (settings.lab || !settings.askNameServers)) return undefined;
  return askAt(resolver);
}

/** @param server - `address:port`; the machine's own resolvers without it. */
export function askAt(server: string | undefined): AskAddresses {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  if (server !== undefined) resolver.setServers([server]);
  const addressesOf = (lookUp: Promise<string[]>): Promise<string[] | undefined> =>
    lookUp.catch((error: unknown) => (isNone(error) ? [] : undefined));
  return async (name) => {
    const [four, six] = await Promise.all([
      addressesOf(resolver.resolve4(name)),
      addressesOf(resolver.resolve6(name)),
    ]);
    return four === undefined || six === undefined ? undefined : [...four, ...six];
  };
}

/** That a name does not exist, or has no such record: an answer, too. */
function isNone(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOTFOUND" || code === "ENODATA";
}
