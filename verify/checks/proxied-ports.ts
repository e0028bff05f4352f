import { once } from "node:events";
import { connect } from "node:net";
import { type RunningStack, reachableProxied } from "../../outputs/running-stack.ts";
import { mailServices } from "../../records/index.ts";
import { type Check, failed, type Outcome, ok } from "../check.ts";
import { authority } from "../services.ts";

/** What a balancer has for its header, in milliseconds, with all that a busy machine adds to it. */
const closedMs = 20_000;

/** The ports for load balancers: nobody is served there who does not say whom they connect for. */
export function proxiedPortChecks(running: RunningStack): Check[] {
  const { ports } = running.endpoint.proxyProtocol ?? {};
  return mailServices.flatMap((service) => {
    const port = ports?.[service];
    if (port === undefined) return [];
    return reachableProxied(running, service).map((host): Check => {
      const place = authority({ host, port });
      return {
        id: `proxied.${service}.${host}`,
        group: "Service",
        title: `${place} serves load balancers alone`,
        why: "Whoever is served there says who its client is: SPF, limits of logins and logs believe it.",
        remedy: "Check that the address can be reached, and that the mail server runs.",
        timeoutMs: 2 * closedMs,
        run: () => saysNothing(host, port),
      };
    });
  });
}

/** Says nothing either. A protocol whose server greets first would do so here. */
async function saysNothing(host: string, port: number): Promise<Outcome> {
  const socket = connect({ host, port });
  const { promise: closed, resolve } = Promise.withResolvers<boolean>();
  let said = "";
  socket.on("data", (bytes) => {
    said += bytes.toString("latin1");
    if (said.includes("\r\n")) resolve(false);
  });
  await once(socket, "connect");
  // A reset is as good as any other end.
  socket.on("error", () => undefined).on("close", () => resolve(true));
  const timer = setTimeout(() => resolve(false), closedMs);
  const isClosed = await closed;
  clearTimeout(timer);
  socket.destroy();
  const advice =
    "See what forwards the port, and run `npm run up`, which recreates the container as declared.";
  if (said !== "") return failed(`greets without a PROXY header: ${said.split("\r\n", 1)[0]}`, advice);
  return isClosed ? ok("closed without a PROXY header") : failed(`open after ${closedMs / 1000} s`, advice);
}
