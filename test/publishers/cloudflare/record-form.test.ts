/** A record in every form in which the API, an older answer or a state file has it. */
import { expect, test } from "vitest";
import { contentOf, liveRecord } from "../../../publishers/cloudflare/record-form.ts";

const hash = "ab".repeat(32);

test.each<[string, Parameters<typeof contentOf>[0], string]>([
  ["quoted text", { type: "TXT", content: '"v=spf1 -all"' }, "v=spf1 -all"],
  ["text without quotes", { type: "TXT", content: "v=spf1 -all" }, "v=spf1 -all"],
  ["several strings", { type: "TXT", content: '"v=DKIM1; p=AA" "BB"' }, "v=DKIM1; p=AABB"],
  ["several strings that touch", { type: "TXT", content: '"a""b"' }, "ab"],
  ["escaped quotes", { type: "TXT", content: '"say \\"a\\\\b\\" \\195\\164"' }, 'say "a\\b" ä'],
  ["a quote that never ends", { type: "TXT", content: '"v=spf1 -all' }, '"v=spf1 -all'],
  ["something behind the quotes", { type: "TXT", content: '"v=spf1" -all' }, '"v=spf1" -all'],
  ["no text", { type: "TXT", content: '""' }, ""],
  ["MX", { type: "MX", content: "Mail.Example.org.", priority: 10 }, "10 mail.example.org"],
  ["MX in text alone", { type: "MX", content: "10 Mail.Example.org." }, "10 mail.example.org"],
  [
    "MX of no host name",
    { type: "MX", content: "_dc-mx.A1.Example.org.", priority: 5 },
    "5 _dc-mx.a1.example.org",
  ],
  [
    "MX with a U-label",
    { type: "MX", content: "mail.träume.example", priority: 5 },
    "5 mail.xn--trume-hra.example",
  ],
  ["no MX", { type: "MX", content: ".", priority: 0 }, "0 ."],
  [
    "SRV in parts",
    {
      type: "SRV",
      content: "1 993 imap.example.org",
      priority: 0,
      data: { priority: 0, weight: 1, port: 993, target: "IMAP.example.org." },
    },
    "0 1 993 imap.example.org",
  ],
  [
    "SRV, priority at the top",
    { type: "SRV", priority: 5, data: { weight: 1, port: 993, target: "a.example" } },
    "5 1 993 a.example",
  ],
  [
    "SRV in text, tabs between",
    { type: "SRV", content: "1\t993\tImap.example.org", priority: 0 },
    "0 1 993 imap.example.org",
  ],
  [
    "SRV in text with its priority",
    { type: "SRV", content: "0 1 993 imap.example.org", priority: 0 },
    "0 1 993 imap.example.org",
  ],
  [
    "no service",
    { type: "SRV", priority: 0, data: { priority: 0, weight: 0, port: 0, target: "." } },
    "0 0 0 .",
  ],
  [
    "CAA in parts",
    { type: "CAA", data: { flags: "0", tag: "Issue", value: "letsencrypt.org" } },
    '0 issue "letsencrypt.org"',
  ],
  [
    "CAA with quotes in its value",
    { type: "CAA", data: { flags: 0, tag: "issue", value: '"letsencrypt.org"' } },
    '0 issue "letsencrypt.org"',
  ],
  ["CAA in text", { type: "CAA", content: '0  issue "letsencrypt.org"' }, '0 issue "letsencrypt.org"'],
  [
    "CAA of a tag that is none of ours",
    { type: "CAA", data: { flags: 0, tag: "contactemail", value: "Ana@example.org" } },
    '0 contactemail "Ana@example.org"',
  ],
  [
    "TLSA of the API",
    { type: "TLSA", data: { usage: 3, selector: 1, matching_type: 1, certificate: hash.toUpperCase() } },
    `3 1 1 ${hash}`,
  ],
  [
    "TLSA of the plugin",
    { type: "TLSA", data: { usage: 3, selector: 1, matchingType: 1, certificate: hash } },
    `3 1 1 ${hash}`,
  ],
  ["TLSA in text", { type: "TLSA", content: `3 1 1 ${hash}` }, `3 1 1 ${hash}`],
  [
    "DS of the API",
    { type: "DS", data: { key_tag: 1, algorithm: 13, digest_type: 2, digest: hash } },
    `1 13 2 ${hash}`,
  ],
  [
    "DS of the plugin",
    { type: "DS", data: { keyTag: 1, algorithm: 13, digestType: 2, digest: hash } },
    `1 13 2 ${hash}`,
  ],
  [
    "an alias",
    { type: "CNAME", content: "S1._DomainKey.Träume.example." },
    "s1._domainkey.xn--trume-hra.example",
  ],
  ["an alias, decomposed", { type: "CNAME", content: "s1.tra\u0308ume.example" }, "s1.xn--trume-hra.example"],
  ["IPv6", { type: "AAAA", content: "2001:DB8:0::25" }, "2001:db8::25"],
  ["what nobody knows", { type: "LOC", content: "51 30 12.748 N" }, "51 30 12.748 N"],
])("%s", (_, parts, expected) => {
  expect(contentOf(parts)).toBe(expected);
});

test.each([
  ["Mail.Example.ORG.", "mail.example.org"],
  ["_DMARC.Träume.example", "_dmarc.xn--trume-hra.example"],
  ["TRÄUME.example", "xn--trume-hra.example"],
  ["tra\u0308ume.example", "xn--trume-hra.example"],
  ["*.träume.example", "*.xn--trume-hra.example"],
])("the name %s is %s", (name, expected) => {
  expect(liveRecord({ id: "1", name, type: "TXT", ttl: 1, content: "x" }).name).toBe(expected);
});

test.each<[object, object]>([
  [{ type: "CNAME", settings: { flatten_cname: true } }, { flattened: true }],
  [{ type: "CNAME", settings: { flatten_cname: false }, tags: [] }, {}],
  [{ type: "CNAME", settings: null, tags: null, meta: null }, {}],
  [{ type: "CNAME", proxied: true, meta: { auto_added: true } }, { proxied: true }],
  [{ type: "A", settings: { flatten_cname: true }, tags: ["team:mail"] }, { tags: ["team:mail"] }],
])("what else the API says, as in %j", (answer, expected) => {
  const live = liveRecord({ id: "1", name: "a", type: "A", ttl: 1, content: "b", ...answer });
  const { id, name, type, ttl, content, comment, ...rest } = live;
  expect(rest).toEqual({ proxied: false, ...expected });
});
