import { Resolver } from "node:dns/promises";
import { services } from "../records/service.ts";

/** A question of a stage's record, and the content that the answer must have. */
export interface AuthoritativeQuestion {
  readonly zone: string;
  readonly name: string;
  readonly type: "TXT" | "TLSA";
  /** @example `3 1 1 8cb0fc6c…` */
  readonly content: string;
  /** `address:port` of each authoritative server; those of the zone's NS records where none is given. */
  readonly nameServers: readonly string[];
}

/** @returns what is wrong, as the end of a sentence; `undefined` where the servers answer with the content. */
export type AskServers = (question: AuthoritativeQuestion) => Promise<string | undefined>;

/** How long all servers together may take, in milliseconds. */
const patience = 2000;

/**
 * Asks every authoritative server of a zone, and no cache. Each that answers must answer with the content, and at
 * least one must: a server that is down keeps nobody from changing a key, but neither does it prove anything.
 */
export async function askAuthoritativeServers(question: AuthoritativeQuestion): Promise<string | undefined> {
  const { zone, name, type, content, nameServers } = question;
  const servers = nameServers.length > 0 ? nameServers : await findServers(zone);
  if (servers.length === 0) return `no authoritative server of ${zone} was found`;
  const answers = await Promise.all(servers.map((server) => ask(server, name, type)));
  const known = answers.flatMap((answer, index) =>
    answer === undefined ? [] : [{ server: servers[index], answer }],
  );
  if (known.length === 0) return `no authoritative server of ${zone} answers (${servers.join(", ")})`;
  const without = known.filter(({ answer }) => !answer.includes(content)).map(({ server }) => server);
  return without.length === 0 ? undefined : `${without.join(", ")} does not answer with ${type} ${name} yet`;
}

async function findServers(zone: string): Promise<string[]> {
  return withDeadline(async (resolver) => {
    const names = await resolver.resolveNs(zone);
    const addresses = await Promise.all(
      names.map((name) =>
        resolver
          .resolve4(name)
          .catch(() => resolver.resolve6(name).then((found) => found.map((address) => `[${address}]`)))
          .catch(() => []),
      ),
    );
    return addresses.flat().map((address) => `${address}:${services.dns.port}`);
  }, []);
}

/** @returns the contents; none where there is no such record; `undefined` where the server does not answer. */
async function ask(
  server: string,
  name: string,
  type: AuthoritativeQuestion["type"],
): Promise<string[] | undefined> {
  return withDeadline(async (resolver) => {
    resolver.setServers([server]);
    try {
      if (type === "TXT") return (await resolver.resolveTxt(name)).map((strings) => strings.join(""));
      const found = await resolver.resolveTlsa(name);
      return found.map(
        ({ certUsage, selector, match, data }) =>
          `${certUsage} ${selector} ${match} ${Buffer.from(data).toString("hex")}`,
      );
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "ENODATA" || code === "ENOTFOUND") return [];
      throw error;
    }
  }, undefined);
}

async function withDeadline<Answer, Otherwise>(
  question: (resolver: Resolver) => Promise<Answer>,
  otherwise: Otherwise,
): Promise<Answer | Otherwise> {
  const resolver = new Resolver({ timeout: patience / 2, tries: 2 });
  const timer = setTimeout(() => resolver.cancel(), patience);
  try {
    return await question(resolver);
  } catch {
    return otherwise;
  } finally {
    clearTimeout(timer);
  }
}
