/** Certificates by ACME: the account, the volume on which they arrive, and the agent that orders and renews them. */
import { Volume } from "@pulumi/docker/volume.js";
import * as pulumi from "@pulumi/pulumi";
import { AcmeIssuer } from "../../components/acme-certificate.ts";
import {
  CertificateAgent,
  type ChallengeZoneArgs,
  type ReportMailArgs,
} from "../../components/certificate-agent.ts";
import { dockerName } from "../../components/index.ts";
import { certificatesName } from "../../naming/engine.ts";
import { stackResources } from "../../naming/resources.ts";
import { ServerRole } from "../../naming/servers.ts";
import { AcmeAccount } from "../../provider/resources.ts";
import {
  type CaaIssuer,
  domainOf,
  formatCaa,
  formatIssuer,
  nameServerSocket,
  services,
} from "../../records/index.ts";
import type { AcmeSettings, StackSettings } from "../schema/config.ts";
import {
  accountIssuer,
  acmeSettings,
  agentAddresses,
  areProvedPersistently,
  reportedTo,
  resolverOf,
  validationMethods,
} from "./acme-settings.ts";
import type { OwnChallengeZone } from "./challenge-zone.ts";
import type { DeclaredNetwork } from "./network.ts";
import { serverOf, serversOf } from "./servers.ts";
import type { StackNetwork } from "./stack-network.ts";

/** Opens the account that the agent asks with. @param elsewhere - the names that are not ordered. */
export function declareAcmeIssuer(
  acme: AcmeSettings,
  authority: string | undefined,
  elsewhere: ReadonlySet<string>,
): AcmeIssuer {
  const { directory, agreeToTerms, contact, externalAccount, roots } = acme;
  const account = new AcmeAccount(stackResources.acmeAccount, {
    directory,
    agreeToTerms,
    contact,
    externalAccount,
    roots,
    settings: "maildomain:certificates.acme",
  });
  return new AcmeIssuer(account, authority, elsewhere);
}

/** What records say of the stack's own account: CAA records allow it, and others prove names to its authority. */
export interface AccountRecords {
  readonly caa: pulumi.Output<string>;
  /** Where names are proved by records that stay. */
  readonly proof?: pulumi.Output<string> | undefined;
}

export function accountRecords(settings: StackSettings, issuer: AcmeIssuer): AccountRecords | undefined {
  const acme = acmeSettings(settings);
  if (acme === undefined) return undefined;
  const named = accountOf(acme, issuer.account);
  return {
    caa: named.apply((account) =>
      formatCaa({
        flags: 0,
        tag: "issue",
        value: formatIssuer({ ...account, validationMethods: validationMethods(acme) }),
      }),
    ),
    proof: areProvedPersistently(settings) ? named.apply(formatIssuer) : undefined,
  };
}

function accountOf(
  { directory }: AcmeSettings,
  { uri, caaDomain: domain }: AcmeAccount,
): pulumi.Output<CaaIssuer> {
  return pulumi
    .all([uri, domain])
    .apply(([account, caaDomain]) => accountIssuer({ directory, account, caaDomain }));
}

/**
 * The volume on which servers find the certificates that were ordered for them; its content can be ordered again. A container gets
 * a volume only with another container: servers have it whoever issues, so that a stack can move to an authority by ACME and back.
 */
export function declareCertificatesVolume({ engine }: DeclaredNetwork): pulumi.Output<string> {
  return new Volume(stackResources.certificates, { name: dockerName(certificatesName) }, engine).name;
}

/** Names of a lab are in its own zones, which the world's resolvers do not know. */
function ownResolver({ nameServerAddress }: StackNetwork): string {
  return `${nameServerAddress}:${services.dns.port}`;
}

/** What the agent works with. */
export interface AgentParts {
  readonly issuer: AcmeIssuer;
  readonly certificatesVolume: pulumi.Output<string>;
  /** Those who answer for the names, and have to be there before an authority asks. */
  readonly after: readonly pulumi.Resource[];
  /** The zone in which names are proved, where the stack's own name server answers for it. */
  readonly challenges: OwnChallengeZone | undefined;
}

export function declareCertificateAgent(
  settings: StackSettings,
  { name: network, engine, engineIdentity, dockerHost, logs, places, rollout }: DeclaredNetwork,
  { issuer, certificatesVolume, after, challenges }: AgentParts,
): CertificateAgent | undefined {
  const acme = acmeSettings(settings);
  if (acme === undefined) return undefined;
  const { directory, contact, externalAccount, profile, roots, report } = acme;
  const { ports, lab, limits, images } = settings;
  const args = {
    orders: issuer.orders,
    directory,
    accountKey: issuer.account.privateKey,
    externalAccount,
    contact,
    profile,
    roots,
    dns: challengeArgs(acme, challenges),
    dnsPersist: areProvedPersistently(settings),
    mail: reportMail(settings),
    webhook: report?.webhook,
    resolver: resolverOf(acme) ?? (lab && places ? ownResolver(places) : undefined),
    certificatesVolume,
    addresses: agentAddresses(settings),
    port: ports.http,
    httpsPort: ports.https,
    after,
    network,
    engineIdentity,
    dockerHost,
    logs,
    rollout,
    imageBuild: images,
    limits: limits.certificateAgent,
  };
  return new CertificateAgent(ServerRole.certificateAgent, args, engine);
}

/** Which of the stack's own servers takes reports, and for whom. */
function reportMail(settings: StackSettings): ReportMailArgs | undefined {
  const address = reportedTo(settings);
  if (address === undefined) return undefined;
  const [main] = serversOf(settings);
  const { name } = serverOf(domainOf(address), settings);
  const server = `${dockerName(name)}:${services.smtp.port}`;
  return { to: [address], server, hostName: main.hostName };
}

/** In which zone the agent proves names, and by what it changes that. */
function challengeArgs(
  { dns }: AcmeSettings,
  own: OwnChallengeZone | undefined,
): ChallengeZoneArgs | undefined {
  if (dns === undefined) return undefined;
  const { zone, server, tsig, cloudflare } = dns;
  if (cloudflare !== undefined) return { zone, cloudflare };
  if (own !== undefined) {
    const socket = `${dockerName(ServerRole.dnsServer)}:${services.dns.port}`;
    return { zone, server: socket, isOwnServer: true, tsig: own.key };
  }
  return { zone, server: server && nameServerSocket(server), tsig };
}
