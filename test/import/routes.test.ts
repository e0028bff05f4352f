import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { prove } from "../../commands/import-proof.ts";
import { translateDockerMailserver } from "../../import/docker-mailserver.ts";
import type { Check } from "../../import/draft.ts";
import { addressesIn, readTable } from "../../import/postfix-table.ts";
import { recipientsOf } from "../../import/routes.ts";
import { renderStack } from "../../import/stack-file.ts";
import { problemsOf } from "../../stacks/reading/problems.ts";
import { stackSchema } from "../../stacks/schema/config.ts";

const check: Check = (settings) => problemsOf(stackSchema.safeParse(settings).error?.issues ?? []);
const hash =
  "{SHA512-CRYPT}$6$W4rxRQwI6HNMt9n3$riCi5/OqUxnU8eZsOlZwoCnrNgu1gBGPkJc.ER.LhJCu7sOg9i1kBrRIistlBIp938GdBgMlYuoXYUU5A4Qiv0";

function imported(virtual: string, accounts = "ana rui eva", rest: Readonly<Record<string, string>> = {}) {
  const users = accounts.split(" ").map((name) => (name.includes("@") ? name : `${name}@example.org`));
  const folder = new Map([
    ["postfix-accounts.cf", users.map((user) => `${user}|${hash}\n`).join("")],
    ["postfix-virtual.cf", virtual],
    ...Object.entries(rest),
  ]);
  const translation = translateDockerMailserver(folder, check);
  const { files } = renderStack("x", translation.domains, "docker-mailserver");
  const { compared, differences } = prove(translation, "Pulumi.x.yaml", files);
  const shown = (lines: readonly { place: string; reason: string }[]) =>
    lines.map(({ place, reason }) => `${place.replace("postfix-", "")}: ${reason}`);
  const at = "@example.org";
  return {
    domains: translation.domains,
    compared,
    reported: shown(translation.notTaken),
    differences: shown(differences).map((line) => line.replaceAll(at, "@")),
  };
}

describe("where an address leads, by Postfix's rules", () => {
  const table = readTable(
    "virtual",
    new Map([
      [
        "virtual",
        `Office@Example.org ana@example.org,rui@example.org
  , eva@example.net
# a comment
team@example.org\toffice@example.org ana@EXAMPLE.org
team+vip@example.org rui@example.org
rui@example.org rui@example.org, rui@example.net
eva@example.org x@example.net
a@example.org b@example.org
b@example.org a@example.org
"q q"@example.org ana@example.org
@example.org ana@example.org
@alias.example @example.org
`,
      ],
    ]),
    () => undefined,
  );
  const routes = {
    aliases: new Map([...table].map(([key, { value }]) => [key, addressesIn(value)])),
    mailboxes: new Set(["ana@example.org", "rui@example.org", "eva@example.org", "z@closed.example"]),
    domains: new Set(["example.org", "alias.example", "closed.example"]),
  };
  test.each([
    ["office@example.org", "ana@example.org eva@example.net rui@example.net rui@example.org"],
    ["OFFICE+x@example.org", "ana+x@example.org eva+x@example.net rui+x@example.net rui+x@example.org"],
    ["team@example.org", "ana@example.org eva@example.net rui@example.net rui@example.org"],
    ["team+vip@example.org", "rui@example.net rui@example.org"],
    ["eva@example.org", "x@example.net"],
    // The catch-all has what the mailbox has no line of its own for, the mailbox's own mail included.
    ["ana@example.org", "ana@example.org"],
    ["nobody@example.org", "ana@example.org"],
    ["eva@alias.example", "x@example.net"],
    ["nobody@alias.example", "ana@example.org"],
    ["a@example.org", ""],
    ["z@closed.example", "z@closed.example"],
    ["z+tag@closed.example", "z+tag@closed.example"],
    ["y@closed.example", ""],
    ["y@elsewhere.example", "y@elsewhere.example"],
  ])("%s", (address, recipients) => {
    expect([...recipientsOf(address, routes)].join(" ")).toBe(recipients);
  });
});

