/** A stack of stacks/: what its file declares, and what it tells of itself. */
import { Network } from "@pulumi/docker/network.js";
import { Provider } from "@pulumi/docker/provider.js";
import { getStack } from "@pulumi/pulumi";
import {
  accepted,
  DnsZones,
  dockerName,
  LabCertificate,
  LocalDnsServer,
  MailDomain,
  MailServer,
  viewZones,
  Webmail,
  WebServer,
} from "./components/index.ts";
import {
  certificateArgs,
  mailServerArgs,
  webCertificateArgs,
  webmailArgs,
} from "./stacks/program/declare.ts";
import { describeStack } from "./stacks/program/outputs.ts";
import { serversOf } from "./stacks/program/servers.ts";
import { networkArgs, networkRole, stackNetwork } from "./stacks/program/stack-network.ts";
import { serverKeyArgs, stagedDomainArgs } from "./stacks/program/stages.ts";
import { servesWeb, servesWebmail, siteDomains, webmailHost } from "./stacks/program/web.ts";
import { nameServerAddress, parkedDescriptions, serverRecords, zoneArgs } from "./stacks/program/zones.ts";
import {
  readSieveFiles,
  readStackSettings,
  refuseTakenPorts,
  refuseUnreadyEngine,
  refuseUnusableZones,
} from "./stacks/reading/read.ts";

// Pulumi notes a stack for each of its thousands of promises, and its source-map support rewrites every one, for a
// sixth of a preview's time; this program has no source maps, since Node strips types in place.
Reflect.deleteProperty(Error, "prepareStackTrace");

const settings = readStackSettings();
await refuseUnreadyEngine(settings);
await refuseTakenPorts(settings);
await refuseUnusableZones(settings);

const { address, ports, dockerHost, messageSizeLimit: messageSizeLimitBytes } = settings;
const engine = dockerHost === undefined ? {} : { provider: new Provider("engine", { host: dockerHost }) };
const places = stackNetwork(settings, getStack());
const inside = settings.lab ? places : undefined;
const role = networkRole(settings, places);
const network = new Network(role, { name: dockerName(role), ...networkArgs(places) }, engine);

const sieve = readSieveFiles(settings);
const mailDomains = stagedDomainArgs(settings, sieve).map((args) => new MailDomain(args.domain, args));
// A step that is refused ends the program: nothing after it has been declared, and nothing been changed.
await accepted(mailDomains.map(({ stages }) => stages));

const [main, ...further] = serversOf(settings);
const certificate = new LabCertificate("certificate", {
  ...certificateArgs(main, settings),
  ...serverKeyArgs(main, settings),
});
const { authority } = certificate;
const servers = [
  { declared: main, certificate },
  ...further.map((declared) => {
    const args = { ...certificateArgs(declared, settings), ...serverKeyArgs(declared, settings), authority };
    return { declared, certificate: new LabCertificate(`${declared.name}-certificate`, args) };
  }),
];

await accepted(servers.map((each) => each.certificate.server));

const webServer = servesWeb(settings) ? serveWeb() : undefined;

const zoneSettings = {
  zones: zoneArgs(settings),
  servers: servers.map(({ declared, certificate }) =>
    serverRecords(declared, settings, (key) => certificate.digestOf(key)),
  ),
  domains: mailDomains.map(({ recordDescription }) => recordDescription),
  parkedDomains: parkedDescriptions(settings),
  nameServerAddress: nameServerAddress(settings),
  policyServer: webServer,
};
const dns = new DnsZones("dns", zoneSettings);
const publisher = { network: network.name, policyServer: webServer };
const dnsServerArgs = { ...publisher, zones: dns.localZones, address, port: ports.dns };
const dnsServer =
  dns.localZones.length === 0 ? undefined : new LocalDnsServer("dns-server", dnsServerArgs, engine);

// What a lab's servers see: each other, where they are and not where the machine is, and nothing else.
const view = inside && viewZones(zoneSettings, dns.localZones, inside);
const innerDnsServer =
  inside === undefined || view === undefined || view.length === 0
    ? undefined
    : new LocalDnsServer(
        "dns-server-inside",
        { ...publisher, zones: view, networkAddress: inside.nameServerAddress, image: dnsServer?.image },
        engine,
      );
const sealedZones =
  inside && view?.map(({ zone, ds }) => ({ zone, ds, nameServer: inside.nameServerAddress }));

const mailServers: MailServer[] = [];
for (const { declared, certificate } of servers) {
  const domains = mailDomains.filter(({ domain }) => declared.domains.some(({ name }) => name === domain));
  const args = { ...mailServerArgs(declared, settings, places), domains, certificate, sealedZones };
  const built = { network: network.name, image: mailServers[0]?.image };
  mailServers.push(new MailServer(declared.name, { ...args, ...built }, engine));
}

const webmail = servesWebmail(settings) ? serveWebmail() : undefined;

const certificates = servers.map(({ declared: { hostName }, certificate }) => ({ hostName, certificate }));
const parts = {
  domains: mailDomains,
  dns,
  certificate,
  certificates,
  mailServers,
  dnsServer,
  innerDnsServer,
  webServer,
  webmail,
};
export const {
  endpoint,
  containers,
  generations,
  hostName,
  furtherServers,
  caCertificate,
  domains,
  zones,
  instructions,
  stages,
  passwords,
  backups,
} = describeStack(settings, parts);

function serveWeb(): WebServer {
  const args = {
    domains: siteDomains(settings),
    certificate: new LabCertificate("web-certificate", { ...webCertificateArgs(settings), authority }),
    authorityCertificate: certificate.authorityCertificate,
    address,
    ports: { https: ports.https, http: ports.http },
    network: network.name,
    networkAddress: places?.webServerAddress,
    webmail: servesWebmail(settings)
      ? { container: dockerName("webmail"), messageSizeLimitBytes }
      : undefined,
  };
  return new WebServer("web-server", args, engine);
}

function serveWebmail(): Webmail {
  const args = {
    ...webmailArgs(settings, places),
    servers: servers.map(({ declared }) => ({
      hostName: declared.hostName,
      container: dockerName(declared.name),
      domains: declared.domains.flatMap(({ name }) =>
        mailDomains
          .filter(({ domain }) => domain === name)
          .map((domain) => ({ domain, webmailHost: webmailHost(name) })),
      ),
    })),
    authorityCertificate: certificate.authorityCertificate,
    network: network.name,
  };
  return new Webmail("webmail", args, engine);
}
