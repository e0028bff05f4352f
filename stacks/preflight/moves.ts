/** Changes that would part a domain from its mail, which is on the volumes of the server that it has now. */
import { parseServerName, serverName } from "../../naming/servers.ts";
import { type DeclaredServer, serversOf } from "../program/servers.ts";
import type { StackSettings } from "../schema/config.ts";
import type { FormerServers } from "./former-servers.ts";

/** Problems with their paths: a server under another name, and domains that change their server. */
export function findMoves(
  settings: StackSettings,
  { domains, mailServers }: Pick<FormerServers, "domains" | "mailServers">,
): string[] {
  const servers = serversOf(settings);
  const declared = new Set(servers.map(({ name }) => name));
  const problems = servers.flatMap((server) =>
    server.domains.flatMap(({ name: domain }) => {
      const former = domains.get(domain);
      if (former === undefined || former === server.name) return [];
      const isRenamed = !declared.has(former) && !mailServers.has(server.name);
      return [isRenamed ? renamed(former, server, settings) : moved(domain, former, server, settings)];
    }),
  );
  return [...new Set(problems)];
}

function renamed(former: string, server: DeclaredServer, settings: StackSettings): string {
  const [from, to] = [nameOf(former), nameOf(server.name)];
  const isNamed = settings.servers.some(({ name }) => name !== undefined && name === to);
  return isNamed
    ? `${server.path}name: as "${to}" it would be another server, without the mail of "${from}": write \`name: ${from}\``
    : `${server.path}hostName: the stack knows this server by its host name, and "${to}" would be another one, without ` +
        `the mail of "${from}": add the line \`name: ${from}\` to it, and keep \`hostName: ${to}\``;
}

function moved(domain: string, former: string, server: DeclaredServer, settings: StackSettings): string {
  const at = settings.servers.find(({ name, hostName }) => (name ?? hostName) === nameOf(server.name));
  const path =
    at === undefined
      ? `domains[${settings.domains.findIndex(({ name }) => name === domain)}].name`
      : `${server.path}domains[${at.domains.indexOf(domain)}]`;
  return (
    `${path}: ${domain} would move from ${titleOf(former)} to ${titleOf(server.name)}, and its mail would stay behind: ` +
    `leave it with ${titleOf(former)}, or move it as docs/mailboxes.md says under "Moving a domain to another server"`
  );
}

function titleOf(server: string): string {
  const { name } = parseServerName(server) ?? {};
  return name === undefined ? "the main server" : `server ${name}`;
}

function nameOf(server: string): string {
  const named = parseServerName(server);
  return named?.name ?? (named === undefined ? server : serverName(named));
}
