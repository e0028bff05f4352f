import type * as pulumi from "@pulumi/pulumi";
import type { SealedFile } from "../servers/generation/configuration-file.ts";
import { CERTIFICATES } from "../servers/generation/container-paths.ts";
import type { TlsPair } from "../servers/generation/tls-pair.ts";
import type { TlsPairs } from "../servers/generation/tls-pairs.ts";
import { type ConfigurationFileArgs, sealed } from "./configuration-volume.ts";
import { type TlsCertificate, tlsPair } from "./issuer.ts";
import type { SharedVolume } from "./server-container.ts";

/** A key and certificate for some of a server's names. */
export interface DomainCertificate {
  /**
   * The names whose clients are shown it: A-labels, lower case. No name belongs to two certificates.
   *
   * @example ["mail.example.org", "imap.example.org"]
   */
  readonly hostNames: readonly string[];
  /** Its key and certificate, which is shown until a chain arrives in the volume. @example certificate */
  readonly certificate: TlsCertificate;
}

/** What a server shows to whom. */
export interface CertificateSettings {
  /**
   * Further certificates by name, each for clients that ask for one of its names. A name of the map is also that of the
   * folder of its chain in `certificatesVolume`.
   *
   * @default every client is shown `certificate`
   * @example { "example.org": { hostNames: ["imap.example.org"], certificate } }
   */
  readonly domainCertificates?: Readonly<Record<string, DomainCertificate>> | undefined;
  /**
   * The name of a volume in which renewed chains arrive: `NAME/chain.pem` supersedes the certificate of that name, and
   * `certificate` where NAME is the server's own. The key stays. A chain that cannot be read, is for another key or other
   * names, or is not valid now is refused, and the one before stays in service.
   *
   * @default certificates change with the program alone
   * @example certificates.name
   */
  readonly certificatesVolume?: pulumi.Input<string> | undefined;
  /**
   * Whether chains in `certificatesVolume` are put into service. One that has the volume without taking chains from it keeps its
   * container, and every session, when chains are to arrive later.
   *
   * @default true
   */
  readonly areRenewed?: boolean | undefined;
}

/**
 * @param name - the server's, which the default pair has.
 * @param hostNames - those of the default pair; undefined: there is none.
 * @returns undefined where there is one certificate alone, which only the program changes.
 */
export function pairsOf(
  name: string,
  hostNames: readonly string[] | undefined,
  { domainCertificates = {}, certificatesVolume, areRenewed = true }: CertificateSettings,
): TlsPairs | undefined {
  const named = Object.entries(domainCertificates);
  const isRenewed = areRenewed && certificatesVolume !== undefined;
  if (named.length === 0 && !isRenewed && hostNames !== undefined) return undefined;
  return {
    byDefault: hostNames && { name, hostNames },
    named: named.map(([pair, certificate]) => ({ name: pair, hostNames: certificate.hostNames })),
    areRenewed: isRenewed,
  };
}

/** What a server's container has of it. */
export function certificateVolumes({ certificatesVolume }: CertificateSettings): SharedVolume[] {
  return certificatesVolume === undefined
    ? []
    : [{ volume: certificatesVolume, path: CERTIFICATES, readOnly: true }];
}

/** The files of the named pairs. */
export function namedPairFiles(
  { domainCertificates = {} }: CertificateSettings,
  fileOf: (name: string) => SealedFile<TlsPair>,
): ConfigurationFileArgs[] {
  return Object.entries(domainCertificates).flatMap(([name, { certificate }]) =>
    sealed([fileOf(name)], tlsPair(certificate)),
  );
}
