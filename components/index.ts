/** Mail domains as Pulumi components: all that the package `maildomain` exports. `package/api.md` is its interface in full. */
export {
  AcmeAccount,
  type AcmeAccountArgs,
  CertificateAuthority,
  type CertificateAuthorityArgs,
  DnssecKey,
  type DnssecKeyArgs,
  ServerCertificate,
  type ServerCertificateArgs,
} from "../provider/resources.ts";
export type { ServedZone } from "../publishers/publisher.ts";
export type { ContainerLimits } from "../servers/container-limits.ts";
export type { ContainerLogs } from "../servers/container-logs.ts";
export { AcmeCertificate, type AcmeCertificateArgs } from "./acme-certificate.ts";
export {
  CertificateAgent,
  type CertificateAgentArgs,
  type CertificateOrderArgs,
} from "./certificate-agent.ts";
export type { ContainerSettings } from "./container-settings.ts";
export { DnsZones, type DnsZonesArgs, type ZoneArgs } from "./dns-zones.ts";
export { dockerName } from "./docker-name.ts";
export type { TlsCertificate } from "./issuer.ts";
export { LabCertificate, type LabCertificateArgs } from "./lab-certificate.ts";
export { LocalDnsServer, type LocalDnsServerArgs } from "./local-dns-server.ts";
export {
  type AliasArgs,
  MailDomain,
  type MailDomainArgs,
  type MailDomainNodes,
  type SigningKeyArgs,
  type StageChecks,
} from "./mail-domain.ts";
export {
  MailServer,
  type MailServerAddresses,
  type MailServerArgs,
  type MailServerNodes,
  type MailServerPorts,
  type ProxyProtocolArgs,
  type SealedZone,
} from "./mail-server.ts";
export type { AppPasswordArgs, MailboxArgs } from "./mailbox.ts";
export { OwnCertificate, type OwnCertificateArgs } from "./own-certificate.ts";
export { type BoundPort, type ReplacedServer, Rollout, type RolloutArgs } from "./rollout.ts";
export type { ServerNodes } from "./server-container.ts";
export type { CertificateSettings, DomainCertificate } from "./server-pairs.ts";
export { WebServer, type WebServerAddresses, type WebServerArgs, type WebServerPorts } from "./web-server.ts";
export { Webmail, type WebmailArgs, type WebmailNodes } from "./webmail.ts";
