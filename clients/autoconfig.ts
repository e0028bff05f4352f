import type { ClientDescription } from "./description.ts";
import type { ServerSetting } from "./server-setting.ts";
import { escapeXml } from "./xml.ts";

/**
 * Thunderbird's configuration file, version 1.1, which Evolution, K-9 and others read too.
 *
 * @param address - whose it is; without it the client fills in the address that its user has typed.
 * @see https://wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat
 */
export function renderAutoconfig(
  { domain, incoming, outgoing }: ClientDescription,
  address = "%EMAILADDRESS%",
): string {
  const name = escapeXml(domain);
  const servers = [
    ...incoming.map((setting) => server("incomingServer", setting, address)),
    ...outgoing.map((setting) => server("outgoingServer", setting, address)),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="${name}">
    <domain>${name}</domain>
    <displayName>${name}</displayName>
    <displayShortName>${name}</displayShortName>
${servers.join("")}  </emailProvider>
</clientConfig>
`;
}

function server(element: string, { protocol, host, port, security }: ServerSetting, address: string): string {
  // "Cleartext" is about the password inside the connection, which TLS protects.
  return `    <${element} type="${protocol.toLowerCase()}">
      <hostname>${escapeXml(host)}</hostname>
      <port>${port}</port>
      <socketType>${security === "TLS" ? "SSL" : "STARTTLS"}</socketType>
      <authentication>password-cleartext</authentication>
      <username>${escapeXml(address)}</username>
    </${element}>
`;
}
