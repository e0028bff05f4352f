/** What the settings of servers have to agree on: addresses, ports and names. */
import { suggest } from "../../naming/suggestion.mjs";
import { publisherFacts } from "../../publishers/list.ts";
import {
  answersOn,
  type BoundServices,
  connectableAddress,
  isLegacy,
  isSameAddress,
  isWithin,
  mailServices,
  proxiedBound,
  type ServiceName,
  serviceAddresses,
  serviceNames,
  services,
} from "../../records/index.ts";
import {
  boundServices,
  challengeAddresses,
  furtherBoundServices,
  type WrittenAddresses,
} from "./bound-services.ts";
import { issuerOf } from "./certificate-rules.ts";
import { maxFurtherServers } from "./network-places.ts";
import {
  formatPath,
  list,
  type Partly,
  type Path,
  type Report,
  reportRepeated,
  type Settings,
  text,
} from "./written-settings.ts";

export function checkAddresses(settings: Partly<Settings>, report: Report): void {
  const open = openServices(settings);
  checkEntries(settings, open, [], report);
  checkPublished(settings, boundServices(settings), open, [], report);
  const main = boundServices(settings);
  const ofMail = open.filter((name) => services[name].server === "mail");
  for (const [index, server] of list(settings?.servers).entries()) {
    const { address, addresses, publicAddresses } = server ?? {};
    if ([address, addresses, publicAddresses].every((own) => own === undefined)) continue;
    const path = ["servers", index];
    checkEntries(server, ofMail, path, report);
    const isInherited = address === undefined && addresses === undefined;
    const bound = furtherBoundServices(server, main);
    const inherited = isInherited ? settings : {};
    checkPublished({ ...inherited, proxyProtocol: undefined, ...server }, bound, ofMail, path, report);
  }
}

/** The services that the stack's ports are open for. */
function openServices(settings: Partly<Settings>): ServiceName[] {
  const zones = [...list(settings?.domains), ...list(settings?.parkedDomains)];
  const servesZones = zones.some(
    (zone) => publisherFacts.find(({ name }) => name === zone?.dns)?.isOwnServer,
  );
  const isAsked = areChallengesAsked(settings);
  return serviceNames.filter((name) => {
    if (isLegacy(name)) return settings?.legacyPorts === true;
    if (services[name].server === "dns") return servesZones;
    if (services[name].server === "web") return servesWeb(settings) || (name === "http" && isAsked);
    return true;
  });
}

function servesWeb(settings: Partly<Settings>): boolean {
  return settings?.web?.enabled ?? settings?.lab === true;
}

/** Whether an authority asks for challenges by HTTP. */
function areChallengesAsked(settings: Partly<Settings>): boolean {
  const { dns, dnsPersist } = settings?.certificates?.acme ?? {};
  return issuerOf(settings?.certificates) === "acme" && dns === undefined && dnsPersist !== true;
}

/** Several addresses in place of one: each service of the server has one at least. */
function checkEntries(
  written: WrittenAddresses,
  open: readonly ServiceName[],
  path: Path,
  report: Report,
): void {
  const entries = list(written?.addresses);
  if (entries.length === 0) return;
  if (written?.address !== undefined) {
    report(
      [...path, "addresses"],
      `excludes ${formatPath([...path, "address"])}: keep that one where all services have one address, and this one ` +
        "where they have several",
    );
  }
  reportRepeated(
    entries.map((entry, index) => ({
      path: [...path, "addresses", index, "address"],
      key: text(entry?.address),
    })),
    report,
  );
  // What was refused of an entry may have been for any of them.
  if (entries.some((entry) => entry?.address === undefined)) return;
  const without = open.filter((name) => entries.every((entry) => entry?.services?.includes(name) === false));
  if (without.length > 0) {
    report(
      [...path, "addresses"],
      `has no address for ${without.join(", ")}: add each to the services of an entry; an entry without services is for all`,
    );
  }
}

