import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aliasTable,
  domainTable,
  mailboxTable,
  renderTable,
  renderTables,
  senderTable,
} from "../../../servers/mail-server/address-tables.ts";
import type { HostedAlias, HostedDomain, HostedMailbox } from "../../../servers/mail-server/description.ts";
import { contentOf, VAAMONDE } from "./example.ts";

function withAliases(aliases: readonly HostedAlias[]): HostedDomain[] {
  return [{ ...VAAMONDE, aliases }];
}

describe("the tables of the lab", () => {
  test.each([
    ["domains", "vaamonde.pti vaamonde.pti\n"],
    [
      "mailboxes",
      "leandroramos@vaamonde.pti leandroramos@vaamonde.pti\nvaamonde@vaamonde.pti vaamonde@vaamonde.pti\n",
    ],
  ])("%s", (name, text) => {
    expect(contentOf(renderTables([VAAMONDE]), `postfix/tables/${name}`)).toBe(text);
  });

  test("aliases, and no line for a mailbox that nothing leads away from", () => {
    expect(renderTable(aliasTable([VAAMONDE]))).toMatchInlineSnapshot(`
      "postmaster@vaamonde.pti vaamonde@vaamonde.pti
      vendas@vaamonde.pti leandroramos@vaamonde.pti, vaamonde@vaamonde.pti
      "
    `);
  });

  test("senders name the full address as login", () => {
    expect(renderTable(senderTable([VAAMONDE]))).toMatchInlineSnapshot(`
      "leandroramos@vaamonde.pti leandroramos@vaamonde.pti
      postmaster@vaamonde.pti vaamonde@vaamonde.pti
      vaamonde@vaamonde.pti vaamonde@vaamonde.pti
      vendas@vaamonde.pti leandroramos@vaamonde.pti, vaamonde@vaamonde.pti
      "
    `);
  });
});

describe("who may send as an alias", () => {
  test("everybody whom it reaches through other aliases", () => {
    const table = senderTable(
      withAliases([
        { address: "all@vaamonde.pti", targets: ["vendas@vaamonde.pti", "ana@example.org"] },
        { address: "vendas@vaamonde.pti", targets: ["leandroramos@vaamonde.pti"] },
      ]),
    );
    expect(table.get("all@vaamonde.pti")).toEqual(["leandroramos@vaamonde.pti"]);
  });

  test("nobody, if it leads elsewhere only", () => {
    const table = senderTable(withAliases([{ address: "ex@vaamonde.pti", targets: ["ana@example.org"] }]));
    expect(table.has("ex@vaamonde.pti")).toBe(false);
  });

  test("a cycle ends, and gives nobody a right", () => {
    const table = senderTable(
      withAliases([
        { address: "a@vaamonde.pti", targets: ["b@vaamonde.pti"] },
        { address: "b@vaamonde.pti", targets: ["a@vaamonde.pti"] },
      ]),
    );
    expect([table.has("a@vaamonde.pti"), table.has("b@vaamonde.pti")]).toEqual([false, false]);
  });

  test("an alias of one domain that leads to a mailbox of another", () => {
    const other = { name: "example.org", mailboxes: [], dkimSelectors: [] };
    const aliases = [{ address: "ana@example.org", targets: ["Vaamonde@vaamonde.pti"] }];
    expect(senderTable([VAAMONDE, { ...other, aliases }]).get("ana@example.org")).toEqual([
      "vaamonde@vaamonde.pti",
    ]);
  });
});

