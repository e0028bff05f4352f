/** The servers that a stack has, as its state knows them. */
import * as z from "zod";
import { type StackName, serverWithContainer } from "../../naming/engine.ts";
import { serverOfContainer } from "../../naming/resources.ts";
import { ServerRole } from "../../naming/servers.ts";
import { parseUrn } from "../../naming/urn.ts";
import { outputsSchema } from "../../outputs/schema.ts";
import type { OccupiedPlaces } from "../program/stack-network.ts";
import { type KnownResource, reportedOutputs } from "./former-engine.ts";

/** A port of the host that a container of the stack has. */
export interface HeldPort {
  /** The name of the server that has it. */
  readonly server: string;
  readonly address: string;
  readonly port: number;
  readonly protocol: string;
  /** The container's own. */
  readonly internal: number;
}

export interface FormerContainer {
  readonly urn: string;
  readonly id: string | undefined;
  /** The id of its image. */
  readonly image: string | undefined;
}

export interface FormerServers {
  /** The mail servers, by their names. */
  readonly mailServers: ReadonlySet<string>;
  /** The containers, by the names of their servers. */
  readonly containers: ReadonlyMap<string, FormerContainer>;
  /** The places of the containers. */
  readonly occupied: OccupiedPlaces;
  /** The places that mail servers were given, also of one whose container is missing. */
  readonly given: OccupiedPlaces;
  readonly ports: readonly HeldPort[];
  /** The name of the server that has each domain's mail. */
  readonly domains: ReadonlyMap<string, string>;
}

const containerOutputs = z.object({
  image: z.string().optional(),
  ports: z
    .array(z.object({ external: z.number(), internal: z.number(), ip: z.string(), protocol: z.string() }))
    .nullish(),
  networksAdvanced: z.array(z.object({ ipv4Address: z.string().nullish() })).nullish(),
});
const mailServerOutputs = z.object({ networkAddress: z.string() });
const stackOutputs = z.object({
  domains: z.array(outputsSchema.shape.domains.element.pick({ name: true })),
  furtherServers: z
    .array(outputsSchema.shape.furtherServers.unwrap().element.pick({ container: true, domains: true }))
    .default([]),
});

export function formerServers(stack: StackName, resources: readonly KnownResource[]): FormerServers {
  const named = resources.map(({ urn, type, id, outputs }) => ({
    urn,
    type,
    id,
    outputs,
    name: parseUrn(urn).name,
  }));
  const containers = named.flatMap(({ urn, type, id, outputs, name }) => {
    const server = type === "docker:index/container:Container" ? serverOfContainer(name) : undefined;
    const { data = {} } = containerOutputs.safeParse(outputs);
    return server === undefined ? [] : [{ server, urn, id, ...data }];
  });
  const mailServers = named.filter(({ type }) => type === "maildomain:index:MailServer");
  return {
    mailServers: new Set(mailServers.map(({ name }) => name)),
    containers: new Map(containers.map(({ server, urn, id, image }) => [server, { urn, id, image }])),
    occupied: new Map(
      containers.flatMap(({ server, networksAdvanced }) => {
        const place = networksAdvanced?.[0]?.ipv4Address;
        return place ? [[server, place] as const] : [];
      }),
    ),
    given: new Map(
      mailServers.flatMap(({ name, outputs }) => {
        const { data } = mailServerOutputs.safeParse(outputs);
        return data === undefined ? [] : [[name, data.networkAddress] as const];
      }),
    ),
    ports: containers.flatMap(({ server, ports }) =>
      (ports ?? []).map(({ external, internal, ip, protocol }) => ({
        server,
        address: ip,
        port: external,
        protocol,
        internal,
      })),
    ),
    domains: domainsOf(stack, reportedOutputs(resources)),
  };
}

/** By what the last `up` has reported: a refresh does not forget it. */
function domainsOf(stack: StackName, outputs: KnownResource["outputs"]): ReadonlyMap<string, string> {
  const { domains = [], furtherServers = [] } = stackOutputs.safeParse(outputs).data ?? {};
  const further = furtherServers.flatMap(({ container, domains: own }) => {
    const server = serverWithContainer(stack, container);
    return server === undefined ? [] : own.map((name) => [name, server] as const);
  });
  return new Map([...domains.map(({ name }) => [name, ServerRole.mailServer] as const), ...further]);
}

/**
 * The places that are not free: those of all containers, and what a declared server was given before it lost its own.
 *
 * @param declared - the names of the servers that are to be there
 */
export function occupiedPlaces(
  { occupied, given }: Pick<FormerServers, "occupied" | "given">,
  declared: readonly string[],
): OccupiedPlaces {
  const lost = [...given].filter(([server]) => declared.includes(server));
  return new Map([...lost, ...occupied]);
}
