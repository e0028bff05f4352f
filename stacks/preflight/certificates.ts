/** What a person should know of a stack's certificates before an update, and can still decide otherwise. */
import { isNearItsEnd, readChain } from "../../keys/certificate-chain.ts";
import { privateOutsideLab } from "../../outputs/private-authority.ts";
import { certificateIssuer, keysOf, servingFile } from "../program/server-keys.ts";
import { serversOf } from "../program/servers.ts";
import { servesWeb, webHostNames } from "../program/web.ts";
import type { StackSettings } from "../schema/config.ts";

/** @returns a line each, which begins with the setting's path. */
export function certificateWarnings(settings: StackSettings, now: Date): string[] {
  return [...privateWarnings(settings), ...fileWarnings(settings, now)];
}

function privateWarnings(settings: StackSettings): string[] {
  if (settings.lab || certificateIssuer(settings) !== "private") return [];
  const { issuer } = settings.certificates;
  const enforced = settings.domains.filter(({ mtaSts }) => servesWeb(settings) && mtaSts.mode === "enforce");
  const policies = enforced.map(
    ({ name }) =>
      `certificates.issuer: ${privateOutsideLab}, and ${name} enforces MTA-STS (RFC 8461): no sender accepts its policy, which does nothing. Bring a public certificate along (certificates.files), or write mtaSts: { mode: testing }`,
  );
  if (issuer !== undefined) return policies;
  return [
    `certificates: ${privateOutsideLab}: phones and Outlook refuse them, other clients warn, until each is given the authority. ` +
      "Write which certificates are wanted: `maildomain:certificates: { issuer: private }` for these, or `files` with a " +
      "chain and a key from a public authority (docs/certificates.md)",
    ...policies,
  ];
}

function fileWarnings(settings: StackSettings, now: Date): string[] {
  const { files } = settings.certificates;
  const isPrivate = certificateIssuer(settings) === "private";
  const used = new Set([
    ...serversOf(settings).flatMap((server) => keysOf(server, settings).map(({ file }) => file)),
    ...(!isPrivate && servesWeb(settings) ? [servingFile(settings, webHostNames(settings))] : []),
  ]);
  return files.flatMap((file, index) => {
    const place = `certificates.files[${index}]`;
    if (!used.has(file)) {
      return [`${place}: is used by no server: it holds the names of none, or an earlier one does as well`];
    }
    const leaf = readChain(file.chain)?.leaf;
    if (leaf === undefined || file.stage === "retired" || !isNearItsEnd(leaf, now)) return [];
    const end = leaf.validToDate;
    const days = Math.floor((end.getTime() - now.getTime()) / 86_400_000);
    return [
      `${place}.chain: ends on ${end.toISOString().slice(0, 10)}, in ${days} days, a third of its life or less: write the renewed one, and run \`npm run up\``,
    ];
  });
}
