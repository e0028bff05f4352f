import type { DockerEngine } from "../engine/docker-engine.ts";
import { isLeftOut } from "../outputs/left-out-names.ts";
import type { RunningStack, StackDomain } from "../outputs/running-stack.ts";
import { serverViews } from "../outputs/server-views.ts";
import { isServedHere } from "../publishers/declared-zone.ts";
import { addressesOf, isLocalAddress, localPartOf, tlsaName } from "../records/index.ts";
import { CannotCheckError, type Check, ok } from "./check.ts";
import {
  authUnderTlsOnly,
  noAuthOnSmtp,
  startTlsBeforePasswordChecks,
} from "./checks/authentication-offers.ts";
import { certificateAgentChecks } from "./checks/certificate-agent.ts";
import { clientAddressChecks } from "./checks/client-addresses.ts";
import { closedPortChecks } from "./checks/closed-ports.ts";
import { containerChecks } from "./checks/containers.ts";
import { deliverabilityChecks } from "./checks/deliverability.ts";
import { dkimKeyChecks } from "./checks/dkim-key.ts";
import { dnsRecordChecks, publishedAt } from "./checks/dns-records.ts";
import { dnssecChecks } from "./checks/dnssec.ts";
import { forgedSenderChecks } from "./checks/forged-sender.ts";
import { furtherAddressChecks, furtherNameServerChecks, type NamedPort } from "./checks/further-addresses.ts";
import { greetingCheck, latencyCheck, startTlsRequiredCheck } from "./checks/greeting.ts";
import { hostChecks } from "./checks/host.ts";
import { keyAgeChecks } from "./checks/key-ages.ts";
import { leftOutChecks } from "./checks/left-out-names.ts";
import { loginCheck } from "./checks/login.ts";
import { othersRecordChecks } from "./checks/others-records.ts";
import { proxiedPortChecks } from "./checks/proxied-ports.ts";
import { publishedPortsCheck } from "./checks/published-ports.ts";
import { relayChecks } from "./checks/relay.ts";
import { reportAddressChecks } from "./checks/report-addresses.ts";
import { resolverViewCheck } from "./checks/resolver-view.ts";
import { roundTripChecks } from "./checks/round-trip.ts";
import { spfChecks } from "./checks/spf.ts";
import { certificateCheck, oldTlsCheck, renewals } from "./checks/tls.ts";
import { tlsaCheck } from "./checks/tlsa.ts";
import { versionChecks } from "./checks/versions.ts";
import { webCertificateChecks, webChecks } from "./checks/web.ts";
import { type Correspondents, correspondentsOf, mayLogIn } from "./correspondents.ts";
import { type NameResolver, resolverAt } from "./probes/dns.ts";
import { reportedEngine } from "./reported-engine.ts";
import { requiredService, type Service, servicesOf, webPlacesOf } from "./services.ts";
import { stackResolver } from "./stack-resolver.ts";
import { noChoices, type UserChoices } from "./user-choices.ts";

export interface PlanOptions {
  /**
   * A resolver for what others publish, such as reverse names, and for how they see the stack's zones. Without one the
   * machine's own is asked, where anything of the stack is known outside it.
   */
  readonly resolver?: NameResolver | undefined;
  /** What users have chosen for themselves. @default nothing */
  readonly choices?: UserChoices | undefined;
}

/** What the checks of each server share. */
interface Common {
  readonly resolver: NameResolver;
  readonly world: NameResolver | undefined;
  readonly engine: DockerEngine;
  readonly choices: UserChoices;
}

/**
 * All checks of a running stack, in stages. The first waits until the configuration of the last `up` is in force:
 * before that, the others would judge the one before.
 */
export function planChecks(running: RunningStack, options: PlanOptions = {}): Check[][] {
  const world = options.resolver ?? (isKnownOutside(running) ? resolverAt() : undefined);
  const resolver = stackResolver(running, world);
  const engine = reportedEngine(running.endpoint);
  const common = { resolver, world, engine, choices: options.choices ?? noChoices };
  const [main, ...further] = serverViews(running);
  const [settled, rest] = planStack(main, common);
  const others = further.map((view) => planFurtherServer(view, common));
  return [
    [...settled, ...others.flatMap(([first]) => first)],
    [
      ...rest,
      ...others.flatMap(([, second]) => second),
      ...further.flatMap((view) => [
        ...crossingChecks(main, view, common),
        ...crossingChecks(view, main, common),
      ]),
    ],
  ];
}

