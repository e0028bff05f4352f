/** What `adopt` proposes to write, against the schema that reads it. */
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type Conflict, compareZone } from "../../adopt/comparison.ts";
import { formatComparison } from "../../adopt/report.ts";
import { proposeSpf } from "../../adopt/spf-proposal.ts";
import { liveRecord } from "../../publishers/cloudflare/record-form.ts";
import { formatSpf, parseSpf } from "../../records/index.ts";
import { liveZones } from "../../stacks/program/live-zones.ts";
import { stackSchema } from "../../stacks/schema/config.ts";
import { AdoptedZone } from "./adopted-zone.ts";

let zone: AdoptedZone;
beforeAll(async () => {
  zone = await AdoptedZone.start();
});
afterAll(() => zone[Symbol.asyncDispose]());
beforeEach(() => zone.clear());

type Section = Record<string, unknown>;

/** A domain as in a stack file, with all that is proposed written into it. */
function written(domain: Section, conflicts: readonly Conflict[]): Section {
  const result = structuredClone(domain);
  const section = (setting: string): Section => {
    const [, key] = /^maildomain:domains\[0\](?:\.(\w+))?$/.exec(setting) ?? [];
    if (key === undefined) return result;
    result[key] ??= {};
    return result[key] as Section;
  };
  const add = (into: Section, key: string, value: unknown): void => {
    const label = (entry: unknown) => (entry as { label?: string }).label ?? entry;
    if (!Array.isArray(value)) into[key] = value;
    else {
      const labels = value.map(label);
      const old = ((into[key] as unknown[] | undefined) ?? []).filter(
        (entry) => !labels.includes(label(entry)),
      );
      into[key] = [...old, ...value];
    }
  };
  for (const { spf, proposal } of conflicts) {
    if (spf !== undefined) {
      add(section(spf.setting), "includes", spf.includes);
      add(section(spf.setting), "relays", spf.relays);
    }
    for (const [key, value] of Object.entries(proposal?.values ?? {})) {
      add(section(proposal?.setting ?? ""), key, value);
    }
  }
  return result;
}

function records(domain: Section) {
  const settings = stackSchema.parse({ domains: [domain], publicAddresses: { ipv4: "192.0.2.25" } });
  return liveZones(settings).flatMap((each) => each.records.map(({ record }) => record));
}

const name = fc.oneof(
  fc.constantFrom(
    ...[
      "_spf.old.example",
      "_spf.old.example.",
      "Mail.Example.NET",
      "localhost",
      "example.org",
      "example.org.",
    ],
    ...[
      "%{i}._spf.old.example",
      "%{d1r}.x.example",
      "a..b.example",
      "-a.example",
      "a_b.example",
      "xn--trume-hra.example",
    ],
    ...[
      "träume.example",
      "1.50",
      "0x7f.1",
      "192.0.2.1",
      `${"a".repeat(64)}.example`,
      `${"a.".repeat(125)}example`,
      "",
    ],
  ),
  fc.domain(),
);
const network = fc.oneof(
  fc
    .tuple(fc.ipV4(), fc.constantFrom("", "/0", "/24", "/32", "/33", "/024", "/x", "/24/24"))
    .map((parts) => parts.join("")),
  fc.tuple(fc.ipV6(), fc.constantFrom("", "/48", "/128", "/129", "%eth0")).map((parts) => parts.join("")),
);
const sign = fc.constantFrom("", "", "", "+", "?", "~", "-");
const term = fc.oneof(
  fc
    .tuple(sign, fc.constantFrom("include", "a", "mx", "exists", "ptr"), fc.constantFrom(":", ":", ""), name)
    .map((parts) => parts.join("")),
  fc
    .tuple(
      sign,
      fc.constantFrom("a", "mx", "A", "MX", "ptr", "all"),
      fc.constantFrom("", "/24", "//64", "/24//64", "/33"),
    )
    .map((parts) => parts.join("")),
  fc.tuple(sign, fc.constantFrom("ip4:", "ip6:", "IP4:"), network).map((parts) => parts.join("")),
  fc
    .tuple(fc.constantFrom("redirect", "exp", "ra", "Redirect", "op"), fc.constant("="), name)
    .map((parts) => parts.join("")),
  fc.constantFrom("ipv4:192.0.2.1", "include", ":", "a:", "-", "=x", "include:a.example,b.example"),
);
const spfText = fc
  .tuple(
    fc.constantFrom("v=spf1", "V=SPF1"),
    fc.array(term, { maxLength: 14 }),
    fc.constantFrom([], ["~all"], ["-all", "a:late.example"], ["+all"]),
  )
  .map(([version, terms, end]) => [version, ...terms, ...end].join(" "));

