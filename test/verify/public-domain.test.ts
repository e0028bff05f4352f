import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { digestOf, parseZoneKey, reverseName } from "../../records/index.ts";
import { othersRecordChecks } from "../../verify/checks/others-records.ts";
import { resolverAt } from "../../verify/probes/dns.ts";
import { planPublicChecks } from "../../verify/public-plan.ts";
import { exitStatus } from "../../verify/report.ts";
import { runChecks } from "../../verify/run.ts";
import { sideBySide } from "../../verify/side-by-side.ts";
import { NameServer, type Records } from "./name-server.ts";

const domain = "example.test";
const host = `mail.${domain}`;
/** Nothing listens there. */
const address = "127.0.0.9";

/** A domain in good order. */
const base: Records = {
  [`${domain} SOA`]: ["-"],
  [`${domain} MX`]: [`10 ${host}`],
  [`${host} A`]: [address],
  [`${reverseName(address)} PTR`]: [host],
  [`${domain} TXT`]: ["v=spf1 mx -all"],
  [`_dmarc.${domain} TXT`]: ["v=DMARC1; p=reject"],
};

/** The checks of what the DNS says: those of servers need servers. */
async function judge(records: Records, name = domain) {
  await using server = await NameServer.start({ ...base, ...records });
  const stages = await planPublicChecks(name, resolverAt(server.address));
  const checks = stages.flat().filter(({ id, group }) => group.startsWith("DNS of") || id.startsWith("spf."));
  const results = await runChecks([checks]);
  const shown = (text: string) => text.replaceAll(server.address, "RESOLVER");
  return {
    status: exitStatus(results),
    passed: Object.fromEntries(
      results.flatMap(({ id, outcome }) => (outcome.status === "ok" ? [[id, shown(outcome.seen)]] : [])),
    ),
    findings: results.flatMap(({ id, outcome }) =>
      outcome.status === "ok"
        ? []
        : [`- ${outcome.status} \`${id}\`: ${shown(outcome.seen)}\n  fix: ${shown(outcome.remedy)}`],
    ),
  };
}

const mx = (...contents: string[]): Records => ({ [`${domain} MX`]: contents });
const imaps = (...contents: string[]): Records => ({ [`_imaps._tcp.${domain} SRV`]: contents });
const spf = (...texts: string[]): Records => ({ [`${domain} TXT`]: texts });
const other = `a.${domain}`;
const included = (text: string): Records => ({
  ...spf(`v=spf1 include:${other} -all`),
  [`${other} TXT`]: [text],
});
const dmarc = (...texts: string[]): Records => ({ [`_dmarc.${domain} TXT`]: texts });
const reportsTo = (receiver: string) => dmarc(`v=DMARC1; p=none; rua=mailto:a@${receiver}`);
const tlsRpt = (...texts: string[]): Records => ({ [`_smtp._tls.${domain} TXT`]: texts });
const mtaSts = (...texts: string[]): Records => ({ [`_mta-sts.${domain} TXT`]: texts });
const ptr = (...names: string[]): Records => ({ [`${reverseName(address)} PTR`]: names });

const zoneKey = (flags: number, algorithm: number, seed: string) =>
  `${flags} 3 ${algorithm} ${createHash("sha512").update(seed).digest("base64")}`;
const ds = (key: string, type: number) => {
  const found = digestOf(domain, parseZoneKey(key), type);
  return `${found?.keyTag} ${found?.algorithm} ${type} ${found?.digest}`;
};
const key = zoneKey(257, 13, "one");
const revokedKey = zoneKey(257 + 128, 13, "one");
const nextKey = zoneKey(257, 13, "next");
const formerKey = zoneKey(257, 5, "former");
const signed = (keys: string[], parent: string[]): Records => ({
  [`${domain} DNSKEY`]: keys,
  [`${domain} DS`]: parent,
});

