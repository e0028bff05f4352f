import fc from "fast-check";
import { expect, test } from "vitest";
import { MailDomain } from "../../../components/index.ts";
import { formatDmarc, normalizeAddress, parseDmarc } from "../../../records/index.ts";
import { renderTables } from "../../../servers/mail-server/address-tables.ts";
import { renderMailServer } from "../../../servers/mail-server/mail-server.ts";
import { renderWebmail } from "../../../servers/webmail/webmail.ts";
import { addressTables } from "../../../stacks/program/address-tables.ts";
import { domainArgs } from "../../../stacks/program/domain-args.ts";
import { serversOf } from "../../../stacks/program/servers.ts";
import { checkSettings } from "../../../stacks/reading/check.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";
import { record } from "../../components/recorder.ts";
import { existingAddress } from "../../records/arbitrary.ts";

const everyField = (address: string, sendAs: string) => ({
  domains: [
    {
      name: "example.org",
      mailboxes: [
        { name: "ana", password: "a long enough one", forward: { to: [address] }, sendAs: [sendAs] },
      ],
      aliases: [{ name: "out", to: [address] }],
      catchAll: [address],
      dmarc: { reports: address },
      tlsReports: address,
      certificates: { reports: address },
    },
  ],
  parkedDomains: [{ name: "parked.example", reports: address }],
});

const problemsOf = (written: object) =>
  (checkSettings(written).problems ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);

const alias = (name: string, ...to: string[]) => ({ name, to });
const routed = (mailboxes: object[], aliases: object[], rest: object = {}) => ({
  domains: [{ name: "example.org", mailboxes, aliases, ...rest }],
});
const [ana, rui] = [{ name: "ana" }, { name: "rui" }];
test.each<[string, object, string[]]>([
  ["a sub-address of a mailbox", routed([ana], [alias("a", "Ana+list@example.org")]), []],
  [
    "of an alias, as a catch-all and for reports",
    routed([ana], [alias("a", "ana@example.org")], {
      catchAll: ["a+x+y@example.org"],
      tlsReports: "a+tls@example.org",
      dmarc: { reports: "reports+dmarc@example.org" },
    }),
    [],
  ],
  [
    "of nobody",
    routed([ana], [alias("a", "eva+x@example.org")]),
    [
      'domains.0.aliases.0.to.0: "eva+x@example.org" is not a mailbox or alias here: declare it, or use one that is',
    ],
  ],
  [
    "of itself",
    routed([{ ...ana, forward: { to: ["ana+x@example.org"] } }], []),
    ['domains.0.mailboxes.0.forward.to.0: "ana+x@example.org" leads to itself: leave it out'],
  ],
  [
    "of one that leads back",
    routed([ana], [alias("a", "b+x@example.org"), alias("b", "a@example.org")]),
    [
      "domains.0.aliases.0.to: leads back to itself (a@example.org → b@example.org → a@example.org): end it at a mailbox",
      "domains.0.aliases.1.to: leads back to itself (b@example.org → a@example.org → b@example.org): end it at a mailbox",
    ],
  ],
  [
    "a role that nobody has declared, which leads back",
    routed([{ ...ana, forward: { to: ["postmaster@example.org"] } }, rui], []),
    [
      "domains.0.mailboxes.0.forward.to: leads back to itself (ana@example.org → postmaster@example.org → ana@example.org): end it at a mailbox",
    ],
  ],
  [
    "the same role, declared",
    routed([{ ...ana, forward: { to: ["abuse@example.org"] } }, rui], [alias("abuse", "rui@example.org")]),
    [],
  ],
])("a target here: %s", (_what, written, problems) => {
  expect(problemsOf(written)).toEqual(problems);
  if (problems.length > 0) return;
  const tables = addressTables(stackSchema.parse(written));
  for (const line of (tables.get("aliases") ?? "").split("\n")) expect(line).not.toMatch(/^\S*\+/);
});

