import * as z from "zod";
import {
  boundAddresses,
  connectableAddress,
  type MailService,
  proxiedBound,
  type ServiceName,
  serviceAddresses,
} from "../records/index.ts";
import { outputsSchema } from "./schema.ts";

const runningStack = outputsSchema.omit({ stages: true }).extend({
  /** When each DKIM key was made (ISO 8601), as the stack's state says; no output of the program. */
  keys: z.array(z.object({ name: z.string(), created: z.string() })).default([]),
});

/**
 * A running stack as it describes itself: where its servers answer, and what they should answer. Everything in
 * `verify/` knows a domain by this value alone.
 */
export type RunningStack = z.output<typeof runningStack>;
export type StackDomain = RunningStack["domains"][number];
export type StackZone = RunningStack["zones"][number];
export type ExpectedRecord = StackZone["records"][number];
export type ContainerRole = keyof RunningStack["containers"];

/** The containers that the stack has, in the order of reports. */
export function containersOf({
  containers,
}: Pick<RunningStack, "containers">): { readonly role: ContainerRole; readonly name: string }[] {
  const roles = [
    "mailServer",
    "dnsServer",
    "innerDnsServer",
    "webServer",
    "webmail",
    "certificateAgent",
  ] as const;
  return roles.flatMap((role) => {
    const name = containers[role];
    return name ? [{ role, name }] : [];
  });
}

/** The containers of its name servers: none where all zones are published elsewhere. */
export function nameServersOf({ containers }: Pick<RunningStack, "containers">): string[] {
  return [containers.dnsServer, containers.innerDnsServer].filter((name) => typeof name === "string");
}

/** Where this machine reaches a service of the stack, at the first of its addresses. */
export function reachableAddress(running: Pick<RunningStack, "endpoint">, service: ServiceName): string {
  const [address = running.endpoint.address] = serviceAddresses(running.endpoint, service);
  return reachedAs(address, running);
}

/** The same, at each of its addresses. */
export function reachableAddresses(running: Pick<RunningStack, "endpoint">, service: ServiceName): string[] {
  return serviceAddresses(running.endpoint, service).map((address) => reachedAs(address, running));
}

/** The host's addresses at which load balancers reach a service by the PROXY protocol. */
export function proxiedAddresses(
  endpoint: RunningStack["endpoint"],
  service: MailService,
): readonly string[] {
  return serviceAddresses(proxiedBound(endpoint, endpoint.proxyProtocol?.address), service);
}

/** Where this machine reaches such a port, at each of its addresses. */
export function reachableProxied(running: Pick<RunningStack, "endpoint">, service: MailService): string[] {
  return proxiedAddresses(running.endpoint, service).map((address) => reachedAs(address, running));
}

/**
 * `0.0.0.0` and `::` stand for all addresses of the engine's host and cannot be connected to: this machine itself, unless
 * the engine is reached over the network.
 */
function reachedAs(address: string, { endpoint: { engine } }: Pick<RunningStack, "endpoint">): string {
  const [bound = address] = boundAddresses(address);
  const local = connectableAddress(bound);
  if (local === address) return address;
  const remote = /^(?:ssh|tcp):\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/.exec(engine ?? "")?.[1];
  return remote?.replace(/^\[|\]$/g, "") ?? local;
}

/** The outputs of a stack do not describe a mail domain. */
export class OutputsError extends Error {
  override readonly name = "OutputsError";
}

/**
 * Reads the outputs of a stack.
 *
 * @throws OutputsError that names every output that is missing or of another shape.
 */
export function parseRunningStack(outputs: unknown): RunningStack {
  const parsed = runningStack.safeParse(outputs);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`);
  throw new OutputsError(
    ["The outputs of the stack do not describe a mail domain. Run `npm run up` first.", ...problems].join(
      "\n",
    ),
  );
}
