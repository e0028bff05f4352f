/** A stack of stacks/: what its file declares, and what it tells of itself. */
import { Network } from "@pulumi/docker/network.js";
import { Provider } from "@pulumi/docker/provider.js";
import {
  clientNamesOf,
  DnsZones,
  dockerName,
  LabCertificate,
  LocalDnsServer,
  MailDomain,
  MailServer,
} from "./components/index.ts";
import { formatTlsa, ownKey } from "./records/index.ts";
import { authorityName, domainArgs, serverHostName } from "./stacks/declare.ts";
import { describeStack } from "./stacks/outputs.ts";
import { readSieveFiles, readStackSettings, refuseTakenPorts } from "./stacks/read.ts";
import { nameServerAddress, parkedDescriptions, serverRecords, zoneArgs } from "./stacks/zones.ts";

const settings = readStackSettings();
await refuseTakenPorts(settings);

const { address, ports, dockerHost } = settings;
const engine = dockerHost === undefined ? {} : { provider: new Provider("engine", { host: dockerHost }) };
const network = new Network("network", { name: dockerName("network") }, engine);

const names = settings.domains.flatMap(({ name }) => clientNamesOf(name));
const certificate = new LabCertificate("certificate", {
  hostNames: [...new Set([serverHostName(settings), ...names])],
  authorityName: authorityName(settings),
  days: settings.certificateDays,
});

const sieve = readSieveFiles(settings);
const mailDomains = domainArgs(settings, sieve).map((args) => new MailDomain(args.domain, args));

const serverKey = certificate.spkiSha256.apply((digest) => formatTlsa(ownKey(digest)));
const dns = new DnsZones("dns", {
  zones: zoneArgs(settings),
  servers: [serverRecords(settings, serverKey)],
  domains: mailDomains.map(({ recordDescription }) => recordDescription),
  parkedDomains: parkedDescriptions(settings),
  nameServerAddress: nameServerAddress(settings),
});

const dnsServerArgs = { zones: dns.localZones, address, port: ports.dns, network: network.name };
const dnsServer =
  dns.localZones.length === 0 ? undefined : new LocalDnsServer("dns-server", dnsServerArgs, engine);

const mailServerArgs = {
  hostName: serverHostName(settings),
  domains: mailDomains,
  certificate,
  address,
  ports,
  legacyPorts: settings.legacyPorts,
  messageSizeLimitBytes: settings.messageSizeLimit,
  keepRemovedMailDays: settings.keepRemovedMail,
  network: network.name,
  keepMail: !settings.lab,
};
const mailServer = new MailServer("mail-server", mailServerArgs, engine);

const parts = { domains: mailDomains, dns, certificate, mailServer, dnsServer };
export const {
  endpoint,
  containers,
  generations,
  hostName,
  caCertificate,
  domains,
  zones,
  instructions,
  passwords,
} = describeStack(settings, parts);
