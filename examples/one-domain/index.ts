/** A mail domain in a program of your own. */
import { DnsZones, LabCertificate, LocalDnsServer, MailDomain, MailServer } from "maildomain";

const hostName = "mail.example.org";
const address = "127.0.0.1";
const domain = new MailDomain("example.org", {
  domain: "example.org",
  hostName,
  addresses: { ipv4: address },
  mailboxes: [{ address: "ana@example.org", displayName: "Ana Lima" }],
});
const certificate = new LabCertificate("certificate", {
  hostNames: domain.clientNames,
  authorityName: "example.org",
});
const dns = new DnsZones("dns", {
  zones: [{ name: "example.org" }],
  servers: [{ hostName, addresses: { ipv4: address }, ttl: 3600 }],
  domains: [domain.recordDescription],
  nameServerAddress: address,
});
new LocalDnsServer("dns-server", { zones: dns.localZones, address });
const server = new MailServer("mail-server", { hostName, domains: [domain], certificate, address });

export const passwords = server.passwords;
