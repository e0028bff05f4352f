import { profileOwner, renderAppleProfile } from "./apple-profile.ts";
import { renderAutoconfig } from "./autoconfig.ts";
import type { ClientDescription, ClientOwner } from "./description.ts";
import { renderFetchmail } from "./fetchmail.ts";
import { renderGetmail } from "./getmail.ts";
import { renderMbsync } from "./mbsync.ts";
import { renderMsmtp } from "./msmtp.ts";
import { renderMutt } from "./mutt.ts";
import { renderThunderbird } from "./thunderbird.ts";

/** The authority that the client is to trust, where it does not know it. */
export interface ClientAuthority {
  readonly pem: string;
  /** Where the configurations find it: a whole path, `ca.pem` in the same folder. */
  readonly path: string;
}

export interface ClientFile {
  readonly name: string;
  readonly content: string;
}

/** Configurations of one mailbox, ready for use. None holds a password: each program asks for it. */
export function renderClientFiles(
  description: ClientDescription,
  owner: ClientOwner,
  authority?: ClientAuthority | undefined,
): ClientFile[] {
  const caPath = authority?.path;
  return [
    {
      name: `${owner.address}.mobileconfig`,
      content: renderAppleProfile(description, profileOwner(owner.address, owner.name), authority?.pem),
    },
    { name: "config-v1.1.xml", content: renderAutoconfig(description, owner.address) },
    { name: "user.js", content: renderThunderbird(description, owner) },
    { name: "msmtprc", content: renderMsmtp(description, owner, caPath) },
    { name: "mbsyncrc", content: renderMbsync(description, owner, caPath) },
    { name: "fetchmailrc", content: renderFetchmail(description, owner, caPath) },
    { name: "getmailrc", content: renderGetmail(description, owner, caPath) },
    { name: "muttrc", content: renderMutt(description, owner, caPath) },
    ...(authority === undefined ? [] : [{ name: "ca.pem", content: authority.pem }]),
  ];
}
