/** What a stack declares, from the first resource to the last. */
import type { Brand } from "../../clients/brand.ts";
import { accepted } from "../../components/accepted.ts";
import type { Issuer } from "../../components/issuer.ts";
import type { StackSettings } from "../schema/config.ts";
import { declareCertificates, issuerOf } from "./certificates.ts";
import { declareDns } from "./dns.ts";
import { declareDomains } from "./domains.ts";
import { declareMailServers } from "./mail-servers.ts";
import { declareNetwork, type NetworkStack } from "./network.ts";
import { type DeclaredOutputs, describeStack } from "./outputs.ts";
import { declareWebmail, declareWebServer } from "./web-servers.ts";

/** What a stack is apart from its settings. */
export interface Stack extends NetworkStack {
  /** The texts of the Sieve files that the settings name, by their name there. */
  readonly sieveFiles: ReadonlyMap<string, string>;
  /** What the pages for people look like. @default each domain's own name */
  readonly brand?: Brand | undefined;
  /** Who issues its servers' certificates. @default an authority of the stack's own */
  readonly issuer?: Issuer | undefined;
}

/**
 * Declares everything that a stack consists of: what exists is decided by the settings alone. A step of a key or policy
 * that is refused ends the program where it is waited for; nothing later is declared, nothing has changed.
 *
 * @returns what the stack reports about itself.
 */
export async function declareStack(
  settings: StackSettings,
  { name, identity, occupied, rollout, sieveFiles, brand, issuer = issuerOf(settings) }: Stack,
): Promise<DeclaredOutputs> {
  const network = declareNetwork(settings, { name, identity, occupied, rollout });

  const domains = declareDomains(settings, sieveFiles);
  await accepted(domains.map(({ stages }) => stages));

  const certificates = declareCertificates(settings, issuer);
  await accepted(certificates.map(({ certificate: { stages } }) => stages));

  const [{ certificate }] = certificates;
  const webServer = declareWebServer(settings, network, certificate, { issuer, brand });
  const dns = declareDns(settings, network, { domains, certificates, webServer });
  const mailServers = declareMailServers(settings, network, { domains, certificates, ...dns });
  const webmail = declareWebmail(settings, network, { domains, certificate, brand });
  await rollout?.close();

  return describeStack(settings, { network, domains, certificates, mailServers, webServer, webmail, ...dns });
}
