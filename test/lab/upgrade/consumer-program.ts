import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { DnsZones, dockerName, LabCertificate, LocalDnsServer, MailDomain, MailServer, Webmail, WebServer } from "maildomain";

const hostName = "mail.example.org";
const address = "127.0.0.21";
const network = new docker.Network("mail", {
  name: `${pulumi.getProject()}-${pulumi.getStack()}-mail`,
  ipamConfigs: [{ subnet: "198.18.221.0/24" }],
}).name;
const domain = new MailDomain("example.org", {
  domain: "example.org",
  hostName,
  addresses: { ipv4: address },
  mailboxes: [
    { address: "ana@example.org", displayName: "Ana Lima" },
    { address: "ben@example.org", password: pulumi.secret("only for this test") },
  ],
  aliases: [{ address: "info@example.org", targets: ["ana@example.org"] }],
});
const webHosts = ["autoconfig.example.org", "autodiscover.example.org"];
const certificate = new LabCertificate("certificate", {
  hostNames: [hostName, ...domain.clientNames, ...webHosts, "webmail.example.org"],
  days: 825,
});
const dns = new DnsZones("dns", {
  zones: [{ name: "example.org" }],
  servers: [{ hostName, addresses: { ipv4: address }, ttl: 3600 }],
  domains: [domain.recordDescription],
  nameServerAddress: address,
});
new LocalDnsServer("dns-server", { zones: dns.localZones, address, network, networkAddress: "198.18.221.53" });
const server = new MailServer("mail-server", {
  hostName,
  domains: [domain],
  certificate,
  address,
  network,
  networkAddress: "198.18.221.10",
  webmailAddress: "198.18.221.30",
  sealedZones: [],
});
new WebServer("web-server", {
  domains: [
    {
      clients: {
        domain: "example.org",
        incoming: [{ protocol: "IMAP", host: "imap.example.org", port: 993, security: "TLS" }],
        outgoing: [{ protocol: "SMTP", host: "smtp.example.org", port: 465, security: "TLS" }],
      },
      hostNames: webHosts,
      pageHost: "autoconfig.example.org",
      autodiscoverHost: "autodiscover.example.org",
      webmailHost: "webmail.example.org",
    },
  ],
  certificate,
  address,
  network,
  networkAddress: "198.18.221.20",
  webmail: { container: dockerName("webmail"), messageSizeLimitBytes: 52428800 },
});
new Webmail("webmail", {
  servers: [
    { hostName, container: server.containerName, domains: [{ domain, webmailHost: "webmail.example.org" }] },
  ],
  authorityCertificate: certificate.authorityCertificate,
  network,
  networkAddress: "198.18.221.30",
  webServerAddress: "198.18.221.20",
});

export const passwords = server.passwords;
