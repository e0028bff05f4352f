import { type ClientService, tlsaName } from "../records/index.ts";
import { CannotCheckError, type Check } from "./check.ts";
import {
  authUnderTlsOnly,
  noAuthOnSmtp,
  startTlsBeforePasswordChecks,
} from "./checks/authentication-offers.ts";
import { latencyCheck, startTlsRequiredCheck } from "./checks/greeting.ts";
import { loginCheck } from "./checks/login.ts";
import { publicRecordChecks } from "./checks/public-records.ts";
import { relayChecks } from "./checks/relay.ts";
import { roundTripChecks } from "./checks/round-trip.ts";
import { spfChecks } from "./checks/spf.ts";
import { certificateCheck, oldTlsCheck } from "./checks/tls.ts";
import { tlsaCheck } from "./checks/tlsa.ts";
import type { Correspondent } from "./journey.ts";
import { ask, type NameResolver } from "./probes/dns.ts";
import { discoverDomain, type PublicDomain, smtpAt } from "./public-domain.ts";
import type { Service } from "./services.ts";

/**
 * The checks of a domain by its name alone: the public side, and with a user also logins and the round trip, as a
 * message from the user to itself. Where the DNS cannot be asked, there is one check, which says so.
 */
export async function planPublicChecks(
  name: string,
  resolver: NameResolver,
  user?: Correspondent,
): Promise<Check[][]> {
  try {
    return await planChecks(await discoverDomain(name, resolver, user), resolver);
  } catch (error) {
    return [[noAnswer(name, error)]];
  }
}

async function planChecks(domain: PublicDomain, resolver: NameResolver): Promise<Check[][]> {
  const { name, user } = domain;
  const exchanges = domain.mail.exchanges.flatMap((exchange) => smtpAt(exchange) ?? []);
  const secured = await Promise.all(exchanges.map((smtp) => hasTlsa(smtp.serverName, resolver)));
  const [preferred] = exchanges;
  const services = preferredServices(domain);
  const submission = services.find((service) => service.name === "submission");
  const all = [...(preferred ? [preferred] : []), ...services];
  const checks = [
    ...publicRecordChecks(domain, resolver),
    // Nobody knows where its mail comes from: only what the policy says of strangers can be checked.
    ...spfChecks({ domain: name, hostName: preferred?.serverName ?? name, addresses: [] }, resolver),
    ...uniqueNames([...exchanges, ...domain.services.flatMap(({ places }) => places)]).map((service) =>
      certificateCheck(service, renewalOf(service)),
    ),
    ...all.map(oldTlsCheck),
    ...all.map(latencyCheck),
    ...exchanges
      .filter((_, index) => secured[index] === true)
      .map((smtp) => tlsaCheck("Service", smtp, resolver)),
    ...(preferred
      ? [noAuthOnSmtp(preferred), ...relayChecks({ name, mailboxes: userOf(domain) }, preferred)]
      : []),
    ...(submission ? [startTlsRequiredCheck(submission), authUnderTlsOnly(submission)] : []),
    ...startTlsBeforePasswordChecks(services),
    ...(user ? userChecks(domain, user, resolver) : []),
  ];
  return [checks.map(ofOthers)];
}

/** A check of a stack knows what its own program can do; here somebody else runs the servers, and the cause decides. */
function ofOthers({ remedy: _, ...check }: Check): Check {
  return check;
}

function renewalOf({ serverName }: Service): string {
  return `Have the certificate of ${serverName} renewed, and find out why that did not happen by itself.`;
}

/** Each service where clients go first. */
function preferredServices({ services }: PublicDomain): Service[] {
  return services.flatMap(({ places: [first] }) => first ?? []);
}

/** One server may be named for several ports. */
function uniqueNames(services: readonly Service[]): Service[] {
  return [...new Map(services.map((service) => [`${service.name} ${service.serverName}`, service])).values()];
}

/** Where it is unknown, the check says so. */
async function hasTlsa(host: string, resolver: NameResolver): Promise<boolean> {
  return ask(resolver, tlsaName(host), "TLSA").then(
    (records = []) => records.length > 0,
    () => true,
  );
}

function userOf({ user }: PublicDomain) {
  return user === undefined ? [] : [{ address: user.address }];
}

function userChecks(domain: PublicDomain, user: Correspondent, resolver: NameResolver): Check[] {
  const { name, mail } = domain;
  const services = preferredServices(domain);
  const group = `Mail of ${name}`;
  const find = (wanted: ClientService): Service | undefined =>
    services.find((service) => service.name === wanted);
  const [imaps, pop3s] = [find("imaps"), find("pop3s")];
  const submissions = services.filter(({ protocol }) => protocol === "smtp");
  const login = { user: user.address, password: user.password };
  const logins = services.map((service) =>
    loginCheck(group, service, login, "Compare the password with the one in MAILDOMAIN_PASSWORD."),
  );
  const hostName = mail.exchanges[0]?.host ?? name;
  if (imaps === undefined || submissions.length === 0) return [...logins, noServices(group, name)];
  return [
    ...logins,
    ...submissions.flatMap((submission) =>
      roundTripChecks(name, { submission, imaps, pop3s, from: user, to: user, hostName, resolver }),
    ),
  ];
}

function noAnswer(name: string, error: unknown): Check {
  return {
    id: `dns.${name}`,
    group: `DNS of ${name}`,
    title: "the resolver answers",
    why: "Everything else follows from what the DNS says about the domain.",
    run: () => {
      throw new CannotCheckError(
        error instanceof Error ? error.message : String(error),
        "Name a resolver that answers from here with `--resolver ADDRESS`.",
      );
    },
  };
}

function noServices(group: string, name: string): Check {
  return {
    id: `mail.${name}`,
    group,
    title: "the round trip",
    why: "Only mail that arrives proves that mail works.",
    run: () => {
      throw new CannotCheckError(
        "the DNS names no server for submission and IMAP",
        `Publish _submissions._tcp.${name} and _imaps._tcp.${name} (SRV, RFC 8314 section 5.1).`,
      );
    },
  };
}
