/** Every record that a plan can make, as the Cloudflare provider gets it and as the API keeps it. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { liveRecord } from "../../../publishers/cloudflare/record-form.ts";
import { CloudflareZone } from "../../../publishers/cloudflare/zone.ts";
import type { LiveRecord } from "../../../publishers/live.ts";
import type { PlannedRecord } from "../../../publishers/publisher.ts";
import {
  canonicalIPv6,
  comparableName,
  type DnsRecord,
  formatCaa,
  formatCname,
  formatDs,
  formatMx,
  formatSrv,
  formatTlsa,
  planRecords,
  type RecordGroup,
} from "../../../records/index.ts";
import { CloudflareStandIn } from "../../cloudflare/stand-in.ts";
import { record } from "../../components/recorder.ts";
import { hexadecimal, hostName, uint16 } from "../../records/arbitrary.ts";
import { full } from "../../records/sample.ts";

const zoneId = "0".repeat(32);

/** The sample's, and what no description gives to a zone of its own: a parent's DS, a reverse name. */
const plan = planRecords({
  ...full,
  zones: [...full.zones, { name: "2.0.192.in-addr.arpa", signed: false }],
});
const parents = {
  kind: "zone" as const,
  owner: "example.org",
  zone: "example.org",
  records: plan.instructions.flatMap(({ record: asked }) => (asked.type === "DS" ? [asked] : [])),
};

/** Every content is known here. */
const groups: RecordGroup<never>[] = [...plan.groups, parents].map((group) => ({ ...group }));

async function declare(zone: string, all = groups) {
  const [, resources] = await record(
    () =>
      new CloudflareZone(`${zone}-zone`, {
        zone,
        zoneId,
        groups: all.filter((group) => group.zone === zone),
      }),
  );
  return resources.filter(({ type }) => type === "cloudflare:index/dnsRecord:DnsRecord");
}

