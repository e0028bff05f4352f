import { bestServer } from "./choice.ts";
import type { ClientDescription, ClientOwner } from "./description.ts";

/** `~/.fetchmailrc`: fetches new mail and leaves it on the server. */
export function renderFetchmail(
  description: ClientDescription,
  { address }: ClientOwner,
  caPath?: string | undefined,
): string {
  const { host, port, security } = bestServer(description, "IMAP");
  const tls = security === "STARTTLS" ? 'sslproto "TLS1.2+"' : 'ssl sslproto "TLS1.2+"';
  const trust = caPath === undefined ? "" : ` sslcertfile "${caPath}"`;
  return `# Asks for the password.
poll ${host} with protocol IMAP and port ${port}
  user "${address}"
  ${tls} sslcertck${trust}
  keep
`;
}
