/** A program with every public component. */
import type * as pulumi from "@pulumi/pulumi";
import {
  AcmeCertificate,
  CertificateAgent,
  DnsZones,
  LabCertificate,
  LocalDnsServer,
  MailDomain,
  MailServer,
  OwnCertificate,
  Webmail,
  WebServer,
} from "../../components/index.ts";
import { labClients } from "../clients/lab.ts";
import { value } from "./recorder.ts";

/** A value, plain or known later. */
export type TextOf = (text: string) => pulumi.Input<string>;

/** Every component, with all that may be known later; ends when the last of their resources is there. */
export async function declareEvery(text: TextOf) {
  const hostName = "mail.example.org";
  const addresses = { ipv4: text("192.0.2.25"), ipv6: text("2001:DB8:0::25") };
  const container = {
    engineIdentity: text("identity"),
    dockerHost: text("ssh://docker@vm"),
    logs: { driver: "splunk", options: { "splunk-token": text("token") } },
    network: text("network"),
  };
  const domain = new MailDomain("example.org", {
    domain: "example.org",
    hostName,
    addresses,
    web: { addresses, autoconfig: true },
    mailboxes: [
      {
        address: "ana@example.org",
        displayName: text("Ana Lima"),
        password: text("password"),
        appPasswords: [{ name: "phone", password: text("app password") }],
      },
      { address: "rui@example.org", passwordHash: text("{SHA512-CRYPT}$6$salt$hash") },
    ],
    dkim: [{ selector: "ed1", algorithm: "ed25519", privateKey: text("dkim key") }],
    stageChecks: { nameServers: [text("192.0.2.53:53")] },
  });
  const lab = new LabCertificate("certificate", { hostNames: [hostName], authorityName: text("authority") });
  const own = new OwnCertificate("own-certificate", {
    hostNames: [hostName],
    keys: {
      own: { stage: "serving", own: { privateKey: text("key"), certificate: "leaf", chain: "chain" } },
    },
    authorityCertificate: text("root"),
  });
  const acme = new AcmeCertificate("acme-certificate", {
    hostNames: [hostName],
    authorityCertificate: text("root"),
  });
  const agent = new CertificateAgent("certificate-agent", {
    ...container,
    orders: [{ name: "mail-server", hostNames: [hostName], request: acme.request }],
    directory: "https://acme.example.org/directory",
    accountKey: text("account key"),
    externalAccount: { keyId: text("key id"), hmacKey: text("hmac key") },
    certificatesVolume: text("certificates"),
    addresses: [text("192.0.2.25")],
    networkAddress: text("198.19.0.6"),
  });
  const certificate = { privateKey: text("key"), certificate: text("leaf"), chain: text("chain") };
  const dns = new DnsZones("dns", {
    zones: [
      { name: "example.org" },
      { name: "example.net", dns: "cloudflare", cloudflareZone: text("023e105f4ecef8ad9ca31a8372d0c353") },
    ],
    servers: [
      {
        hostName,
        addresses,
        ttl: 3600,
        keys: [{ name: "key1", stage: "serving", content: text(`3 1 1 ${"ab".repeat(32)}`) }],
      },
      { hostName: "mail.example.net", addresses, ttl: 3600 },
    ],
    domains: [domain.recordDescription],
    nameServerAddress: text("192.0.2.53"),
  });
  const dnsServer = new LocalDnsServer("dns-server", {
    ...container,
    zones: dns.localZones,
    address: text("192.0.2.53"),
    networkAddress: text("198.19.0.2"),
    image: text("sha256:dns"),
  });
  const mailServer = new MailServer("mail-server", {
    ...container,
    hostName,
    domains: [domain],
    certificate,
    domainCertificates: { "example.org": { hostNames: ["imap.example.org"], certificate } },
    certificatesVolume: text("certificates"),
    address: text("192.0.2.25"),
    networkAddress: text("198.19.0.3"),
    webmailAddress: text("198.19.0.4"),
    sealedZones: [
      { zone: "example.org", nameServer: text("198.19.0.2"), ds: text(`1 13 2 ${"00".repeat(32)}`) },
    ],
    image: text("sha256:mail"),
  });
  const webmail = new Webmail("webmail", {
    ...container,
    servers: [
      {
        hostName,
        container: text("mail-server"),
        domains: [{ domain, webmailHost: "webmail.example.org" }],
      },
    ],
    authorityCertificate: lab.authorityCertificate,
    networkAddress: text("198.19.0.4"),
    webServerAddress: text("198.19.0.5"),
  });
  const webServer = new WebServer("web-server", {
    ...container,
    domains: [
      {
        clients: labClients,
        hostNames: ["mail.example.org"],
        pageHost: "mail.example.org",
        autodiscoverHost: "autodiscover.example.org",
        webmailHost: "webmail.example.org",
      },
    ],
    certificate,
    certificatesVolume: text("certificates"),
    authorityCertificate: text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    address: text("192.0.2.25"),
    networkAddress: text("198.19.0.5"),
    webmail: { container: text("webmail"), messageSizeLimitBytes: 2 ** 20 },
  });
  const servers = [dnsServer, mailServer, webmail, webServer, agent];
  await Promise.all(servers.map(({ nodes }) => value(nodes.container.urn)));
  return { domain, lab, own, acme, agent, dns, dnsServer, mailServer, webmail, webServer };
}