test("the exact arguments of each type", async () => {
  const resources = [...(await declare("example.org")), ...(await declare("2.0.192.in-addr.arpa"))];
  const types = new Map(resources.map((resource) => [String(resource.inputs.type), resource]));
  const everyType = ["A", "AAAA", "CAA", "CNAME", "DS", "MX", "PTR", "SRV", "TLSA", "TXT"];
  expect([...types.keys()].toSorted()).toEqual(everyType);
  for (const { inputs } of resources) {
    const { zoneId: zone, proxied, ttl, comment, ...rest } = inputs;
    expect({ zone, proxied }).toEqual({ zone: zoneId, proxied: false });
    expect(ttl).toBe(rest.type === "DS" ? 86_400 : 3600);
    expect(String(comment).length).toBeLessThanOrEqual(100);
    // Nothing is set that a type does not have: the provider would show a difference for ever.
    const allowed = {
      MX: ["name", "type", "content", "priority"],
      SRV: ["name", "type", "data", "priority"],
      CAA: ["name", "type", "data"],
      TLSA: ["name", "type", "data"],
      DS: ["name", "type", "data"],
    }[String(rest.type)] ?? ["name", "type", "content"];
    expect(Object.keys(rest).toSorted()).toEqual(allowed.toSorted());
  }
  const table = resources.map(({ name, inputs: { name: owner, type, content, priority, data } }) =>
    [name, owner, type, priority ?? "", content ?? JSON.stringify(data)].join(" | "),
  );
  expect(
    table
      .join("\n")
      .replaceAll(/A{60,}/g, "A…")
      .replaceAll(/(aa|bb|d4){20,}/g, "$1…"),
  ).toMatchInlineSnapshot(`
    "example.org-zone-caa-iodef | example.org | CAA |  | {"flags":"0","tag":"iodef","value":"mailto:security@example.org"}
    example.org-zone-caa-letsencrypt.org | example.org | CAA |  | {"flags":"0","tag":"issue","value":"letsencrypt.org; accounturi=https://acme.example/acct/1"}
    example.org-zone-caa-wild-none | example.org | CAA |  | {"flags":"0","tag":"issuewild","value":";"}
    example.org-zone-cname-s1._domainkey | s1._domainkey.example.org | CNAME |  | s1.domainkey.example.net
    example.org-zone-dkim-ed0 | ed0._domainkey.example.org | TXT |  | "v=DKIM1; p="
    example.org-zone-dkim-ed1 | ed1._domainkey.example.org | TXT |  | "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    example.org-zone-dkim-rsa1 | rsa1._domainkey.example.org | TXT |  | "v=DKIM1; k=rsa; p=A…" "A…"
    example.org-zone-dmarc | _dmarc.example.org | TXT |  | "v=DMARC1; p=reject; np=reject; rua=mailto:postmaster@example.org,mailto:d1@reports.example,mailto:dmarc@example.com"
    example.org-zone-dmarc-reports-example.com | example.com._report._dmarc.example.org | TXT |  | "v=DMARC1"
    example.org-zone-dmarc-reports-example.net | example.net._report._dmarc.example.org | TXT |  | "v=DMARC1"
    example.org-zone-dmarc-reports-subsidiary.example | subsidiary.example._report._dmarc.example.org | TXT |  | "v=DMARC1"
    example.org-zone-ds | example.org | DS |  | {"algorithm":13,"digest":"d4…","digestType":2,"keyTag":60485}
    example.org-zone-host-autoconfig | autoconfig.example.org | A |  | 192.0.2.80
    example.org-zone-host-autoconfig-mx | autoconfig.example.org | MX | 0 | .
    example.org-zone-host-autoconfig-spf | autoconfig.example.org | TXT |  | "v=spf1 -all"
    example.org-zone-host-autodiscover | autodiscover.example.org | A |  | 192.0.2.80
    example.org-zone-host-autodiscover-mx | autodiscover.example.org | MX | 0 | .
    example.org-zone-host-autodiscover-spf | autodiscover.example.org | TXT |  | "v=spf1 -all"
    example.org-zone-host-imap | imap.example.org | A |  | 192.0.2.25
    example.org-zone-host-imap-ipv6 | imap.example.org | AAAA |  | 2001:db8::25
    example.org-zone-host-imap-mx | imap.example.org | MX | 0 | .
    example.org-zone-host-imap-spf | imap.example.org | TXT |  | "v=spf1 -all"
    example.org-zone-host-mta-sts | mta-sts.example.org | A |  | 192.0.2.80
    example.org-zone-host-mta-sts-mx | mta-sts.example.org | MX | 0 | .
    example.org-zone-host-mta-sts-spf | mta-sts.example.org | TXT |  | "v=spf1 -all"
    example.org-zone-host-pop3 | pop3.example.org | A |  | 192.0.2.25
    example.org-zone-host-pop3-ipv6 | pop3.example.org | AAAA |  | 2001:db8::25
    example.org-zone-host-pop3-mx | pop3.example.org | MX | 0 | .
    example.org-zone-host-pop3-spf | pop3.example.org | TXT |  | "v=spf1 -all"
    example.org-zone-host-smtp | smtp.example.org | A |  | 192.0.2.25
    example.org-zone-host-smtp-ipv6 | smtp.example.org | AAAA |  | 2001:db8::25
    example.org-zone-host-smtp-mx | smtp.example.org | MX | 0 | .
    example.org-zone-host-smtp-spf | smtp.example.org | TXT |  | "v=spf1 -all"
    example.org-zone-host-webmail | webmail.example.org | A |  | 192.0.2.80
    example.org-zone-host-webmail-mx | webmail.example.org | MX | 0 | .
    example.org-zone-host-webmail-spf | webmail.example.org | TXT |  | "v=spf1 -all"
    example.org-zone-mail.example.org-host | mail.example.org | A |  | 192.0.2.25
    example.org-zone-mail.example.org-host-dmarc | _dmarc.mail.example.org | TXT |  | "v=DMARC1; p=reject"
    example.org-zone-mail.example.org-host-ipv6 | mail.example.org | AAAA |  | 2001:db8::25
    example.org-zone-mail.example.org-host-spf | mail.example.org | TXT |  | "v=spf1 a -all"
    example.org-zone-mail.example.org-host-tls-rpt | _smtp._tls.mail.example.org | TXT |  | "v=TLSRPTv1; rua=mailto:postmaster@example.org"
    example.org-zone-mail.example.org-tlsa-25-key1 | _25._tcp.mail.example.org | TLSA |  | {"certificate":"aa…","matchingType":1,"selector":1,"usage":3}
    example.org-zone-mail.example.org-tlsa-25-key2 | _25._tcp.mail.example.org | TLSA |  | {"certificate":"bb…","matchingType":1,"selector":1,"usage":3}
    example.org-zone-mta-sts | _mta-sts.example.org | TXT |  | "v=STSv1; id=09184b3fe02631b42b62"
    example.org-zone-mx | example.org | MX | 10 | mail.example.org
    example.org-zone-mx-backup | example.org | MX | 20 | mx.backup.example
    example.org-zone-spf | example.org | TXT |  | "v=spf1 mx ip4:198.51.100.0/24 a:relay.example.net include:_spf.example.net -all"
    example.org-zone-srv-autodiscover | _autodiscover._tcp.example.org | SRV | 0 | {"port":443,"priority":0,"target":"autodiscover.example.org","weight":1}
    example.org-zone-srv-imap | _imap._tcp.example.org | SRV | 0 | {"port":0,"priority":0,"target":".","weight":0}
    example.org-zone-srv-imaps | _imaps._tcp.example.org | SRV | 0 | {"port":993,"priority":0,"target":"imap.example.org","weight":1}
    example.org-zone-srv-pop3 | _pop3._tcp.example.org | SRV | 0 | {"port":0,"priority":0,"target":".","weight":0}
    example.org-zone-srv-pop3s | _pop3s._tcp.example.org | SRV | 0 | {"port":995,"priority":0,"target":"pop3.example.org","weight":1}
    example.org-zone-srv-sieve | _sieve._tcp.example.org | SRV | 0 | {"port":4190,"priority":0,"target":"imap.example.org","weight":1}
    example.org-zone-srv-submission | _submission._tcp.example.org | SRV | 0 | {"port":587,"priority":0,"target":"smtp.example.org","weight":1}
    example.org-zone-srv-submissions | _submissions._tcp.example.org | SRV | 0 | {"port":465,"priority":0,"target":"smtp.example.org","weight":1}
    example.org-zone-tls-rpt | _smtp._tls.example.org | TXT |  | "v=TLSRPTv1; rua=mailto:postmaster@example.org"
    example.org-zone-web | example.org | A |  | 192.0.2.80
    2.0.192.in-addr.arpa-zone-mail.example.org-ptr | 25.2.0.192.in-addr.arpa | PTR |  | mail.example.org"
  `);
});