test("a sub-address's owner is its mailbox: who may send as an alias of one, and for whom it is refused", () => {
  const written = routed(
    [{ ...ana, receives: false }, rui],
    [alias("a", "rui+a@example.org"), alias("b", "ana+b@example.org", "rui+b@example.org")],
  );
  const tables = addressTables(stackSchema.parse(written));
  expect(tables.get("senders")).toContain("a@example.org rui@example.org\n");
  expect(tables.get("senders")).toContain("b@example.org ana@example.org, rui@example.org\n");
  expect(tables.get("aliases")).toContain("b@example.org rui+b@example.org\n");
});

test("each field says what is wrong with an address, and what belongs there", () => {
  const shown = ["a..b@example.org", `${"a".repeat(70)}@example.org`, "ana", "o'neil@example.org"].map(
    (bad) => [bad, ...problemsOf(everyField(bad, bad))].join("\n  "),
  );
  expect(shown.join("\n")).toMatchInlineSnapshot(`
    "a..b@example.org
      domains.0.mailboxes.0.forward.to.0: "a..b" is not a valid local part: use ASCII letters, digits, !#$%&'*+-/=?^_\`{|}~ and single dots between them (RFC 5321 section 4.1.2)
      domains.0.mailboxes.0.sendAs.0: "a..b" is not a valid local part: use letters, digits, "_", "-" and single dots, starting with a letter, a digit or "_" and not ending with a dot
      domains.0.aliases.0.to.0: "a..b" is not a valid local part: use ASCII letters, digits, !#$%&'*+-/=?^_\`{|}~ and single dots between them (RFC 5321 section 4.1.2)
      domains.0.catchAll.0: "a..b" is not a valid local part: use ASCII letters, digits, !#$%&'*+-/=?^_\`{|}~ and single dots between them (RFC 5321 section 4.1.2)
      domains.0.tlsReports: "a..b" is not a valid local part: use ASCII letters, digits, !#$%&'*+-/=?^_\`{|}~ and single dots between them (RFC 5321 section 4.1.2)
      domains.0.certificates.reports: "a..b" is not a valid local part: use ASCII letters, digits, !#$%&'*+-/=?^_\`{|}~ and single dots between them (RFC 5321 section 4.1.2)
      domains.0.dmarc.reports: "a..b" is not a valid local part: use ASCII letters, digits, !#$%&'*+-/=?^_\`{|}~ and single dots between them (RFC 5321 section 4.1.2)
      parkedDomains.0.reports: "a..b" is not a valid local part: use ASCII letters, digits, !#$%&'*+-/=?^_\`{|}~ and single dots between them (RFC 5321 section 4.1.2)
      domains.0.mailboxes.0.forward.to.0: "a..b@example.org" is not a mailbox or alias here: declare it, or use one that is
      domains.0.aliases.0.to.0: "a..b@example.org" is not a mailbox or alias here: declare it, or use one that is
      domains.0.catchAll.0: "a..b@example.org" is not a mailbox or alias here: declare it, or use one that is
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.org
      domains.0.mailboxes.0.forward.to.0: the part before the @ is longer than 64 characters (RFC 5321 section 4.5.3.1.1): use a shorter one
      domains.0.mailboxes.0.sendAs.0: the part before the @ is longer than 64 characters (RFC 5321 section 4.5.3.1.1): use a shorter one
      domains.0.aliases.0.to.0: the part before the @ is longer than 64 characters (RFC 5321 section 4.5.3.1.1): use a shorter one
      domains.0.catchAll.0: the part before the @ is longer than 64 characters (RFC 5321 section 4.5.3.1.1): use a shorter one
      domains.0.tlsReports: the part before the @ is longer than 64 characters (RFC 5321 section 4.5.3.1.1): use a shorter one
      domains.0.certificates.reports: the part before the @ is longer than 64 characters (RFC 5321 section 4.5.3.1.1): use a shorter one
      domains.0.dmarc.reports: the part before the @ is longer than 64 characters (RFC 5321 section 4.5.3.1.1): use a shorter one
      parkedDomains.0.reports: the part before the @ is longer than 64 characters (RFC 5321 section 4.5.3.1.1): use a shorter one
      domains.0.mailboxes.0.forward.to.0: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.org" is not a mailbox or alias here: declare it, or use one that is
      domains.0.aliases.0.to.0: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.org" is not a mailbox or alias here: declare it, or use one that is
      domains.0.catchAll.0: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.org" is not a mailbox or alias here: declare it, or use one that is
    ana
      domains.0.mailboxes.0.forward.to.0: "ana" is not a valid address: use an address such as ana@example.net
      domains.0.mailboxes.0.sendAs.0: "ana" is not a valid address: use an address such as sales@example.org, or @example.org for every address without an owner
      domains.0.aliases.0.to.0: "ana" is not a valid address: use an address such as ana@example.org
      domains.0.catchAll.0: "ana" is not a valid address: use an address such as ana@example.org
      domains.0.tlsReports: "ana" is not a valid address: use an address such as tls@example.org
      domains.0.certificates.reports: "ana" is not a valid address: use an address such as security@example.org
      domains.0.dmarc.reports: "ana" is not a valid address: use an address such as dmarc@example.org
      parkedDomains.0.reports: "ana" is not a valid address: use an address such as dmarc@example.org
      domains.0.mailboxes.0.sendAs.0: "ana" belongs to no domain here: use an address of a declared domain
    o'neil@example.org
      domains.0.mailboxes.0.sendAs.0: "o'neil" is not a valid local part: use letters, digits, "_", "-" and single dots, starting with a letter, a digit or "_" and not ending with a dot
      domains.0.mailboxes.0.forward.to.0: "o'neil@example.org" is not a mailbox or alias here: declare it, or use one that is
      domains.0.aliases.0.to.0: "o'neil@example.org" is not a mailbox or alias here: declare it, or use one that is
      domains.0.catchAll.0: "o'neil@example.org" is not a mailbox or alias here: declare it, or use one that is
      domains.0.dmarc.reports: "o'neil@example.org" is an address of a domain here: "o'neil" is not a valid local part: use letters, digits, "_", "-" and single dots, starting with a letter, a digit or "_" and not ending with a dot
      domains.0.tlsReports: "o'neil@example.org" is an address of a domain here: "o'neil" is not a valid local part: use letters, digits, "_", "-" and single dots, starting with a letter, a digit or "_" and not ending with a dot
      domains.0.certificates.reports: "o'neil@example.org" is an address of a domain here: "o'neil" is not a valid local part: use letters, digits, "_", "-" and single dots, starting with a letter, a digit or "_" and not ending with a dot
      parkedDomains.0.reports: "o'neil@example.org" is an address of a domain here: "o'neil" is not a valid local part: use letters, digits, "_", "-" and single dots, starting with a letter, a digit or "_" and not ending with a dot"
  `);
});

