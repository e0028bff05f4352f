import { Resolver } from "node:dns/promises";
import type { Target } from "../target.ts";

/** A resolver that asks the stack's own name server, and nobody else; without one, the machine's resolver. */
export function resolverOf({ endpoint: { address, ports }, containers }: Target): Resolver {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  if (!containers.dnsServer) return resolver;
  const host = address === "0.0.0.0" ? "127.0.0.1" : address === "::" ? "::1" : address;
  resolver.setServers([host.includes(":") ? `[${host}]:${ports.dns}` : `${host}:${ports.dns}`]);
  return resolver;
}

/** Record types that can be asked for; others have to be looked at with other means. */
const questions: Record<string, (resolver: Resolver, name: string) => Promise<string[]>> = {
  A: (resolver, name) => resolver.resolve4(name),
  AAAA: (resolver, name) => resolver.resolve6(name),
  CNAME: (resolver, name) => resolver.resolveCname(name),
  NS: (resolver, name) => resolver.resolveNs(name),
  PTR: (resolver, name) => resolver.resolvePtr(name),
  // RFC 7208 section 3.3: the strings of one record are joined without a space.
  TXT: async (resolver, name) => (await resolver.resolveTxt(name)).map((strings) => strings.join("")),
  MX: async (resolver, name) =>
    (await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${exchange}`),
  SRV: async (resolver, name) =>
    (await resolver.resolveSrv(name)).map((s) => `${s.priority} ${s.weight} ${s.port} ${s.name}`),
  CAA: async (resolver, name) =>
    (await resolver.resolveCaa(name)).map(({ critical, ...property }) => {
      const [[tag, value] = ["", ""]] = Object.entries(property);
      return `${critical} ${tag} "${value}"`;
    }),
  TLSA: async (resolver, name) =>
    (await resolver.resolveTlsa(name)).map(
      (t) => `${t.certUsage} ${t.selector} ${t.match} ${Buffer.from(t.data).toString("hex")}`,
    ),
};

/**
 * What the server answers for a name and type, in the notation of zone files.
 *
 * @returns nothing when the type is one that cannot be asked for; an empty list when there is no such record.
 */
export async function ask(resolver: Resolver, name: string, type: string): Promise<string[] | undefined> {
  const question = questions[type];
  if (question === undefined) return undefined;
  try {
    return await question(resolver, name);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENODATA" || code === "ENOTFOUND") return [];
    throw error;
  }
}

/** The same for mailauth, which asks as node:dns does and judges the errors itself. */
export function mailauthResolver(resolver: Resolver) {
  return (name: string, type: string): Promise<string[] | string[][]> => {
    switch (type) {
      case "TXT":
        return resolver.resolveTxt(name);
      case "A":
        return resolver.resolve4(name);
      case "AAAA":
        return resolver.resolve6(name);
      case "PTR":
        return resolver.resolvePtr(name);
      case "MX":
        // mailauth reads the exchanges from node's objects, which its declaration does not mention.
        return resolver.resolve(name, type) as Promise<never>;
      default:
        return Promise.reject(new Error(`${type} records are not asked for`));
    }
  };
}