/** Mail from one of the stack's servers to another, delivered as between any two in the world: by MX. */
function crossingChecks(from: RunningStack, to: RunningStack, { resolver, choices }: Common): Check[] {
  const [source, destination] = [from.domains[0], to.domains[0]];
  if (source === undefined || destination === undefined) return [];
  const { from: sender } = correspondentsOf(from, source, choices);
  const { to: receiver } = correspondentsOf(to, destination, choices);
  if (sender === undefined || receiver === undefined) return [];
  const route = {
    submission: requiredService(from, source, "submission"),
    imaps: requiredService(to, destination, "imaps"),
    from: sender,
    to: receiver,
    hostName: from.hostName,
    resolver,
  };
  return roundTripChecks(source.name, route).map((check) => ({
    ...check,
    id: `${check.id}.to.${destination.name}`,
    group: `Mail from ${source.name} to ${destination.name}`,
  }));
}

/** What concerns a further mail server alone; each check's id and group name it. */
function planFurtherServer(view: RunningStack, common: Common): [Check[], Check[]] {
  const { resolver, engine } = common;
  const its = (check: Check): Check => ({
    ...check,
    id: `${check.id}@${view.hostName}`,
    group: check.group.startsWith("Mail of") ? check.group : `${check.group}: ${view.hostName}`,
  });
  return [
    [...containerChecks(view, engine), publishedPortsCheck(view, engine)].map(its),
    [
      ...serviceChecks(view, resolver),
      ...clientAddressChecks(view, hostAddresses(view), engine),
      ...deliverabilityChecks(view, hostAddresses(view), engine),
      ...hostChecks(view, engine),
      ...versionChecks(view, engine),
      ...view.domains.flatMap((domain, index) => mailChecks(view, domain, common, index === 0)),
    ].map(its),
  ];
}

function planStack(running: RunningStack, common: Common): [Check[], Check[]] {
  const { resolver, engine, world } = common;
  return [
    [...containerChecks(running, engine), publishedPortsCheck(running, engine)],
    [
      ...running.zones.flatMap((zone) => [
        ...dnsRecordChecks(zone, resolver),
        ...dkimKeyChecks(zone, resolver),
        ...dnssecChecks(zone, resolver),
        ...(world === undefined ? [] : [resolverViewCheck(zone, world)]),
      ]),
      ...(world === undefined ? [] : othersRecordChecks(running, world)),
      ...furtherNameServerChecks(running),
      ...running.domains.flatMap((domain) => webChecks(running, domain)),
      ...serviceChecks(running, resolver),
      ...certificateAgentChecks(running, engine),
      ...leftOutChecks(running, world),
      ...clientAddressChecks(running, hostAddresses(running), engine),
      ...deliverabilityChecks(running, hostAddresses(running), engine),
      ...hostChecks(running, engine),
      ...versionChecks(running, engine),
      ...keyAgeChecks(running),
      ...running.domains.flatMap((domain, index) => mailChecks(running, domain, common, index === 0)),
    ],
  ];
}

/** Nobody in the world publishes anything about the addresses of one machine or network, or is sent to its zones. */
function isKnownOutside(running: RunningStack): boolean {
  const isPublishedElsewhere = running.zones.some(({ publisher: dns }) => !isServedHere({ dns }));
  return isPublishedElsewhere || hostAddresses(running).some((address) => !isLocalAddress(address));
}

/** The server's addresses as the plan publishes them. */
function hostAddresses({ zones, hostName }: RunningStack): string[] {
  return addressesOf(zones.flatMap((zone) => zone.records.filter(({ name }) => name === hostName)));
}

function serviceChecks(running: RunningStack, resolver: NameResolver): Check[] {
  const [first] = running.domains as [StackDomain];
  const offered = servicesOf(running, first);
  const smtp = requiredService(running, first, "smtp");
  const submission = requiredService(running, first, "submission");
  // Its zone may be unsigned while another one is signed.
  const ownTlsa = tlsaName(running.hostName);
  const hasTlsa = running.zones.some(({ records }) =>
    records.some(({ type, name }) => type === "TLSA" && name === ownTlsa),
  );
  return [
    ...namedServices(running).map((service) =>
      certificateCheck(service, renewals[running.certificateIssuer]),
    ),
    ...webCertificateChecks(running),
    ...furtherAddressChecks(running, namedPorts(running)),
    ...offered.map(oldTlsCheck),
    ...(hasTlsa ? [tlsaCheck("Service", smtp, resolver)] : []),
    ...closedPortChecks(running),
    ...proxiedPortChecks(running),
    greetingCheck("Service", smtp, running.hostName),
    greetingCheck("Service", submission, running.hostName),
    ...offered.map(latencyCheck),
    startTlsRequiredCheck(submission),
    noAuthOnSmtp(smtp),
    authUnderTlsOnly(submission),
    ...startTlsBeforePasswordChecks(offered),
    ...reportAddressChecks(running, smtp),
  ];
}

