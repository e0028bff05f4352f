import fc from "fast-check";
import { dmarc } from "mailauth";
import { expect, test } from "vitest";
import { appliedDmarc, organizationalDomain, walkDmarc } from "../../records/index.ts";

type Zone = Readonly<Record<string, readonly string[]>>;

const textsAt = (zone: Zone) => async (name: string) => zone[name] ?? [];

/** Names below each other, each of which may have a policy. */
const names = ["a.b.c.d.e.f.g.example.test", "g.example.test", "x.example.test", "example.test", "test"];
const policies = fc.constantFrom(
  [],
  ["v=DMARC1; p=none"],
  ["v = DMARC1 ; p = reject"],
  ["v=DMARC1; p=none; psd=n"],
  ["v=DMARC1; p=none; psd=y"],
  ["v=DMARC1; p=none", "v=DMARC1; p=reject"],
  ["v=spf1 -all", " v=DMARC1; p=reject"],
);

test("the tree walk ends where that of mailauth does (RFC 9989 section 4.10)", async () => {
  const zones = fc.tuple(
    ...["d.e.f.g.example.test", ...names].map((name) => fc.tuple(fc.constant(name), policies)),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), zones, async (start, entries) => {
      const zone: Zone = Object.fromEntries(entries.map(([name, texts]) => [`_dmarc.${name}`, texts]));
      const walk = await walkDmarc(start, textsAt(zone));
      const resolver = async (name: string) => {
        const texts = zone[name] ?? [];
        if (texts.length === 0) throw Object.assign(new Error(name), { code: "ENODATA" });
        // mailauth forgives white space before a record, which the standard does not.
        return texts.filter((text) => !text.startsWith(" ")).map((text) => [text]);
      };
      const theirs = await dmarc({ headerFrom: start, spfDomains: [], dkimDomains: [], resolver });
      if (theirs === false) throw new Error("no domain");
      expect(organizationalDomain(walk)).toBe(theirs.domain);
      expect(appliedDmarc(walk)?.text).toBe("rr" in theirs ? theirs.rr : undefined);
    }),
  );
});

test("what ends a walk early is known, and hides nothing that was found before", async () => {
  const own: Zone = { "_dmarc.a.example.test": ["v=DMARC1; p=none"] };
  const failing = async (name: string) => {
    if (name === "_dmarc.test") throw new Error("SERVFAIL");
    return textsAt(own)(name);
  };
  const walk = await walkDmarc("a.example.test", failing);
  expect(appliedDmarc(walk)?.domain).toBe("a.example.test");
  expect(() => organizationalDomain(walk)).toThrow("SERVFAIL");
  const without = await walkDmarc("b.example.test", failing);
  expect(() => appliedDmarc(without)).toThrow("SERVFAIL");
});

test("several records at a name are seen as such", async () => {
  const zone: Zone = { "_dmarc.example.test": ["v=DMARC1; p=none", "v=DMARC1; p=reject", "x"] };
  expect((await walkDmarc("example.test", textsAt(zone))).several).toEqual([
    { domain: "example.test", texts: ["v=DMARC1; p=none", "v=DMARC1; p=reject"] },
  ]);
});
