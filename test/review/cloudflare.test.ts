/** Records in a zone that is not the stack's alone. Its previews are put together from what the component declares. */
import { expect, test } from "vitest";
import { CloudflareZone } from "../../publishers/cloudflare/zone.ts";
import { type DnsRecord, planRecords, type RecordGroup } from "../../records/index.ts";
import { answerKey } from "../../review/foreign-records.ts";
import { readPreview } from "../../review/preview.ts";
import { questionsOf, reviewPreview } from "../../review/review.ts";
import { record } from "../components/recorder.ts";
import { full } from "../records/sample.ts";

const domain = "example.org";
/** Every content is known here. */
const groups: RecordGroup<never>[] = planRecords(full)
  .groups.filter((group) => group.zone === domain)
  .map((group) => ({ ...group }));
const planned: DnsRecord[] = groups.flatMap(({ records }) => records);

interface Step {
  readonly urn: string;
  readonly op: string;
  readonly oldState?: { readonly inputs: object };
  readonly newState?: { readonly inputs: object };
}

const urn = (type: string, name: string) => `urn:pulumi:company::maildomain::${type}::${name}`;
const zone: Step = {
  op: "same",
  urn: urn("maildomain:index:CloudflareZone", `${domain}-zone`),
  oldState: { inputs: { domain } },
  newState: { inputs: { domain } },
};
const preview = (...steps: readonly Step[]) => JSON.stringify({ steps: [zone, ...steps] });

type Content = string | { readonly content?: string; readonly priority?: number; readonly data?: object };
const inputs = (name: string, type: string, content: Content) => ({
  name,
  type,
  ttl: 3600,
  ...(typeof content === "string" ? { content } : content),
});
/** A record as it was and as it is to be. */
function dnsRecord(
  name: string,
  type: string,
  before: Content | undefined,
  after: Content | undefined,
): Step {
  return {
    op: before === undefined ? "create" : after === undefined ? "delete" : "update",
    urn: urn(
      "cloudflare:index/dnsRecord:DnsRecord",
      `${domain}-zone-${name}-${type}-${before ? "old" : "new"}`,
    ),
    ...(before !== undefined && { oldState: { inputs: inputs(name, type, before) } }),
    ...(after !== undefined && { newState: { inputs: inputs(name, type, after) } }),
  };
}

test("every record of a plan reads as in a zone file", async () => {
  const [, resources] = await record(
    () => new CloudflareZone(`${domain}-zone`, { zone: domain, groups, zoneId: "0".repeat(32) }),
  );
  const steps = resources.map(({ type, name, inputs: declared }) => ({
    op: "create",
    urn: urn(type, name),
    newState: { inputs: declared },
  }));
  const reported = reviewPreview(JSON.stringify({ steps }))
    .changes.filter(({ subject }) => subject === "record")
    .map(({ name, after }) => `${name} ${after}`);
  expect(reported.toSorted()).toEqual(
    planned.map(({ name, type, content }) => `${name} ${type} ${content} (TTL 1 h)`).toSorted(),
  );
});

test("what a policy risks is seen in quotes as well; Cloudflare's automatic TTL is five minutes", () => {
  const lookups = Array.from({ length: 11 }, (_, index) => `include:_${index}.example.net`).join(" ");
  const text = preview(
    dnsRecord(`_dmarc.${domain}`, "TXT", '"v=DMARC1; p=none"', '"v=DMARC1; p=reject"'),
    dnsRecord(domain, "TXT", '"v=spf1 mx -all"', `"v=spf1 ${lookups} -all"`),
    dnsRecord(
      domain,
      "MX",
      { content: "old.example", priority: 10 },
      { content: "new.example", priority: 10 },
    ),
  ).replaceAll('"inputs":{"name":"example.org","type":"MX","ttl":3600', (old) => old.replace("3600", "1"));
  const { changes, risks } = reviewPreview(text);
  expect(risks.map(({ id, name }) => `${id} ${name}`)).toEqual([
    "dmarc-stricter _dmarc.example.org TXT",
    "mx-changed example.org MX",
    "spf-lookups example.org TXT",
  ]);
  expect(changes.find(({ name }) => name === "example.org MX")).toMatchObject({
    before: "10 old.example (TTL 5 min)",
    effect: "Others may see the old one until 5 min after `up`.",
  });
});

/** The DNS of a zone that has nothing but this. */
const answersOf = (text: string, there: Readonly<Record<string, readonly string[]>>) =>
  new Map(
    questionsOf(readPreview(text)).map((question) => [answerKey(question), there[answerKey(question)] ?? []]),
  );
const spf = (name: string) => dnsRecord(name, "TXT", undefined, '"v=spf1 mx -all"');
const caa = (tag: string, value: string): Step => ({
  ...dnsRecord(domain, "CAA", undefined, { data: { flags: "0", tag, value } }),
  urn: urn("cloudflare:index/dnsRecord:DnsRecord", `${domain}-zone-caa-${tag}`),
});
const host = (name: string) => dnsRecord(name, "A", undefined, "192.0.2.25");