test("what takes reports at a domain here is made here", () => {
  const at = (address: string) =>
    problemsOf({ ...everyField("ana@example.org", "@example.org"), ...reportsAt(address) });
  expect(at("re+id@MÜLLER.example")).toMatchInlineSnapshot(`[]`);
  expect(at("re@müller.example")).toEqual([]);
});

const reportsAt = (reports: string) => ({
  domains: [
    {
      name: "xn--mller-kva.example",
      mailboxes: [{ name: "ana", password: "a long enough one" }],
      dmarc: { reports },
      tlsReports: reports,
      certificates: { reports },
    },
  ],
  parkedDomains: [{ name: "parked.example", reports }],
});

/** Of forty texts one is any, so that most settings hold together. */
const orAny = (arbitrary: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 39, arbitrary }, { weight: 1, arbitrary: fc.string() });
const local = fc.stringMatching(/^[A-Za-z0-9_][a-z0-9_-]{0,8}(\.[a-z0-9_-]{0,4}[a-z0-9_])?$/);
const domainName = fc.constantFrom("Example.org", "bücher.example", "XN--STRAE-OQA.example");

/** A stack with an address in every place that takes one, most of them right. */
const stack = fc
  .record({
    names: fc.uniqueArray(local, { minLength: 5, maxLength: 5, selector: (name) => name.toLowerCase() }),
    name: domainName,
    written: fc.array(orAny(existingAddress), { minLength: 8, maxLength: 8 }),
    own: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7]),
    app: orAny(fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/)),
    any: orAny(local),
    everySender: fc.boolean(),
    tag: fc.constantFrom("", "", "", "", "", "", "+tag"),
  })
  .map(({ names, name, written, own, app, any, everySender, tag }) => {
    const [first = "", second = "", alias = "", list = "", role = ""] = names;
    const at = (n: number, here: string): string =>
      own.includes(n) ? `${here}@${name}` : (written[n] ?? "");
    return {
      lab: true,
      hostName: `mail.${name}`,
      domains: [
        {
          name,
          mailboxes: [
            {
              name: first,
              aliases: [alias, any],
              forward: { to: [at(0, second)] },
              sendAs: [everySender ? `@${name}` : `${list}@${name}`],
              appPasswords: [{ name: app }],
            },
            { name: second, subAddressing: false },
          ],
          aliases: [{ name: list, to: [at(1, second), at(2, first)] }],
          catchAll: [at(3, second)],
          dmarc: { reports: at(4, `${role}${tag}`) },
          tlsReports: at(5, role),
          certificates: { reports: at(6, alias) },
        },
      ],
      parkedDomains: [{ name: "parked.example", reports: at(7, role) }],
    };
  });

