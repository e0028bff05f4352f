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
  type DomainCertificate,
  type LabCertificateArgs,
  type LocalDnsServerArgs,
  type MailboxArgs,
  type MailDomainArgs,
  type MailServerArgs,
  type SealedZone,
  type SigningKeyArgs,
  type StageChecks,
  type TlsCertificate,
  type WebmailArgs,
  type WebServerArgs,
  type ZoneArgs,
} from "../../components/index.ts";
import { addressOf } from "../../components/later-addresses.ts";
import { shownName } from "../../components/mailbox.ts";
import type { WebmailDomainArgs, WebmailServerArgs } from "../../components/webmail.ts";
import { declareEvery } from "./every-component.ts";
import { type Recorded, record, tree, value } from "./recorder.ts";

/** What another resource of the same program gives. */
class Elsewhere extends pulumi.CustomResource {
  declare readonly text: pulumi.Output<string>;
  declare readonly unknown: pulumi.Output<string>;

  constructor(text: string) {
    super("test:index:Elsewhere", text, { text, unknown: undefined });
  }
}

const ours = (resources: readonly Recorded[]) => resources.filter(({ type }) => !type.startsWith("test:"));

test("what is known later makes the same resources, with the same inputs, as what is plain", async () => {
  const [, plain] = await record(() => declareEvery((text) => text));
  const made = new Map<string, Elsewhere>();
  const elsewhere = (text: string) => made.get(text) ?? made.set(text, new Elsewhere(text)).get(text);
  const [, later] = await record(() => {
    made.clear();
    return declareEvery((text) => elsewhere(text)?.text ?? text);
  });
  expect(ours(later)).toEqual(plain);
  const [, promised] = await record(() => declareEvery((text) => Promise.resolve(text)));
  expect(promised).toEqual(plain);
  const [, unknown] = await record(() => {
    made.clear();
    return declareEvery((text) => elsewhere(text)?.unknown ?? text);
  }, true);
  expect(tree(ours(unknown))).toBe(tree(plain));
});

test("the provider of an address that is known later is asked for its reverse name", async () => {
  const [{ dns }] = await record(() => declareEvery((text) => pulumi.output(text)));
  const asked = await value(dns.reverseNameInstructions);
  expect(asked.map(({ text, record: { name } }) => `${name} ${text}`)).toContain(
    "25.2.0.192.in-addr.arpa Ask the provider of 192.0.2.25 to set its reverse name to mail.example.org",
  );
  expect(asked).toHaveLength(4);
  const [{ dns: plain }] = await record(() => declareEvery((text) => text));
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
  expectTypeOf<Later<DnsZonesArgs["servers"][number]>>().toEqualTypeOf<"persistentProof">();
  expectTypeOf<Later<DnsZonesArgs["servers"][number]["addresses"]>>().toEqualTypeOf<"ipv4" | "ipv6">();
  expectTypeOf<Later<ZoneArgs>>().toEqualTypeOf<"cloudflareZone">();
  expectTypeOf<Later<LocalDnsServerArgs>>().toEqualTypeOf<Container | "address" | "image">();
  expectTypeOf<Later<MailServerArgs>>().toEqualTypeOf<
    Container | "address" | "certificatesVolume" | "image" | "webmailAddress"
  >();
  expectTypeOf<Later<SealedZone>>().toEqualTypeOf<"nameServer" | "ds">();
  expectTypeOf<Later<WebServerArgs>>().toEqualTypeOf<
    Container | "address" | "authorityCertificate" | "certificateAgent" | "certificatesVolume"
  >();
  expectTypeOf<Later<DomainCertificate>>().toEqualTypeOf<never>();
  expectTypeOf<Later<NonNullable<WebServerArgs["webmail"]>>>().toEqualTypeOf<"container">();
  expectTypeOf<Later<WebmailArgs>>().toEqualTypeOf<Container | "authorityCertificate" | "webServerAddress">();
  expectTypeOf<Later<WebmailServerArgs>>().toEqualTypeOf<"container">();
  expectTypeOf<Later<WebmailDomainArgs>>().toEqualTypeOf<never>();
  expectTypeOf<Later<ContainerLimits>>().toEqualTypeOf<never>();
  expectTypeOf<Later<ContainerLogs>>().toEqualTypeOf<never>();
});
