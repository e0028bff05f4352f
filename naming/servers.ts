/** The servers of a stack, by the names that their components have. */

/** The kinds of servers. A stack has at most one of each, and any number of further mail servers. */
export const ServerRole = {
  mailServer: "mail-server",
  dnsServer: "dns-server",
  /** The one that answers a lab's own servers. */
  innerDnsServer: "dns-server-inside",
  webServer: "web-server",
  webmail: "webmail",
  certificateAgent: "certificate-agent",
} as const;
export type ServerRole = (typeof ServerRole)[keyof typeof ServerRole];

export interface NamedServer {
  readonly role: ServerRole;
  /** Of a mail server further than the first, among them. @example "mx.example.net", "partner" */
  readonly name?: string | undefined;
}

const serverRoles: readonly ServerRole[] = Object.values(ServerRole);
const beforeName = `${ServerRole.mailServer}-`;

/** @example "mail-server", "mail-server-mx.example.net" */
export function serverName({ role, name }: NamedServer): string {
  return name === undefined ? role : `${role}-${name}`;
}

/** A mail server further than the first. */
export function furtherMailServer(name: string): string {
  return serverName({ role: ServerRole.mailServer, name });
}

/**
 * What is wrong with the name of a further server (lower case): one that is made from it could read as that of something
 * else. With a dot in it only what is made of a configuration does.
 */
export function furtherNameProblem(name: string): string | undefined {
  if (/(?:^|-)configuration$/.test(name)) return 'must not end in "configuration"';
  const role = serverRoles.find((known) => name === known || name.endsWith(`-${known}`));
  return role === undefined || name.includes(".") ? undefined : `must not end in "${role}"`;
}

/** @returns undefined for a name of any other form, such as a program of somebody's own may use */
export function parseServerName(name: string): NamedServer | undefined {
  const role = serverRoles.find((known) => known === name);
  if (role !== undefined) return { role };
  if (!name.startsWith(beforeName)) return undefined;
  const further = name.slice(beforeName.length);
  if (further === "" || furtherNameProblem(further) !== undefined) return undefined;
  return { role: ServerRole.mailServer, name: further };
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
