import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { MailDomain, type MailDomainArgs } from "../../components/index.ts";
import { record, tree, value } from "./recorder.ts";

const args: MailDomainArgs = {
  domain: "example.org",
  hostName: "mail.example.org",
  addresses: { ipv4: "192.0.2.25" },
  mailboxes: [
    {
      address: "ana@example.org",
      displayName: "Ana Lima",
      aliases: ["a.lima@example.org"],
      password: "secret",
    },
    { address: "rui@example.org", quotaBytes: 5 * 2 ** 30 },
  ],
  aliases: [{ address: "abuse@example.org", targets: ["rui@example.org"] }],
};

test("a domain has its keys, its mailboxes and a zone", async () => {
  const [domain, resources] = await record(() => new MailDomain("example.org", args));
  expect(tree(resources)).toMatchInlineSnapshot(`
    "ana@example.org: maildomain:index:Mailbox
    example.org: maildomain:index:MailDomain
    example.org-dkim-ed1: maildomain:index:DkimKey
    example.org-dkim-rsa1: maildomain:index:DkimKey
    example.org-zone: maildomain:index:LocalZone
    example.org-zone-key: maildomain:index:DnssecKey
    rui@example.org: maildomain:index:Mailbox"
  `);
  expect(resources.find(({ name }) => name === "example.org-zone")?.inputs).toMatchInlineSnapshot(`
    {
      "domain": "example.org",
      "records": {
        "dkim-ed1": "ed1._domainkey.example.org 3600 TXT v=DKIM1; k=ed25519; p=UFVCTElD",
        "dkim-rsa1": "rsa1._domainkey.example.org 3600 TXT v=DKIM1; k=rsa; p=UFVCTElD",
        "dmarc": "_dmarc.example.org 3600 TXT v=DMARC1; p=quarantine; rua=mailto:postmaster@example.org",
        "host": "mail.example.org 3600 A 192.0.2.25",
        "host-imap": "imap.example.org 3600 A 192.0.2.25",
        "host-imap-mx": "imap.example.org 3600 MX 0 .",
        "host-imap-spf": "imap.example.org 3600 TXT v=spf1 -all",
        "host-pop3": "pop3.example.org 3600 A 192.0.2.25",
        "host-pop3-mx": "pop3.example.org 3600 MX 0 .",
        "host-pop3-spf": "pop3.example.org 3600 TXT v=spf1 -all",
        "host-smtp": "smtp.example.org 3600 A 192.0.2.25",
        "host-smtp-mx": "smtp.example.org 3600 MX 0 .",
        "host-smtp-spf": "smtp.example.org 3600 TXT v=spf1 -all",
        "host-spf": "mail.example.org 3600 TXT v=spf1 a -all",
        "host-tls-rpt": "_smtp._tls.mail.example.org 3600 TXT v=TLSRPTv1; rua=mailto:postmaster@example.org",
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
  expect(resources.find(({ name }) => name === "ana@example.org")?.inputs).toMatchInlineSnapshot(`
    {
      "address": "ana@example.org",
      "aliases": [
        "a.lima@example.org",
      ],
      "displayName": "Ana Lima",
      "quotaBytes": 1073741824,
    }
  `);
  expect(await value(domain.localZones[0]?.text ?? pulumi.output(""))).toContain(
    'ed1._domainkey.example.org.\t3600\tIN\tTXT\t"v=DKIM1; k=ed25519; p=UFVCTElD"',
  );
});

test("its first mailbox gets the mail for the roles that are not declared", async () => {
  const [domain] = await record(() => new MailDomain("example.org", args));
  expect(domain.hosted).toMatchInlineSnapshot(`
    {
      "aliases": [
        {
          "address": "abuse@example.org",
          "targets": [
            "rui@example.org",
          ],
        },
        {
          "address": "a.lima@example.org",
          "targets": [
            "ana@example.org",
          ],
        },
        {
          "address": "postmaster@example.org",
          "targets": [
            "ana@example.org",
          ],
        },
      ],
      "dkimSelectors": [
        "rsa1",
        "ed1",
      ],
      "mailboxes": [
        {
          "address": "ana@example.org",
          "appPasswords": undefined,
          "forward": undefined,
          "protocols": undefined,
          "quotaBytes": 1073741824,
          "receives": undefined,
          "recipientsPerHour": undefined,
          "sendAs": undefined,
          "sieve": undefined,
          "subAddressing": undefined,
        },
        {
          "address": "rui@example.org",
          "appPasswords": undefined,
          "forward": undefined,
          "protocols": undefined,
          "quotaBytes": 5368709120,
          "receives": undefined,
          "recipientsPerHour": undefined,
          "sendAs": undefined,
          "sieve": undefined,
          "subAddressing": undefined,
        },
      ],
      "name": "example.org",
    }
  `);
});

test("the same resources exist in a first preview, when no key is there yet", async () => {
  const [, created] = await record(() => new MailDomain("example.org", args));
  const [, previewed] = await record(() => new MailDomain("example.org", args), true);
  expect(tree(previewed)).toBe(tree(created));
});

test("on Cloudflare each record is one resource, named by its role", async () => {
  const cloudflare = { dns: "cloudflare", cloudflareZone: "0".repeat(32) } as const;
  const [domain, resources] = await record(() => new MailDomain("example.org", { ...args, ...cloudflare }));
  expect(domain.localZones).toEqual([]);
  const records = resources.filter(({ type }) => type === "cloudflare:index/dnsRecord:DnsRecord");
  const lines = records.map(
    ({ name, inputs: { name: owner, type, ttl, content, data, priority, proxied } }) =>
      [name, owner, type, ttl, content ?? JSON.stringify(data), priority ?? "-", proxied].join(" | "),
  );
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "example.org-zone-dkim-ed1 | ed1._domainkey.example.org | TXT | 3600 | "v=DKIM1; k=ed25519; p=UFVCTElD" | - | false
    example.org-zone-dkim-rsa1 | rsa1._domainkey.example.org | TXT | 3600 | "v=DKIM1; k=rsa; p=UFVCTElD" | - | false
    example.org-zone-dmarc | _dmarc.example.org | TXT | 3600 | "v=DMARC1; p=quarantine; rua=mailto:postmaster@example.org" | - | false
    example.org-zone-host | mail.example.org | A | 3600 | 192.0.2.25 | - | false
    example.org-zone-host-imap | imap.example.org | A | 3600 | 192.0.2.25 | - | false
    example.org-zone-host-imap-mx | imap.example.org | MX | 3600 | . | 0 | false
    example.org-zone-host-imap-spf | imap.example.org | TXT | 3600 | "v=spf1 -all" | - | false
    example.org-zone-host-pop3 | pop3.example.org | A | 3600 | 192.0.2.25 | - | false
    example.org-zone-host-pop3-mx | pop3.example.org | MX | 3600 | . | 0 | false
    example.org-zone-host-pop3-spf | pop3.example.org | TXT | 3600 | "v=spf1 -all" | - | false
    example.org-zone-host-smtp | smtp.example.org | A | 3600 | 192.0.2.25 | - | false
    example.org-zone-host-smtp-mx | smtp.example.org | MX | 3600 | . | 0 | false
    example.org-zone-host-smtp-spf | smtp.example.org | TXT | 3600 | "v=spf1 -all" | - | false
    example.org-zone-host-spf | mail.example.org | TXT | 3600 | "v=spf1 a -all" | - | false
    example.org-zone-host-tls-rpt | _smtp._tls.mail.example.org | TXT | 3600 | "v=TLSRPTv1; rua=mailto:postmaster@example.org" | - | false
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

test("the server's key is published in a signed zone only, by the domain that the server's name lies in", async () => {
  const plan = async (changes: Partial<MailDomainArgs>): Promise<string[]> => {
    const spkiSha256 = "ab".repeat(32);
    const [domain] = await record(
      () => new MailDomain("example.org", { ...args, serverKey: spkiSha256, ...changes }),
    );
    return domain.records.filter(({ type }) => type === "TLSA").map(({ name }) => name);
  };
  expect(await plan({})).toEqual(["_25._tcp.mail.example.org"]);
  expect(await plan({ dnssec: false })).toEqual([]);
  expect(await plan({ dns: "cloudflare", cloudflareZone: "0".repeat(32) })).toEqual([]);
  expect(await plan({ hostName: "mail.example.net" })).toEqual([]);
});

test("a zone that is not signed has no key and no DS", async () => {
  const [domain, resources] = await record(() => new MailDomain("example.org", { ...args, dnssec: false }));
  expect(domain.localZones[0]?.ds).toBeUndefined();
  expect(resources.map(({ type }) => type)).not.toContain("maildomain:index:DnssecKey");
});

test("passwords are secrets, and no input of a component", async () => {
  const [domain, resources] = await record(() => new MailDomain("example.org", args));
  expect(await pulumi.isSecret(domain.mailboxes[0]?.passwords[0]?.password ?? pulumi.output(""))).toBe(true);
  expect(JSON.stringify(resources)).not.toContain('"secret"');
});