/** Mail and the web, under names that are in their certificates. */
function namedPorts(running: RunningStack): NamedPort[] {
  const web = webPlacesOf(running).filter(({ serverName }) => !isLeftOut(running, serverName));
  return [...namedServices(running), ...web.map((place) => ({ name: "https" as const, ...place }))];
}

/** Each service under every name that clients of a domain use for it. */
function namedServices(running: RunningStack): Service[] {
  const all = running.domains
    .flatMap((domain) => servicesOf(running, domain))
    .filter(({ serverName }) => !isLeftOut(running, serverName));
  return [...new Map(all.map((service) => [`${service.name} ${service.serverName}`, service])).values()];
}

function mailChecks(
  running: RunningStack,
  domain: StackDomain,
  { resolver, world, choices }: Common,
  isDefault: boolean,
): Check[] {
  const service = (name: Parameters<typeof requiredService>[2]) => requiredService(running, domain, name);
  const correspondents = correspondentsOf(running, domain, choices);
  const spf = spfChecks(
    {
      domain: domain.name,
      hostName: running.hostName,
      addresses: hostAddresses(running),
      knownZones: world === undefined ? running.zones.map(({ name }) => name) : undefined,
    },
    resolver,
  );
  return [
    ...loginChecks(running, domain, correspondents, isDefault),
    ...journeyChecks(running, domain, correspondents, resolver),
    ...spf.map((check) => ({ ...check, follows: [publishedAt(domain.name)] })),
    ...relayChecks(domain, service("smtp")),
  ];
}

function loginChecks(
  running: RunningStack,
  domain: StackDomain,
  { users, isAnyKnown }: Correspondents,
  isDefault: boolean,
): Check[] {
  if (!isAnyKnown) return [noPasswordKnown(domain)];
  if (users.length === 0) {
    const seen = "each user whose password the program knows has a password of their own";
    return [notChecked(domain, "logins and the round trip", seen)];
  }
  return (["submission", "submissions", "imaps", "pop3s", "sieve"] as const).flatMap((name) => {
    const service = requiredService(running, domain, name);
    const user = users.find((known) => mayLogIn(known, service));
    if (user === undefined) return [];
    // The server accepts bare names for users of the first domain.
    const logins = isDefault ? [user.address, localPartOf(user.address)] : [user.address];
    return logins.map((login) =>
      loginCheck(`Mail of ${domain.name}`, service, { user: login, password: user.password }),
    );
  });
}

function journeyChecks(
  running: RunningStack,
  domain: StackDomain,
  { users, from, to, witness }: Correspondents,
  resolver: NameResolver,
): Check[] {
  if (users.length === 0) return [];
  if (from === undefined || to === undefined || witness === undefined) {
    const seen =
      "it takes a user who may send, and one whose mail stays in an inbox that IMAP reads, without rules or a forward";
    return [notChecked(domain, "the round trip", seen)];
  }
  const service = (name: Parameters<typeof requiredService>[2]) => requiredService(running, domain, name);
  const [imaps, pop3s] = [service("imaps"), service("pop3s")];
  const { hostName } = running;
  const route = { imaps, pop3s: mayLogIn(to, pop3s) ? pop3s : undefined, from, to, hostName, resolver };
  const colleague = domain.mailboxes.find(
    ({ address }) => address !== from.address && from.mailbox.sendAs?.includes(address) !== true,
  )?.address;
  return [
    ...[service("submission"), service("submissions")].flatMap((submission) =>
      roundTripChecks(domain.name, { ...route, submission }, policiesOf(running, domain.name)),
    ),
    ...(colleague === undefined
      ? []
      : forgedSenderChecks(domain.name, service("submission"), imaps, { from, to: witness, colleague })),
  ];
}

/** The checks of the records by which receivers judge a domain's mail. */
function policiesOf({ zones }: RunningStack, domain: string): string[] {
  const keys = zones
    .flatMap(({ records }) => records)
    .filter(({ name, type }) => type === "TXT" && name.endsWith(`._domainkey.${domain}`));
  return [domain, `_dmarc.${domain}`, ...new Set(keys.map(({ name }) => name))].map(publishedAt);
}

/** Nothing is wrong, and nobody can do anything about it. */
function notChecked({ name }: StackDomain, title: string, seen: string): Check {
  return {
    id: `mail.${name}`,
    group: `Mail of ${name}`,
    title,
    why: "Only mail that arrives proves that mail works.",
    run: async () => ok(`not checked: ${seen}`),
  };
}

function noPasswordKnown({ name }: StackDomain): Check {
  return {
    id: `mail.${name}`,
    group: `Mail of ${name}`,
    title: "logins and the round trip",
    why: "Only mail that arrives proves that mail works.",
    run: () => {
      throw new CannotCheckError(
        "the program has no password for the domain",
        "Declare one mailbox for tests without a password, so that the program generates it.",
      );
    },
  };
}
