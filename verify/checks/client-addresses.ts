import { randomBytes } from "node:crypto";
import { BlockList, isIPv6 } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { DockerEngine, NetworkPlace } from "../../engine/docker-engine.ts";
import { engineKind, hidingRemedy } from "../../engine/port-forwarding.ts";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { canonicalIPv6, isLocalAddress, leadsElsewhere } from "../../records/index.ts";
import { type Check, failed, type Outcome, ok } from "../check.ts";
import { openDialogue } from "../probes/dialogue.ts";
import { authority } from "../services.ts";

/** How long a line may be on its way to the engine's log, in milliseconds. */
const logMs = 15_000;

/** Whether the mail server sees who connects, at each address that the records name. */
export function clientAddressChecks(
  { endpoint, containers }: RunningStack,
  addresses: readonly string[],
  engine: DockerEngine,
): Check[] {
  const { smtp: port } = endpoint.ports;
  if (port === undefined) return [];
  return [...new Set(addresses)].map((host) => ({
    id: `clients.${host}`,
    group: "Service",
    title: `the mail server sees who connects to ${authority({ host, port })}`,
    why: "With one address for everybody SPF fails for all (RFC 7208), and one guesser of passwords delays all others.",
    timeoutMs: 2 * logMs,
    run: () => checkOne({ host, port }, containers.mailServer, engine),
  }));
}

async function checkOne(
  place: { readonly host: string; readonly port: number },
  container: string,
  engine: DockerEngine,
): Promise<Outcome> {
  const name = `verify-${randomBytes(8).toString("hex")}.invalid`;
  const [start, offset] = [Date.now(), await engine.clockOffset()];
  const own = await introduce(place, name);
  // As most machines that others run their jobs on: nothing is wrong here or there.
  if (own === undefined)
    return ok(`not checked: this machine has no ${isIPv6(place.host) ? "IPv6" : "IPv4"}`);
  // The engine's clock may be another one.
  const since = new Date(start + (offset.seconds - offset.precision - 1) * 1000);
  const seen = await findInLog(name, container, since, engine);
  if (seen === undefined) {
    return failed(
      `the server that answers at ${authority(place)} is not ${container}, whose log does not have ${name}`,
      `See which machine has ${place.host}, and what forwards its port ${place.port}.`,
    );
  }
  if (seen === own) return ok(`as ${own}`);
  const { Networks = {} } = (await engine.inspect(container)).NetworkSettings;
  if (isOfEngine(seen, Object.values(Networks))) {
    if (!leadsElsewhere(place.host)) {
      return ok(`as ${seen}: by a loopback address, where nobody but this machine connects`);
    }
    return failed(
      `your engine hides your clients: ${own} is ${seen} there`,
      hidingRemedy(await engineKind(engine), isIPv6(place.host)),
    );
  }
  if (isLocalAddress(own)) return ok(`as ${seen}, which is this network's address there (${own} inside)`);
  return failed(
    `something in between hides your clients: ${own} is ${seen} there`,
    `See what forwards port ${place.port} of ${place.host} to the engine's host: it has to keep the clients' addresses.`,
  );
}

/**
 * Says a name that nobody else says, in a way that the server writes down.
 *
 * @returns the address that it came from; undefined where this machine has none of the family.
 */
async function introduce(
  place: { readonly host: string; readonly port: number },
  name: string,
): Promise<string | undefined> {
  try {
    await using dialogue = await openDialogue("smtp", place);
    await dialogue.ask(`EHLO ${name}`);
    // A name alone is not written down. What is refused is, with the name: here a message of 1 TiB, whatever the rules are.
    await dialogue.ask(`MAIL FROM:<> SIZE=${2 ** 40}`);
    const own = plain(dialogue.socket.localAddress ?? "");
    await dialogue.ask("QUIT");
    return own;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(code)) return undefined;
    throw error;
  }
}

async function findInLog(
  name: string,
  container: string,
  since: Date,
  engine: DockerEngine,
): Promise<string | undefined> {
  const deadline = performance.now() + logMs;
  while (true) {
    const log = await engine.logsSince(container, since);
    const line = log.split("\n").find((text) => text.includes(`helo=<${name}>`));
    const seen = line && /\bfrom \S*\[(?:IPv6:)?([0-9a-f.:]+)\]/i.exec(line)?.[1];
    if (seen) return plain(seen);
    if (performance.now() > deadline) return undefined;
    await sleep(250);
  }
}

/** What stands in for clients: a gateway or another address of the container's networks, or a forwarder's own. */
export function isOfEngine(address: string, places: readonly NetworkPlace[]): boolean {
  const own = new BlockList();
  own.addSubnet("127.0.0.0", 8);
  own.addAddress("::1", "ipv6");
  // That of the user-mode networks of engines without root.
  own.addSubnet("10.0.2.0", 24);
  own.addSubnet("fd00::", 64, "ipv6");
  for (const { IPAddress, IPPrefixLen, GlobalIPv6Address, GlobalIPv6PrefixLen } of places) {
    if (IPAddress) own.addSubnet(IPAddress, IPPrefixLen);
    if (GlobalIPv6Address) own.addSubnet(GlobalIPv6Address, GlobalIPv6PrefixLen, "ipv6");
  }
  return own.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** In its one spelling; one socket for both families writes IPv4 as a part of IPv6. */
function plain(address: string): string {
  const unmapped = address.replace(/^::ffff:(?=\d+\.)/i, "");
  return isIPv6(unmapped) ? canonicalIPv6(unmapped.replace(/%.*/, "")) : unmapped;
}
