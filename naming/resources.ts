/**
 * The names of Pulumi resources. They stand in every state: another name is another resource, and the one before is
 * deleted with all that it holds. What is below a server begins with the name of the server's component, whatever a
 * program calls it.
 */
import { isMailServer, parseServerName, ServerRole } from "./servers.ts";

/** What a stack has once. */
export const stackResources = {
  /** The provider of the Docker Engine that `dockerHost` names. */
  engine: "engine",
  /** The volume by which the engine is known that runs the stack. */
  identity: "identity-volume",
  /** The volume on which servers find the certificates that were ordered for them. */
  certificates: "certificates-volume",
  /** The account with the authority that issues by ACME. */
  acmeAccount: "acme-account",
  /** The key that changes the zone in which names are proved to that authority. */
  challengeKey: "acme-challenge-key",
  /** The component that holds all zones. */
  zones: "dns",
} as const;

/**
 * The stack's network. One whose servers get fixed places later, or IPv6, is another network, beside the first.
 */
export const NetworkName = {
  ordinary: "network",
  fixed: "network-fixed",
  bothFamilies: "network-ipv6",
} as const;
export type NetworkName = (typeof NetworkName)[keyof typeof NetworkName];

const containerEnd = "-container";
const configurationEnd = "-configuration";
const volumeEnd = "-volume";

export function containerResource(server: string): string {
  return server + containerEnd;
}

/** The server whose container it is; undefined for any other container. */
export function serverOfContainer(resource: string): string | undefined {
  return before(containerEnd, resource);
}

export function imageResource(server: string): string {
  return `${server}-image`;
}

/** The component that holds a server's configuration; its volume has this name on the engine, and what brings files there. */
export function configurationName(server: string): string {
  return server + configurationEnd;
}

/** The server of a {@link configurationName}. */
export function serverOfConfiguration(configuration: string): string | undefined {
  return before(configurationEnd, configuration);
}

/** Whether it is the container that brought a configuration into its volume in states of earlier versions. */
export function isFormerCarrier(resource: string): boolean {
  return before(`${configurationEnd}-generation`, resource) !== undefined;
}

/** What brings a generation into its volume, and what a refresh compares with what the server serves. */
export function servedResource(configuration: string): string {
  return `${configuration}-served`;
}

/** The server of a {@link servedResource}. */
export function serverOfServed(resource: string): string | undefined {
  return before(`${configurationEnd}-served`, resource);
}

export function configurationVolume(configuration: string): string {
  return configuration + volumeEnd;
}

/** What servers keep on volumes of their own in addition to their configuration, which each `up` writes. */
export const VolumeUse = {
  /** Every server's: the generation that it served last. */
  lastKnownGood: "last-known-good",
  mailboxes: "mailboxes",
  queue: "queue",
  filter: "filter",
  journal: "journal",
  database: "database",
} as const;
export type VolumeUse = (typeof VolumeUse)[keyof typeof VolumeUse];

/** The volume has this name on the engine as well. @example "mail-server-mailboxes" */
export function volumeName(server: string, use: VolumeUse): string {
  return `${server}-${use}`;
}

/** @returns undefined for any other volume, such as that of a configuration */
export function parseVolumeName(
  name: string,
): { readonly server: string; readonly use: VolumeUse } | undefined {
  for (const use of Object.values(VolumeUse)) {
    const server = before(`-${use}`, name);
    if (server !== undefined) return { server, use };
  }
  return undefined;
}

/** Who may log in to a mail server. The name is older than the component's. */
export function loginsResource(server: string): string {
  return `${server}-directory`;
}

export function credentialsResource(logins: string): string {
  return `${logins}-credentials`;
}

/** The key with which webmail encrypts its sessions. */
export function sessionKeyResource(webmail: string): string {
  return `${webmail}-key`;
}

const certificateEnd = "-certificate";
const mainCertificate = "certificate";
const webCertificate = "web-certificate";
const leafEnd = "-server";

/** The component of a server's certificate. @example "certificate", "mail-server-mx.example.net-certificate" */
export function certificateName(server: string): string {
  if (server === ServerRole.mailServer) return mainCertificate;
  return server === ServerRole.webServer ? webCertificate : server + certificateEnd;
}