/** What the records name answers: mail would be tried there first, and wait (RFC 5321 section 5.1, RFC 6724). */
function checkPublished(
  written: WrittenAddresses & Partly<Pick<Settings, "publicAddresses" | "proxyProtocol">>,
  bound: BoundServices,
  open: readonly ServiceName[],
  path: Path,
  report: Report,
): void {
  // One that was refused says nothing.
  if (written !== undefined && "address" in written && written.address === undefined) return;
  const published = written?.publicAddresses ?? {};
  // Where a load balancer has the published addresses, it reaches the service by whatever family it likes.
  const isBehind = (service: ServiceName) =>
    mailServices.some((name) => name === service && written?.proxyProtocol?.ports?.[name] !== undefined);
  const areSeveral = list(written?.addresses).length > 0;
  const isAny = connectableAddress(bound.address) !== bound.address;
  if ((isAny || areSeveral) && published.ipv4 === undefined && published.ipv6 === undefined) {
    const what = areSeveral ? "addresses" : `address "${bound.address}"`;
    report(
      [...path, "publicAddresses"],
      `is needed with ${what}: write ipv4 or ipv6, which the records will name`,
    );
  }
  for (const [family, name] of [
    ["ipv4", "IPv4"],
    ["ipv6", "IPv6"],
  ] as const) {
    if (published[family] === undefined) continue;
    const closed = open.filter(
      (service) =>
        services[service].server !== "dns" &&
        !isBehind(service) &&
        !serviceAddresses(bound, service).some((address) => answersOn(family, address)),
    );
    if (closed.length > 0) {
      const [where, remedy] = areSeveral
        ? [
            `nothing listens on ${name} for ${closed.join(", ")}`,
            `add ${closed.length === 1 ? "it" : "them"} to an entry of addresses with an ${name} address`,
          ]
        : [
            `with address "${bound.address}" nothing listens on ${name}`,
            'write address: "::", which opens the ports on both families',
          ];
      report(
        [...path, "publicAddresses", family],
        `would be published, and ${where}: leave it out, or ${remedy}`,
      );
    } else if (!isBehind("smtp")) {
      checkDelivery([...path, "publicAddresses", family], published[family], bound, report);
    }
  }
}

/** An address that is this host's own, and closed for other servers: no mail would arrive. */
function checkDelivery(path: Path, published: string, bound: BoundServices, report: Report): void {
  const isAt = (service: ServiceName) =>
    serviceAddresses(bound, service).some((address) => isSameAddress(address, published));
  const others = mailServices.filter((service) => service !== "smtp" && isAt(service));
  if (others.length === 0 || isAt("smtp")) return;
  report(
    path,
    `would be published, and of this host's ${published} port ${services.smtp.port} is not opened, where other servers ` +
      "deliver: add smtp to the services of its entry",
  );
}

export function checkWebmail({ lab, web }: NonNullable<Partly<Settings>>, report: Report): void {
  if (web?.webmail === true && !(web.enabled ?? lab === true)) {
    report(["web", "webmail"], "is served by the web server: set web.enabled to true as well");
  }
}

interface PortOwner {
  readonly address: string;
  readonly port: number;
  readonly path: Path;
}

/** Each port of an address has one owner, whichever server opens it. */
export function checkPorts(settings: Partly<Settings>, report: Report): void {
  const legacy = settings?.legacyPorts === true;
  const web = servesWeb(settings);
  const owners: PortOwner[] = [];
  const isOpen = (name: ServiceName): boolean =>
    (legacy || !isLegacy(name)) && (web || services[name].server !== "web");
  const open = serviceNames.filter(isOpen);
  const claim = (
    path: Path,
    bound: BoundServices,
    ports: Partly<Partial<Record<ServiceName, number>>>,
  ): void => {
    for (const name of open) {
      const port = ports?.[name];
      if (port === undefined) continue;
      claimPort({ port, path: [...path, name] }, serviceAddresses(bound, name), owners, report);
    }
  };
  const main = boundServices(settings);
  claim(["ports"], main, settings?.ports);
  claimForBalancers(settings, main, [], owners, report);
  if (areChallengesAsked(settings)) claimForChallenges(settings, web, owners, report);
  for (const [index, server] of list(settings?.servers).entries()) {
    const bound = furtherBoundServices(server, main);
    claim(["servers", index, "ports"], bound, server?.ports);
    claimForBalancers(server, bound, ["servers", index], owners, report);
  }
}

function claimPort(
  { port, path }: Omit<PortOwner, "address">,
  addresses: readonly string[],
  owners: PortOwner[],
  report: Report,
  remedy = "give each service a port of its own",
): void {
  const used = addresses.flatMap((address) => {
    const owner = owners.find((one) => one.port === port && isSameAddress(one.address, address));
    if (owner === undefined) owners.push({ address, port, path });
    return owner === undefined ? [] : [{ address, owner }];
  });
  const [first] = used;
  if (first === undefined) return;
  const { address, owner } = first;
  const message =
    owner.path === path
      ? `would be opened at ${owner.address} and at ${address}, which is among them: remove one of the two`
      : `${port} is already used by ${formatPath(owner.path)}: ${remedy}`;
  report(path, message);
}

