/** What a stack declares, from the first resource to the last. */
import type { Brand } from "../../clients/brand.ts";
import { accepted } from "../../components/accepted.ts";
import { AcmeIssuer } from "../../components/acme-certificate.ts";
import type { Issuer } from "../../components/issuer.ts";
import type { StackSettings } from "../schema/config.ts";
import { accountRecords, declareCertificateAgent, declareCertificatesVolume } from "./acme.ts";
import { declareCertificates, issuerOf } from "./certificates.ts";
import { declareDns } from "./dns.ts";
import { declareDomains } from "./domains.ts";
import { declareMailServers } from "./mail-servers.ts";
import { declareNetwork, type NetworkStack } from "./network.ts";
import { type DeclaredOutputs, describeStack } from "./outputs.ts";
import type { FormerHostNames } from "./servers.ts";
import { declareWebmail, declareWebServer } from "./web-servers.ts";

/** What a stack is apart from its settings. */
export interface Stack extends NetworkStack {
  /** The texts of the Sieve files that the settings name, by their name there. */
  readonly sieveFiles: ReadonlyMap<string, string>;
  /** What the pages for people look like. @default each domain's own name */
  readonly brand?: Brand | undefined;
  /** Who issues its servers' certificates. @default whoever the settings name */
  readonly issuer?: Issuer | undefined;
  /** Names that lead elsewhere, which are in no certificate that is ordered. @default none */
  readonly elsewhere?: ReadonlySet<string> | undefined;
  /** Domains whose MTA-STS policy is not announced yet, as nobody could read it. @default none */
  readonly awaited?: ReadonlySet<string> | undefined;
  /** Names that mail servers had before, to which others still deliver. @default none */
  readonly formerHostNames?: FormerHostNames | undefined;
}

/**
 * Declares everything that a stack consists of: what exists is decided by the settings alone. A step of a key or policy
 * that is refused ends the program where it is waited for; nothing later is declared, nothing has changed.
 *
 * @returns what the stack reports about itself.
 */
export async function declareStack(
  settings: StackSettings,
  { name, identity, occupied, hasIPv6, rollout, sieveFiles, brand, ...stack }: Stack,
): Promise<DeclaredOutputs> {
  const { elsewhere = new Set(), awaited = new Set(), formerHostNames = new Map() } = stack;
  const { issuer = issuerOf(settings, elsewhere) } = stack;
  const acme = issuer instanceof AcmeIssuer ? issuer : undefined;
  if (acme !== undefined) await accepted([acme.account]);
  const network = declareNetwork(settings, { name, identity, occupied, hasIPv6, rollout });
  const certificatesVolume = declareCertificatesVolume(network);
  const areRenewed = acme !== undefined;

  const account = acme && accountRecords(settings, acme);
  const domains = declareDomains(settings, sieveFiles, account, awaited);
  await accepted(domains.map(({ stages }) => stages));

  const certificates = declareCertificates(settings, issuer);
  await accepted(certificates.map(({ certificate: { stages } }) => stages));

  const [{ certificate }] = certificates;
  const webServer = declareWebServer(settings, network, certificate, {
    issuer,
    certificatesVolume,
    areRenewed,
    brand,
  });
  const dns = declareDns(settings, network, {
    domains,
    certificates,
    webServer,
    formerHostNames,
    proof: account?.proof,
  });
  const mailServers = declareMailServers(settings, network, {
    domains,
    certificates,
    certificatesVolume,
    areRenewed,
    ...dns,
  });
  const certificateAgent =
    acme &&
    declareCertificateAgent(settings, network, {
      issuer: acme,
      certificatesVolume,
      challenges: dns.challenges,
      // Servers too: a new volume takes its owner from whatever has it last before something is in it.
      after: [
        dns.dns,
        dns.dnsServer,
        dns.innerDnsServer,
        webServer,
        ...mailServers.map(({ server }) => server),
      ].filter((part) => part !== undefined),
    });
  // For ten thousand mailboxes it takes a while to write down who may send as whom: their passwords are on their way meanwhile.
  await accepted(mailServers.map(({ server }) => server.nodes.logins));
  const webmail = declareWebmail(settings, network, { domains, certificate, brand });
  await rollout?.close();

  return describeStack(settings, {
    network,
    domains,
    certificates,
    mailServers,
    webServer,
    webmail,
    acme,
    elsewhere,
    awaited,
    formerHostNames,
    certificateAgent,
    ...dns,
  });
}
