/** What the settings of servers have to agree on: addresses, ports and names. */
import { suggest } from "../../naming/suggestion.mjs";
import {
  answersOn,
  connectableAddress,
  isLegacy,
  isSameAddress,
  isWithin,
  type ServiceName,
  serviceNames,
  services,
} from "../../records/index.ts";
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
  checkPublished(settings?.address, settings, [], report);
  for (const [index, server] of list(settings?.servers).entries()) {
    if (server?.address === undefined && server?.publicAddresses === undefined) continue;
    checkPublished(server.address ?? settings?.address, server, ["servers", index], report);
  }
}

/** What the records name answers: mail would be tried there first, and wait (RFC 5321 section 5.1, RFC 6724). */
function checkPublished(
  address: string | undefined,
  { publicAddresses }: Partly<Pick<Settings, "publicAddresses">> = {},
  path: Path,
  report: Report,
): void {
  if (address === undefined) return;
  const published = publicAddresses ?? {};
  const isAny = connectableAddress(address) !== address;
  if (isAny && published.ipv4 === undefined && published.ipv6 === undefined) {
    report(
      [...path, "publicAddresses"],
      `is needed with address "${address}": write ipv4 or ipv6, which the records will name`,
    );
  }
  for (const [family, name] of [
    ["ipv4", "IPv4"],
    ["ipv6", "IPv6"],
  ] as const) {
    if (published[family] === undefined || answersOn(family, address)) continue;
    report(
      [...path, "publicAddresses", family],
      `would be published, and with address "${address}" nothing listens on ${name}: leave it out, or write ` +
        `address: "::", which opens the ports on both families`,
    );
  }
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
  const web = settings?.web?.enabled ?? settings?.lab === true;
  const owners: PortOwner[] = [];
  const isOpen = (name: ServiceName): boolean =>
    (legacy || !isLegacy(name)) && (web || services[name].server !== "web");
  const open = serviceNames.filter(isOpen);
  const claim = (
    path: Path,
    address: string | undefined,
    ports: Partly<Partial<Record<ServiceName, number>>>,
  ): void => {
    for (const name of open) {
      const port = ports?.[name];
      if (port === undefined || address === undefined) continue;
      const owner = owners.find((one) => one.port === port && isSameAddress(one.address, address));
      if (owner === undefined) owners.push({ address, port, path: [...path, name] });
      else {
        const message = `${port} is already used by ${formatPath(owner.path)}: give each service a port of its own`;
        report([...path, name], message);
      }
    }
  };
  claim(["ports"], settings?.address, settings?.ports);
  const { certificates } = settings ?? {};
  const { dns, dnsPersist } = certificates?.acme ?? {};
  if (issuerOf(certificates) === "acme" && dns === undefined && dnsPersist !== true) {
    claimForChallenges(settings, web, owners, report);
  }
  for (const [index, server] of list(settings?.servers).entries()) {
    claim(["servers", index, "ports"], server?.address ?? settings?.address, server?.ports);
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
  const addresses = new Set(list(settings?.servers).map((server) => server?.address ?? settings?.address));
  if (web) addresses.delete(settings?.address);
  else addresses.add(settings?.address);
  for (const address of addresses) {
    if (port === undefined || address === undefined) continue;
    const owner = owners.find((one) => one.port === port && isSameAddress(one.address, address));
    if (owner === undefined) owners.push({ address, port, path: ["ports", "http"] });
    else
      report(
        ["ports", "http"],
        `${port} is already used by ${formatPath(owner.path)}: challenges need a port of their own`,
      );
  }
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
