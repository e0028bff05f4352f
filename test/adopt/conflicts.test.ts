/** What stands in a stack's way in a zone, kind by kind, against the API's stand-in. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Comparison, Conflict } from "../../adopt/comparison.ts";
import { formatComparison } from "../../adopt/report.ts";
import { AdoptedZone, names } from "./adopted-zone.ts";

let zone: AdoptedZone;
beforeAll(async () => {
  zone = await AdoptedZone.start();
});
afterAll(() => zone[Symbol.asyncDispose]());
beforeEach(() => zone.clear());

const own = (...roles: readonly string[]): string[] => roles.map((role) => `example.org-zone-${role}`);
const conflictWith = ({ conflicts }: Comparison, content: string): Conflict | undefined =>
  conflicts.find(({ live }) => live.some((record) => record.content === content));

const mx = { type: "MX", name: "@", content: "mx.old.example", priority: 10 };
const ourMx = { type: "MX", name: "@", content: "mail.example.org", priority: 10 };
const spf = { type: "TXT", name: "@", content: '"v=spf1 include:_spf.old.example -all"' };
const web = { web: { enabled: true, bareNames: true } };

describe("records beside an alias", () => {
  const alias = { type: "CNAME", content: "site.pages.example" };
  const apexMail = {
    conflicts: [
      [...own("mx"), "10 mx.old.example"],
      [...own("spf"), "v=spf1 include:_spf.old.example -all"],
    ],
  };
  const cases: readonly [string, object[], object, object?][] = [
    ["an apex alias, proxied", [{ ...alias, name: "@", proxied: true }, mx, spf], apexMail],
    ["an apex alias, not proxied", [{ ...alias, name: "@" }, mx, spf], apexMail],
    [
      "an apex alias beside what is ours",
      [{ ...alias, name: "@" }, ourMx],
      { matches: own("mx"), conflicts: [] },
    ],
    [
      "an apex alias where an address is to be: mail's records are compared as ever",
      [{ ...alias, name: "@", proxied: true }, mx, spf],
      { conflicts: [[...own("web"), "site.pages.example"], ...apexMail.conflicts] },
      web,
    ],
    [
      "a proxied alias at a host's name",
      [
        { ...alias, name: "imap", proxied: true },
        { type: "MX", name: "imap", content: "mx.old.example", priority: 5 },
        { type: "TXT", name: "imap", content: "v=spf1 -all" },
      ],
      {
        matches: own("host-imap-spf"),
        conflicts: [
          [...own("host-imap"), "site.pages.example"],
          [...own("host-imap-mx"), "5 mx.old.example"],
        ],
      },
    ],
    [
      "a flattened alias at a host's name",
      [
        { ...alias, name: "imap", settings: { flatten_cname: true } },
        { type: "TXT", name: "imap", content: "v=spf1 -all" },
      ],
      { matches: own("host-imap-spf"), conflicts: [[...own("host-imap"), "site.pages.example"]] },
    ],
    [
      "an alias that hides what is at its name",
      [
        { ...alias, name: "imap" },
        { type: "MX", name: "imap", content: "mx.old.example", priority: 5 },
      ],
      {
        conflicts: [
          [...own("host-imap", "host-imap-spf"), "site.pages.example"],
          [...own("host-imap-mx"), "5 mx.old.example"],
        ],
      },
    ],
    [
      "another provider's alias at our selector",
      [{ ...alias, name: "rsa1._domainkey" }],
      { conflicts: [[...own("dkim-rsa1"), "site.pages.example"]] },
    ],
    [
      "another provider's alias at a policy's name",
      [{ ...alias, name: "_dmarc" }],
      { conflicts: [[...own("dmarc"), "site.pages.example"]] },
    ],
    [
      "a proxied address at the apex is nobody's business but the web's",
      [{ type: "A", name: "@", content: "198.51.100.1", proxied: true }, mx, spf],
      apexMail,
    ],
    [
      "a wildcard alias ends where a name has records of its own",
      [
        { ...alias, name: "*" },
        { type: "MX", name: "*", content: "mx.old.example", priority: 5 },
      ],
      { conflicts: [] },
    ],
  ];
  test.each(cases)("%s", async (_, records, expected, rest) => {
    zone.fill(records);
    expect(names(await zone.compare({ settings: zone.settings({}, rest) }))).toMatchObject(expected);
  });

  test("what the report says of each", async () => {
    const target = "site.pages.example";
    const aliases = ["@", "imap", "rsa1._domainkey"].map((name) => ({ ...alias, name, content: target }));
    zone.fill([...aliases, { type: "TXT", name: "s1._domainkey", content: '"v=DKIM1; p="' }]);
    const delegations = [{ label: "s1._domainkey", target: "s1.old.example" }];
    const { conflicts } = await zone.compare({ settings: zone.settings({ delegations }, web) });
    expect(conflicts.map(({ remedy }) => remedy)).toEqual([
      "example.org is an alias, beside which no address can be: the addresses would be refused. Delete the alias, or leave the name to its web site (maildomain:web.bareNames: false).",
      "imap.example.org is an alias, beside which no address can be: the addresses would be refused. Delete the alias.",
      "rsa1._domainkey.example.org is an alias, which hides every other record at its name (RFC 1034 section 3.6.2). Delete the alias, or give your key another selector (maildomain:domains[0].dkim).",
      "s1._domainkey.example.org is to become an alias, which allows no other record at its name: delete what is there, or leave the delegation out.",
    ]);
    expect(conflicts.every(({ canTakeOver }) => !canTakeOver)).toBe(true);
  });
});

describe("records of Cloudflare's own products", () => {
  const routing = { email_routing: true, read_only: true };
  const routes = [1, 2, 3].map((n) => ({
    ...mx,
    content: `route${n}.mx.cloudflare.net`,
    priority: n * 10,
    meta: routing,
  }));
  const routingSpf = { ...spf, content: '"v=spf1 mx include:_spf.mx.cloudflare.net ~all"', meta: routing };

  test("Email Routing: nothing is offered for take-over, not even by name", async () => {
    zone.fill([...routes, routingSpf]);
    for (const takeOver of [[], own("mx", "spf")]) {
      const comparison = await zone.compare({ takeOver });
      expect(names(comparison)).toMatchObject({
        matches: [],
        conflicts: [
          [...own("mx"), ...routes.map(({ priority, content }) => `${priority} ${content}`)],
          [...own("spf"), "v=spf1 mx include:_spf.mx.cloudflare.net ~all"],
        ],
      });
      for (const { canTakeOver, remedy, live } of comparison.conflicts) {
        expect(canTakeOver).toBe(false);
        expect(remedy).toContain("Disable Email Routing for the zone first");
        expect(live.every(({ keeper }) => keeper?.name === "Email Routing")).toBe(true);
      }
      // Who sends for it no longer does once it is off, nor do its servers.
      const policy = conflictWith(comparison, "v=spf1 mx include:_spf.mx.cloudflare.net ~all")?.spf;
      expect(policy?.includes).toEqual([]);
      expect(policy?.problems.join()).not.toContain("mx allows");
    }
  });

  test.each<[string, object, string]>([
    ["Email Routing, unlocked: it would take the record away", { email_routing: true }, "Email Routing"],
    ["a product that the API does not name", { read_only: true }, "a Cloudflare product"],
    ["a Worker", { origin_worker_id: "1a", read_only: true }, "a Worker"],
    ["a Tunnel", { managed_by_argo_tunnel: true }, "a Tunnel"],
    ["an app", { managed_by_apps: true }, "an app"],
  ])("%s, even where it says the same", async (_, meta, keeper) => {
    zone.fill([{ ...ourMx, meta }]);
    const { matches, conflicts } = await zone.compare({ takeOver: own("mx") });
    expect(matches).toEqual([]);
    expect(conflicts).toMatchObject([
      { wanted: [{ resource: own("mx")[0] }], canTakeOver: false, live: [{ keeper: { name: keeper } }] },
    ]);
    expect(conflicts[0]?.remedy).toMatch(new RegExp(`^${keeper} manages what is there\\. .* first`, "i"));
  });

  test("what Cloudflare found when the zone moved there is anybody's", async () => {
    const meta = { auto_added: true, email_routing: false, managed_by_apps: false, read_only: false };
    zone.fill([{ ...ourMx, meta, tags: ["team:mail", "old"] }]);
    const { matches } = await zone.compare();
    expect(matches[0]?.changes).toContainEqual({ property: "tags", from: "team:mail, old", to: "" });
  });

  test("a Worker at a host's name, and Email Routing beside what a person entered", async () => {
    zone.fill([
      {
        type: "AAAA",
        name: "imap",
        content: "100::",
        proxied: true,
        meta: { origin_worker_id: "1", read_only: true },
      },
      ...routes.slice(0, 1),
      mx,
    ]);
    const settings = zone.settings({}, { publicAddresses: { ipv6: "2001:db8::25" }, address: "::" });
    const text = (await zone.adopt({ settings })).adoption.map(formatComparison).join("\n");
    expect(text).toContain("there:  imap.example.org AAAA 100:: (automatic, proxied, of a Worker)");
    expect(text).toContain("Remove the custom domain from its Worker first");
    const [conflict] = (await zone.compare()).conflicts;
    expect(conflict?.live).toHaveLength(2);
    expect(conflict?.canTakeOver).toBe(false);
  });
});

describe("several records in one place", () => {
  test("all MX of a provider are one conflict; a take-over changes one of them", async () => {
    const microsoft = { ...mx, content: "example-org.mail.protection.outlook.com", priority: 0 };
    const google = [1, 5, 10].map((priority) => ({
      ...mx,
      content: `aspmx${priority}.example.com`,
      priority,
    }));
    zone.fill([...google, microsoft]);
    const all = [
      "0 example-org.mail.protection.outlook.com",
      ...google.map((each) => `${each.priority} ${each.content}`),
    ];
    const before = await zone.compare();
    expect(before.conflicts).toHaveLength(1);
    expect(before.conflicts[0]?.live.map(({ content }) => content).toSorted()).toEqual(all.toSorted());
    expect(before.conflicts[0]?.remedy).toContain("It changes the first one alone: delete the rest.");
    const after = await zone.compare({ takeOver: own("mx") });
    expect(after.matches.map(({ wanted }) => wanted.resource)).toEqual(own("mx"));
    expect(after.conflicts).toMatchObject([{ wanted: [], canTakeOver: false }]);
    expect(after.conflicts[0]?.live).toHaveLength(3);
    expect(after.conflicts[0]?.remedy).toBe(
      "They would exist beside yours, and mail would be delivered to either server. Delete them, or keep them on purpose.",
    );
  });

  test("a provider's MX partly equal to ours, in other spelling", async () => {
    zone.fill([{ ...ourMx, content: "Mail.Example.ORG." }, mx]);
    expect(names(await zone.compare())).toMatchObject({
      matches: own("mx"),
      conflicts: [["10 mx.old.example"]],
    });
  });

  test("two policies of one kind", async () => {
    zone.fill([
      spf,
      { ...spf, content: "v=spf1 ip4:198.51.100.7 -all" },
      { type: "TXT", name: "_dmarc", content: '"v=DMARC1; p=none"' },
      { type: "TXT", name: "_dmarc", content: '"v=DMARC1; p=reject"' },
    ]);
    const comparison = await zone.compare();
    expect(comparison.conflicts.map(({ live }) => live.length)).toEqual([2, 2]);
    const policy = comparison.conflicts.find((conflict) => conflict.spf !== undefined);
    expect(policy?.spf).toMatchObject({ includes: ["_spf.old.example"], relays: ["198.51.100.7"] });
    expect(policy?.remedy).toContain("delete the rest");
  });
});

test("the old mail servers, where the policy allows them as the domain's MX", async () => {
  zone.fill([mx, { ...spf, content: '"v=spf1 MX:example.org. -all"' }]);
  const { conflicts } = await zone.compare();
  expect(conflicts.find((conflict) => conflict.spf !== undefined)?.spf?.problems).toEqual([
    "mx allows mx.old.example today, and your server alone once the MX has moved: add to relays those that send mail as well.",
  ]);
});

test("an address of the other version at a name of ours is a warning", async () => {
  zone.fill([{ type: "AAAA", name: "mail", content: "2001:db8::1" }]);
  expect((await zone.compare()).warnings).toEqual([
    "mail.example.org AAAA is not yours and stays: delete it unless it is the same machine.",
  ]);
});

describe("who may issue certificates", () => {
  const caa = (tag: string, value: string, name = "@", flags = 0) => ({
    type: "CAA",
    name,
    data: { flags, tag, value },
  });
  const issuers = ["letsencrypt.org"];
  const cases: readonly (readonly [string, object, object[], object])[] = [
    [
      "ours, spelt otherwise",
      { issuers },
      [caa("Issue", "LetsEncrypt.ORG ;")],
      { matches: own("caa-letsencrypt.org"), conflicts: [] },
    ],
    [
      "another authority beside ours",
      { issuers },
      [caa("issue", "letsencrypt.org"), caa("issue", "digicert.com")],
      { matches: own("caa-letsencrypt.org"), conflicts: [['0 issue "digicert.com"']] },
    ],
    [
      "another authority where ours is to come",
      { issuers },
      [caa("issue", "digicert.com")],
      { conflicts: [[...own("caa-letsencrypt.org"), '0 issue "digicert.com"']] },
    ],
    [
      "our authority without our limits",
      { issuers: ["letsencrypt.org; validationmethods=dns-01"] },
      [caa("issue", "letsencrypt.org")],
      { conflicts: [[...own("caa-letsencrypt.org"), '0 issue "letsencrypt.org"']] },
    ],
    [
      "wildcards where ours are for nobody",
      { issuers, wildcardIssuers: [] },
      [caa("issue", "letsencrypt.org"), caa("issuewild", "digicert.com")],
      {
        matches: own("caa-letsencrypt.org"),
        conflicts: [[...own("caa-wild-none"), '0 issuewild "digicert.com"']],
      },
    ],
    [
      "wildcards that take precedence over ours",
      { issuers },
      [caa("issuewild", "digicert.com")],
      {
        conflicts: [['0 issuewild "digicert.com"']],
        creations: expect.arrayContaining(own("caa-letsencrypt.org")),
      },
    ],
    [
      "a property that authorities must know",
      { issuers },
      [caa("tbs", "unknown", "@", 128)],
      { conflicts: [['128 tbs "unknown"']] },
    ],
    [
      "what changes nothing that ours say",
      { issuers, wildcardIssuers: ["letsencrypt.org"] },
      [
        caa("issue", ";"),
        caa("issuewild", ";"),
        caa("iodef", "mailto:ca@example.net"),
        caa("contactemail", "ca@example.net"),
        caa("issue", "digicert.com", "www"),
      ],
      { conflicts: [] },
    ],
    ["a stack that says nothing of certificates", {}, [caa("issue", "digicert.com")], { conflicts: [] }],
  ];
  test.each(cases)("%s", async (_, certificates, records, expected) => {
    zone.fill(records);
    const settings = zone.settings({ certificates });
    expect(names(await zone.compare({ settings }))).toMatchObject(expected);
  });

  test("where ours is in the state already", async () => {
    zone.fill([caa("issue", "letsencrypt.org"), caa("issue", "digicert.com")]);
    const ours = zone.standIn.records(zone.id).all.find(({ content }) => content.includes("letsencrypt"));
    const held = new Map(own("caa-letsencrypt.org").map((resource) => [resource, ours?.id ?? ""]));
    const settings = zone.settings({ certificates: { issuers } });
    expect((await zone.compare({ settings, held })).conflicts).toMatchObject([
      {
        wanted: [],
        proposal: { setting: "maildomain:domains[0].certificates", values: { issuers: ["digicert.com"] } },
      },
    ]);
  });

  test("wildcards for nobody are a setting of ours", async () => {
    zone.fill([caa("issuewild", ";")]);
    const { conflicts } = await zone.compare({ settings: zone.settings({ certificates: { issuers } }) });
    expect(conflicts).toMatchObject([
      { wanted: [], proposal: { values: { wildcardIssuers: [] }, unsaid: [] } },
    ]);
  });

  test("the report: the effect, and the setting that makes it ours", async () => {
    zone.fill([
      caa("issue", "letsencrypt.org"),
      caa("issue", "digicert.com; cansignhttpexchanges=yes"),
      caa("issue", "pki.goog"),
      caa("issue", "digicert.com", "shop"),
    ]);
    const { conflicts, warnings } = await zone.compare({
      settings: zone.settings({ certificates: { issuers } }),
    });
    expect(conflicts).toMatchObject([
      {
        remedy:
          "They would exist beside yours, and certificates may come from digicert.com as well (RFC 8659 section 4.2), and certificates may come from pki.goog as well (RFC 8659 section 4.2). Delete them, or write them in maildomain:domains[0].certificates.",
        proposal: {
          setting: "maildomain:domains[0].certificates",
          values: { issuers: ["pki.goog"] },
          unsaid: ['issue "digicert.com; cansignhttpexchanges=yes"'],
        },
      },
    ]);
    expect(warnings).toEqual([
      "shop.example.org has CAA records of its own, which replace those of example.org there (RFC 8659 section 3).",
    ]);
  });
});

test("an internationalized zone, whose names the API has in one form and people in another", async () => {
  await using other = await AdoptedZone.start("träume.example");
  other.fill([
    { type: "MX", name: "TRÄUME.example", content: "Mail.Tra\u0308ume.example.", priority: 10 },
    { type: "TXT", name: "_dmarc.träume.example", content: '"v=DMARC1; p=none"' },
    { type: "A", name: "mail", content: "192.0.2.25" },
    { type: "CNAME", name: "s1._domainkey", content: "s1._domainkey.Bücher.example" },
  ]);
  const delegations = [{ label: "s1._domainkey", target: "s1._domainkey.xn--bcher-kva.example" }];
  const settings = other.settings(
    { name: "Träume.Example", delegations },
    { hostName: "mail.träume.example" },
  );
  const { matches, conflicts } = names(await other.compare({ settings }));
  expect(matches.map((resource) => resource.replace("xn--trume-hra.example-zone-", ""))).toEqual([
    "mail.xn--trume-hra.example-host",
    "mx",
    "cname-s1._domainkey",
  ]);
  expect(conflicts).toEqual([["xn--trume-hra.example-zone-dmarc", "v=DMARC1; p=none"]]);
});

test("a parked domain has no settings for its policies, and none is named", async () => {
  zone.fill([
    mx,
    spf,
    { type: "TXT", name: "_dmarc", content: '"v=DMARC1; p=none; rua=mailto:d@example.net"' },
  ]);
  const parked = { name: "example.org", dns: "cloudflare", cloudflareZone: zone.id };
  const settings = zone.settings(
    { name: "example.net", dns: "local", cloudflareZone: undefined },
    { parkedDomains: [parked] },
  );
  const { conflicts } = await zone.compare({ settings });
  expect(conflicts).toHaveLength(3);
  expect(conflicts.flatMap((conflict) => conflict.spf ?? [])).toEqual([]);
  expect(conflicts.flatMap(({ proposal }) => proposal ?? [])).toEqual([
    {
      setting: "maildomain:parkedDomains[0]",
      values: { reports: "d@example.net" },
      unsaid: ["p=none"],
      reasons: ["a parked domain has p=reject"],
    },
  ]);
  expect(conflicts.map(({ remedy }) => remedy).join(" ")).not.toMatch(/parkedDomains\[0\]\.(spf|dmarc|dkim)/);
});
