import { connect } from "node:net";
import { type RunningStack, reachableAddress } from "../../outputs/running-stack.ts";
import {
  type ClientService,
  clientServices,
  type LegacyService,
  legacyServices,
  services,
} from "../../records/index.ts";
import { type Check, failed, ok } from "../check.ts";
import { authority } from "../services.ts";

/** The ports of the old, unencrypted protocols, where the stack does not open them. */
export function closedPortChecks(running: RunningStack): Check[] {
  const { ports } = running.endpoint;
  return (
    legacyServices
      .filter((name) => ports[name] === undefined)
      // A stack that moved its ports away shares the address: what answers on 143 is somebody else's.
      .filter((name) => isAtItsPort(bestOf(name), ports))
      .map((name) => closedPortCheck(name, reachableAddress(running, bestOf(name)), services[name].port))
  );
}

/** What clients use in place of a legacy service. */
function bestOf(legacy: LegacyService): ClientService {
  const isSame = (other: ClientService) => services[other].protocol === services[legacy].protocol;
  return clientServices.find(isSame) ?? legacy;
}

function isAtItsPort(name: ClientService, ports: RunningStack["endpoint"]["ports"]): boolean {
  return ports[name] === services[name].port;
}

function closedPortCheck(name: LegacyService, host: string, port: number): Check {
  return {
    id: `closed.${name}`,
    group: "Service",
    title: `port ${port} closed`,
    why: "A client that connects without TLS sends its password in the clear (RFC 8314 section 3).",
    remedy: "Check that the address can be reached.",
    run: async () => {
      if (await refuses(host, port)) return ok("closed");
      return failed(
        `${authority({ host, port })} is open`,
        `legacyPorts is off for this stack, so another program has the port: see \`ss -ltnp 'sport = :${port}'\`.`,
      );
    },
  };
}

function refuses(host: string, port: number): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port, timeout: 3_000 });
  socket.once("connect", () => resolve(false));
  // A firewall that drops is as closed as a refusal.
  socket.once("timeout", () => resolve(true));
  socket.once("error", (error: NodeJS.ErrnoException) =>
    error.code === "ECONNREFUSED" ? resolve(true) : reject(error),
  );
  return promise.finally(() => socket.destroy());
}
