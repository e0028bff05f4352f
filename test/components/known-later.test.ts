/** What of a component's arguments may be known later, and that all the rest is plain. */
import * as pulumi from "@pulumi/pulumi";
import { expect, expectTypeOf, test } from "vitest";
import {
  type AliasArgs,
  type AppPasswordArgs,
  type ContainerLimits,
  type ContainerLogs,
  DnsZones,
  type DnsZonesArgs,
  LabCertificate,
  type LabCertificateArgs,
  LocalDnsServer,
  type LocalDnsServerArgs,
  type MailboxArgs,
  MailDomain,
  type MailDomainArgs,
  MailServer,
  type MailServerArgs,
  type SealedZone,
  type SigningKeyArgs,
  type StageChecks,
  type TlsCertificate,
  Webmail,
  type WebmailArgs,
  WebServer,
  type WebServerArgs,
  type ZoneArgs,
} from "../../components/index.ts";
import { addressOf } from "../../components/later-addresses.ts";
import { shownName } from "../../components/mailbox.ts";
import type { WebmailDomainArgs, WebmailServerArgs } from "../../components/webmail.ts";
import { labClients } from "../clients/lab.ts";
import { type Recorded, record, tree, value } from "./recorder.ts";

/** What another resource of the same program gives. */
class Elsewhere extends pulumi.CustomResource {
  declare readonly text: pulumi.Output<string>;
  declare readonly unknown: pulumi.Output<string>;

  constructor(text: string) {
    super("test:index:Elsewhere", text, { text, unknown: undefined });
  }
}

type TextOf = (text: string) => pulumi.Input<string>;

/** Every component, with all that may be known later; ends when the last of their resources is there. */
async function declare(text: TextOf): Promise<DnsZones> {
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
    authorityCertificate: text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    address: text("192.0.2.25"),
    networkAddress: text("198.19.0.5"),
    webmail: { container: text("webmail"), messageSizeLimitBytes: 2 ** 20 },
  });
  const servers = [dnsServer, mailServer, webmail, webServer];
  await Promise.all(servers.map(({ nodes }) => value(nodes.container.urn)));
  return dns;
}

const ours = (resources: readonly Recorded[]) => resources.filter(({ type }) => !type.startsWith("test:"));

test("what is known later makes the same resources, with the same inputs, as what is plain", async () => {
  const [, plain] = await record(() => declare((text) => text));
  const made = new Map<string, Elsewhere>();
  const elsewhere = (text: string) => made.get(text) ?? made.set(text, new Elsewhere(text)).get(text);
  const [, later] = await record(() => {
    made.clear();
    return declare((text) => elsewhere(text)?.text ?? text);
  });
  expect(ours(later)).toEqual(plain);
  const [, promised] = await record(() => declare((text) => Promise.resolve(text)));
  expect(promised).toEqual(plain);
  const [, unknown] = await record(() => {
    made.clear();
    return declare((text) => elsewhere(text)?.unknown ?? text);
  }, true);
  expect(tree(ours(unknown))).toBe(tree(plain));
});

test("the provider of an address that is known later is asked for its reverse name", async () => {
  const [dns] = await record(() => declare((text) => pulumi.output(text)));
  const asked = await value(dns.reverseNameInstructions);
  expect(asked.map(({ text, record: { name } }) => `${name} ${text}`)).toContain(
    "25.2.0.192.in-addr.arpa Ask the provider of 192.0.2.25 to set its reverse name to mail.example.org",
  );
  expect(asked).toHaveLength(4);
  const [plain] = await record(() => declare((text) => text));
  expect(await value(plain.reverseNameInstructions)).toEqual([]);
  const asks = plain.instructions.filter(({ record: { type } }) => type === "PTR");
  expect(asks.map(({ record }) => record)).toEqual(asked.map(({ record }) => record));
});

