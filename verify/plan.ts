import type { Resolver } from "node:dns/promises";
import { CannotCheckError, type Check } from "./check.ts";
import { authUnderTlsOnly, noAuthOnSmtp, startTlsBeforePassword } from "./checks/authentication-offers.ts";
import { closedPortChecks } from "./checks/closed-ports.ts";
import { containerChecks } from "./checks/containers.ts";
import { dkimKeyChecks } from "./checks/dkim-key.ts";
import { dnsRecordChecks } from "./checks/dns-records.ts";
import { forgedSenderChecks } from "./checks/forged-sender.ts";
import { loginCheck } from "./checks/login.ts";
import { publishedPortsCheck } from "./checks/published-ports.ts";
import { relayChecks } from "./checks/relay.ts";
import { roundTripChecks } from "./checks/round-trip.ts";
import { certificateCheck, oldTlsCheck } from "./checks/tls.ts";
import { webChecks } from "./checks/web.ts";
import type { Correspondent } from "./journey.ts";
import { resolverOf } from "./probes/dns.ts";
import { requiredService, type Service, servicesOf } from "./services.ts";
import type { Target, TargetDomain } from "./target.ts";

/**
 * All checks of a target, in stages. The first waits until the configuration of the last `up` is in force:
 * before that, the others would judge the one before.
 */
export function planChecks(target: Target): Check[][] {
  const resolver = resolverOf(target);
  return [
    [...containerChecks(target), publishedPortsCheck(target)],
    [
      ...target.zones.flatMap((zone) => [
        ...dnsRecordChecks(zone, resolver),
        ...dkimKeyChecks(zone, resolver),
      ]),
      ...target.domains.flatMap((domain) => webChecks(target, domain)),
      ...serviceChecks(target),
      ...target.domains.flatMap((domain, index) => mailChecks(target, domain, resolver, index === 0)),
    ],
  ];
}

function serviceChecks(target: Target): Check[] {
  const [first] = target.domains as [TargetDomain];
  const offered = servicesOf(target, first);
  return [
    ...namedServices(target).map(certificateCheck),
    ...offered.map(oldTlsCheck),
    ...closedPortChecks(target),
    noAuthOnSmtp(requiredService(target, first, "smtp")),
    authUnderTlsOnly(requiredService(target, first, "submission")),
    ...offered.filter(({ name }) => name === "imap" || name === "pop3").map(startTlsBeforePassword),
  ];
}

/** Each service under every name that clients of a domain use for it. */
function namedServices(target: Target): Service[] {
  const all = target.domains.flatMap((domain) => servicesOf(target, domain));
  return [...new Map(all.map((service) => [`${service.name} ${service.serverName}`, service])).values()];
}

function mailChecks(target: Target, domain: TargetDomain, resolver: Resolver, isDefault: boolean): Check[] {
  const service = (name: "smtp" | "submission" | "submissions" | "imaps" | "pop3s") =>
    requiredService(target, domain, name);
  const known = correspondentsOf(target, domain);
  const [from, to = from] = known;
  if (from === undefined || to === undefined) {
    return [noPasswordKnown(domain), ...relayChecks(domain, service("smtp"))];
  }
  const submissions = [service("submission"), service("submissions")];
  const [imaps, pop3s] = [service("imaps"), service("pop3s")];
  const group = `Mail of ${domain.name}`;
  // The server takes bare names for users of the first domain.
  const users = isDefault
    ? [from.address, from.address.slice(0, from.address.lastIndexOf("@"))]
    : [from.address];
  const colleague = domain.mailboxes.find(({ address }) => address !== from.address)?.address;
  return [
    ...[...submissions, imaps, pop3s].flatMap((each) =>
      users.map((user) => loginCheck(group, each, { user, password: from.password })),
    ),
    ...submissions.flatMap((submission) =>
      roundTripChecks(domain.name, {
        submission,
        imaps,
        pop3s,
        from,
        to,
        hostName: target.hostName,
        resolver,
      }),
    ),
    ...(colleague === undefined
      ? []
      : forgedSenderChecks(domain.name, service("submission"), imaps, from, colleague)),
    ...relayChecks(domain, service("smtp")),
  ];
}

function correspondentsOf(target: Target, domain: TargetDomain): Correspondent[] {
  return domain.mailboxes.flatMap(({ address }) => {
    const password = target.passwords[address];
    return password === undefined ? [] : [{ address, password }];
  });
}

function noPasswordKnown({ name }: TargetDomain): Check {
  return {
    id: `mail.${name}`,
    group: `Mail of ${name}`,
    title: "logins and the round trip",
    why: "Only mail that went all the way shows that mail works.",
    remedy: "",
    run: () => {
      throw new CannotCheckError(
        "no password of the domain is known to the program",
        "Declare one mailbox for tests without a password, so that the program generates it.",
      );
    },
  };
}
