/** The keys of a stack's servers: those that it makes, and those that come with certificates from elsewhere. */
import { type CertificateChain, isPem, namesMissing, readChain } from "../../keys/certificate-chain.ts";
import type { CertificateIssuer } from "../../outputs/certificate-issuer.ts";
import { clientNamesOf } from "../../records/index.ts";
import type { CertificateFileSettings, StackSettings } from "../schema/config.ts";
import type { DeclaredServer } from "./servers.ts";

/** One key of a mail server, as the settings declare it. */
export interface DeclaredKey {
  readonly name: string;
  readonly stage: "published" | "serving" | "retired";
  /** Where its stage is declared, below `maildomain:`. @example "serverKeys[0].stage" */
  readonly path: string;
  /** The certificate that comes with it; one that is made here has none. */
  readonly file?: CertificateFileSettings | undefined;
}

/** Where the servers' certificates come from. */
export function certificateIssuer({
  certificates: { issuer, files, acme },
}: Pick<StackSettings, "certificates">): CertificateIssuer {
  if (issuer !== undefined) return issuer;
  if (files.some(({ stage }) => stage === "serving")) return "files";
  return acme === undefined ? "private" : "acme";
}

/** Every name by which clients and other servers reach a mail server. */
export function mailHostNames({ hostName, domains }: DeclaredServer): string[] {
  return [...new Set([hostName, ...domains.flatMap(({ name }) => clientNamesOf(name))])];
}

/** A mail server's keys; at most one of them serves. */
export function keysOf(server: DeclaredServer, settings: StackSettings): DeclaredKey[] {
  const { files } = settings.certificates;
  const areMadeHere = certificateIssuer(settings) !== "files";
  const made = server.keys ?? (areMadeHere ? [{ name: "key1", stage: "serving" as const }] : []);
  const serving = servingFile(settings, mailHostNames(server));
  return [
    ...made.map((key, index) => ({ ...key, path: `${server.path}serverKeys[${index}].stage` })),
    ...files.flatMap((file, index) => {
      // One that does not serve has served, or is to: its record is that of the server's own name.
      const isItsOwn = file.stage === "serving" ? file === serving : fits(file, [server.hostName]);
      const path = `certificates.files[${index}].stage`;
      return isItsOwn ? [{ name: file.name, stage: file.stage, path, file }] : [];
    }),
  ];
}

/** The first certificate in use that holds all of the names. */
export function servingFile(
  { certificates: { files } }: Pick<StackSettings, "certificates">,
  hostNames: readonly string[],
): CertificateFileSettings | undefined {
  return files.find((file) => file.stage === "serving" && fits(file, hostNames));
}

/** What cannot be read here, as it is encrypted or in a file, is believed. */
function fits({ chain }: CertificateFileSettings, hostNames: readonly string[]): boolean {
  const read = chainOf(chain);
  return read === undefined ? !isPem(chain) : namesMissing(read, hostNames).length === 0;
}

/** Read once: a stack of many domains is asked for its servers' keys more often. */
const chains = new Map<string, CertificateChain | undefined>();

function chainOf(pem: string): CertificateChain | undefined {
  if (!chains.has(pem)) chains.set(pem, isPem(pem) ? readChain(pem) : undefined);
  return chains.get(pem);
}