/** What is wrong, by what is published; the golden file has what is said of it. */
const wrong: Readonly<Record<string, Records>> = {
  "MX: an IP address beside a host": mx("10 192.0.2.10", `20 ${host}`),
  "MX: an IPv6 address": mx("10 2001:db8::1"),
  "MX: an underscore": mx("10 mail_1.x.test"),
  "MX: one label": mx("10 localhost"),
  "MX: an alias": { ...mx(`10 ${other}`), [`${other} CNAME`]: [host] },
  "MX: a host without an address": { ...mx(`10 ${other}`), [`${other} TXT`]: ["-"] },
  "MX: a host that does not exist": mx(`10 ${other}`, `20 ${host}`),
  "MX: SERVFAIL": { [`${domain} MX`]: "SERVFAIL" },
  "MX: REFUSED": { [`${domain} MX`]: "REFUSED" },
  "MX: SERVFAIL for the host's AAAA": { [`${host} AAAA`]: "SERVFAIL" },
  "MX: none, and no address": mx(),
  "MX: a null MX beside another": mx("0 .", `10 ${host}`),
  "MX: a null MX with a preference": mx("10 ."),
  "SRV: an underscore in the target": imaps("0 1 993 im_ap.example.test"),
  "SRV: an alias, port 0": { ...imaps(`0 1 0 ${other}`), [`${other} CNAME`]: [host] },
  "SRV: not offered, and offered": imaps("0 0 0 .", `0 1 993 ${host}`),
  "SRV: the second of two leads nowhere": imaps(`0 1 993 ${host}`, `9 1 993 ${other}`),
  "SRV: SERVFAIL for one name": { [`_imaps._tcp.${domain} SRV`]: "SERVFAIL" },
  "SPF: none": spf("site-verification=1"),
  "SPF: an include of nothing": spf("v=spf1 include:gone.test -all"),
  "SPF: a redirect to nothing": spf("v=spf1 redirect=gone.test"),
  "SPF: two records": spf("v=spf1 mx -all", "v=spf1 -all"),
  "SPF: two records in an include": {
    ...included("v=spf1 -all"),
    [`${other} TXT`]: ["v=spf1 -all", "v=spf1"],
  },
  "SPF: three void look-ups": spf("v=spf1 a:x.test a:y.test mx:z.test -all"),
  "SPF: ipv4": spf("v=spf1 ipv4:192.0.2.1 -all"),
  "SPF: ip6 with a network that is none": spf("v=spf1 ip6:2001:db8::/129 -all"),
  "SPF: ip4 with an IPv6 address": spf("v=spf1 ip4:2001:db8::1 -all"),
  "SPF: ip6 with an IPv4 address": spf("v=spf1 ip6:192.0.2.1 -all"),
  "SPF: an address without ip4": spf("v=spf1 192.0.2.1 -all"),
  "SPF: an address where a name belongs": spf("v=spf1 a:192.0.2.1 -all"),
  "SPF: an address of the web": spf("v=spf1 include:https://a.test -all"),
  "SPF: redirect with a colon": spf("v=spf1 redirect:a.test"),
  "SPF: a space behind the sign": spf("v=spf1 mx - all"),
  "SPF: a tab": spf("v=spf1 mx\t-all"),
  "SPF: a tab before the first term": spf("v=spf1\tmx -all"),
  "SPF: an error in an include": included("v=spf1 ip4:192.0.2 -all"),
  "SPF: an error behind the end": spf("v=spf1 -all foo"),
  "SPF: redirect twice": spf("v=spf1 redirect=a.test redirect=b.test"),
  "SPF: exp twice": spf("v=spf1 mx exp=a.test exp=b.test -all"),
  "SPF: an unknown macro": spf("v=spf1 exists:%{z}.x.test -all"),
  "SPF: itself": spf(`v=spf1 include:${domain} -all`),
  "SPF: a loop": included(`v=spf1 include:${domain} -all`),
  "SPF: eleven look-ups": spf(`v=spf1 ${`a:${host} `.repeat(11)}-all`),
  "SPF: one label": spf("v=spf1 include:foo -all"),
  "SPF: a dash of a word processor": spf("v=spf1 mx –all"),
  "SPF: a space before it": spf(" v=spf1 mx -all"),
  "SPF: semicolons": spf("v=spf1;mx;-all"),
  "SPF: +all": spf("v=spf1 +all"),
  "SPF: ?all": spf("v=spf1 mx ?all"),
  "SPF: no end": spf("v=spf1 mx"),
  "SPF: the whole world by address": spf("v=spf1 ip4:0.0.0.0/0 ip6:::/0 -all"),
  "SPF: ?all where redirect leads": { ...spf(`v=spf1 redirect=${other}`), [`${other} TXT`]: ["v=spf1 ?all"] },
  "SPF: SERVFAIL": { [`${domain} TXT`]: "SERVFAIL" },
  "SPF: SERVFAIL for an include": { ...spf(`v=spf1 include:${other} -all`), [`${other} TXT`]: "SERVFAIL" },
  "DMARC: none": dmarc("site-verification=1"),
  "DMARC: none, and no answer above": { ...dmarc(), "_dmarc.test TXT": "REFUSED" },
  "DMARC: two records": dmarc("v=DMARC1; p=reject", "v = DMARC1; p=none"),
  "DMARC: a version in lower case": dmarc("v=dmarc1; p=reject"),
  "DMARC: a version that is not the first tag": dmarc("p=reject; v=DMARC1"),
  "DMARC: a space before it": dmarc(" v=DMARC1; p=reject"),
  "DMARC: a tag in capitals": dmarc("v=DMARC1; P=reject"),
  "DMARC: a tag twice": dmarc("v=DMARC1; p=reject; p=none"),
  "DMARC: an unknown policy": dmarc("v=DMARC1; p=block; sp=none"),
  "DMARC: nothing": dmarc("v=DMARC1"),
  "DMARC: what is not a tag": dmarc("v=DMARC1; p=none; reject"),
  "DMARC: t and psd": dmarc("v=DMARC1; p=none; t=yes; psd=1"),
  "DMARC: a comma at the end of rua": dmarc(`v=DMARC1; p=none; rua=mailto:a@${domain},`),
  "DMARC: an address without mailto": dmarc(`v=DMARC1; p=none; rua=a@${domain}`),
  "DMARC: a comma at the end of ruf": dmarc(`v=DMARC1; p=none; ruf=mailto:a@${domain},`),
  "DMARC: slashes behind mailto": dmarc(`v=DMARC1; p=none; rua=mailto://a@${domain}`),
  "DMARC: another version": dmarc("v=DMARC2; p=reject"),
  "DMARC: reports of failures that are not authorized": dmarc("v=DMARC1; p=none; ruf=mailto:a@other.invalid"),
  "DMARC: reports that are not authorized": reportsTo("other.invalid"),
  "DMARC: SERVFAIL for the authorization": {
    ...reportsTo("other.invalid"),
    [`${domain}._report._dmarc.other.invalid TXT`]: "SERVFAIL",
  },
  "DMARC: reports to an organization that is unknown": {
    ...reportsTo("other.invalid"),
    "_dmarc.invalid TXT": "REFUSED",
  },
  "DMARC: reports below, where another organization begins": {
    ...reportsTo(`reports.${domain}`),
    [`_dmarc.reports.${domain} TXT`]: ["v=DMARC1; p=none; psd=n"],
  },
  "DMARC: SERVFAIL": { [`_dmarc.${domain} TXT`]: "SERVFAIL" },
  "TLS-RPT: two records": tlsRpt("v=TLSRPTv1; rua=mailto:a@b.test", "v=TLSRPTv1;rua=mailto:c@b.test"),
  "TLS-RPT: no address": tlsRpt("v=TLSRPTv1;"),
  "TLS-RPT: a comma at the end": tlsRpt("v=TLSRPTv1; rua=mailto:a@b.test,"),
  "TLS-RPT: lower case": tlsRpt("v=tlsrptv1; rua=mailto:a@b.test"),
  "TLS-RPT: no answer": { [`_smtp._tls.${domain} TXT`]: "SILENCE" },
  "MTA-STS: two records": mtaSts("v=STSv1; id=1", "v=STSv1; id=2"),
  "MTA-STS: a wrong id": mtaSts("v=STSv1; id=a-b"),
  "MTA-STS: white space": mtaSts("v=STSv1; id = 1"),
  "MTA-STS: no semicolon": mtaSts("v=STSv1"),
  "MTA-STS: nobody serves it": mtaSts("v=STSv1; id=1;"),
  "MTA-STS: nobody listens": { ...mtaSts("v=STSv1; id=1;"), [`mta-sts.${domain} A`]: [address] },
  "DNSSEC: SHA-1 only": signed([key], [ds(key, 1)]),
  "DNSSEC: SHA-1 beside a SHA-256 that does not match": signed([key], [ds(key, 1), ds(nextKey, 2)]),
  "DNSSEC: the DS of another key": signed([key], [ds(nextKey, 4)]),
  "DNSSEC: an unknown digest": signed([key], ["4711 13 99 aabb"]),
  "DNSSEC: a key that is revoked": signed([revokedKey, nextKey], [ds(key, 2)]),
  "DNSSEC: every key revoked": signed([revokedKey], [ds(revokedKey, 2)]),
  "DNSSEC: RSA with SHA-1": signed([formerKey], [ds(formerKey, 2)]),
  "DNSSEC: a DS without a key": signed([], [ds(key, 2)]),
  "DNSSEC: SERVFAIL for the key": { [`${domain} DNSKEY`]: "SERVFAIL" },
  "PTR: none": ptr(),
  "PTR: two that lead elsewhere": ptr("one.test", "x_.test"),
  "PTR: SERVFAIL": { [`${reverseName(address)} PTR`]: "SERVFAIL" },
};

