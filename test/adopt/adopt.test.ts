/** A stack's settings against the API's stand-in: what a person sees, and what `pulumi import` gets. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Comparison } from "../../adopt/comparison.ts";
import { formatComparison } from "../../adopt/report.ts";
import { proposeSpf } from "../../adopt/spf-proposal.ts";
import { importFileOf } from "../../commands/adopt.ts";
import { recordsInState } from "../../commands/exported-state.ts";
import { declareStack } from "../../stacks/program/program.ts";
import type { StackSettings } from "../../stacks/schema/config.ts";
import { CloudflareStandIn } from "../cloudflare/stand-in.ts";
import { record } from "../components/recorder.ts";
import { AdoptedZone, names, type Run } from "./adopted-zone.ts";
import { zoneInUse } from "./zone-in-use.ts";

let zone: AdoptedZone;
beforeEach(async () => {
  zone = await AdoptedZone.start();
});
afterEach(() => zone[Symbol.asyncDispose]());

test("a zone in use, as people are reported of it; every request is a GET", async () => {
  zone.fill(zoneInUse);
  const before = zone.standIn.records(zone.id).all;
  const { adoption } = await zone.adopt();
  const text = adoption.map(formatComparison).join("\n").replaceAll(zone.id, "(id)");
  expect(text).toMatchInlineSnapshot(`
    "example.org (Cloudflare zone (id)): 3 to import, 6 in conflict, 15 to create, 7 left alone.

    In conflict: left untouched:
      there:  imap.example.org CNAME imap.old.example (automatic)
      wanted: example.org-zone-host-imap: imap.example.org A 192.0.2.25
      wanted: example.org-zone-host-imap-mx: imap.example.org MX 0 .
      wanted: example.org-zone-host-imap-spf: imap.example.org TXT v=spf1 -all
        imap.example.org is an alias, beside which no address can be: the addresses would be refused. Delete the alias.
      there:  _dmarc.example.org TXT v=DMARC1;p=none (automatic)
      wanted: example.org-zone-dmarc: _dmarc.example.org TXT v=DMARC1; p=quarantine; rua=mailto:postmaster@example.org
        After \`up\` both would exist: two policies count as none (RFC 9989 section 4.7). Write what is there in maildomain:domains[0].dmarc, or take the record over: \`up\` then changes it.
        In maildomain:domains[0].dmarc this would be:
          policy: none
        To take over: --take-over example.org-zone-dmarc
      there:  example.org MX 10 mx.old.example (automatic)
      wanted: example.org-zone-mx: example.org MX 10 mail.example.org
        After \`up\` both would exist: mail would be delivered to either server. Take the record over when mail is to move: \`up\` then changes it in place.
        To take over: --take-over example.org-zone-mx
      there:  example.org TXT v=spf1 include:_spf.old.example ip4:198.51.100.7 a:app.example.org ~all (automatic)
      wanted: example.org-zone-spf: example.org TXT v=spf1 mx -all
        After \`up\` both would exist: two policies are an error to receivers (RFC 7208 section 4.5). Settle on one policy, then take the record over.
        Add to maildomain:domains[0].spf, to allow every sender allowed today:
          includes: [_spf.old.example]
          relays: ["198.51.100.7", "app.example.org"]
        The resulting policy: v=spf1 mx ip4:198.51.100.7 a:app.example.org include:_spf.old.example -all
        It says ~all for everybody else, yours -all: until you are sure that the list is complete, use others: softfail.
        To take over: --take-over example.org-zone-spf
      there:  rsa1._domainkey.example.org TXT v=DKIM1; k=rsa; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA… (automatic)
      wanted: example.org-zone-dkim-rsa1: rsa1._domainkey.example.org TXT (known once its key is made; compared by name and type only)
        After \`up\` both would exist: a selector has one key (RFC 6376 section 3.6.2.2). Give your key another selector (maildomain:domains[0].dkim), so that mail in transit can still be verified by the old one.
        To take over: --take-over example.org-zone-dkim-rsa1
      there:  smtp.example.org A 198.51.100.9 (automatic)
      wanted: example.org-zone-host-smtp: smtp.example.org A 192.0.2.25
        After \`up\` both would exist: clients would reach either server. Take the record over, and \`up\` changes it in place; or delete it.
        To take over: --take-over example.org-zone-host-smtp

    Before \`up\`:
      example.org announces an MTA-STS policy: let its file name mail.example.org, and wait for its max_age, before the MX changes (RFC 8461 section 5).

    To import: they become the stack's, in place:
      example.org-zone-mail.example.org-host: mail.example.org A 192.0.2.25 (automatic, proxied)
        up changes ttl: automatic → 3600
        up changes proxied: true → false
        up changes comment: "" → The mail server itself, to which the MX points
      example.org-zone-tls-rpt: _smtp._tls.example.org TXT v=TLSRPTv1;rua=mailto:postmaster@example.org (automatic)
        up changes content: v=TLSRPTv1;rua=mailto:postmaster@example.org → v=TLSRPTv1; rua=mailto:postmaster@example.org
        up changes ttl: automatic → 3600
        up changes comment: mine → Where others report that they could not deliver over TLS (TLS-RPT, RFC 8460)
      example.org-zone-srv-submission: _submission._tcp.example.org SRV 0 1 587 smtp.example.org (3600 s)
        up changes comment: "" → Where clients find the submission service (RFC 6186 3.1)

    To create:
      example.org-zone-mail.example.org-host-spf: mail.example.org TXT v=spf1 a -all
      example.org-zone-mail.example.org-host-dmarc: _dmarc.mail.example.org TXT v=DMARC1; p=reject
      example.org-zone-mail.example.org-host-tls-rpt: _smtp._tls.mail.example.org TXT v=TLSRPTv1; rua=mailto:postmaster@example.org
      example.org-zone-dkim-ed1: ed1._domainkey.example.org TXT (known once its key is made; compared by name and type only)
      example.org-zone-srv-submissions: _submissions._tcp.example.org SRV 0 1 465 smtp.example.org
      example.org-zone-srv-imaps: _imaps._tcp.example.org SRV 0 1 993 imap.example.org
      example.org-zone-srv-imap: _imap._tcp.example.org SRV 0 0 0 .
      example.org-zone-srv-pop3s: _pop3s._tcp.example.org SRV 0 1 995 pop3.example.org
      example.org-zone-srv-pop3: _pop3._tcp.example.org SRV 0 0 0 .
      example.org-zone-srv-sieve: _sieve._tcp.example.org SRV 0 1 4190 imap.example.org
      example.org-zone-host-smtp-mx: smtp.example.org MX 0 .
      example.org-zone-host-smtp-spf: smtp.example.org TXT v=spf1 -all
      example.org-zone-host-pop3: pop3.example.org A 192.0.2.25
      example.org-zone-host-pop3-mx: pop3.example.org MX 0 .
      example.org-zone-host-pop3-spf: pop3.example.org TXT v=spf1 -all

    Left alone:
      _mta-sts.example.org TXT v=STSv1; id=1 (automatic)
      example.org TXT google-site-verification=abc (automatic)
      example.org CNAME site.pages.example (automatic, proxied)
      example.org CAA 0 issue "letsencrypt.org" (automatic)
      lists.example.org NS ns.example.net (automatic)
      status.example.org CNAME status.example.net (automatic)
      www.example.org A 198.51.100.1 (automatic, proxied)
    "
  `);
  expect(zone.standIn.records(zone.id).all).toEqual(before);
  expect(zone.standIn.requests.length).toBeGreaterThan(0);
  expect(zone.standIn.requests.filter((request) => !request.startsWith("GET "))).toEqual([]);
});

test("an empty zone: all of it is to be created; ours alone: all of it is to be imported, and nothing changes", async () => {
  const { zones, adoption } = await zone.adopt();
  const all = zones[0]?.records.map(({ resource }) => resource) ?? [];
  expect(all.length).toBeGreaterThan(20);
  expect(names(adoption[0]?.comparison as Comparison)).toEqual({
    matches: [],
    conflicts: [],
    creations: all,
  });

  const contents = new Map(
    ["rsa1", "ed1"].map((selector) => [
      `${selector}._domainkey.example.org TXT`,
      `v=DKIM1; p=${selector.repeat(99)}`,
    ]),
  );
  const settings = zone.settings();
  // As the program would make them, by what the components pass on.
  for (const { inputs, type } of await declared(settings)) {
    if (type !== "cloudflare:index/dnsRecord:DnsRecord") continue;
    const { data, content, ...rest } = inputs;
    const selector = /^(\w+)\._domainkey/.exec(String(rest.name))?.[1];
    const key = contents.get(`${selector}._domainkey.example.org TXT`);
    zone.fill([
      { ...rest, ...(data === undefined ? {} : { data }), content: key === undefined ? content : `"${key}"` },
    ]);
  }
  const { matches, conflicts, creations, untouched } = await zone.compare({ settings, contents });
  expect({ conflicts, creations, untouched }).toEqual({ conflicts: [], creations: [], untouched: [] });
  expect(matches.map(({ wanted }) => wanted.resource)).toEqual(all);
  expect(matches.flatMap(({ changes }) => changes)).toEqual([]);
});

describe("records that name the stack's own account", () => {
  const account = {
    directory: "https://acme-v02.api.letsencrypt.org/directory",
    account: "https://acme-v02.api.letsencrypt.org/acme/acct/1",
    caaDomain: "letsencrypt.org",
  };
  const settings = (acme: object = {}) =>
    zone.settings({}, { certificates: { acme: { agreeToTerms: true, dnsPersist: true, ...acme } } });
  const proof = `letsencrypt.org; accounturi=${account.account}`;
  const published = (issuer: string) => [
    { type: "CAA", name: "@", data: { flags: 0, tag: "issue", value: issuer } },
    { type: "TXT", name: "_validation-persist.imap", content: `"${proof}"` },
    { type: "TXT", name: "_validation-persist.mail", content: `"${proof}"` },
  ];
  const own = `${proof}; validationmethods=dns-persist-01`;

  test("once it is known they are ours as they stand", async () => {
    zone.fill(published(own));
    const { matches, conflicts } = await zone.compare({ settings: settings(), account });
    expect(conflicts).toEqual([]);
    expect(
      matches.map(({ wanted, changes }) => [wanted.resource, ...changes.map((each) => each.property)]),
    ).toEqual([
      ["example.org-zone-mail.example.org-host-validation-persist", "ttl", "comment"],
      ["example.org-zone-caa-acme", "ttl", "comment"],
      ["example.org-zone-validation-persist-imap", "ttl", "comment"],
    ]);
  });

  test("before that, and with another authority, nobody knows what they say", async () => {
    zone.fill(published(own));
    const staging = settings({ directory: "staging" });
    for (const run of [{ settings: settings() }, { settings: staging, account }]) {
      const { matches, creations } = await zone.compare(run);
      expect(matches).toEqual([]);
      const proofs = creations.filter(({ record }) => record.name === "_validation-persist.imap.example.org");
      expect(proofs.map(({ record }) => record.content)).toEqual([null]);
    }
  });
});

async function declared(settings: StackSettings) {
  const [, resources] = await record(() =>
    declareStack(settings, { name: "test", identity: "an identity", sieveFiles: new Map() }),
  );
  return resources;
}

test("the file for the import names resources as the program does", async () => {
  zone.fill(zoneInUse);
  const settings = zone.settings(
    {},
    { parkedDomains: [{ name: "old.example.org", dns: "cloudflare", cloudflareZone: zone.id }] },
  );
  const { zones, adoption } = await zone.adopt({ settings, takeOver: ["example.org-zone-mx"] });
  const text = importFileOf(zones, adoption)
    .replaceAll(zone.id, "(zone)")
    .replace(/[0-9a-f]{32}/g, "(record)");
  expect(text).toMatchInlineSnapshot(`
    "{
      "resources": [
        {
          "type": "maildomain:index:DnsZones",
          "name": "dns",
          "component": true
        },
        {
          "type": "maildomain:index:CloudflareZone",
          "name": "example.org-zone",
          "component": true,
          "parent": "dns"
        },
        {
          "type": "cloudflare:index/dnsRecord:DnsRecord",
          "name": "example.org-zone-mail.example.org-host",
          "id": "(zone)/(record)",
          "parent": "example.org-zone",
          "version": "6.22.0"
        },
        {
          "type": "cloudflare:index/dnsRecord:DnsRecord",
          "name": "example.org-zone-tls-rpt",
          "id": "(zone)/(record)",
          "parent": "example.org-zone",
          "version": "6.22.0"
        },
        {
          "type": "cloudflare:index/dnsRecord:DnsRecord",
          "name": "example.org-zone-srv-submission",
          "id": "(zone)/(record)",
          "parent": "example.org-zone",
          "version": "6.22.0"
        },
        {
          "type": "cloudflare:index/dnsRecord:DnsRecord",
          "name": "example.org-zone-mx",
          "id": "(zone)/(record)",
          "parent": "example.org-zone",
          "version": "6.22.0"
        }
      ]
    }
    "
  `);
  const { resources } = JSON.parse(text) as { resources: { type: string; name: string }[] };
  const program = (await declared(settings)).map(({ type, name }) => `${type} ${name}`);
  for (const { type, name } of resources) expect(program).toContain(`${type} ${name}`);
});

describe("conflicts", () => {
  test("a record that is taken over becomes an import, and its change is reported", async () => {
    zone.fill(zoneInUse);
    const { matches, conflicts } = await zone.compare({ takeOver: ["example.org-zone-mx"] });
    const mx = matches.find(({ wanted }) => wanted.resource === "example.org-zone-mx");
    expect(mx?.changes[0]).toEqual({
      property: "content",
      from: "10 mx.old.example",
      to: "10 mail.example.org",
    });
    expect(conflicts.flatMap(({ wanted }) => wanted.map(({ resource }) => resource))).not.toContain(
      "example.org-zone-mx",
    );
    await expect(zone.adopt({ takeOver: ["example.org-zone-mxx"] })).rejects.toThrow(
      "--take-over: the stack has no record example.org-zone-mxx.",
    );
  });

  test("settings that name who sends already: the policy lacks nobody", async () => {
    zone.fill(zoneInUse.slice(0, 2));
    const spf = {
      includes: ["_spf.old.example"],
      relays: ["198.51.100.7", "app.example.org"],
      others: "softfail",
    };
    const { conflicts } = await zone.compare({ settings: zone.settings({ spf }) });
    expect(conflicts.find((conflict) => conflict.spf !== undefined)?.spf).toEqual({
      setting: "maildomain:domains[0].spf",
      includes: [],
      relays: [],
      unsaid: [],
      reasons: [],
      problems: [],
      merged: "v=spf1 mx ip4:198.51.100.7 a:app.example.org include:_spf.old.example ~all",
    });
  });

  test("what an SPF has to say so that nobody is left out", async () => {
    const policies: Readonly<Record<string, string[]>> = {
      "what no setting says": ["v=spf1 -ip4:198.51.100.1 exists:%{i}.example.net mx:old.example ?all"],
      "a redirect, and a bare a": ["v=spf1 a redirect=_spf.old.example"],
      "two policies, one of them broken": ["v=spf1 a:b.example ~all", "v=spf1 ipv4:192.0.2.1 -all"],
      "more look-ups than receivers do": [
        `v=spf1 ${[..."abcdefghij"].map((letter) => `include:${letter}.example`).join(" ")} -all`,
      ],
    };
    const own = "v=spf1 mx -all";
    const reported = Object.entries(policies).map(([what, live]) => {
      const { setting, merged, problems, ...rest } = proposeSpf("domains[0]", "example.org", own, live);
      expect(setting).toBe("domains[0].spf");
      const { reasons, unsaid, ...lists } = rest;
      const said = Object.entries(lists).map(([key, list]) => `${key}: ${list.join(" ")}`);
      const not = unsaid.map((term, index) => `not ${term}: ${reasons[index]}`);
      return [what, ...said, ...not, merged, ...problems].join("\n  ");
    });
    expect(reported.join("\n")).toMatchInlineSnapshot(`
      "what no setting says
        includes: 
        relays: 
        not -ip4:198.51.100.1: the settings only allow senders
        not exists:%{i}.example.net: there is no setting for exists
        not mx:old.example: there is no setting for mx
        v=spf1 mx -all
        It says ?all for everybody else, yours -all: until you are sure that the list is complete, use others: softfail.
      a redirect, and a bare a
        includes: _spf.old.example
        relays: example.org
        v=spf1 mx a:example.org include:_spf.old.example -all
      two policies, one of them broken
        includes: 
        relays: b.example
        not ipv4:192.0.2.1: receivers cannot read it
        v=spf1 mx a:b.example -all
        It says ~all for everybody else, yours -all: until you are sure that the list is complete, use others: softfail.
        "v=spf1 ipv4:192.0.2.1 -all" cannot be read: "ipv4:192.0.2.1" is not a valid SPF mechanism: use ip4: and an IPv4 address or network, such as ip4:192.0.2.0/24.
      more look-ups than receivers do
        includes: a.example b.example c.example d.example e.example f.example g.example h.example i.example
        relays: 
        not include:j.example: it would be look-up 11, and receivers stop at 10 (RFC 7208 section 4.6.4): leave out an include, or write the addresses themselves
        v=spf1 mx include:a.example include:b.example include:c.example include:d.example include:e.example include:f.example include:g.example include:h.example include:i.example -all"
    `);
  });

  const cases: readonly (readonly [string, object[], object])[] = [
    [
      "another MX beside the right one",
      [
        { type: "MX", name: "@", content: "mail.example.org", priority: 10 },
        { type: "MX", name: "@", content: "mx.old.example", priority: 20 },
      ],
      { matches: ["example.org-zone-mx"], conflicts: [["20 mx.old.example"]] },
    ],
    [
      "the same MX with another preference",
      [{ type: "MX", name: "@", content: "mail.example.org", priority: 5 }],
      { matches: [], conflicts: [["example.org-zone-mx", "5 mail.example.org"]] },
    ],
    [
      "a service that is off here",
      [
        {
          type: "SRV",
          name: "_imap._tcp",
          data: { priority: 0, weight: 0, port: 143, target: "old.example" },
        },
      ],
      { matches: [], conflicts: [["example.org-zone-srv-imap", "0 0 143 old.example"]] },
    ],
    [
      "a delegation above our names",
      [{ type: "NS", name: "_tcp", content: "ns.old.example" }],
      {
        conflicts: [
          [
            ...["submissions", "submission", "imaps", "imap", "pop3s", "pop3", "sieve"].map(
              (service) => `example.org-zone-srv-${service}`,
            ),
            "ns.old.example",
          ],
        ],
      },
    ],
    [
      "a policy that says the same, with white space",
      [
        {
          type: "TXT",
          name: "_dmarc",
          content: "v = DMARC1 ; p = quarantine ; rua = mailto:postmaster@example.org ;",
        },
      ],
      { matches: ["example.org-zone-dmarc"], conflicts: [] },
    ],
    [
      "another policy with white space, beside which no second one may be",
      [{ type: "TXT", name: "_dmarc", content: "v = DMARC1 ; p = reject" }],
      { matches: [], conflicts: [["example.org-zone-dmarc", "v = DMARC1 ; p = reject"]] },
    ],
    [
      "the apex' own NS, proofs and other hosts",
      [
        { type: "NS", name: "@", content: "ada.ns.cloudflare.com" },
        { type: "TXT", name: "@", content: "ms=1" },
        { type: "TXT", name: "_dmarc", content: "no policy" },
        { type: "AAAA", name: "mail", content: "2001:db8::1" },
      ],
      { matches: [], conflicts: [] },
    ],
  ];
  test.each(cases)("%s", async (_, records, expected) => {
    zone.fill(records);
    expect(names(await zone.compare())).toMatchObject(expected);
  });
});

test("what is in the state is neither imported nor in conflict, and others beside it still are", async () => {
  zone.fill([
    { type: "MX", name: "@", content: "mx1.example.org", priority: 10 },
    { type: "MX", name: "@", content: "mx.old.example", priority: 20 },
    { type: "A", name: "gone", content: "192.0.2.25" },
    { type: "A", name: "mail", content: "192.0.2.25" },
  ]);
  const urn = (name: string): string =>
    `urn:pulumi:x::maildomain::a$b$cloudflare:index/dnsRecord:DnsRecord::${name}`;
  const state = zone.standIn.records(zone.id).all.flatMap(({ id, content, name }) => {
    const resource = { type: "cloudflare:index/dnsRecord:DnsRecord", id };
    if (content === "mx1.example.org") return [{ ...resource, urn: urn("example.org-zone-mx") }];
    if (name !== "gone.example.org") return [];
    return [{ ...resource, id: `${zone.id}/${id}`, urn: urn("example.org-zone-gone") }];
  });
  const held = recordsInState(
    JSON.stringify({ deployment: { resources: [...state, { type: "x", urn: "x" }] } }),
  );
  const comparison = await zone.compare({ held });
  expect(comparison.held.map(({ name }) => name)).toEqual(["example.org", "gone.example.org"]);
  expect(names(comparison)).toMatchObject({
    matches: ["example.org-zone-mail.example.org-host"],
    conflicts: [["20 mx.old.example"]],
  });
  expect(comparison.creations.map(({ resource }) => resource)).not.toContain("example.org-zone-mx");
});

test("a domain in a shared zone: only its own names are looked at", async () => {
  zone.fill(zoneInUse);
  const settings = zone.settings(
    { name: "shop.example.org", zone: "example.org" },
    { hostName: "mail.shop.example.org" },
  );
  const { creations, matches, conflicts, untouched } = await zone.compare({ settings });
  expect({ matches, conflicts }).toEqual({ matches: [], conflicts: [] });
  expect(untouched).toHaveLength(zoneInUse.length);
  expect(creations.every(({ record: { name } }) => name.endsWith("shop.example.org"))).toBe(true);
});

describe("what cannot be read is one error, with the setting", () => {
  const refusal = async (run: Run): Promise<string> =>
    String(
      await zone.adopt(run).then(
        () => "read",
        (error: Error) => error.message,
      ),
    )
      .replaceAll(zone.id, "(id)")
      .replace(zone.standIn.baseUrl, "(URL)");

  test("a token that lacks a right, or is none", async () => {
    expect(await refusal({ token: { rights: ["dns:read"] } })).toBe("read");
    expect(
      [
        await refusal({ token: { rights: ["zone:read"] } }),
        await refusal({ token: { zones: ["example.net"] } }),
        await refusal({ token: "0".repeat(40) }),
        await refusal({ token: "0".repeat(37) }),
      ].join("\n"),
    ).toMatchInlineSnapshot(`
      "cloudflare:apiToken: the token may not read the DNS records of example.org, or maildomain:domains[0].cloudflareZone names no zone of it ((id)): give it the right Zone, DNS, Edit for this zone (Cloudflare answers 403: 10000 Authentication error)
      cloudflare:apiToken: the token may not read the DNS records of example.org, or maildomain:domains[0].cloudflareZone names no zone of it ((id)): give it the right Zone, DNS, Edit for this zone (Cloudflare answers 403: 10000 Authentication error)
      cloudflare:apiToken: Cloudflare does not know this token: make another one (Cloudflare answers 403: 9109 Invalid access token)
      cloudflare:apiToken: is not an API token: make one under My Profile, API Tokens; a global key does not count (Cloudflare answers 400: 6003 Invalid request headers)"
    `);
  });

  test("zones that are none, or another's, all at once", async () => {
    const other = zone.standIn.addZone("example.net");
    zone.standIn.records(other).create({ type: "A", name: "www", content: "192.0.2.1" });
    const domains = ["example.org", "example.com", "shop.example.net"].map((name, index) => ({
      name,
      dns: "cloudflare",
      cloudflareZone: ["0".repeat(32), other, other][index],
      mailboxes: [{ name: "ana" }],
    }));
    const settings = zone.settings({}, { domains });
    const read = await refusal({ settings });
    expect(read.replaceAll(other, "(other)")).toMatchInlineSnapshot(`
      "maildomain:domains[0].cloudflareZone: "00000000000000000000000000000000" is not the id of a zone: copy the id from the zone's overview page (Cloudflare answers 400: 1001 Invalid zone identifier)
      maildomain:domains[1].cloudflareZone: (other) is the zone of example.net, not of example.com: write the id of example.com
      maildomain:domains[2].cloudflareZone: (other) is the zone of example.net, not of shop.example.net: write the id of shop.example.net, or say that it lies in this one with zone: example.net"
    `);
    // Without the right to read the zone's name, its records show it.
    expect(await refusal({ settings, token: { rights: ["dns:edit"] } })).toMatch(/not of example\.com/);
  });

  test("an API that is not there", async () => {
    await zone.standIn[Symbol.asyncDispose]();
    expect(await refusal({ token: "0".repeat(40) })).toMatch(
      /^cloudflare:baseUrl: .* cannot be reached \(.*ECONNREFUSED/,
    );
    zone.standIn = await CloudflareStandIn.start();
  });
});