function claimForBalancers(
  server: Partly<Pick<Settings, "proxyProtocol">>,
  bound: BoundServices,
  path: Path,
  owners: PortOwner[],
  report: Report,
): void {
  const { ports, address } = server?.proxyProtocol ?? {};
  for (const name of mailServices) {
    const port = ports?.[name];
    if (port === undefined) continue;
    const addresses = serviceAddresses(proxiedBound(bound, address), name);
    claimPort({ port, path: [...path, "proxyProtocol", "ports", name] }, addresses, owners, report);
  }
}

/** A balancer's port is one of a service that is open. */
export function checkProxyProtocol(settings: Partly<Settings>, report: Report): void {
  const servers = list(settings?.servers).map((server, index) => ({ server, path: ["servers", index] }));
  for (const { server, path } of [{ server: settings, path: [] }, ...servers]) {
    const ports = server?.proxyProtocol?.ports;
    if (ports === undefined) continue;
    const named = mailServices.filter((name) => ports[name] !== undefined);
    const at = [...path, "proxyProtocol", "ports"];
    if (named.length === 0) report(at, "write the port of at least one service, such as smtp: 10025");
    for (const name of named.filter((each) => isLegacy(each) && settings?.legacyPorts !== true)) {
      report([...at, name], `is for ${name}, which is closed: remove it, or set legacyPorts to true`);
    }
  }
}

/** An authority asks on port 80 of every address that a name leads to; the web server has that of its own already. */
function claimForChallenges(
  settings: Partly<Settings>,
  web: boolean,
  owners: PortOwner[],
  report: Report,
): void {
  const port = settings?.ports?.http;
  if (port === undefined) return;
  const addresses = challengeAddresses(boundServices(settings), list(settings?.servers), web);
  claimPort(
    { port, path: ["ports", "http"] },
    addresses,
    owners,
    report,
    "challenges need a port of their own",
  );
}

/** Every domain has one server, the main one keeps one at least, and each has a name and a place of its own. */
export function checkServers(settings: Partly<Settings>, report: Report): void {
  const servers = list(settings?.servers);
  // Elsewhere no server has a fixed place.
  const havePlaces = settings?.lab === true || settings?.web?.webmail === true;
  if (havePlaces && servers.length > maxFurtherServers) {
    report(
      ["servers"],
      `has ${servers.length} servers, and the network of a lab or of a stack with webmail has places for ` +
        `${maxFurtherServers}: move the others to another stack`,
    );
  }
  reportRepeated(
    servers.map((server, index) => {
      const isNamed = server?.name !== undefined;
      return {
        path: ["servers", index, isNamed ? "name" : "hostName"],
        key: text(server?.name ?? server?.hostName),
      };
    }),
    report,
  );
  const declared = new Set(list(settings?.domains).map((domain) => text(domain?.name)));
  const claimed = list(settings?.servers).flatMap((server, index) =>
    list(server?.domains).map((domain, at) => ({
      path: ["servers", index, "domains", at],
      key: text(domain),
    })),
  );
  reportRepeated(claimed, report);
  for (const { path, key } of claimed) {
    if (key !== undefined && !declared.has(key)) {
      report(path, `"${key}" is not a domain of this stack: declare it below domains, or remove it here`);
    }
  }
  const left = [...declared].filter((name) => !claimed.some(({ key }) => key === name));
  if (declared.size > 0 && left.length === 0) {
    report(["servers"], "leave the main server without a domain: remove one of them here");
  }
}

/** A lab's names are in its own zones: the world has none of them. Elsewhere the records to ask for are listed. */
export function checkHostNames(settings: Partly<Settings>, zones: readonly string[], report: Report): void {
  if (settings?.lab !== true || zones.length === 0) return;
  const declared = [
    { path: ["hostName"], name: text(settings.hostName) },
    ...list(settings.servers).map((server, index) => ({
      path: ["servers", index, "hostName"],
      name: text(server?.hostName),
    })),
  ];
  for (const { path, name } of declared) {
    if (name === undefined || zones.some((zone) => isWithin(name, zone))) continue;
    const candidates = zones.map((zone) => `${name.split(".")[0]}.${zone}`);
    const meant = suggest(name, candidates) ?? candidates[0];
    report(
      path,
      `"${name}" is in no zone of this lab, so nothing finds it: write a name in one, such as ${meant}`,
    );
  }
}