test.each<[string, Step[], Record<string, string[]>, string | undefined]>([
  ["nothing is there", [spf(domain)], {}, undefined],
  [
    "a proof of somebody's beside SPF",
    [spf(domain)],
    { "example.org TXT": ["google-site-verification=x"] },
    undefined,
  ],
  [
    "a second SPF",
    [spf(domain)],
    { "example.org TXT": ["v=spf1 include:_spf.example.net ~all"] },
    "v=spf1 include:_spf.example.net ~all exists, is not this stack's, and stays: two policies are an error to receivers (RFC 7208 section 4.5). npm run adopt shows what to do.",
  ],
  [
    "the same once more, in another spelling",
    [spf(domain)],
    { "example.org TXT": ["V=SPF1  mx  -all"] },
    "The same record exists and is not this stack's: Cloudflare refuses a second one. npm run adopt shows what to do.",
  ],
  [
    "another server takes the mail",
    [dnsRecord(domain, "MX", undefined, { content: "mail.example.org", priority: 10 })],
    { "example.org MX": ["5 mx.example.net"] },
    "5 mx.example.net exists, is not this stack's, and stays: mail would be delivered to either server. npm run adopt shows what to do.",
  ],
  [
    "a key of which nothing is known yet",
    [dnsRecord(`a._domainkey.${domain}`, "TXT", undefined, "04da6b54-80e4-46f7-96ec-b56ff0331ba9")],
    { "a._domainkey.example.org TXT": ["v=DKIM1; p=AAAA"] },
    "v=DKIM1; p=AAAA exists, is not this stack's, and stays: a selector has one key (RFC 6376 section 3.6.2.2). npm run adopt shows what to do.",
  ],
  [
    "an alias, whose target's addresses the DNS returns as well",
    [host("imap.example.org")],
    { "imap.example.org CNAME": ["old.example.net"], "imap.example.org A": ["198.51.100.1"] },
    "The name is an alias of old.example.net that this stack has not made, which allows no other record at its name: Cloudflare refuses the record. npm run adopt shows what to do.",
  ],
  [
    "addresses where an alias is to come",
    [dnsRecord(`s1._domainkey.${domain}`, "CNAME", undefined, "s1.example.net")],
    { "s1._domainkey.example.org TXT": ["v=DKIM1; p=AAAA"] },
    "The name has TXT records that this stack has not made, which allow no alias at their name: Cloudflare refuses it. npm run adopt shows what to do.",
  ],
  [
    "a wildcard's address, which ends where a name has its own",
    [host("imap.example.org")],
    { "imap.example.org A": ["198.51.100.1"], "*.example.org A": ["198.51.100.1"] },
    undefined,
  ],
  [
    "one of ours, under another resource's name until now",
    [dnsRecord("imap.example.org", "A", "192.0.2.25", undefined), host("imap.example.org")],
    { "imap.example.org A": ["192.0.2.25"] },
    undefined,
  ],
  [
    "another authority, beside a set of ours that counts as one",
    [caa("issue", "letsencrypt.org"), caa("issuewild", ";")],
    { "example.org CAA": ['0 issue "digicert.com"', '0 issuewild "digicert.com"'] },
    '0 issue "digicert.com" exists, is not this stack\'s, and stays: certificates may come from digicert.com as well (RFC 8659 section 4.2). npm run adopt shows what to do.',
  ],
  [
    "an authority's record in another spelling",
    [caa("issue", "letsencrypt.org")],
    { "example.org CAA": ['0 issue "LetsEncrypt.org;"'] },
    "The same record exists and is not this stack's: Cloudflare refuses a second one. npm run adopt shows what to do.",
  ],
  [
    "where else refusals are reported, and what nobody allows",
    [caa("issue", "letsencrypt.org")],
    { "example.org CAA": ['0 iodef "mailto:ca@example.net"', '0 issue ";"'] },
    undefined,
  ],
  [
    "a record that changes: it is ours",
    [dnsRecord("imap.example.org", "A", "192.0.2.25", "192.0.2.26")],
    { "imap.example.org A": ["192.0.2.25", "198.51.100.1"] },
    undefined,
  ],
])("in the way of a new record: %s", (_, steps, there, expected) => {
  const text = preview(...steps);
  const { risks, unknown } = reviewPreview(text, { answers: answersOf(text, there) });
  expect(risks.map(({ id, reason }) => `${id} ${reason}`)).toEqual(
    expected === undefined ? [] : [`record-not-ours ${expected}`],
  );
  expect(unknown.filter((sentence) => sentence.includes("DNS did not answer"))).toEqual([]);
});

test("what is asked: the name, its alias and the wildcards over it within the zone, each once", () => {
  const text = preview(host("a.b.example.org"), dnsRecord("a.b.example.org", "A", undefined, "192.0.2.26"));
  expect(questionsOf(readPreview(text)).map(answerKey)).toEqual([
    "a.b.example.org CNAME",
    "a.b.example.org A",
    "*.b.example.org CNAME",
    "*.b.example.org A",
    "*.example.org CNAME",
    "*.example.org A",
  ]);
  expect(reviewPreview(text).unknown).toEqual([
    "Whether somebody else's records exist where new ones will be: the DNS did not answer every question.",
  ]);
  expect(questionsOf(readPreview(preview(dnsRecord(domain, "A", "192.0.2.1", "192.0.2.2"))))).toEqual([]);
});