test("each finding is that of its record, with the remedy of its cause, and hides no other", async () => {
  const { passed } = await judge({});
  const sections = new Map<string, string>();
  await sideBySide(Object.entries(wrong), 8, async ([name, records]) => {
    const { status, findings, passed: rest } = await judge(records);
    expect([name, status]).toEqual([name, 1]);
    // What is not at fault is looked at as before: only what depends on the MX may be missing.
    const named = findings.map((finding) => /`(.*?)`/.exec(finding)?.[1]);
    const lost = Object.keys(passed).filter((id) => !(id in rest) && !named.includes(id));
    expect([name, lost.filter((id) => !id.startsWith("reverse."))]).toEqual([name, []]);
    sections.set(name, `## ${name}\n\n${findings.join("\n")}\n`);
  });
  const text = Object.keys(wrong)
    .map((name) => sections.get(name))
    .join("\n");
  await expect(
    `# What \`npm run verify -- --domain\` says of a record that is wrong\n\n${text}`,
  ).toMatchFileSnapshot("golden/public-domain.md");
}, 60_000);

test.each<[string, Records, string, string]>([
  ["a domain in good order", {}, "mx", host],
  ["a null MX", mx("0 ."), "mx", "accepts no mail (null MX, RFC 7505)"],
  [
    "no MX, but an address",
    { ...mx(), [`${domain} A`]: [address] },
    "mx",
    "none, so that mail goes to the address of example.test itself (implicit MX, RFC 5321 section 5.1)",
  ],
  ["two MX of one host", mx(`10 ${host}`, `20 ${host.toUpperCase()}`), "mx", host],
  ["SPF in capitals", spf("V=SPF1 MX -ALL"), "spf.strangers", "fail, 1 of 10 look-ups"],
  [
    "SPF with macros",
    spf("v=spf1 exists:%{ir}.%{d2}.x.test ~all"),
    "spf.strangers",
    "softfail, 1 of 10 look-ups",
  ],
  [
    "SPF in several strings",
    spf(`v=spf1 ${"ip4:192.0.2.1 ".repeat(40)}-all`),
    "spf.strangers",
    "fail, 0 of 10 look-ups",
  ],
  ["DMARC with white space", dmarc("v = DMARC1 ; p = reject ;"), "dmarc", "v = DMARC1 ; p = reject ;"],
  [
    "DMARC for reports alone",
    dmarc(`v=DMARC1; rua=mailto:a@${domain}`),
    "dmarc",
    `v=DMARC1; rua=mailto:a@${domain}`,
  ],
  [
    "unknown and former tags",
    dmarc("v=DMARC1; p=none; x=1; pct=5; ri=1"),
    "dmarc",
    "v=DMARC1; p=none; x=1; pct=5; ri=1",
  ],
  ["DMARC beside another text", dmarc("x", "v=DMARC1; p=none"), "dmarc", "v=DMARC1; p=none"],
  [
    "reports with a size",
    dmarc(`v=DMARC1; p=none; rua=mailto:a@${domain}!10m`),
    "dmarc.reports",
    `to ${domain}`,
  ],
  ["reports below", reportsTo(`reports.${domain}`), "dmarc.reports", `to reports.${domain}`],
  [
    "reports that are authorized with white space",
    { ...reportsTo("other.invalid"), [`${domain}._report._dmarc.other.invalid TXT`]: ["x", "v = DMARC1 ;"] },
    "dmarc.reports",
    "to other.invalid",
  ],
  [
    "TLS-RPT without spaces",
    tlsRpt("v=TLSRPTv1;rua=https://b.test/r , mailto:a@b.test;"),
    "tls-rpt",
    "v=TLSRPTv1;rua=https://b.test/r , mailto:a@b.test;",
  ],
  [
    "one DS record with SHA-384",
    signed([key], [ds(key, 4)]),
    "dnssec",
    `signed, key ${ds(key, 4).split(" ")[0]}`,
  ],
  [
    "the DS of the next key first",
    signed([key], [ds(nextKey, 2), ds(key, 2)]),
    "dnssec",
    `signed, key ${ds(key, 2).split(" ")[0]}; also a DS record of key ${ds(nextKey, 2).split(" ")[0]}`,
  ],
  [
    "two PTR, the second leads back",
    ptr("other.test", host),
    `reverse.${address}`,
    `${host}; also other.test, which does not lead back`,
  ],
  [
    "two PTR, one of which has no answer",
    { ...ptr("other.test", host), "other.test A": "SERVFAIL" },
    `reverse.${address}`,
    `${host}; also other.test, which does not lead back (A other.test: RESOLVER: it answers SERVFAIL)`,
  ],
])("%s is in good order", async (_, records, id, seen) => {
  const { status, findings, passed } = await judge(records);
  expect(findings).toEqual([]);
  expect(status).toBe(0);
  expect(passed[id.startsWith("reverse") ? id : `${id}.${domain}`]).toBe(seen);
});

