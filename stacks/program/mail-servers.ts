/** A stack's mail servers. */
import { type MailDomain, MailServer, type MailServerArgs } from "../../components/index.ts";
import { boundOf, openMailServices } from "../../records/index.ts";
import type { StackSettings } from "../schema/config.ts";
import type { CertifiedServer } from "./certificates.ts";
import type { DeclaredNetwork } from "./network.ts";
import type { DeclaredServer } from "./servers.ts";
import type { StackNetwork } from "./stack-network.ts";
import { servesWebmail } from "./web.ts";

/** What mail servers are for, and what they answer with. */
export interface MailParts extends Pick<MailServerArgs, "sealedZones" | "certificatesVolume" | "areRenewed"> {
  readonly domains: readonly MailDomain[];
  readonly certificates: readonly [CertifiedServer, ...CertifiedServer[]];
}

/** A mail server as it is declared, and as a resource. */
export interface DeclaredMailServer {
  readonly declared: DeclaredServer;
  readonly server: MailServer;
}

/** The main one first; it builds the image that all of them run. */
export function declareMailServers(
  settings: StackSettings,
  { name: network, engine, engineIdentity, dockerHost, logs, places, rollout }: DeclaredNetwork,
  { domains, certificates, certificatesVolume, areRenewed, sealedZones }: MailParts,
): [DeclaredMailServer, ...DeclaredMailServer[]] {
  const declareOne = (
    { declared, certificate, domainCertificates }: CertifiedServer,
    image?: MailServer["image"],
  ) => {
    const args = {
      ...mailServerArgs(declared, settings, places),
      domains: domains.filter(({ domain }) => declared.domains.some(({ name }) => name === domain)),
      certificate,
      domainCertificates,
      certificatesVolume,
      areRenewed,
      sealedZones,
      network,
      engineIdentity,
      dockerHost,
      logs,
      rollout,
      imageBuild: settings.images,
      image,
    };
    return { declared, server: new MailServer(declared.name, args, engine) };
  };
  const [first, ...further] = certificates;
  const main = declareOne(first);
  return [main, ...further.map((each) => declareOne(each, main.server.image))];
}

/** What the settings say of a mail server. */
export function mailServerArgs(
  { hostName, bound, addresses, ports, proxyProtocol }: DeclaredServer,
  settings: StackSettings,
  places: StackNetwork | undefined,
): Omit<MailServerArgs, "domains" | "certificate"> {
  const { legacyPorts, messageSizeLimit, keepRemovedMail, loginLimits, lab } = settings;
  return {
    hostName,
    ...boundOf(bound, openMailServices(legacyPorts)),
    ports,
    proxyProtocol,
    legacyPorts,
    messageSizeLimitBytes: messageSizeLimit,
    keepRemovedMailDays: keepRemovedMail,
    loginLimits,
    limits: settings.limits.mailServer,
    networkAddress: places?.addresses.get(hostName),
    webmailAddress: servesWebmail(settings) ? places?.webmailAddress : undefined,
    // By IPv6 mail would leave from any address of the host, of which reverse name and SPF know one at most.
    sendsBy: addresses.ipv4 === undefined ? "ipv6" : "ipv4",
    keepMail: !lab,
  };
}