describe("SPF", () => {
  test("what is proposed the stack accepts, and publishes the policy that was announced", () => {
    const own = fc.record({
      includes: fc.uniqueArray(fc.constantFrom("_spf.old.example", "b.example"), { maxLength: 2 }),
      relays: fc.uniqueArray(fc.constantFrom("192.0.2.1", "mail.example.net", "2001:db8::/32"), {
        maxLength: 2,
      }),
      lookups: fc.nat(5),
      others: fc.constantFrom("fail", "softfail"),
    });
    fc.assert(
      fc.property(own, fc.array(spfText, { minLength: 1, maxLength: 3 }), (spf, live) => {
        const domain = {
          name: "example.org",
          dns: "cloudflare",
          cloudflareZone: "0".repeat(32),
          mailboxes: [{ name: "ana" }],
          spf,
        };
        const before = records(domain).find(({ role }) => role === "spf")?.content ?? "";
        const proposal = proposeSpf("maildomain:domains[0]", "example.org", before, live, {
          includedLookups: spf.lookups,
        });
        const after = records(written(domain, [{ spf: proposal } as unknown as Conflict]));
        expect(after.find(({ role }) => role === "spf")?.content).toBe(proposal.merged);
        expect(proposal.reasons).toHaveLength(proposal.unsaid.length);
        expect(proposal.reasons.every((reason) => reason !== "")).toBe(true);
        // Nothing is dropped without a word: each term that permits is in the result, or listed.
        const result = parseSpf(proposal.merged).mechanisms.map((each) => formatSpf({ mechanisms: [each] }));
        for (const text of live) {
          for (const each of text.split(/ +/).slice(1)) {
            if (/^[+~?-]?all$/i.test(each)) break;
            const isSaid = result.includes(
              `v=spf1 ${each.replace(/^\+/, "").toLowerCase().replace(/\.$/, "")}`,
            );
            const isListed = proposal.unsaid.some((not) => same(not, each));
            const isElsewhere = isSaid || isListed || isKnownOtherwise(each, proposal.merged);
            expect(isElsewhere, `${each} of ${text} in ${JSON.stringify(proposal)}`).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  /** The report may have a term in its one spelling. */
  function same(listed: string, each: string): boolean {
    const spelt = (text: string) => text.replace(/^\+/, "").toLowerCase();
    if (spelt(listed) === spelt(each)) return true;
    try {
      return formatSpf(parseSpf(`v=spf1 ${each}`)) === formatSpf(parseSpf(`v=spf1 ${listed}`));
    } catch {
      return false;
    }
  }

  /** By another name of the same, by a redirect that counts as an include or does not count, or allowed anyway. */
  function isKnownOtherwise(each: string, merged: string): boolean {
    if (/^[+]?(a|mx:example\.org\.?|a:example\.org\.?)$/i.test(each))
      return merged.includes("a:example.org") || /\bmx\b/.test(merged);
    if (/^redirect=/i.test(each)) return true;
    try {
      const [mechanism] = parseSpf(`v=spf1 ${each}`).mechanisms;
      if (mechanism === undefined) return false;
      const bare = {
        ...mechanism,
        qualifier: "pass" as const,
        argument: mechanism.argument.replace(/\.$/, ""),
      };
      const said = formatSpf({ mechanisms: [bare] }).slice("v=spf1 ".length);
      return merged.split(" ").includes(said);
    } catch {
      return false;
    }
  }

  test.each<[string, string[], Partial<Record<"includes" | "relays" | "unsaid", string[]>>]>([
    [
      "final dots",
      ["v=spf1 include:_spf.old.example. a:Mail.Example.net. -all"],
      { includes: ["_spf.old.example"], relays: ["mail.example.net"], unsaid: [] },
    ],
    [
      "macros",
      ["v=spf1 include:%{ir}.%{v}.%{d}.spf.old.example a:%{d} redirect=%{d}.x.example"],
      {
        includes: [],
        relays: [],
        unsaid: ["include:%{ir}.%{v}.%{d}.spf.old.example", "a:%{d}", "redirect=%{d}.x.example"],
      },
    ],
    [
      "a host with an underscore",
      ["v=spf1 a:_mail.old.example -all"],
      { relays: [], unsaid: ["a:_mail.old.example"] },
    ],
    [
      "networks that are none",
      ["v=spf1 ip4:192.0.2.0/33 ip6:2001:db8::/129 ip4:198.51.100.0/24 -all"],
      { relays: ["198.51.100.0/24"], unsaid: ["ip4:192.0.2.0/33", "ip6:2001:db8::/129"] },
    ],
    [
      "the policy itself",
      ["v=spf1 include:Example.org. redirect=example.org"],
      { includes: [], unsaid: ["include:example.org.", "redirect=example.org"] },
    ],
    [
      "what is said already, in other words",
      ["v=spf1 +MX mx:example.org. mx -all"],
      { includes: [], relays: [], unsaid: [] },
    ],
    [
      "the domain's own address, twice",
      ["v=spf1 a a:example.org -all"],
      { relays: ["example.org"], unsaid: [] },
    ],
    [
      "modifiers",
      ["v=spf1 exp=why.%{d} op=auth redirect=_spf.old.example"],
      { includes: ["_spf.old.example"], unsaid: ["exp=why.%{d}", "op=auth"] },
    ],
    [
      "a redirect that does not count",
      ["v=spf1 redirect=_spf.old.example ~all"],
      { includes: [], unsaid: [] },
    ],
    ["what stands behind all", ["v=spf1 -all include:_spf.old.example"], { includes: [], unsaid: [] }],
    [
      "networks around names, and what has no setting",
      ["v=spf1 a/24 a:b.example//64 mx/24 ptr ?all"],
      { relays: [], unsaid: ["a/24", "a:b.example//64", "mx/24", "ptr"] },
    ],
    [
      "one label, and an A-label",
      ["v=spf1 include:localhost include:_spf.xn--trume-hra.example -all"],
      { includes: ["_spf.xn--trume-hra.example"], unsaid: ["include:localhost"] },
    ],
    [
      "U-labels, which no receiver reads",
      ["v=spf1 include:_spf.träume.example -all"],
      { includes: [], unsaid: ["include:_spf.träume.example"] },
    ],
  ])("%s", (_, live, expected) => {
    expect(proposeSpf("domains[0]", "example.org", "v=spf1 mx -all", live)).toMatchObject(expected);
  });

  test("as many look-ups as receivers do, and those that are over are named", () => {
    const live = `v=spf1 ${[..."abcdefgh"].map((letter) => `include:${letter}.example`).join(" ")} ip4:192.0.2.1 -all`;
    const own = "v=spf1 mx -all";
    const { includes, relays, unsaid } = proposeSpf("domains[0]", "example.org", own, [live], {
      includedLookups: 3,
    });
    expect({ includes, relays, unsaid }).toEqual({
      includes: [..."abcdef"].map((letter) => `${letter}.example`),
      relays: ["192.0.2.1"],
      unsaid: ["include:g.example", "include:h.example"],
    });
  });
});

describe("other policies", () => {
  const reports = fc.constantFrom(
    ...[
      "mailto:d@example.net",
      "mailto:D+1@Reports.example.net!10m",
      "mailto:ana@example.org",
      "mailto:a%21b@example.org",
    ],
    ...[
      "mailto:a+b@example.org",
      "https://reports.example",
      "mailto:",
      "d@example.net",
      "mailto:d@träume.example",
      "mailto:%22a%20b%22@example.net",
    ],
  );
  const list = fc.array(reports, { maxLength: 3 }).map((uris) => uris.join(","));
  const dmarcTag = fc.oneof(
    fc.tuple(fc.constantFrom("p", "sp", "np"), fc.constantFrom("none", "quarantine", "Reject", "block", "")),
    fc.tuple(fc.constantFrom("adkim", "aspf"), fc.constantFrom("r", "s", "x")),
    fc.tuple(fc.constantFrom("rua", "ruf"), list),
    fc.constantFrom(
      ["pct", "50"],
      ["pct", "100"],
      ["fo", "1"],
      ["t", "y"],
      ["ri", "86400"],
      ["rf", "afrf"],
      ["x-y", "z"],
      ["psd", "n"],
    ),
  );
  const dmarc = fc
    .array(dmarcTag, { maxLength: 6 })
    .map((tags) => ["v=DMARC1", ...tags.map(([tag, value]) => `${tag}=${value}`)].join("; "));
  const tls = list.map((uris) => `v=TLSRPTv1; rua=${uris}`);
  const issuer = fc.constantFrom(
    ...[
      "digicert.com",
      "letsencrypt.org",
      "letsencrypt.org; accounturi=https://a.example/1",
      ";",
      "",
      "localhost",
    ],
    ...[
      "ca.example; accounturi=not a url",
      "ca.example; validationmethods=dns 01",
      "ca.example; x=y",
      "CA.Example.",
      "träume.example",
    ],
  );
  const caa = fc.record({
    type: fc.constant("CAA"),
    name: fc.constant("@"),
    data: fc.record({
      flags: fc.constantFrom(0, 1, 128),
      tag: fc.constantFrom("issue", "issuewild", "iodef", "tbs"),
      value: issuer,
    }),
  });
  const target = fc.constantFrom(
    "s1.old.example",
    "_x.old.example",
    "localhost",
    "s1.träume.example",
    "S1.Old.Example.",
  );
  const live = fc.record({
    dmarc: fc.array(dmarc, { maxLength: 2 }),
    tls: fc.array(tls, { maxLength: 2 }),
    spf: fc.array(spfText, { maxLength: 2 }),
    caa: fc.uniqueArray(caa, { maxLength: 4, selector: ({ data }) => JSON.stringify(data) }),
    target: fc.option(target, { nil: undefined }),
  });
  const certificates = fc.constantFrom(
    ...[{}, { issuers: ["letsencrypt.org"] }, { issuers: ["letsencrypt.org"], wildcardIssuers: [] }],
    { issuers: ["letsencrypt.org"], wildcardIssuers: ["ca.example"] },
  );

  test("whatever stands in a zone, all that is proposed for it is accepted at once", () => {
    fc.assert(
      fc.property(live, certificates, ({ dmarc, tls, spf, caa, target }, certificates) => {
        zone.clear();
        const text = (name: string) => (content: string) => ({ type: "TXT", name, content });
        const unique = (texts: readonly string[]) => [...new Set(texts)];
        zone.fill([
          ...unique(dmarc).map(text("_dmarc")),
          ...unique(tls).map(text("_smtp._tls")),
          ...unique(spf).map(text("@")),
          ...caa,
          ...(target === undefined ? [] : [{ type: "CNAME", name: "s1._domainkey", content: target }]),
        ]);
        const delegations = [{ label: "s1._domainkey", target: "s1.other.example" }];
        const domain = zone.domain({ certificates, delegations });
        const settings = stackSchema.parse({ domains: [domain], publicAddresses: { ipv4: "192.0.2.25" } });
        const [declared] = liveZones(settings);
        const there = zone.standIn.records(zone.id).all.map(liveRecord);
        const { conflicts } = compareZone("example.org", declared?.records ?? [], there, {
          takeOver: new Set(),
          held: new Map(),
          domains: new Set(["example.org"]),
        });
        expect(() => records(written(domain, conflicts))).not.toThrow();
        for (const { proposal } of conflicts) expect(proposal?.reasons.length).toBe(proposal?.unsaid.length);
      }),
      { numRuns: 150 },
    );
  });

  test.each<[string, string, string, object]>([
    [
      "DMARC",
      "_dmarc",
      "v=DMARC1; p=none; sp=reject; adkim=r; pct=50; rua=mailto:d@example.net,mailto:e@example.net; ruf=mailto:f@example.net",
      {
        setting: "maildomain:domains[0].dmarc",
        values: { policy: "none", reports: "d@example.net" },
        unsaid: ["mailto:e@example.net", "sp=reject", "pct=50", "ruf=mailto:f@example.net"],
      },
    ],
    [
      "reports to an address here that nobody can have",
      "_dmarc",
      "v=DMARC1; p=none; rua=mailto:a+b@example.org",
      { values: { policy: "none" }, unsaid: ["mailto:a+b@example.org"] },
    ],
    [
      "TLS reports",
      "_smtp._tls",
      "v=TLSRPTv1; rua=https://reports.example/v1,mailto:t@example.net",
      {
        setting: "maildomain:domains[0]",
        values: { tlsReports: "t@example.net" },
        unsaid: ["https://reports.example/v1"],
      },
    ],
  ])("%s", async (_, name, content, expected) => {
    zone.fill([{ type: "TXT", name, content }]);
    const { conflicts } = await zone.compare();
    expect(conflicts.map(({ proposal }) => proposal)).toMatchObject([expected]);
  });
});

test("what the report prints is YAML, also where a value looks like a number or a sign", async () => {
  zone.fill([
    { type: "TXT", name: "@", content: "v=spf1 include:1.50 include:-a.example a:mail.example.net -all" },
    { type: "TXT", name: "_dmarc", content: "v=DMARC1; p=none; rua=mailto:*a@example.net" },
  ]);
  const text = (await zone.adopt()).adoption.map(formatComparison).join("\n");
  const lines = text.match(/^ +(includes|relays|policy|reports): .*$/gm) ?? [];
  expect(parse(lines.map((line) => line.trim()).join("\n"))).toEqual({
    includes: ["1.50", "-a.example"],
    relays: ["mail.example.net"],
    policy: "none",
    reports: "*a@example.net",
  });
});