describe("what a mailbox declares", () => {
  const tables = (changes: Partial<HostedMailbox>, more: Partial<HostedDomain> = {}) => {
    const [first, ...others] = VAAMONDE.mailboxes;
    const mailboxes = first === undefined ? [] : [{ ...first, ...changes }, ...others];
    const files = renderTables([{ ...VAAMONDE, aliases: [], ...more, mailboxes }]);
    return (name: string) => contentOf(files, `postfix/tables/${name}`).replaceAll("@vaamonde.pti", "");
  };

  test.each<[string, string, Partial<HostedMailbox>, string]>([
    [
      "a forward with a copy",
      "aliases",
      { forward: { to: ["a@b.org"], keepCopy: true } },
      "vaamonde vaamonde, a@b.org",
    ],
    [
      "a forward without one",
      "aliases",
      { forward: { to: ["a@b.org"], keepCopy: false } },
      "vaamonde a@b.org",
    ],
    [
      "its quota does not count then",
      "recipients",
      { forward: { to: ["a@b.org"], keepCopy: false } },
      "vaamonde OK",
    ],
    ["no mail", "recipients", { receives: false }, "vaamonde 550 5.2.1 This mailbox takes no mail"],
    ["no tags", "plain-addresses", { subAddressing: false }, "vaamonde 550 5.1.1 There is no such address"],
    ["an address to send as", "senders", { sendAs: ["faturas@vaamonde.pti"] }, "faturas vaamonde"],
    ["a domain to send as", "senders", { sendAs: ["@vaamonde.pti"] }, " vaamonde"],
  ])("%s", (_, table, changes, line) => {
    const [before, after] = [tables({})(table), tables(changes)(table)];
    expect(after.split("\n")).toContain(line);
    expect(before.split("\n")).not.toContain(line);
  });

  test("who may not hand in mail is not among those who may", () => {
    expect(tables({ protocols: ["imap"] })("submitters")).toBe("leandroramos OK\n");
    expect(tables({ protocols: [] })("submitters")).toBe("leandroramos OK\n");
  });

  test("an alias of one mailbox alone is as its mailbox, one of several takes what it can", () => {
    const aliases = [
      { address: "v@vaamonde.pti", targets: ["vaamonde@vaamonde.pti"] },
      { address: "all@vaamonde.pti", targets: ["vaamonde@vaamonde.pti", "leandroramos@vaamonde.pti"] },
    ];
    const read = tables({ receives: false }, { aliases });
    expect(read("recipients")).toMatch(/^v 550 5\.2\.1 .*\nvaamonde 550 5\.2\.1 .*\n$/);
    expect(read("aliases")).toContain("all leandroramos\n");
  });

  test("members of an alias may send as it or not; of a catch-all they may not", () => {
    const alias = { address: "v@vaamonde.pti", targets: ["vaamonde@vaamonde.pti"] };
    const read = tables(
      {},
      {
        aliases: [
          { ...alias, membersMaySend: false },
          { ...alias, address: "@vaamonde.pti" },
        ],
      },
    );
    expect(read("senders")).toBe("leandroramos leandroramos\nvaamonde vaamonde\n");
  });

  test.each<[string, Partial<HostedMailbox>, string]>([
    ["to itself", { forward: { to: ["Vaamonde@vaamonde.pti"], keepCopy: true } }, "is forwarded to itself"],
    [
      "in a circle",
      { forward: { to: ["v@vaamonde.pti"], keepCopy: true } },
      "v@vaamonde.pti → vaamonde@vaamonde.pti",
    ],
    ["as an address elsewhere", { sendAs: ["ana@example.org"] }, "no domain here"],
  ])("never %s", (_, changes, message) => {
    const aliases = [{ address: "v@vaamonde.pti", targets: ["vaamonde@vaamonde.pti"] }];
    expect(() => tables(changes, { aliases })).toThrow(message);
  });
});

test("a catch-all stands beside the lines of the mailboxes", () => {
  const table = aliasTable(withAliases([{ address: "@vaamonde.pti", targets: ["vaamonde@vaamonde.pti"] }]));
  expect(table.get("@vaamonde.pti")).toEqual(["vaamonde@vaamonde.pti"]);
  expect(table.get("leandroramos@vaamonde.pti")).toEqual(["leandroramos@vaamonde.pti"]);
});

