import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { DnsZones, type DnsZonesArgs, MailDomain, type ZoneArgs } from "../../components/index.ts";
import { record, tree, value } from "./recorder.ts";

const cloudflare = { dns: "cloudflare", cloudflareZone: "0".repeat(32) } as const;
const addresses = { ipv4: "192.0.2.25" };
const tlsa = `3 1 1 ${"ab".repeat(32)}`;

function declare(zone: Partial<ZoneArgs> = {}, changes: Partial<DnsZonesArgs> = {}): DnsZones {
  const domain = new MailDomain("example.org", {
    domain: "example.org",
    hostName: "mail.example.org",
    addresses,
    mailboxes: [{ address: "ana@example.org" }],
  });
  return new DnsZones("dns", {
    zones: [{ name: "example.org", ...zone }],
    servers: [{ hostName: "mail.example.org", ttl: 3600, addresses }],
    domains: [domain.recordDescription],
    nameServerAddress: "192.0.2.53",
    ...changes,
  });
}

test("a zone of the stack's own has its key, and one line per record", async () => {
  const [dns, resources] = await record(() => declare());
  expect(tree(resources.filter(({ type }) => /Zone|Dnssec/.test(type)))).toMatchInlineSnapshot(`
    "dns: maildomain:index:DnsZones
    example.org-zone: maildomain:index:LocalZone
    example.org-zone-key: maildomain:index:DnssecKey"
  `);
  expect(resources.find(({ name }) => name === "example.org-zone")?.inputs).toMatchInlineSnapshot(`
    {
      "domain": "example.org",
      "records": {
        "dkim-ed1": "ed1._domainkey.example.org 3600 TXT v=DKIM1; k=ed25519; p=UFVCTElD",
        "dkim-rsa1": "rsa1._domainkey.example.org 3600 TXT v=DKIM1; k=rsa; p=UFVCTElD",
        "dmarc": "_dmarc.example.org 3600 TXT v=DMARC1; p=quarantine; rua=mailto:postmaster@example.org",
        "host-imap": "imap.example.org 3600 A 192.0.2.25",
        "host-imap-mx": "imap.example.org 3600 MX 0 .",
        "host-imap-spf": "imap.example.org 3600 TXT v=spf1 -all",
        "host-pop3": "pop3.example.org 3600 A 192.0.2.25",
        "host-pop3-mx": "pop3.example.org 3600 MX 0 .",
        "host-pop3-spf": "pop3.example.org 3600 TXT v=spf1 -all",
        "host-smtp": "smtp.example.org 3600 A 192.0.2.25",
        "host-smtp-mx": "smtp.example.org 3600 MX 0 .",
        "host-smtp-spf": "smtp.example.org 3600 TXT v=spf1 -all",
        "mail.example.org-host": "mail.example.org 3600 A 192.0.2.25",
        "mail.example.org-host-dmarc": "_dmarc.mail.example.org 3600 TXT v=DMARC1; p=reject",
        "mail.example.org-host-spf": "mail.example.org 3600 TXT v=spf1 a -all",
        "mx": "example.org 3600 MX 10 mail.example.org",
        "spf": "example.org 3600 TXT v=spf1 mx -all",
        "srv-imap": "_imap._tcp.example.org 3600 SRV 0 0 0 .",
        "srv-imaps": "_imaps._tcp.example.org 3600 SRV 0 1 993 imap.example.org",
        "srv-pop3": "_pop3._tcp.example.org 3600 SRV 0 0 0 .",
        "srv-pop3s": "_pop3s._tcp.example.org 3600 SRV 0 1 995 pop3.example.org",
        "srv-sieve": "_sieve._tcp.example.org 3600 SRV 0 1 4190 imap.example.org",
        "srv-submission": "_submission._tcp.example.org 3600 SRV 0 1 587 smtp.example.org",
        "srv-submissions": "_submissions._tcp.example.org 3600 SRV 0 1 465 smtp.example.org",
        "tls-rpt": "_smtp._tls.example.org 3600 TXT v=TLSRPTv1; rua=mailto:postmaster@example.org",
      },
    }
  `);
  expect(await value(dns.localZones[0]?.text ?? pulumi.output(""))).toContain(
    'ed1._domainkey.example.org.\t3600\tIN\tTXT\t"v=DKIM1; k=ed25519; p=UFVCTElD"',
  );
});

test("the same resources exist in a first preview, when no key is there yet", async () => {
  const [, created] = await record(() => declare());
  const [, previewed] = await record(() => declare(), true);
  expect(tree(previewed)).toBe(tree(created));
});