test("a domain without a policy of its own has that of its organization, and is in its zone", async () => {
  const name = `dept.${domain}`;
  const records = {
    ...reportsTo("other.invalid"),
    [`${name} MX`]: ["0 ."],
    [`${name} TXT`]: ["v=spf1 -all"],
    ...signed([key], [ds(key, 2)]),
  };
  const before = await judge(records, name);
  expect(before.passed[`dmarc.${name}`]).toBe(
    "v=DMARC1; p=none; rua=mailto:a@other.invalid, from _dmarc.example.test",
  );
  expect(before.passed[`dnssec.${name}`]).toBe(`signed, key ${ds(key, 2).split(" ")[0]} (zone ${domain})`);
  // The authorization names the domain of the policy (RFC 9990 section 4).
  expect(before.findings.join()).toMatch(/ at example\.test\._report\._dmarc\.other\.invalid\.$/);
  const authorization = { [`${domain}._report._dmarc.other.invalid TXT`]: ["v=DMARC1"] };
  const after = await judge({ ...records, ...authorization }, name);
  expect([after.status, after.findings]).toEqual([0, []]);
});

test("reports within one organization need no authorization, which its policies decide", async () => {
  const name = `dept.${domain}`;
  const records: Records = {
    [`${name} MX`]: ["0 ."],
    [`${name} TXT`]: ["v=spf1 -all"],
    [`_dmarc.${name} TXT`]: [`v=DMARC1; p=none; rua=mailto:a@reports.${domain}`],
  };
  expect((await judge(records, name)).findings).toEqual([]);
  // Without a policy above both, each is an organization of its own.
  const { findings } = await judge({ ...records, [`_dmarc.${domain} TXT`]: [] }, name);
  expect(findings).toEqual([expect.stringMatching(/reports\.example\.test has not authorized them/)]);
});