describe("what cannot be written into a table", () => {
  const target = "vaamonde@vaamonde.pti";
  test.each([
    [
      "an alias that is also a mailbox",
      { address: target, targets: ["ana@example.org"] },
      "is declared twice",
    ],
    ["an alias without a target", { address: "x@vaamonde.pti", targets: [] }, "has no target"],
    ["an alias of another domain", { address: "x@example.org", targets: [target] }, "cannot be an address"],
    ["a space", { address: "x y@vaamonde.pti", targets: [target] }, "cannot be an address"],
    ["a comment", { address: "#x@vaamonde.pti", targets: [target] }, "cannot be an address"],
    ["a tag", { address: "x+y@vaamonde.pti", targets: [target] }, "cannot be an address"],
    ["a capital", { address: "X@vaamonde.pti", targets: [target] }, "cannot be an address"],
    ["two dots", { address: "x..y@vaamonde.pti", targets: [target] }, "cannot be an address"],
    ["a folder", { address: "../x@vaamonde.pti", targets: [target] }, "cannot be an address"],
    ["a program as target", { address: "x@vaamonde.pti", targets: ["|/bin/sh"] }, "cannot be the target"],
    ["two targets in one", { address: "x@vaamonde.pti", targets: ["a@b.c, d@e.f"] }, "cannot be the target"],
  ])("%s", (_, alias, message) => {
    expect(() => aliasTable(withAliases([alias]))).toThrow(message);
  });
});

const localPart = fc.stringMatching(/^[a-z][a-z0-9]{0,8}([._-][a-z0-9]{1,4})?$/);

describe("for any set of mailboxes and aliases", () => {
  const domains = fc
    .uniqueArray(localPart, { minLength: 2, maxLength: 12 })
    .chain((names) =>
      fc.record({
        names: fc.constant(names),
        split: fc.integer({ min: 1, max: names.length - 1 }),
        picks: fc.array(fc.nat(names.length - 1), { minLength: names.length, maxLength: names.length }),
      }),
    )
    .map(({ names, split, picks }): HostedDomain => {
      const address = (index: number) => `${names[index]}@example.org`;
      return {
        name: "example.org",
        mailboxes: names.slice(0, split).map((_, i) => ({ address: address(i), quotaBytes: 0 })),
        aliases: names.slice(split).map((_, i) => ({
          address: address(split + i),
          targets: [address((picks[i] ?? 0) % (split + i))],
        })),
        dkimSelectors: [],
      };
    });

  test("each line has one key and its values, keys are sorted and unique", () => {
    fc.assert(
      fc.property(domains, (domain) => {
        for (const { content } of renderTables([domain])) {
          const keys = content
            .split("\n")
            .slice(0, -1)
            .map((line) => line.split(" ")[0]);
          expect(keys).toEqual([...new Set(keys)].sort());
          expect(content).toMatch(/^(\n|([^\s#]\S* \S.*\n)+)$/);
        }
      }),
    );
  });

  test("owners are logins of mailboxes, and each mailbox belongs to itself alone", () => {
    fc.assert(
      fc.property(domains, (domain) => {
        const mailboxes = mailboxTable([domain]);
        const senders = senderTable([domain]);
        for (const logins of senders.values())
          expect(logins.every((login) => mailboxes.has(login))).toBe(true);
        for (const address of mailboxes.keys()) expect(senders.get(address)).toEqual([address]);
      }),
    );
  });

  test("the order in which they are declared does not show", () => {
    fc.assert(
      fc.property(domains, (domain) => {
        const reversed = {
          ...domain,
          mailboxes: domain.mailboxes.toReversed(),
          aliases: domain.aliases.toReversed(),
        };
        expect(renderTables([reversed])).toEqual(renderTables([domain]));
        expect(domainTable([reversed])).toEqual(domainTable([domain]));
      }),
    );
  });
});
