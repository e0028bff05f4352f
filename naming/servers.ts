/** The servers of a stack, by the names that their components have. */

/** The kinds of servers. A stack has at most one of each, and any number of further mail servers. */
export const ServerRole = {
  mailServer: "mail-server",
  dnsServer: "dns-server",
  /** The one that answers a lab's own servers. */
  innerDnsServer: "dns-server-inside",
  webServer: "web-server",
  webmail: "webmail",
} as const;
export type ServerRole = (typeof ServerRole)[keyof typeof ServerRole];

export interface NamedServer {
  readonly role: ServerRole;
  /** Of a mail server further than the first, which is known by its own name. @example "mx.example.net" */
  readonly hostName?: string | undefined;
}

const serverRoles: readonly ServerRole[] = Object.values(ServerRole);
const beforeHostName = `${ServerRole.mailServer}-`;

/** @example "mail-server", "mail-server-mx.example.net" */
export function serverName({ role, hostName }: NamedServer): string {
  return hostName === undefined ? role : `${role}-${hostName}`;
}

/** A mail server further than the first. @param hostName - its own name, which has a dot */
export function furtherMailServer(hostName: string): string {
  return serverName({ role: ServerRole.mailServer, hostName });
}

/** @returns undefined for a name of any other form, such as a program of somebody's own may use */
export function parseServerName(name: string): NamedServer | undefined {
  const role = serverRoles.find((known) => known === name);
  if (role !== undefined) return { role };
  if (!name.startsWith(beforeHostName)) return undefined;
  const hostName = name.slice(beforeHostName.length);
  return hostName.includes(".") ? { role: ServerRole.mailServer, hostName } : undefined;
}

/** Whether it is a mail server, the first or a further one. */
export function isMailServer(name: string): boolean {
  return parseServerName(name)?.role === ServerRole.mailServer;
}

/** What has an image: a folder below `images/`. Both kinds of name servers have the same one. */
export type ServerImage = Exclude<ServerRole, typeof ServerRole.innerDnsServer>;

/** @param digest - of what the image is built from @example "maildomain/mail-server:0123456789ab" */
export function imageTag(image: ServerImage, digest: string): string {
  return `maildomain/${image}:${digest}`;
}
