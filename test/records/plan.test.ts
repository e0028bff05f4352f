import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type DomainDescription,
  formatDkim,
  type Instruction,
  planRecords,
  type RecordDescription,
  type RecordGroup,
  recordProblems,
  recordsOfZone,
  reverseZone,
  revokedKey,
} from "../../records/index.ts";
import { describeOne, domain, full, server } from "./sample.ts";

const plan = planRecords(full);

function show(group: RecordGroup | undefined): string {
  const lines = group?.records.map(
    ({ role, name, type, ttl, content }) =>
      `${role}: ${name} ${ttl} ${type} ${content.replaceAll(/(.)\1{20,}/g, "$1…")}`,
  );
  return [`${group?.kind} ${group?.owner} in ${group?.zone}`, ...(lines ?? [])].join("\n");
}

function groupOf(owner: string): RecordGroup | undefined {
  return plan.groups.find((group) => group.owner === owner);
}

test("a server's records exist once", () => {
  expect(show(groupOf("mail.example.org"))).toMatchInlineSnapshot(`
    "server mail.example.org in example.org
    host: mail.example.org 3600 A 192.0.2.25
    host-ipv6: mail.example.org 3600 AAAA 2001:db8::25
    tlsa-25-key1: _25._tcp.mail.example.org 3600 TLSA 3 1 1 a…
    tlsa-25-key2: _25._tcp.mail.example.org 3600 TLSA 3 1 1 b…
    host-spf: mail.example.org 3600 TXT v=spf1 a -all
    host-dmarc: _dmarc.mail.example.org 3600 TXT v=DMARC1; p=reject
    host-tls-rpt: _smtp._tls.mail.example.org 3600 TXT v=TLSRPTv1; rua=mailto:postmaster@example.org"
  `);
  const servers = plan.groups.flatMap(({ records }) => records).filter(({ role }) => role === "host");
  expect(servers).toHaveLength(1);
});