export function authorityResource(certificate: string): string {
  return `${certificate}-authority`;
}

/** The certificate itself, below its component. */
export function leafResource(certificate: string): string {
  return certificate + leafEnd;
}

/** The server that shows a {@link leafResource}; of one that somebody has named otherwise, its name. */
export function serverOfLeaf(resource: string): string {
  return serverOfCertificate(before(leafEnd, resource) ?? resource);
}

/**
 * A domain's own pair of key and certificate on a server, and the folder of its chain. Servers' names begin otherwise.
 *
 * @example "domain-example.org", "web-example.org"
 */
export function domainPair(
  server: typeof ServerRole.mailServer | typeof ServerRole.webServer,
  domain: string,
): string {
  return `${server === ServerRole.webServer ? "web" : "domain"}-${domain}`;
}

/** The kind of server that has a {@link domainPair}; undefined for any other name. */
export function serverOfDomainPair(
  name: string,
): typeof ServerRole.mailServer | typeof ServerRole.webServer | undefined {
  if (parseServerName(name) !== undefined) return undefined;
  if (name.startsWith("domain-")) return ServerRole.mailServer;
  return name.startsWith("web-") ? ServerRole.webServer : undefined;
}

/** The server of a {@link certificateName}; of one that somebody has named otherwise, its name. */
export function serverOfCertificate(certificate: string): string {
  if (certificate === mainCertificate) return ServerRole.mailServer;
  if (certificate === webCertificate) return ServerRole.webServer;
  return before(certificateEnd, certificate) ?? certificate;
}

/** What a preview shows of a domain whose mailboxes are too many for a resource each. */
export function mailboxTable(domain: string): string {
  return `${domain}-mailboxes`;
}

export function domainStages(domain: string): string {
  return `${domain}-stages`;
}

const beforeSelector = "-dkim-";

/** @example "example.org-dkim-rsa1" */
export function dkimKey(domain: string, selector: string): string {
  return domain + beforeSelector + selector;
}

/** @returns undefined for a name of any other form */
export function parseDkimKey(
  name: string,
): { readonly domain: string; readonly selector: string } | undefined {
  // Labels of a domain may read as anything; its last one ends the domain (see reservedLabelProblem).
  const at = name.indexOf(beforeSelector, name.lastIndexOf(".") + 1);
  if (at < 1 || at + beforeSelector.length === name.length) return undefined;
  return { domain: name.slice(0, at), selector: name.slice(at + beforeSelector.length) };
}

/** @example "example.org-zone" */
export function zoneResource(zone: string): string {
  return `${zone}-zone`;
}

export function dnssecKey(zone: string): string {
  return `${zoneResource(zone)}-key`;
}

/**
 * A record's name among those of its zone, which stays when its content changes: its role, after the owner where that
 * is not the zone itself.
 *
 * @example "mx", "mail.example.org-host"
 */
export function recordName(zone: string, owner: string, role: string): string {
  return owner === zone ? role : `${owner}-${role}`;
}

/**
 * A record that is a resource of its own.
 *
 * @param zone - the name of its zone's component
 * @param record - its {@link recordName}
 * @example "example.org-zone-mx"
 */
export function recordResource(zone: string, record: string): string {
  return `${zone}-${record}`;
}

/**
 * What is wrong with a domain or host name (lower case, A-labels): a name that is made from it could read as one that
 * is made from another. Public top-level labels have no hyphens but those of an A-label (RFC 5890 section 2.3.2.1), so
 * that this concerns made-up ones alone.
 */
export function reservedLabelProblem(name: string): string | undefined {
  const [, word] = /\.[^.]*(-dkim-|-zone-|-configuration$)[^.]*$/.exec(name) ?? [];
  if (word === undefined) return undefined;
  return `has "${word}" in its last label, which separates the parts of resource names: use another last label`;
}

/** Whether it is the container of a mail server, the first or a further one. */
export function isMailContainer(resource: string): boolean {
  return isMailServer(serverOfContainer(resource) ?? "");
}

function before(end: string, name: string): string | undefined {
  return name.endsWith(end) && name.length > end.length ? name.slice(0, -end.length) : undefined;
}
