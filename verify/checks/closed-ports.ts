import { connect } from "node:net";
import { type Check, failed, ok } from "../check.ts";
import { authority } from "../services.ts";
import { reachableAddress, type Target } from "../target.ts";

const plainPorts = [
  { name: "imap", port: 143, beside: "imaps", besidePort: 993 },
  { name: "pop3", port: 110, beside: "pop3s", besidePort: 995 },
] as const;

/** The ports of the old, unencrypted protocols, where the stack does not open them. */
export function closedPortChecks(target: Target): Check[] {
  const { ports } = target.endpoint;
  const host = reachableAddress(target);
  return (
    plainPorts
      .filter(({ name }) => ports[name] === undefined)
      // A stack that moved its ports away shares the address: what answers on 143 is somebody else's.
      .filter(({ beside, besidePort }) => ports[beside] === besidePort)
      .map(({ name, port }) => ({
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
      }))
  );
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