test("everything that a domain can have", () => {
  expect(show(groupOf("example.org"))).toMatchInlineSnapshot(`
    "domain example.org in example.org
    mx: example.org 3600 MX 10 mail.example.org
    mx-backup: example.org 3600 MX 20 mx.backup.example
    spf: example.org 3600 TXT v=spf1 mx ip4:198.51.100.0/24 a:relay.example.net include:_spf.example.net -all
    dkim-rsa1: rsa1._domainkey.example.org 3600 TXT v=DKIM1; k=rsa; p=A…
    dkim-ed1: ed1._domainkey.example.org 3600 TXT v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    dkim-ed0: ed0._domainkey.example.org 3600 TXT v=DKIM1; p=
    dmarc: _dmarc.example.org 3600 TXT v=DMARC1; p=reject; np=reject; rua=mailto:postmaster@example.org,mailto:d1@reports.example,mailto:dmarc@example.com
    dmarc-reports-subsidiary.example: subsidiary.example._report._dmarc.example.org 3600 TXT v=DMARC1
    dmarc-reports-example.com: example.com._report._dmarc.example.org 3600 TXT v=DMARC1
    dmarc-reports-example.net: example.net._report._dmarc.example.org 3600 TXT v=DMARC1
    tls-rpt: _smtp._tls.example.org 3600 TXT v=TLSRPTv1; rua=mailto:postmaster@example.org
    srv-submissions: _submissions._tcp.example.org 3600 SRV 0 1 465 smtp.example.org
    srv-submission: _submission._tcp.example.org 3600 SRV 0 1 587 smtp.example.org
    srv-imaps: _imaps._tcp.example.org 3600 SRV 0 1 993 imap.example.org
    srv-imap: _imap._tcp.example.org 3600 SRV 0 0 0 .
    srv-pop3s: _pop3s._tcp.example.org 3600 SRV 0 1 995 pop3.example.org
    srv-pop3: _pop3._tcp.example.org 3600 SRV 0 0 0 .
    srv-sieve: _sieve._tcp.example.org 3600 SRV 0 1 4190 imap.example.org
    host-smtp: smtp.example.org 3600 A 192.0.2.25
    host-smtp-ipv6: smtp.example.org 3600 AAAA 2001:db8::25
    host-smtp-mx: smtp.example.org 3600 MX 0 .
    host-smtp-spf: smtp.example.org 3600 TXT v=spf1 -all
    host-imap: imap.example.org 3600 A 192.0.2.25
    host-imap-ipv6: imap.example.org 3600 AAAA 2001:db8::25
    host-imap-mx: imap.example.org 3600 MX 0 .
    host-imap-spf: imap.example.org 3600 TXT v=spf1 -all
    host-pop3: pop3.example.org 3600 A 192.0.2.25
    host-pop3-ipv6: pop3.example.org 3600 AAAA 2001:db8::25
    host-pop3-mx: pop3.example.org 3600 MX 0 .
    host-pop3-spf: pop3.example.org 3600 TXT v=spf1 -all
    web: example.org 3600 A 192.0.2.80
    host-mta-sts: mta-sts.example.org 3600 A 192.0.2.80
    host-mta-sts-mx: mta-sts.example.org 3600 MX 0 .
    host-mta-sts-spf: mta-sts.example.org 3600 TXT v=spf1 -all
    mta-sts: _mta-sts.example.org 3600 TXT v=STSv1; id=09184b3fe02631b42b62
    host-autoconfig: autoconfig.example.org 3600 A 192.0.2.80
    host-autoconfig-mx: autoconfig.example.org 3600 MX 0 .
    host-autoconfig-spf: autoconfig.example.org 3600 TXT v=spf1 -all
    host-autodiscover: autodiscover.example.org 3600 A 192.0.2.80
    host-autodiscover-mx: autodiscover.example.org 3600 MX 0 .
    host-autodiscover-spf: autodiscover.example.org 3600 TXT v=spf1 -all
    srv-autodiscover: _autodiscover._tcp.example.org 3600 SRV 0 1 443 autodiscover.example.org
    host-webmail: webmail.example.org 3600 A 192.0.2.80
    host-webmail-mx: webmail.example.org 3600 MX 0 .
    host-webmail-spf: webmail.example.org 3600 TXT v=spf1 -all
    caa-letsencrypt.org: example.org 3600 CAA 0 issue "letsencrypt.org; accounturi=https://acme.example/acct/1"
    caa-wild-none: example.org 3600 CAA 0 issuewild ";"
    caa-iodef: example.org 3600 CAA 0 iodef "mailto:security@example.org"
    cname-s1._domainkey: s1._domainkey.example.org 3600 CNAME s1.domainkey.example.net"
  `);
});

test("a parked domain", () => {
  expect(show(groupOf("example.net"))).toMatchInlineSnapshot(`
    "parked example.net in example.net
    mx: example.net 86400 MX 0 .
    spf: example.net 86400 TXT v=spf1 -all
    dkim-none: *._domainkey.example.net 86400 TXT v=DKIM1; p=
    dmarc: _dmarc.example.net 86400 TXT v=DMARC1; p=reject; rua=mailto:dmarc@example.org"
  `);
});

test("a domain of the same stack allows the reports sent to it, in addition to its own records", () => {
  const records = groupOf("example.com")?.records.filter(({ role }) => role.startsWith("dmarc-reports"));
  expect(records?.map(({ role, name }) => `${role}: ${name}`)).toEqual([
    "dmarc-reports-example.org: example.org._report._dmarc.example.com",
  ]);
});

