import type { HostedDomain, MailServerDescription } from "../../../servers/mail-server/description.ts";

export const VAAMONDE: HostedDomain = {
  name: "vaamonde.pti",
  mailboxes: [
    { address: "vaamonde@vaamonde.pti", quotaBytes: 1_073_741_824 },
    { address: "leandroramos@vaamonde.pti", quotaBytes: 0 },
  ],
  aliases: [
    { address: "postmaster@vaamonde.pti", targets: ["vaamonde@vaamonde.pti"] },
    { address: "vendas@vaamonde.pti", targets: ["vaamonde@vaamonde.pti", "leandroramos@vaamonde.pti"] },
  ],
  dkimSelectors: ["r1", "e1"],
};

export const LAB: MailServerDescription = {
  hostName: "mail.vaamonde.pti",
  domains: [VAAMONDE],
  messageSizeLimitBytes: 26_214_400,
  legacyPorts: false,
  resolver: { kind: "recursive" },
};

/** The text of the file at `path`; an error if it was not rendered. */
export function contentOf(
  files: readonly { readonly path: string; readonly content: string }[],
  path: string,
): string {
  const file = files.find((candidate) => candidate.path === path);
  if (file === undefined) throw new Error(`${path} was not rendered`);
  return file.content;
}