test("on Cloudflare each record is one resource, named by its role", async () => {
  const [dns, resources] = await record(() => declare(cloudflare));
  expect(dns.localZones).toEqual([]);
  const records = resources.filter(({ type }) => type === "cloudflare:index/dnsRecord:DnsRecord");
  const lines = records.map(
    ({ name, inputs: { name: owner, type, ttl, content, data, priority, proxied } }) =>
      [name, owner, type, ttl, content ?? JSON.stringify(data), priority ?? "-", proxied].join(" | "),
  );
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "example.org-zone-dkim-ed1 | ed1._domainkey.example.org | TXT | 3600 | "v=DKIM1; k=ed25519; p=UFVCTElD" | - | false
    example.org-zone-dkim-rsa1 | rsa1._domainkey.example.org | TXT | 3600 | "v=DKIM1; k=rsa; p=UFVCTElD" | - | false
    example.org-zone-dmarc | _dmarc.example.org | TXT | 3600 | "v=DMARC1; p=quarantine; rua=mailto:postmaster@example.org" | - | false
    example.org-zone-host-imap | imap.example.org | A | 3600 | 192.0.2.25 | - | false
    example.org-zone-host-imap-mx | imap.example.org | MX | 3600 | . | 0 | false
    example.org-zone-host-imap-spf | imap.example.org | TXT | 3600 | "v=spf1 -all" | - | false
    example.org-zone-host-pop3 | pop3.example.org | A | 3600 | 192.0.2.25 | - | false
    example.org-zone-host-pop3-mx | pop3.example.org | MX | 3600 | . | 0 | false
    example.org-zone-host-pop3-spf | pop3.example.org | TXT | 3600 | "v=spf1 -all" | - | false
    example.org-zone-host-smtp | smtp.example.org | A | 3600 | 192.0.2.25 | - | false
    example.org-zone-host-smtp-mx | smtp.example.org | MX | 3600 | . | 0 | false
    example.org-zone-host-smtp-spf | smtp.example.org | TXT | 3600 | "v=spf1 -all" | - | false
    example.org-zone-mail.example.org-host | mail.example.org | A | 3600 | 192.0.2.25 | - | false
    example.org-zone-mail.example.org-host-dmarc | _dmarc.mail.example.org | TXT | 3600 | "v=DMARC1; p=reject" | - | false
    example.org-zone-mail.example.org-host-spf | mail.example.org | TXT | 3600 | "v=spf1 a -all" | - | false
    example.org-zone-mx | example.org | MX | 3600 | mail.example.org | 10 | false
    example.org-zone-spf | example.org | TXT | 3600 | "v=spf1 mx -all" | - | false
    example.org-zone-srv-imap | _imap._tcp.example.org | SRV | 3600 | {"port":0,"priority":0,"target":".","weight":0} | 0 | false
    example.org-zone-srv-imaps | _imaps._tcp.example.org | SRV | 3600 | {"port":993,"priority":0,"target":"imap.example.org","weight":1} | 0 | false
    example.org-zone-srv-pop3 | _pop3._tcp.example.org | SRV | 3600 | {"port":0,"priority":0,"target":".","weight":0} | 0 | false
    example.org-zone-srv-pop3s | _pop3s._tcp.example.org | SRV | 3600 | {"port":995,"priority":0,"target":"pop3.example.org","weight":1} | 0 | false
    example.org-zone-srv-sieve | _sieve._tcp.example.org | SRV | 3600 | {"port":4190,"priority":0,"target":"imap.example.org","weight":1} | 0 | false
    example.org-zone-srv-submission | _submission._tcp.example.org | SRV | 3600 | {"port":587,"priority":0,"target":"smtp.example.org","weight":1} | 0 | false
    example.org-zone-srv-submissions | _submissions._tcp.example.org | SRV | 3600 | {"port":465,"priority":0,"target":"smtp.example.org","weight":1} | 0 | false
    example.org-zone-tls-rpt | _smtp._tls.example.org | TXT | 3600 | "v=TLSRPTv1; rua=mailto:postmaster@example.org" | - | false"
  `);
});

test("a zone that is not signed has no key and no DS", async () => {
  const [dns, resources] = await record(() => declare({ dnssec: false }));
  expect(dns.localZones[0]?.ds).toBeUndefined();
  expect(dns.instructions.map(({ record: { type } }) => type)).not.toContain("DS");
  expect(resources.map(({ type }) => type)).not.toContain("maildomain:index:DnssecKey");
});

describe("what others have to publish", () => {
  test("the DS of a signed zone, and reverse names", async () => {
    const [dns] = await record(() => declare());
    const asks = await Promise.all(
      dns.instructions.map(async ({ record: { name, type, content } }) =>
        [name, type, await value(pulumi.output(content))].join(" "),
      ),
    );
    expect(asks).toEqual([
      "25.2.0.192.in-addr.arpa PTR mail.example.org",
      `example.org DS 1 13 2 ${"00".repeat(32)}`,
    ]);
  });

  test("everything of a server that is named in another's zone", async () => {
    const servers = [{ hostName: "mail.example.net", ttl: 3600, addresses }];
    const [dns] = await record(() => declare({}, { servers }));
    const names = dns.instructions.map(({ record: { name, type } }) => `${name} ${type}`);
    expect(names).toContain("mail.example.net A");
    expect(dns.plan.groups.map(({ owner }) => owner)).toEqual(["example.org"]);
  });
});

test("DANE in a zone that is not signed is refused with all else that the description would break", async () => {
  const servers = [
    {
      hostName: "mail.example.org",
      ttl: -1,
      addresses,
      keys: [{ name: "key1", stage: "serving" as const, content: pulumi.output(tlsa) }],
    },
  ];
  await expect(
    record(() => declare({ dnssec: false }, { servers })),
  ).rejects.toThrowErrorMatchingInlineSnapshot(`
    [RecordPlanError: The DNS records cannot be published as described:
      mail.example.org, ttl: -1 is not between 0 and 2147483647 seconds (RFC 2181 section 8)
      mail.example.org, keys: DANE needs DNSSEC: sign the zone example.org, or publish no keys (RFC 7672 section 2.2)]
  `);
});