test("what lies in zones of others is to be asked for", () => {
  const lines = plan.instructions.map(
    ({ text, record: { name, type, content } }: Instruction) => `${text}: ${name} ${type} ${content}`,
  );
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "Ask the provider of 192.0.2.25 to set its reverse name to mail.example.org: 25.2.0.192.in-addr.arpa PTR mail.example.org
    Ask the provider of 2001:db8::25 to set its reverse name to mail.example.org: 5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR mail.example.org
    Ask whoever holds reports.example to allow the DMARC reports about example.org: example.org._report._dmarc.reports.example TXT v=DMARC1
    Have the registrar of example.org publish its key in the parent zone, where it is a public domain: example.org DS 60485 13 2 d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4"
  `);
});

test("each record has a reason that fits into a comment on Cloudflare", () => {
  for (const { why } of plan.groups.flatMap(({ records }) => records)) {
    expect(why.length, why).toBeLessThanOrEqual(100);
    expect(why.length, why).toBeGreaterThan(20);
  }
});

test("roles are unique, and do not depend on content", () => {
  const roles = (description: Parameters<typeof planRecords<string>>[0]): string[] =>
    planRecords(description).groups.flatMap(({ owner, records }) =>
      records.map(({ role }) => `${owner} ${role}`),
    );
  expect(new Set(roles(full)).size).toBe(roles(full).length);
  const changed = describeOne(
    {
      addresses: { ipv4: "192.0.2.1" },
      dmarc: { policy: "reject" },
      ttl: 60,
      spf: { relays: ["192.0.2.1"] },
    },
    { addresses: { ipv4: "192.0.2.1", ipv6: "2001:db8::1" } },
  );
  expect(roles(changed)).toEqual(roles(describeOne()));
});

test("roles and names are known before any key or address is", () => {
  const later = Symbol("later");
  const withKeys = describeOne({}, {});
  const description = {
    ...withKeys,
    zones: [{ name: "example.org", signed: true, ds: later }],
    servers: [
      {
        ...server,
        addresses: { ipv4: "192.0.2.25", ipv6: later },
        keys: [{ name: "key1", stage: "serving" as const, content: later }],
      },
    ],
    domains: [
      {
        ...domain,
        addresses: { ipv4: later },
        clientLabels: ["imap"],
        dkim: [{ selector: "ed1", content: later }],
        web: { addresses: { ipv4: later }, autoconfig: true },
        certificates: { issuers: [], ordered: later },
      },
    ],
  };
  const { groups, instructions, laterReverseNames } = planRecords<symbol>(description);
  const unknown = groups.flatMap(({ records }) => records).filter(({ content }) => content === later);
  expect(unknown.map(({ role, name }) => `${role}: ${name}`)).toEqual([
    "host-ipv6: mail.example.org",
    "tlsa-25-key1: _25._tcp.mail.example.org",
    "dkim-ed1: ed1._domainkey.example.org",
    "host-imap: imap.example.org",
    "host-autoconfig: autoconfig.example.org",
    "caa-acme: example.org",
  ]);
  expect(laterReverseNames).toEqual([{ hostName: "mail.example.org", ttl: server.ttl, address: later }]);
  expect(instructions.map(({ text }) => text).join()).toContain("the provider of 192.0.2.25 to set");
  expect(instructions.at(-1)?.record.content).toBe(later);
});

const zone = (name: string) => ({ name, signed: true });

test("a domain can lie in a zone that others share", () => {
  const shared = planRecords({
    ...describeOne({
      domain: "mail-users.example.org",
      dmarc: { policy: "none", reportAddresses: ["a@example.org"] },
    }),
  });
  expect(shared.groups.map(({ kind, owner, zone }) => `${kind} ${owner} in ${zone}`)).toEqual([
    "server mail.example.org in example.org",
    "domain mail-users.example.org in example.org",
  ]);
  expect(recordsOfZone(shared, "example.org")).toHaveLength(
    shared.groups.reduce((sum, { records }) => sum + records.length, 0),
  );
});

test("reports to an address in a zone of ours that is not a mail domain are allowed there", () => {
  const { groups } = planRecords(
    describeOne(
      { dmarc: { policy: "none", reportAddresses: ["a@desk.example.com"] } },
      {},
      {
        zones: [
          { name: "example.org", signed: true },
          { name: "example.com", signed: true },
        ],
      },
    ),
  );
  expect(show(groups.find(({ kind }) => kind === "zone"))).toMatchInlineSnapshot(`
    "zone example.com in example.com
    dmarc-reports-example.org-at-desk.example.com: example.org._report._dmarc.desk.example.com 3600 TXT v=DMARC1"
  `);
});

test.each<[string, string, Partial<RecordDescription>, string[]]>([
  ["below it", "example.org", {}, []],
  ["beside it in its zone", "dept.example.org", {}, []],
  [
    "in a zone above it, where a domain has a policy",
    "dept.example.org",
    {
      zones: [zone("example.org"), zone("dept.example.org")],
      parkedDomains: [{ domain: "example.org", ttl: 60 }],
    },
    [],
  ],
  [
    "in another zone",
    "dept.example.org",
    { zones: [zone("reports.example.org"), zone("dept.example.org")] },
    ["dept.example.org._report._dmarc.reports.example.org"],
  ],
  [
    "in a zone of others above it, of which nobody knows without the DNS",
    "dept.example.org",
    { zones: [zone("dept.example.org")] },
    [
      "Ask whoever holds reports.example.org to allow the DMARC reports about dept.example.org (not needed if both are of one organization by RFC 9989 section 4.10.2, for which the DNS was not asked)",
    ],
  ],
])("reports to an address %s", (_, name, rest, expected) => {
  const { groups, instructions } = planRecords(
    describeOne(
      { domain: name, dmarc: { policy: "none", reportAddresses: ["a@reports.example.org"] } },
      { hostName: `mail.${name}` },
      rest,
    ),
  );
  expect([
    ...groups.flatMap(({ records }) =>
      records.flatMap((each) => (each.role.startsWith("dmarc-reports") ? each.name : [])),
    ),
    ...instructions.filter(({ record }) => record.type === "TXT").map(({ text }) => text),
  ]).toEqual(expected);
});

test("a domain that has the server's own name has one policy there", () => {
  const { groups } = planRecords(describeOne({ domain: "mail.example.org", services: {} }));
  const texts = groups
    .flatMap(({ records }) => records)
    .filter(({ name, type }) => name === "mail.example.org" && type === "TXT");
  expect(texts.map(({ role, content }) => `${role}: ${content}`)).toEqual(["spf: v=spf1 mx -all"]);
});

test("a reverse name is published where its zone is ours, also that of a local address", () => {
  const zones = ["example.org", reverseZone("127.0.0.1")].map((name) => ({ name, signed: true }));
  const { groups, instructions } = planRecords(
    describeOne({}, { addresses: { ipv4: "127.0.0.1", ipv6: "2001:db8::25" } }, { zones }),
  );
  expect(show(groups.find(({ zone }) => zone === "0.0.127.in-addr.arpa"))).toMatchInlineSnapshot(`
    "server mail.example.org in 0.0.127.in-addr.arpa
    ptr: 1.0.0.127.in-addr.arpa 3600 PTR mail.example.org"
  `);
  expect(instructions.map(({ record: { role } }) => role)).toEqual(["ptr-ipv6"]);
});

test("a server in somebody else's zone is asked for, whole", () => {
  const { groups, instructions } = planRecords(describeOne({}, { hostName: "mx.hoster.example" }));
  expect(groups.map(({ kind }) => kind)).toEqual(["domain"]);
  expect(instructions.map(({ record: { role } }) => role)).toEqual([
    "host",
    "host-ipv6",
    "host-spf",
    "host-dmarc",
    "ptr",
    "ptr-ipv6",
  ]);
});

test("a name that a server had before keeps all that it had, but for its certificate's proof and the reverse name", () => {
  const keys = [{ name: "key1", stage: "serving", content: "3 1 1 00" }] as const;
  const whole = {
    keys,
    challengeZone: "acme.example.org",
    tlsReporting: { reportAddresses: ["a@example.org"] },
  };
  const recordsOf = (name: string, description: RecordDescription) =>
    planRecords(description)
      .groups.filter(({ owner }) => owner === name)
      .flatMap(({ records }) => records.map(({ role, type, content }) => `${role}: ${type} ${content}`));
  const renamed = { hostName: "mx2.example.org", formerHostNames: ["mail.example.org"], ...whole };
  const exchanges = [{ host: "mx2.example.org", preference: 10 }];
  const before = recordsOf("mail.example.org", describeOne({}, whole));
  const after = recordsOf("mail.example.org", describeOne({ exchanges }, renamed));
  expect(after).toEqual(before.filter((record) => !record.startsWith("host-acme-challenge")));
  expect(after).not.toEqual(before);
  const { instructions } = planRecords(describeOne({ exchanges }, renamed));
  expect(new Set(instructions.map(({ record: { content } }) => content))).toEqual(
    new Set(["mx2.example.org"]),
  );
});

test("a former name is an MX of each domain that the server has, after the declared ones, and one for its clients is the server's still", () => {
  const formerHostNames = ["mx.example.org", "mail.example.org"];
  const exchanges = [
    { host: "mx2.example.org", preference: 10 },
    { host: "mx.backup.example", preference: 65_530, label: "backup" },
  ];
  const elsewhere = { ...domain, domain: "example.com", clientLabels: [], services: {} };
  const { groups } = planRecords({
    ...describeOne({ exchanges }, { hostName: "mx2.example.org", formerHostNames }),
    zones: [zone("example.org"), zone("example.com")],
    domains: [
      { ...domain, exchanges },
      { ...elsewhere, exchanges: [{ host: "mx.hoster.example", preference: 10 }] },
    ],
  });
  const records = groups.flatMap(({ kind, records }) => records.map((record) => ({ kind, ...record })));
  expect(
    records
      .filter(({ type, content }) => type === "MX" && content !== "0 .")
      .map(({ role, name, content }) => `${role}: ${name} ${content}`),
  ).toEqual([
    "mx: example.org 10 mx2.example.org",
    "mx-backup: example.org 65530 mx.backup.example",
    "mx-mx.example.org: example.org 65535 mx.example.org",
    "mx-mail.example.org: example.org 65535 mail.example.org",
    "mx: example.com 10 mx.hoster.example",
  ]);
  const places = records.filter(({ type, name }) => type === "A" && name === "mail.example.org");
  expect(places.map(({ kind, role }) => `${kind} ${role}`)).toEqual(["server host"]);
});

test("a former name in an unsigned zone has no keys, in somebody else's it is asked for, and a domain's own keeps that domain's policies", () => {
  const keys = [{ name: "key1", stage: "serving", content: "3 1 1 00" }] as const;
  const formerHostNames = ["mx.example.net", "mx.hoster.example", "example.com"];
  const zones = [zone("example.org"), { name: "example.net", signed: false }, zone("example.com")];
  const other = { ...domain, domain: "example.com", clientLabels: [], services: {} };
  const { groups, instructions } = planRecords({
    ...describeOne({}, { formerHostNames, keys }, { zones }),
    domains: [domain, other],
  });
  const roles = (name: string) =>
    groups
      .filter(({ kind, owner }) => kind === "server" && owner === name)
      .flatMap(({ records }) => records.map(({ role }) => role));
  expect(roles("mx.example.net")).toEqual(["host", "host-ipv6", "host-spf", "host-dmarc"]);
  expect(roles("example.com")).toEqual(["host", "host-ipv6", "tlsa-25-key1"]);
  const asked = instructions.filter(({ record: { name } }) => name.endsWith("mx.hoster.example"));
  expect(asked.map(({ record: { role } }) => role)).toEqual(["host", "host-ipv6", "host-spf", "host-dmarc"]);
});

test("an MTA-STS policy is announced only once it is served", () => {
  const policy = { mode: "testing", mx: ["mail.example.org"], maxAge: 60 } as const;
  const roles = (announced: boolean): string[] =>
    planRecords(describeOne({ web: { addresses: { ipv4: "192.0.2.80" }, mtaSts: { policy, announced } } }))
      .groups.flatMap(({ records }) => records.map(({ role }) => role))
      .filter((role) => role.includes("mta-sts"));
  expect(roles(false)).toEqual(["host-mta-sts", "host-mta-sts-mx", "host-mta-sts-spf"]);
  expect(roles(true)).toEqual([...roles(false), "mta-sts"]);
});

const enforced = { mode: "enforce", mx: ["old.example.org"], maxAge: 60 } as const;
const problems: [string, Parameters<typeof describeOne>, string[]][] = [
  [
    "an SPF of eleven look-ups",
    [{ spf: { includes: Array.from({ length: 10 }, (_, index) => `a${index}.example`) } }],
    [
      "example.org, spf: needs 11 look-ups; receivers stop at 10 (RFC 7208 section 4.6.4): leave out an include, or write the addresses themselves",
    ],
  ],
  [
    "an SPF whose includes need too many look-ups",
    [{ spf: { includes: ["a.example"], includedLookups: 9 } }],
    [
      "example.org, spf: needs 11 look-ups; receivers stop at 10 (RFC 7208 section 4.6.4): leave out an include, or write the addresses themselves",
    ],
  ],
  [
    "DANE without DNSSEC",
    [
      {},
      { keys: [{ name: "key1", stage: "serving", content: "3 1 1" }] },
      { zones: [{ name: "example.org", signed: false }] },
    ],
    [
      "mail.example.org, keys: DANE needs DNSSEC: sign the zone example.org, or publish no keys (RFC 7672 section 2.2)",
    ],
  ],
  [
    "an MX onto an alias",
    [
      {
        exchanges: [{ host: "mx.example.org", preference: 10 }],
        delegations: [{ label: "mx", target: "a.example" }],
      },
    ],
    [
      "example.org, mx: the MX of example.org points to the alias mx.example.org: name a host that has an address (RFC 5321 section 5.1)",
    ],
  ],
  [
    "a service at an alias",
    [{ clientLabels: [], delegations: [{ label: "imap", target: "a.example" }] }],
    [
      "example.org, srv-imaps: the SRV of _imaps._tcp.example.org points to the alias imap.example.org: name a host that has an address (RFC 2782)",
    ],
  ],
  [
    "p=reject without a key",
    [{ dkim: [], dmarc: { policy: "reject" } }],
    [
      "example.org, dmarc: p=reject needs a DKIM key: without one, forwarded mail would be lost (RFC 9989 section 7.4)",
    ],
  ],
  [
    "p=reject with revoked keys only",
    [{ dkim: [{ selector: "ed0", content: formatDkim(revokedKey) }], dmarc: { policy: "reject" } }],
    [
      "example.org, dmarc: p=reject needs a DKIM key: without one, forwarded mail would be lost (RFC 9989 section 7.4)",
    ],
  ],
  [
    "a selector used twice",
    [{ dkim: [...domain.dkim, ...domain.dkim] }],
    [
      'example.org, dkim: the selector "ed1" is used twice: remove one of the two',
      "example.org, dkim-ed1: two records have this role: ed1._domainkey.example.org TXT",
    ],
  ],
  [
    "a name that is too long",
    [{ reportsFor: [`${"a.".repeat(115)}example`] }],
    [
      `example.org, dmarc-reports-${"a.".repeat(115)}example: ${"a.".repeat(115)}example._report._dmarc.example.org is longer than the DNS takes (RFC 1035 section 2.3.4): choose a shorter one`,
    ],
  ],
  [
    "an MTA-STS policy without the MX",
    [{ web: { addresses: { ipv4: "192.0.2.80" }, mtaSts: { policy: enforced, announced: true } } }],
    [
      "example.org, web.mtaSts: the policy does not name the MX mail.example.org: others would not deliver to it (RFC 8461 section 4.1)",
    ],
  ],
  [
    "two records with one role",
    [{ clientLabels: ["imap", "imap"] }],
    [
      "example.org, host-imap: two records have this role: imap.example.org A",
      "example.org, host-imap-mx: two records have this role: imap.example.org MX",
      "example.org, host-imap-spf: two records have this role: imap.example.org TXT",
    ],
  ],
  [
    "an alias beside other data",
    [{ services: {}, delegations: [{ label: "imap", target: "a.example" }] }],
    [
      "example.org, cname-imap: imap.example.org is an alias, beside which nothing may stand (RFC 1034 section 3.6.2): remove one of the two",
    ],
  ],
  [
    "a delegated key that is ours as well",
    [{ delegations: [{ label: "ed1._domainkey", target: "a.example" }] }],
    [
      "example.org, cname-ed1._domainkey: ed1._domainkey.example.org is an alias, beside which nothing may stand (RFC 1034 section 3.6.2): remove one of the two",
    ],
  ],
  [
    "a domain outside of the zones",
    [{}, {}, { zones: [] }],
    ["example.org, zones: lies in none of the zones that are published: add its zone"],
  ],
  [
    "reports to a parked domain",
    [
      { dmarc: { policy: "none", reportAddresses: ["a@example.net"] } },
      {},
      {
        zones: [
          { name: "example.org", signed: true },
          { name: "example.net", signed: true },
        ],
        parkedDomains: [{ domain: "example.net", ttl: 60 }],
      },
    ],
    ["example.org, dmarc: a@example.net is in a parked domain, which takes no mail: write another"],
  ],
  [
    "a domain with mail that is parked",
    [{ dmarc: { policy: "none" } }, {}, { parkedDomains: [{ domain: "example.org", ttl: 60 }] }],
    [
      "example.org, domain: is described twice: remove one of the two",
      "example.org, mx: example.org takes no mail by one MX and some by another (RFC 7505 section 3): remove one of the two",
      "example.org, mx: the MX records of example.org differ in their TTL: use one for all (RFC 2181 section 5.2)",
      "example.org, spf: the TXT records of example.org differ in their TTL: use one for all (RFC 2181 section 5.2)",
      "example.org, spf: example.org has two spf1 records, an error to receivers: merge them",
      "example.org, dmarc: the TXT records of _dmarc.example.org differ in their TTL: use one for all (RFC 2181 section 5.2)",
      "example.org, dmarc: _dmarc.example.org has two DMARC1 records, an error to receivers: merge them",
    ],
  ],
  ["no MX", [{ exchanges: [] }], ["example.org, exchanges: names no server: write one, or park the domain"]],
  [
    "an MX twice",
    [{ exchanges: [...domain.exchanges, { host: "mail.example.org", preference: 20, label: "b" }] }],
    ['example.org, exchanges: the exchanger "mail.example.org" is used twice: remove one of the two'],
  ],
  [
    "a TTL",
    [{}, { ttl: -1 }],
    ["mail.example.org, ttl: -1 is not between 0 and 2147483647 seconds (RFC 2181 section 8)"],
  ],
  [
    "a name in another spelling",
    [{}, { hostName: "Mail.example.org" }],
    ["Mail.example.org, hostName: is not in its one spelling: write mail.example.org"],
  ],
  [
    "an address",
    [{}, { addresses: { ipv4: "192.0.2.999" } }],
    ['mail.example.org, addresses: "192.0.2.999" is not a valid IPv4 address'],
  ],
  [
    "everything at once",
    [
      {
        ttl: 1.5,
        spf: { relays: ["x y"] },
        dmarc: { policy: "reject", reportAddresses: ["nobody"] },
        dkim: [],
      },
      { addresses: {} },
    ],
    [
      "example.org, ttl: 1.5 is not between 0 and 2147483647 seconds (RFC 2181 section 8)",
      "example.org, dmarc: p=reject needs a DKIM key: without one, forwarded mail would be lost (RFC 9989 section 7.4)",
      "mail.example.org, addresses: mail.example.org has no address: write ipv4, ipv6 or both",
      'example.org, spf: "a:x y" is not a valid SPF mechanism: use a, or a: and a host name',
      'example.org, dmarc: "nobody" is not a valid address for reports: use one such as dmarc@example.org',
    ],
  ],
];

test.each(problems)("%s is refused before anything changes", (_, args, lines) => {
  const description = describeOne(...args);
  const found = recordProblems(description).map(
    ({ subject, part, message }) => `${subject}, ${part}: ${message}`,
  );
  expect(found).toEqual(lines);
  const message = ["The DNS records cannot be published as described:", ...lines.map((line) => `  ${line}`)];
  expect(() => planRecords(description)).toThrow(message.join("\n"));
});

test("a complete description has no problem", () => {
  expect(recordProblems(full)).toEqual([]);
});

test("whatever else changes, the order of owners and the number of records stay", () => {
  const changes: fc.Arbitrary<Partial<DomainDescription>> = fc.record({
    ttl: fc.nat(86_400),
    dmarc: fc.record({ policy: fc.constantFrom("none", "quarantine", "reject") }),
    spf: fc.record({ includes: fc.uniqueArray(fc.constantFrom("a.example", "b.example", "c.example")) }),
  });
  const usual = planRecords(describeOne());
  fc.assert(
    fc.property(changes, (change) => {
      const changed = planRecords(describeOne(change));
      expect(changed.groups.map(({ owner, records }) => [owner, records.length])).toEqual(
        usual.groups.map(({ owner, records }) => [owner, records.length]),
      );
    }),
  );
});
