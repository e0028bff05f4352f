/** CAA records that the stack publishes, against whoever issues its certificates. */
import type { X509Certificate } from "node:crypto";
import { caaIdentities } from "../../keys/caa-identity.ts";
import { issuerOf, namesOf, readChain } from "../../keys/certificate-chain.ts";
import { isWithin, parseIssuer } from "../../records/index.ts";
import { certificateIssuer } from "../program/server-keys.ts";
import type { DomainSettings, StackSettings } from "../schema/config.ts";

/**
 * Records that do not allow what is in use: no authority would renew it, or nobody uses the one that they name. A lab's
 * records are nobody's in the world.
 *
 * @returns a line each, which begins with the setting's path.
 */
export function allowedIssuerWarnings(settings: StackSettings): string[] {
  if (settings.lab) return [];
  const { files, authority } = settings.certificates;
  return settings.domains.flatMap((domain, index) => {
    const path = `domains[${index}].certificates.`;
    if (domain.certificates.issuers.length === 0 && !domain.certificates.wildcardIssuers?.length) return [];
    if (certificateIssuer(settings) === "private") return [privateWarning(domain, path)];
    return files.flatMap((file, at) => {
      const leaf = file.stage === "retired" ? undefined : readChain(file.chain)?.leaf;
      if (leaf === undefined) return [];
      return fileWarnings(leaf, `certificates.files[${at}]`, authority !== undefined, domain, path);
    });
  });
}

function privateWarning({ name, certificates }: DomainSettings, path: string): string {
  const key = certificates.issuers.length > 0 ? "issuers" : "wildcardIssuers";
  return (
    `${path}${key}: allows ${namesIn(certificates[key])}, and the certificates of ${name} are from the private authority, ` +
    `which no CAA record names: leave ${key} out, or have the certificates issued by an authority that it names ` +
    "(certificates.files, docs/certificates.md)"
  );
}

function fileWarnings(
  leaf: X509Certificate,
  file: string,
  isOwnAuthority: boolean,
  { name, certificates }: DomainSettings,
  path: string,
): string[] {
  const held = namesOf(leaf).map((host) => host.toLowerCase());
  const kinds = [
    ["issuers", held.some((host) => !host.startsWith("*.") && isWithin(host, name))],
    ["wildcardIssuers", held.some((host) => host.startsWith("*.") && isWithin(host.slice(2), name))],
  ] as const;
  const identities = isOwnAuthority ? [] : caaIdentities(leaf);
  return kinds.flatMap(([kind, isHeld]) => {
    // A wildcard is judged by its own property where there is one, else as any other name (RFC 8659 section 4.3).
    const key = certificates[kind] === undefined ? "issuers" : kind;
    const allowed = certificates[key] ?? [];
    if (!isHeld || identities === undefined || (key === "issuers" && allowed.length === 0)) return [];
    if (allowed.some((issuer) => identities.includes(parseIssuer(issuer).authority))) return [];
    const what = `allows ${namesIn(allowed)}, and ${file} is issued by ${issuerOf(leaf)}`;
    const [identity] = identities;
    return identity === undefined
      ? [`${path}${key}: ${what}, which no CAA record names: leave ${key} out`]
      : [
          `${path}${key}: ${what}, which would refuse to renew it (RFC 8659): add ${identity}, or have it issued by ` +
            "an authority that it names",
        ];
  });
}

function namesIn(issuers: readonly string[] | undefined): string {
  return (issuers ?? []).map((issuer) => parseIssuer(issuer).authority).join(" and ") || "nobody";
}