test("whatever the schema takes, every server's files can be rendered", async () => {
  const runs = 100;
  let taken = 0;
  const property = fc.property(stack, (written) => {
    const { settings } = checkSettings(written);
    // Whatever is refused is refused by the schema, which has planned the records too: nothing below may throw.
    if (settings === undefined) return;
    taken += 1;
    const domains = domainArgs(settings).map((args) => new MailDomain(args.domain, args));
    const hosted = domains.map((domain) => domain.hosted);
    const addresses = domains.flatMap(({ mailboxes }) => mailboxes.map(({ address }) => address));
    const [server] = serversOf(settings);
    renderMailServer({
      hostName: server.hostName,
      domains: hosted,
      messageSizeLimitBytes: settings.messageSizeLimit,
      legacyPorts: true,
      resolver: { kind: "recursive" },
    });
    const names = Object.fromEntries(addresses.map((address) => [address, "O'Neil"]));
    const webmail = hosted.map((each) => ({ hosted: each, webmailHost: `webmail.${each.name}`, names }));
    renderWebmail({
      servers: [{ hostName: server.hostName, place: "mail-server", domains: webmail }],
      ownAuthority: true,
      messageSizeLimitBytes: settings.messageSizeLimit,
      webServerAddress: undefined,
    });
  });
  await record(() => fc.assert(property, { numRuns: runs }));
  expect(taken).toBeGreaterThan(runs / 3);
}, 600_000);

test("tables and records hold each address as it is", () => {
  const runs = 200;
  let taken = 0;
  fc.assert(
    fc.property(
      orAny(existingAddress),
      fc.constantFrom("@Example.org", "sales@example.org"),
      (address, sendAs) => {
        const parsed = stackSchema.safeParse(everyField(address, sendAs));
        if (!parsed.success) return;
        taken += 1;
        const [domain] = parsed.data.domains;
        const tables = renderTables([
          {
            name: "example.org",
            mailboxes: [{ address: "ana@example.org", quotaBytes: 0, sendAs: domain?.mailboxes[0]?.sendAs }],
            aliases: [{ address: "out@example.org", targets: domain?.aliases[0]?.to ?? [] }],
            dkimSelectors: [],
          },
        ]);
        const aliases = tables.find(({ path }) => path.endsWith("/aliases"))?.content ?? "";
        const one = normalizeAddress(address);
        expect(aliases).toBe(`out@example.org ${one}\n`);
        const published = formatDmarc({ policy: "reject", reportAddresses: [domain?.dmarc.reports ?? ""] });
        expect(parseDmarc(published).reportAddresses).toEqual([one]);
      },
    ),
    { numRuns: runs },
  );
  expect(taken).toBeGreaterThan(runs / 2);
});
