/** What a person should know of a stack's certificates before an update, and can still decide otherwise. */

import { isNearItsEnd, readChain } from "../../keys/certificate-chain.ts";
import { formatDay } from "../../naming/moment.ts";
import { privateOutsideLab } from "../../outputs/private-authority.ts";
import { knownAcmeAuthority } from "../../records/index.ts";
import { certificateIssuer, keysOf, servingFile } from "../program/server-keys.ts";
import { serversOf } from "../program/servers.ts";
import { servesWeb, webHostNames } from "../program/web.ts";
import type { StackSettings } from "../schema/config.ts";
import { allowedIssuerWarnings } from "./allowed-issuers.ts";

/** @returns a line each, which begins with the setting's path. */
export function certificateWarnings(settings: StackSettings, now: Date): string[] {
  return [
    ...privateWarnings(settings),
    ...rehearsalWarnings(settings),
    ...fileWarnings(settings, now),
    ...allowedIssuerWarnings(settings),
  ];
}

function privateWarnings(settings: StackSettings): string[] {
  if (settings.lab || certificateIssuer(settings) !== "private") return [];
  const enforced = settings.domains.filter(({ mtaSts }) => servesWeb(settings) && mtaSts.mode === "enforce");
  return enforced.map(
    ({ name }) =>
      `certificates.issuer: ${privateOutsideLab}, and ${name} enforces MTA-STS (RFC 8461): no sender accepts its policy, which does nothing. Have public ones issued (certificates.acme), bring your own (certificates.files), or write mtaSts: { mode: testing }`,
  );
}

/** Its certificates are refused by everybody, and meant to be. */
function rehearsalWarnings(settings: StackSettings): string[] {
  const directory = settings.certificates.acme?.directory;
  if (certificateIssuer(settings) !== "acme" || directory === undefined) return [];
  if (knownAcmeAuthority(directory)?.isTrusted !== false) return [];
  return [
    `certificates.acme.directory: nobody trusts the certificates of ${directory}. Once \`npm run verify\` fails for that reason alone, write directory: letsencrypt`,
  ];
}

function fileWarnings(settings: StackSettings, now: Date): string[] {
  const { files } = settings.certificates;
  const areOwn = certificateIssuer(settings) === "files";
  const used = new Set([
    ...serversOf(settings).flatMap((server) => keysOf(server, settings).map(({ file }) => file)),
    ...(areOwn && servesWeb(settings) ? [servingFile(settings, webHostNames(settings))] : []),
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
      `${place}.chain: ends on ${formatDay(end)}, in ${days} days, a third of its life or less: write the renewed one, and run \`npm run up\``,
    ];
  });
}