test("what is known later is refused with the words for what is plain", async () => {
  const bad = "192.0.2.999";
  const addresses = { ipv4: bad };
  const servers = [{ hostName: "mail.example.org", addresses, ttl: 3600 }];
  const args = { zones: [{ name: "example.org" }], servers, domains: [], nameServerAddress: "192.0.2.53" };
  let plain = "";
  await record(() => {
    try {
      new DnsZones("dns", args);
    } catch (error) {
      plain = (error as Error).message;
    }
  });
  expect(plain).toContain('mail.example.org, addresses: "192.0.2.999" is not a valid IPv4 address');
  // An error inside an Output ends the run of the tests, so what checks it there is asked itself.
  expect(() => addressOf("mail.example.org", "addresses", "ipv4", bad)).toThrow(plain);
  expect(() => shownName("ana@example.org", "Ana\u202e")).toThrow(
    "the display name of ana@example.org has U+202E: remove it",
  );
});

/** The arguments that take an Output of a text, or of a number. */
type Later<Args> = keyof {
  [Name in keyof Args as pulumi.Output<string> extends Args[Name]
    ? Name
    : pulumi.Output<number> extends Args[Name]
      ? Name
      : never]: true;
};

test("all else is plain: which resources and records there are depends on it", () => {
  type Container = "engineIdentity" | "dockerHost" | "network" | "networkAddress";
  expectTypeOf<Later<MailDomainArgs>>().toEqualTypeOf<never>();
  expectTypeOf<Later<MailDomainArgs["addresses"]>>().toEqualTypeOf<"ipv4" | "ipv6">();
  expectTypeOf<Later<NonNullable<MailDomainArgs["web"]>["addresses"]>>().toEqualTypeOf<"ipv4" | "ipv6">();
  expectTypeOf<Later<MailboxArgs>>().toEqualTypeOf<"displayName" | "password" | "passwordHash">();
  expectTypeOf<Later<AppPasswordArgs>>().toEqualTypeOf<"password">();
  expectTypeOf<Later<AliasArgs>>().toEqualTypeOf<never>();
  expectTypeOf<Later<SigningKeyArgs>>().toEqualTypeOf<"privateKey">();
  expectTypeOf<Later<StageChecks>>().toEqualTypeOf<never>();
  expectTypeOf<Later<LabCertificateArgs>>().toEqualTypeOf<"authorityName" | "days">();
  expectTypeOf<Later<TlsCertificate>>().toEqualTypeOf<"privateKey" | "certificate" | "chain">();
  expectTypeOf<Later<DnsZonesArgs>>().toEqualTypeOf<"nameServerAddress">();
  expectTypeOf<Later<DnsZonesArgs["servers"][number]>>().toEqualTypeOf<never>();
  expectTypeOf<Later<DnsZonesArgs["servers"][number]["addresses"]>>().toEqualTypeOf<"ipv4" | "ipv6">();
  expectTypeOf<Later<ZoneArgs>>().toEqualTypeOf<"cloudflareZone">();
  expectTypeOf<Later<LocalDnsServerArgs>>().toEqualTypeOf<Container | "address" | "image">();
  expectTypeOf<Later<MailServerArgs>>().toEqualTypeOf<Container | "address" | "image" | "webmailAddress">();
  expectTypeOf<Later<SealedZone>>().toEqualTypeOf<"nameServer" | "ds">();
  expectTypeOf<Later<WebServerArgs>>().toEqualTypeOf<Container | "address" | "authorityCertificate">();
  expectTypeOf<Later<NonNullable<WebServerArgs["webmail"]>>>().toEqualTypeOf<"container">();
  expectTypeOf<Later<WebmailArgs>>().toEqualTypeOf<Container | "authorityCertificate" | "webServerAddress">();
  expectTypeOf<Later<WebmailServerArgs>>().toEqualTypeOf<"container">();
  expectTypeOf<Later<WebmailDomainArgs>>().toEqualTypeOf<never>();
  expectTypeOf<Later<ContainerLimits>>().toEqualTypeOf<never>();
  expectTypeOf<Later<ContainerLogs>>().toEqualTypeOf<never>();
});
