/** The names of containers, volumes and networks on a Docker Engine, and what they say of them. */
import {
  configurationName,
  NetworkName,
  parseVolumeName,
  serverOfConfiguration,
  VolumeUse,
  volumeName,
} from "./resources.ts";
import { type NamedServer, parseServerName, ServerRole, serverName } from "./servers.ts";

/** A stack of a Pulumi project: what of an engine is whose. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
}

export type EngineKind = "container" | "volume" | "network";

/** Something that a stack has on its engine. */
export type StackObject =
  | { readonly kind: "container"; readonly server: NamedServer; readonly use: "server" | "configuration" }
  | { readonly kind: "volume"; readonly server: NamedServer; readonly use: "configuration" | VolumeUse }
  | { readonly kind: "volume"; readonly use: "identity" | "certificates" }
  | { readonly kind: "network"; readonly use: NetworkName };

/** The name of the volume that carries the stack's identity on its engine. */
export const identityName = "identity";

/** The name of the volume on which servers find the certificates that were ordered for them. */
export const certificatesName = "certificates";

/**
 * What a stack's identity volume and containers carry: a text of the project's own, that the engine with the stack's
 * mail has and no other. The engine's own id is not enough: clones of a machine share it, and so may two engines of one.
 */
export interface IdentityMark {
  readonly label: typeof identityLabel;
  readonly value: string;
}
export const identityLabel = "maildomain.identity";

export function identityMark(value: string): IdentityMark {
  return { label: identityLabel, value };
}

/** In addition to what every server has. */
const volumesOf: Readonly<Record<ServerRole, readonly VolumeUse[]>> = {
  [ServerRole.mailServer]: [VolumeUse.mailboxes, VolumeUse.queue, VolumeUse.filter],
  [ServerRole.dnsServer]: [VolumeUse.journal],
  [ServerRole.innerDnsServer]: [VolumeUse.journal],
  [ServerRole.webServer]: [],
  [ServerRole.webmail]: [VolumeUse.database],
  [ServerRole.certificateAgent]: [],
};

/**
 * The name that something has on its engine: project and stack come first, so that the stacks of one engine never
 * meet and people see whose it is.
 *
 * @param local - a server's, its configuration's or a volume's name, or a network's
 * @example "maildomain-lab-mail-server"
 */
export function engineName(stack: StackName, local: string): string {
  return `${enginePrefix(stack)}-${local}`;
}

/** What every name of a stack begins with. */
export function enginePrefix({ project, stack }: StackName): string {
  return `${project}-${stack}`;
}

/** The name of one of the stack's own objects. */
export function objectName(stack: StackName, object: StackObject): string {
  return engineName(stack, localName(object));
}

function localName(object: StackObject): string {
  if (object.kind === "network") return object.use;
  if (!("server" in object)) return object.use === "identity" ? identityName : certificatesName;
  const server = serverName(object.server);
  if (object.use === "server") return server;
  return object.use === "configuration" ? configurationName(server) : volumeName(server, object.use);
}

/**
 * What of a stack has a name; undefined where it is another stack's, or nobody's. One stack's name may begin another's,
 * so that the whole name counts. One case stays open: `mail-server-mx.example.net` of a stack `lab-mail-server` reads
 * as a server of stack `lab` whose host is called `mail-server-mx.example.net`.
 */
export function parseObjectName(stack: StackName, kind: EngineKind, name: string): StackObject | undefined {
  const prefix = `${enginePrefix(stack)}-`;
  if (!name.startsWith(prefix)) return undefined;
  const local = name.slice(prefix.length);
  if (kind === "network") {
    const use = Object.values(NetworkName).find((known) => known === local);
    return use && { kind, use };
  }
  const configured = serverOfConfiguration(local);
  const configuredServer = configured === undefined ? undefined : parseServerName(configured);
  if (configuredServer !== undefined) return { kind, server: configuredServer, use: "configuration" };
  if (kind === "container") {
    const server = parseServerName(local);
    return server && { kind, server, use: "server" };
  }
  if (local === identityName) return { kind, use: "identity" };
  if (local === certificatesName) return { kind, use: "certificates" };
  const volume = parseVolumeName(local);
  const server = volume && parseServerName(volume.server);
  if (volume === undefined || server === undefined) return undefined;
  const isKnown = volume.use === VolumeUse.lastKnownGood || volumesOf[server.role].includes(volume.use);
  return isKnown ? { kind, server, use: volume.use } : undefined;
}

/** The name of the server whose container has this name; undefined where it is none of the stack's. */
export function serverWithContainer(stack: StackName, container: string): string | undefined {
  const object = parseObjectName(stack, "container", container);
  return object?.kind === "container" ? serverName(object.server) : undefined;
}
