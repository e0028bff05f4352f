import { bestServer } from "./choice.ts";
import type { ClientDescription, ClientOwner } from "./description.ts";
import type { ServerSetting } from "./server-setting.ts";

/** `~/.muttrc` of Mutt or NeoMutt with GnuTLS, as Debian builds both. */
export function renderMutt(
  description: ClientDescription,
  { address, name }: ClientOwner,
  caPath?: string | undefined,
): string {
  const imap = bestServer(description, "IMAP");
  const lines: [string, string][] = [
    ["realname", name],
    ["from", address],
    ["use_from", "yes"],
    ["imap_user", address],
    ["folder", `${url("imap", imap)}/`],
    ["spoolfile", "+INBOX"],
    ["record", "+Sent"],
    ["postponed", "+Drafts"],
    ["trash", "+Trash"],
    ["smtp_url", url("smtp", bestServer(description, "SMTP"), `${encodeURIComponent(address)}@`)],
    ["ssl_starttls", "yes"],
    ["ssl_force_tls", "yes"],
    ...(caPath === undefined ? [] : [["ssl_ca_certificates_file", caPath] as [string, string]]),
  ];
  return `# Asks for the password.\n${lines.map(([key, value]) => `set ${key} = ${quote(value)}\n`).join("")}`;
}

function url(scheme: "imap" | "smtp", { host, port, security }: ServerSetting, user = ""): string {
  return `${scheme}${security === "TLS" ? "s" : ""}://${user}${host}:${port}`;
}

/** Inside double quotes Mutt replaces variables and the output of commands. */
function quote(value: string): string {
  const plain = value.replace(/\p{Cc}+/gu, " ");
  return /^[A-Za-z]+$/.test(plain) ? plain : `"${plain.replace(/[\\"$`]/g, "\\$&")}"`;
}
