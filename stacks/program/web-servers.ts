/** A stack's web server and its webmail. */
import type * as pulumi from "@pulumi/pulumi";
import type { Brand } from "../../clients/brand.ts";
import { dockerName, type MailDomain, Webmail, type WebmailArgs, WebServer } from "../../components/index.ts";
import type { IssuedCertificate, Issuer } from "../../components/issuer.ts";
import { ServerRole } from "../../naming/servers.ts";
import { boundOf, webServices } from "../../records/index.ts";
import { siteUrl } from "../../servers/web-server/web-site.ts";
import { boundServices } from "../schema/bound-services.ts";
import type { StackSettings } from "../schema/config.ts";
import { areProvedInDns } from "./acme-settings.ts";
import { declareWebCertificates } from "./certificates.ts";
import type { DeclaredNetwork } from "./network.ts";
import { serversOf } from "./servers.ts";
import type { StackNetwork } from "./stack-network.ts";
import { pageHostOf, servesWeb, servesWebmail, siteDomains, webmailHost } from "./web.ts";

/** What the web server shows, and what it looks like. */
export interface WebServerParts {
  readonly issuer: Issuer;
  /** Where renewed certificates arrive. */
  readonly certificatesVolume: pulumi.Output<string>;
  /** Whether an agent orders them, to which it passes challenges on. */
  readonly areRenewed: boolean;
  readonly brand?: Brand | undefined;
}

/** @param main - the main mail server's certificate, whose authority is this one's too. */
export function declareWebServer(
  settings: StackSettings,
  { name: network, engine, engineIdentity, dockerHost, logs, places, rollout }: DeclaredNetwork,
  main: IssuedCertificate,
  { issuer, certificatesVolume, areRenewed, brand }: WebServerParts,
): WebServer | undefined {
  if (!servesWeb(settings)) return undefined;
  const { ports, messageSizeLimit: messageSizeLimitBytes } = settings;
  const args = {
    domains: siteDomains(settings),
    brand,
    ...declareWebCertificates(settings, issuer),
    certificatesVolume,
    areRenewed,
    certificateAgent:
      areRenewed && !areProvedInDns(settings) ? dockerName(ServerRole.certificateAgent) : undefined,
    authorityCertificate: main.authorityCertificate,
    // What nobody but those who were given an authority trusts would lock all others out.
    strictTransport: settings.web.hsts && main.authorityCertificate === undefined,
    ...boundOf(boundServices(settings), webServices),
    ports: { https: ports.https, http: ports.http },
    network,
    engineIdentity,
    dockerHost,
    logs,
    rollout,
    imageBuild: settings.images,
    networkAddress: places?.webServerAddress,
    limits: settings.limits.webServer,
    webmail: servesWebmail(settings)
      ? { container: dockerName(ServerRole.webmail), messageSizeLimitBytes }
      : undefined,
  };
  return new WebServer(ServerRole.webServer, args, engine);
}

/** What webmail opens, and whom it trusts. */
export interface WebmailParts {
  readonly domains: readonly MailDomain[];
  readonly certificate: IssuedCertificate;
  readonly brand?: Brand | undefined;
}

export function declareWebmail(
  settings: StackSettings,
  { name: network, engine, engineIdentity, dockerHost, logs, places, rollout }: DeclaredNetwork,
  { domains, certificate: { authorityCertificate }, brand }: WebmailParts,
): Webmail | undefined {
  if (!servesWebmail(settings)) return undefined;
  const servers = serversOf(settings).map((declared) => ({
    hostName: declared.hostName,
    container: dockerName(declared.name),
    domains: declared.domains.flatMap(({ name }) =>
      domains
        .filter(({ domain }) => domain === name)
        .map((domain) => ({
          domain,
          webmailHost: webmailHost(name),
          pageUrl: siteUrl(pageHostOf(name, declared), settings.ports.https),
        })),
    ),
  }));
  const args = {
    ...webmailArgs(settings, places),
    servers,
    brand,
    authorityCertificate,
    network,
    engineIdentity,
    dockerHost,
    logs,
    rollout,
    imageBuild: settings.images,
  };
  return new Webmail(ServerRole.webmail, args, engine);
}

/** What the settings say of webmail. */
export function webmailArgs(
  settings: StackSettings,
  places: StackNetwork | undefined,
): Omit<WebmailArgs, "servers" | "network"> {
  return {
    messageSizeLimitBytes: settings.messageSizeLimit,
    networkAddress: places?.webmailAddress,
    limits: settings.limits.webmail,
    webServerAddress: places?.webServerAddress,
    keepData: !settings.lab,
  };
}
