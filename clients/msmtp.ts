import { bestServer } from "./choice.ts";
import type { ClientDescription, ClientOwner } from "./description.ts";

/** `~/.msmtprc`: sends. */
export function renderMsmtp(
  description: ClientDescription,
  { address }: ClientOwner,
  caPath?: string | undefined,
): string {
  const { host, port, security } = bestServer(description, "SMTP");
  return `# Asks for the password, unless "passwordeval" names a command that prints it.
account ${address}
host ${host}
port ${port}
from ${address}
user ${address}
auth on
tls on
tls_starttls ${security === "STARTTLS" ? "on" : "off"}
tls_trust_file ${caPath === undefined ? "system" : `"${caPath}"`}

account default : ${address}
`;
}
