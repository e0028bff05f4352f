import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TLS_PAIR } from "../../../servers/generation/container-paths.ts";
import {
  namedPairFile,
  pairPaths,
  renderPairs,
  type TlsPairs,
} from "../../../servers/generation/tls-pairs.ts";

const company: TlsPairs = {
  byDefault: { name: "mail-server", hostNames: ["mx1.example.org"] },
  named: [
    { name: "example.org", hostNames: ["mail.example.org", "imap.example.org"] },
    { name: "example.net", hostNames: ["mail.example.net"] },
  ],
  areRenewed: true,
};

test("one pair for everybody stays where it was, and has no list", () => {
  expect(pairPaths(undefined)).toEqual({ byDefault: TLS_PAIR, named: [] });
  expect(renderPairs(undefined)).toEqual([]);
});

test("the list: the default pair first, then by name", () => {
  expect(renderPairs(company)).toMatchInlineSnapshot(`
    [
      {
        "content": "mail-server tls/pair.pem /var/lib/certificates/mail-server/chain.pem mx1.example.org
    example.net tls/example.net.pem /var/lib/certificates/example.net/chain.pem mail.example.net
    example.org tls/example.org.pem /var/lib/certificates/example.org/chain.pem imap.example.org mail.example.org
    ",
        "path": "tls/pairs",
      },
    ]
  `);
  expect(renderPairs({ ...company, areRenewed: false })[0]?.content).toMatchInlineSnapshot(`
    "mail-server tls/pair.pem - mx1.example.org
    example.net tls/example.net.pem - mail.example.net
    example.org tls/example.org.pem - imap.example.org mail.example.org
    "
  `);
  expect(renderPairs({ ...company, byDefault: undefined })[0]?.content).not.toContain("mail-server");
});

test("each pair's file is where the list says", () => {
  const paths = company.named.map(({ name }) => namedPairFile(name, "root").path);
  for (const path of paths) expect(renderPairs(company)[0]?.content).toContain(` ${path} `);
});

describe("refused is", () => {
  const one = (name: string, ...hostNames: string[]) => ({ name, hostNames });
  test.each<[string, TlsPairs, string]>([
    ["no pair at all", { named: [], areRenewed: true }, "a server needs at least one TLS pair"],
    [
      "a pair that is declared twice",
      { ...company, named: [one("mail-server", "a.example")] },
      'the TLS pair "mail-server" is declared twice',
    ],
    [
      "a name in two pairs",
      { ...company, named: [one("a", "x.example"), one("b", "x.example")] },
      'x.example is in the TLS pairs "a" and "b": leave it in one',
    ],
    [
      "the server's own name in another pair",
      { ...company, named: [one("a", "mx1.example.org")] },
      'mx1.example.org is in the TLS pairs "mail-server" and "a": leave it in one',
    ],
    ["a pair without names", { ...company, named: [one("a")] }, 'the TLS pair "a" has no host name'],
    [
      "the default pair's file",
      { ...company, named: [one("pair", "x.example")] },
      '"pair" is the default TLS pair\'s file: use another name',
    ],
  ])("%s", (_, pairs, message) => {
    expect(() => renderPairs(pairs)).toThrow(message);
  });

  test.each([
    "",
    ".",
    "..",
    "a/b",
    "../a",
    "a b",
    "a\nb",
    "-",
    ".hidden",
    "a..b",
    "a;b",
    "é",
    "a".repeat(201),
  ])("the pair's name %j", (name) => {
    const message = "cannot be the name of a TLS pair";
    expect(() => renderPairs({ named: [one(name, "x.example")], areRenewed: true })).toThrow(message);
    expect(() => namedPairFile(name, "root")).toThrow(message);
  });

  test.each([
    "",
    "Mail.example.org",
    "*.example.org",
    "a b.example",
    "a.example;",
    "a.example\n",
    "a{.example",
    "a..example",
  ])("the host name %j", (host) => {
    expect(() => pairPaths({ named: [one("a", host)], areRenewed: true })).toThrow(
      "is not a lower-case domain name",
    );
  });
});

test("whatever is accepted, no name leads to two pairs, and none is lost", () => {
  const label = fc.stringMatching(/^[a-z0-9]{1,3}$/);
  const host = fc.tuple(label, label).map((labels) => labels.join("."));
  const pair = fc.record({
    name: fc.oneof(label, host, fc.string()),
    hostNames: fc.array(host, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(
      fc.record({
        byDefault: fc.option(pair, { nil: undefined }),
        named: fc.array(pair, { maxLength: 4 }),
        areRenewed: fc.boolean(),
      }),
      (pairs) => {
        const all = [...(pairs.byDefault ? [pairs.byDefault] : []), ...pairs.named];
        const hosts = all.flatMap(({ hostNames }) => hostNames);
        let lines: string[][];
        try {
          lines = renderPairs(pairs)
            .flatMap(({ content }) => content.trim().split("\n"))
            .map((line) => line.split(" "));
        } catch {
          return;
        }
        expect(new Set(hosts).size).toBe(hosts.length);
        expect(lines.flatMap(([, , , ...names]) => names).toSorted()).toEqual(hosts.toSorted());
        expect(lines.map(([name]) => name).toSorted()).toEqual(all.map(({ name }) => name).toSorted());
        expect(new Set(lines.map(([, path]) => path)).size).toBe(all.length);
        const { named } = pairPaths(pairs);
        expect(named.flatMap(({ hostNames }) => hostNames).toSorted()).toEqual(
          pairs.named.flatMap(({ hostNames }) => hostNames).toSorted(),
        );
      },
    ),
    { numRuns: 2_000 },
  );
});
