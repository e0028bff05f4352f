import { randomInt } from "node:crypto";

/** Another domain, of somebody else's server, which has a mailbox `rui`. */
export interface NeighbouringProgram {
  /** The program with the other server, and with the names by which the two find each other. */
  readonly program: string;
  /** The address on which the other server answers. */
  readonly address: string;
}

/**
 * The TypeScript program of docs/package.md in a network of its own, where names are what its name server says: with a further
 * server of a further domain, example.net, whose passwords it exports as `neighbourPasswords`.
 *
 * @param addresses - that of the program, and one for the other server
 */
export function withNeighbour(program: string, addresses: readonly [string, string]): NeighbouringProgram {
  const [own, address] = addresses;
  // In the half of the network for tests (RFC 2544) in which no stack's is.
  const subnet = `198.18.${randomInt(0, 256)}`;
  const edits = [
    [
      "import {",
      'import * as docker from "@pulumi/docker";\nimport * as pulumi from "@pulumi/pulumi";\nimport { DnsZones, LocalDnsServer,',
    ],
    ["const domain =", `${beginning(subnet)}const domain =`],
    [`addresses: { ipv4: "${own}" }`, `addresses: { ipv4: "${subnet}.10" }`],
    [`certificate, address: "${own}" }`, `certificate, address: "${own}", ...place(10) }`],
  ] as const;
  const edited = edits.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`The program does not say ${from}`);
    return text.replace(from, to);
  }, program);
  return { program: edited + ending(subnet, address), address };
}

const beginning = (subnet: string) => `
const network = new docker.Network("mail", {
  name: pulumi.getProject() + "-" + pulumi.getStack() + "-mail",
  ipamConfigs: [{ subnet: "${subnet}.0/24" }],
}).name;
const zones = ["example.org", "example.net"];
const place = (host: number) => ({
  network,
  networkAddress: "${subnet}." + host,
  sealedZones: zones.map((zone) => ({ zone, nameServer: "${subnet}.53" })),
});
`;

const ending = (subnet: string, address: string) => `
const neighbourHost = "mail.example.net";
const neighbour = new MailDomain("example.net", {
  domain: "example.net",
  hostName: neighbourHost,
  addresses: { ipv4: "${subnet}.20" },
  mailboxes: [{ address: "rui@example.net" }],
});
const neighbourServer = new MailServer("neighbour", {
  hostName: neighbourHost,
  domains: [neighbour],
  certificate: new LabCertificate("neighbour", { hostNames: [neighbourHost] }),
  address: "${address}",
  image: server.image,
  keepMail: false,
  ...place(20),
});
const dns = new DnsZones("dns", {
  zones: zones.map((name) => ({ name })),
  servers: [
    { hostName, addresses: { ipv4: "${subnet}.10" }, ttl: 60 },
    { hostName: neighbourHost, addresses: { ipv4: "${subnet}.20" }, ttl: 60 },
  ],
  domains: [domain.recordDescription, neighbour.recordDescription],
  nameServerAddress: "${subnet}.53",
});
new LocalDnsServer("dns-server", {
  zones: dns.localZones,
  address: "${address}",
  network,
  networkAddress: "${subnet}.53",
});
export const neighbourPasswords = neighbourServer.passwords;
`;