describe("what is imported, and what is reported", () => {
  test("of several lines for one key the first counts, as in Postfix", () => {
    const { domains, reported, differences } = imported(`ana@example.org ana@example.org, x@example.net
ANA@example.org y@example.net
@example.org rui@example.org
@Example.ORG eva@example.org
office@example.org rui@example.org
office@EXAMPLE.org eva@example.org
rui@example.org rui@example.org
eva@example.org eva@example.org
  continued@example.net
`);
    expect(domains[0]?.mailboxes.map(({ forward }) => forward?.to.map(({ value }) => value))).toEqual([
      ["x@example.net"],
      undefined,
      ["continued@example.net"],
    ]);
    expect(domains[0]?.catchAll?.map(({ value }) => value)).toEqual(["rui@example.org"]);
    expect(reported).toEqual([
      'virtual.cf:2: "ana@example.org" has a line already, at postfix-virtual.cf:1: Postfix ignores this one',
      'virtual.cf:4: "@example.org" has a line already, at postfix-virtual.cf:3: Postfix ignores this one',
      'virtual.cf:6: "office@example.org" has a line already, at postfix-virtual.cf:5: Postfix ignores this one',
    ]);
    expect(differences).toEqual([]);
  });

  test.each<[string, string, string[], string[]]>([
    [
      "everything",
      "office@example.org ana@example.org <eva@example.org>\nx@example.org o'brien+a@example.net\n",
      [],
      [],
    ],
    ["a mailbox whose mail goes elsewhere only", "ana@example.org x@example.net\n", [], []],
    [
      "a catch-all, which has the mail of mailboxes without a line of their own",
      "@example.org ana@example.org\neva@example.org eva@example.org\n",
      [],
      ["accounts.cf:2: mail to rui@ went to ana@; here it goes to rui@"],
    ],
    [
      "a catch-all of several, which has what the roles get",
      "@example.org rui@example.org, x@example.net\nana@example.org ana@example.org\nrui@example.org rui@example.org\neva@example.org eva@example.org\n",
      [],
      [],
    ],
    [
      "a domain for a domain",
      "@example.org @example.net\n",
      [
        'virtual.cf:1: the target "@example.net" sends every name on to the same name there: declare an alias for each',
      ],
      ["ana", "rui", "eva"].map(
        (user, n) =>
          `accounts.cf:${n + 1}: mail to ${user}@ went to ${user}@example.net; here it goes to ${user}@`,
      ),
    ],
    [
      "a key with a sub-address",
      "ana+x@example.org rui@example.org\n",
      ['virtual.cf:1: "ana+x" has a +, which separates a sub-address: write the name without it'],
      [],
    ],
    [
      "an alias of an alias that is not imported",
      "a@example.org b@example.org\nb@example.org c+d@example.org\nc+d@example.org ana@example.org\n",
      [
        'virtual.cf:1: "b@example.org" is not a mailbox or alias here: declare it, or use one that is',
        "virtual.cf:1: none of its targets is accepted",
        'virtual.cf:2: "c+d@example.org" is not a mailbox or alias here: declare it, or use one that is',
        "virtual.cf:2: none of its targets is accepted",
        'virtual.cf:3: "c+d" has a +, which separates a sub-address: write the name without it',
      ],
      [],
    ],
    [
      "mailboxes that lead back to themselves",
      "ana@example.org rui@example.org\nrui@example.org ana@example.org, eva@example.org\neva@example.org postmaster@example.org\n",
      [
        "virtual.cf:1: leads back to itself (ana@example.org → rui@example.org → ana@example.org): end it at a mailbox",
        "virtual.cf:2: leads back to itself (rui@example.org → ana@example.org → rui@example.org): end it at a mailbox",
        "virtual.cf:3: leads back to itself (eva@example.org → postmaster@example.org → ana@example.org → rui@example.org → eva@example.org): end it at a mailbox",
      ],
      [],
    ],
    [
      "a line that continues nothing, and one without a target",
      "  ana@example.org rui@example.org\nx@example.org\n",
      [
        "virtual.cf:1: starts with white space, but continues nothing: Postfix ignores it",
        'virtual.cf:2: "x@example.org" has no target',
      ],
      [],
    ],
  ])("%s", (_what, virtual, reported, differences) => {
    const found = imported(virtual);
    expect(found).toMatchObject({ reported, differences });
    expect(found.compared).toBeGreaterThan(3);
  });

  test("a second quota for a mailbox is reported", () => {
    const { domains, reported } = imported("", "ana", {
      "dovecot-quotas.cf": "ana@example.org:5G\nAna@example.org:9G\n",
    });
    expect(domains[0]?.mailboxes[0]?.quota).toBe("5 GiB");
    expect(reported).toEqual([
      "dovecot-quotas.cf:2: its mailbox has a quota already, at dovecot-quotas.cf:1",
    ]);
  });

  test("whatever the lines say: where nothing is reported, mail arrives where it did", () => {
    const local = fc.constantFrom("ana", "rui", "eva", "office", "team", "x", "ana+t", "", "postmaster");
    const domain = fc.constantFrom("example.org", "b.example", "example.net");
    const address = fc.tuple(local, domain).map(([name, at]) => `${name}@${at}`);
    const line = fc
      .tuple(address, fc.array(address, { minLength: 1, maxLength: 3 }))
      .map(([key, targets]) => `${key} ${targets.join(", ")}\n`);
    let proven = 0;
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        const { domains, reported, differences } = imported(lines.join(""), "ana rui eva ana@b.example");
        expect(domains.length).toBeGreaterThan(0);
        if (reported.length === 0 && differences.length === 0) proven += 1;
        // Mailboxes that a catch-all has emptied, and roles that only exist here, are what only the proof finds.
        const isCaught = lines.some((line) => /^@|postmaster/.test(line));
        const found = reported.length > 0 || isCaught ? [] : differences;
        expect(found).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(proven).toBeGreaterThan(10);
  });
});