/** The plugin's names are those of the API in camel case. */
function asTheProviderSends({ data, ...rest }: Record<string, unknown>): Record<string, unknown> {
  if (data === undefined) return rest;
  const fields = Object.entries(data as object).map(([key, value]) => [
    key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
  return { ...rest, data: Object.fromEntries(fields) };
}

test("what the API keeps is what was sent, so that a second preview sees no difference", async () => {
  await using standIn = await CloudflareStandIn.start();
  for (const zone of ["example.org", "example.com", "example.net", "2.0.192.in-addr.arpa"]) {
    const id = standIn.addZone(zone);
    const planned = new Map(
      groups
        .filter((group) => group.zone === zone)
        .flatMap(({ records }) =>
          records.map((each): [string, PlannedRecord] => [`${each.name} ${each.type} ${each.content}`, each]),
        ),
    );
    for (const { inputs } of await declare(zone)) {
      const { zoneId: _, ...sent } = asTheProviderSends(inputs);
      const kept = standIn.records(id).create(sent);
      const { flags, ...data } = { ...(sent.data as object | undefined) } as Record<string, unknown>;
      expect(kept).toMatchObject({ ...sent, ...(sent.data === undefined ? {} : { data }) });
      if (flags !== undefined) expect(String(kept.data?.flags)).toBe(flags);
      const live = liveRecord(kept);
      expect(planned.get(`${live.name} ${live.type} ${live.content}`)?.why).toBe(live.comment);
    }
    expect(standIn.records(id).all).toHaveLength(planned.size);
  }
});

/** Every type with every content that a plan can give it, in its one spelling. */
const content: Readonly<Record<DnsRecord["type"], fc.Arbitrary<string>>> = {
  A: fc.ipV4(),
  AAAA: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => canonicalIPv6(ipv6Of(bytes))),
  CAA: fc
    .record({
      flags: fc.constantFrom(0, 128),
      tag: fc.constantFrom("issue", "issuewild", "iodef"),
      value: fc.oneof(fc.constant(";"), fc.stringMatching(/^[!#-~]([ !#-~]{0,30}[!#-~])?$/)),
    })
    .map((caa) => formatCaa(caa as Parameters<typeof formatCaa>[0])),
  CNAME: fc
    .oneof(hostName, fc.constantFrom("s1._domainkey.träume.example", "S1.Träume.Example."))
    .map(target),
  DS: fc
    .record({
      keyTag: uint16,
      algorithm: fc.integer({ min: 1, max: 255 }),
      digestType: fc.constant(2),
      digest: hexadecimal(32),
    })
    .map((ds) => formatDs(ds as Parameters<typeof formatDs>[0])),
  MX: fc.oneof(
    fc.constant("0 ."),
    fc.tuple(uint16, hostName).map(([preference, exchange]) => formatMx({ preference, exchange })),
  ),
  PTR: hostName,
  SRV: fc.oneof(
    fc.constant("0 0 0 ."),
    fc
      .tuple(uint16, uint16, fc.integer({ min: 1, max: 65_535 }), hostName)
      .map(([priority, weight, port, host]) => formatSrv({ priority, weight, port, target: host })),
  ),
  TLSA: hexadecimal(32).map((data) => formatTlsa({ usage: 3, selector: 1, matchingType: 1, data })),
  TXT: fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 600 }),
    fc.stringMatching(/^["\\ a;]{0,40}$/),
    fc.constantFrom("", '"quoted"', '"half', "\\065", "x".repeat(256)),
  ),
};

function target(name: string): string {
  return name.includes("_") ? comparableName(name) : formatCname(name);
}

function line({ name, type, content }: Pick<LiveRecord, "name" | "type" | "content">): string {
  return `${name} ${type} ${content}`;
}

function ipv6Of(bytes: Uint8Array): string {
  return (Buffer.from(bytes).toString("hex").match(/..../g) ?? []).join(":");
}

test("whatever a record says, the API's form of it says the same, in an internationalized zone too", async () => {
  await using standIn = await CloudflareStandIn.start();
  const apex = "xn--trume-hra.example";
  const types = Object.keys(content) as DnsRecord["type"][];
  // Many at once: declaring a zone takes longer than its records do.
  const planned = fc
    .tuple(...types.map((type) => fc.uniqueArray(content[type], { maxLength: 6 })))
    .map((texts) =>
      types.flatMap((type, index) => (texts[index] ?? []).map((text) => [type, text] as const)),
    );
  await fc.assert(
    fc.asyncProperty(planned, async (all) => {
      const id = standIn.addZone("träume.example");
      const records = all.map(([type, text], index) => ({
        role: `r${index}`,
        name: `_r${index}.${apex}`,
        type,
        ttl: 3600,
        content: text,
        why: "",
      }));
      for (const { inputs } of await declare(apex, [{ kind: "domain", owner: apex, zone: apex, records }])) {
        const { zoneId: _, ...sent } = asTheProviderSends(inputs);
        standIn.records(id).create(sent);
      }
      const kept = standIn.records(id).all.map((each) => line(liveRecord(each)));
      expect(kept.toSorted()).toEqual(records.map(line).toSorted());
    }),
    { numRuns: 4 },
  );
});