test("what others publish for a stack is right by another digest, and not needed within one organization", async () => {
  const name = `dept.${domain}`;
  const wanted = ds(key, 2);
  const authorization = `${name}._report._dmarc.reports.${domain}`;
  const running = {
    instructions: [
      { text: "Have it published", record: { name: domain, type: "DS", content: wanted, why: "" } },
      { text: "Ask", record: { name: authorization, type: "TXT", content: "v=DMARC1", why: "" } },
    ],
  } as unknown as RunningStack;
  const judgeOthers = async (records: Records) => {
    await using server = await NameServer.start({
      ...base,
      [`_dmarc.${name} TXT`]: ["v=DMARC1; p=none"],
      ...records,
    });
    const results = await runChecks([othersRecordChecks(running, resolverAt(server.address))]);
    return results.map(({ outcome }) => `${outcome.status}: ${outcome.seen}`);
  };
  expect(await judgeOthers(signed([key], [ds(key, 4)]))).toEqual([
    `ok: ${ds(key, 4)}`,
    "ok: not needed within one organization",
  ]);
  expect(await judgeOthers({ ...signed([key, nextKey], [ds(nextKey, 4)]), ...dmarc() })).toEqual([
    `failed: ${ds(nextKey, 4)}`,
    "failed: no such record",
  ]);
});

test("only where the DNS itself is out of reach is nothing looked at", async () => {
  await using refusing = await NameServer.start({});
  const gone = await NameServer.start({});
  await gone[Symbol.asyncDispose]();
  const everything = new Proxy<Record<string, "REFUSED">>({}, { get: () => "REFUSED" });
  await using silent = await NameServer.start(everything);
  const statusOf = async (server: NameServer) => {
    const results = await runChecks(await planPublicChecks(domain, resolverAt(server.address)));
    return [exitStatus(results), results.map(({ outcome }) => outcome.status).slice(0, 1)];
  };
  expect(await statusOf(gone)).toEqual([2, ["skipped"]]);
  expect(await statusOf(silent)).toEqual([2, ["skipped"]]);
  // It answers: the domain does not exist.
  expect(await statusOf(refusing)).toEqual([1, ["failed"]]);
});
