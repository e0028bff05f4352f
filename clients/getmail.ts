import { bestServer } from "./choice.ts";
import type { ClientDescription, ClientOwner } from "./description.ts";

/** The systems' own authorities, where Debian and its relatives have them: getmail checks nothing without a file. */
const systemAuthorities = "/etc/ssl/certs/ca-certificates.crt";

/** `~/.getmail/getmailrc` of getmail 6: fetches new mail into the Maildir `~/Maildir`, and leaves it on the server. */
export function renderGetmail(
  description: ClientDescription,
  { address }: ClientOwner,
  caPath = systemAuthorities,
): string {
  const { host, port } = bestServer(description, "IMAP");
  return `# Asks for the password. The Maildir has to exist: mkdir -p ~/Maildir/new ~/Maildir/cur ~/Maildir/tmp
[retriever]
type = SimpleIMAPSSLRetriever
server = ${host}
port = ${port}
username = ${address}
mailboxes = ("INBOX",)
ca_certs = ${caPath}

[destination]
type = Maildir
path = ~/Maildir/

[options]
read_all = false
delete = false
`;
}
