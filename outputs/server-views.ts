import { cut, normalizeAddress } from "../records/index.ts";
import type { RunningStack } from "./running-stack.ts";

/**
 * A stack as each of its mail servers has it: that server's name, place and containers, and its domains alone. The
 * main server's comes first, and has what belongs to the whole stack: the zones, the name servers, the web server.
 */
export function serverViews(running: RunningStack): [RunningStack, ...RunningStack[]] {
  const elsewhere = new Set(running.furtherServers.flatMap(({ domains }) => domains));
  const main = {
    ...running,
    domains: running.domains.filter(({ name }) => !elsewhere.has(name)),
    furtherServers: [],
  };
  const further = running.furtherServers.map(
    ({ hostName, address, addresses, ports, proxyProtocol, container, generation, domains }) => ({
      ...running,
      hostName,
      endpoint: {
        ...running.endpoint,
        address,
        addresses,
        ports: { dns: running.endpoint.ports.dns, ...ports },
        proxyProtocol,
      },
      containers: { mailServer: container },
      generations: { mailServer: generation },
      domains: running.domains.filter(({ name }) => domains.includes(name)),
      furtherServers: [],
    }),
  );
  return [main, ...further];
}

/** The stack as the server of an address's domain has it; the main one's where no domain here has it. */
export function viewOf(running: RunningStack, address: string): RunningStack {
  const domain = cut(normalizeAddress(address))?.domain ?? address;
  const views = serverViews(running);
  return views.find(({ domains }) => domains.some(({ name }) => name === domain)) ?? views[0];
}

/** The containers that show certificates: each mail server's, and the web server's. */
export function serversWithPairs(running: RunningStack): string[] {
  return serverViews(running).flatMap(({ containers: { mailServer, webServer } }) =>
    [mailServer, webServer].filter((name) => typeof name === "string"),
  );
}
