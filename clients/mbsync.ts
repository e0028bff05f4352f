import { bestServer } from "./choice.ts";
import type { ClientDescription, ClientOwner } from "./description.ts";

/** `~/.mbsyncrc` of isync 1.5 or newer: keeps a copy of the mailbox in `~/Mail`. */
export function renderMbsync(
  description: ClientDescription,
  { address }: ClientOwner,
  caPath?: string | undefined,
): string {
  const { host, port, security } = bestServer(description, "IMAP");
  return `# Asks for the password, unless "PassCmd" names a command that prints it.
IMAPAccount ${address}
Host ${host}
Port ${port}
User ${address}
TLSType ${security === "STARTTLS" ? "STARTTLS" : "IMAPS"}
${caPath === undefined ? "" : `CertificateFile "${caPath}"\n`}
IMAPStore ${address}-far
Account ${address}

MaildirStore ${address}-near
Path ~/Mail/${address}/
Inbox ~/Mail/${address}/INBOX
SubFolders Verbatim

Channel ${address}
Far :${address}-far:
Near :${address}-near:
Patterns *
Create Both
SyncState *
`;
}
