import {
  type ClientService,
  clientServices,
  isLegacy,
  parseMx,
  parseSrv,
  services,
  srvName,
} from "../records/index.ts";
import type { Correspondent } from "./journey.ts";
import { ask, type NameResolver } from "./probes/dns.ts";
import { type Service, shapeOf } from "./services.ts";

/** A domain that this tool need not have made, as the DNS describes it. */
export interface PublicDomain {
  readonly name: string;
  /** Where others deliver, the preferred one first. */
  readonly exchanges: readonly Exchange[];
  /** What clients find by SRV records (RFC 6186, RFC 8314 section 5.1). */
  readonly services: readonly Service[];
  /** Somebody who may log in, where a password is given. */
  readonly user?: Correspondent | undefined;
}

export interface Exchange {
  readonly host: string;
  readonly addresses: readonly string[];
}

/** @throws Error when the resolver does not answer. */
export async function discoverDomain(
  name: string,
  resolver: NameResolver,
  user?: Correspondent,
): Promise<PublicDomain> {
  const names = clientServices.filter((service) => !isLegacy(service));
  const [exchanges, services] = await Promise.all([
    findExchanges(name, resolver),
    Promise.all(names.map((service) => findService(name, service, resolver))),
  ]);
  return { name, exchanges, services: services.flatMap((found) => found ?? []), user };
}

async function findExchanges(domain: string, resolver: NameResolver): Promise<Exchange[]> {
  const records = ((await ask(resolver, domain, "MX")) ?? []).map(parseMx);
  const hosts = records
    .toSorted((a, b) => a.preference - b.preference)
    .map(({ exchange }) => exchange)
    // A null MX (RFC 7505): the domain accepts no mail.
    .filter((host) => host !== "" && host !== ".");
  return Promise.all(hosts.map(async (host) => ({ host, addresses: await addressesOf(host, resolver) })));
}

export async function addressesOf(host: string, resolver: NameResolver): Promise<string[]> {
  const answers = await Promise.all(["A", "AAAA"].map((type) => ask(resolver, host, type)));
  return answers.flatMap((answer) => answer ?? []);
}

async function findService(
  domain: string,
  name: ClientService,
  resolver: NameResolver,
): Promise<Service | undefined> {
  const [record] = (await ask(resolver, srvName(name, domain), "SRV")) ?? [];
  const shape = shapeOf(name);
  if (record === undefined || shape === undefined) return undefined;
  const { target, port } = parseSrv(record);
  // RFC 6186 section 3.4: there is none.
  if (target === "" || target === ".") return undefined;
  const [host] = await addressesOf(target, resolver);
  return host === undefined ? undefined : { ...shape, host, port, serverName: target };
}

/** A server that accepts the domain's mail, as a service. */
export function smtpAt({ host, addresses }: Exchange): Service | undefined {
  const [address] = addresses;
  const shape = shapeOf("smtp");
  if (address === undefined || shape === undefined) return undefined;
  return { ...shape, host: address, port: services.smtp.port, serverName: host };
}
