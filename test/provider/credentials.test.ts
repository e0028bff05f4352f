import fc from "fast-check";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { mapIn, textOfList, textOfMap } from "../../naming/large-map.ts";
import { credentials } from "../../provider/credentials.ts";
import type { Failure } from "../../provider/inputs.ts";
import { packedText, unpackedText } from "../../provider/packed-text.ts";
import { decode, unknown, type Value, type Values } from "../../provider/wire.ts";
import { up } from "./engine.ts";

// The real hash takes 20 ms and has tests of its own. This one contains the password and is new each time too.
const hashed: string[] = [];
vi.mock("../../provider/password-hash.ts", () => ({
  hashPasswords: async (passwords: ReadonlyMap<string, string>) => {
    hashed.push(...passwords.keys());
    return new Map([...passwords].map(([address, password]) => [address, `${password}/${Math.random()}`]));
  },
}));
beforeEach(() => {
  hashed.length = 0;
});

const monday = new Date("2026-11-23T08:00:00Z");
const tuesday = new Date("2026-11-24T08:00:00Z");
const [onMonday, onTuesday] = ["2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z"];

/** Of "secret", from docker-mailserver's documentation. */
const sha512 =
  "{SHA512-CRYPT}$6$W4rxRQwI6HNMt9n3$riCi5/OqUxnU8eZsOlZwoCnrNgu1gBGPkJc.ER.LhJCu7sOg9i1kBrRIistlBIp938GdBgMlYuoXYUU5A4Qiv0";

/** A map that is sealed as one text as long as all of it is known. */
function open(sealed: Value | undefined): Record<string, string> {
  return JSON.parse(unpackedText(String(sealed)));
}

describe("check", () => {
  test.each<[string, Values, Failure[]]>([
    ["nothing", {}, []],
    ["unknown password", { passwords: { "ana@a.pti": unknown } }, []],
    ["all unknown", { passwords: unknown, generate: unknown }, []],
    ["a hyphen and a plus", { passwords: { "ana+x@a-b.pti": "1" }, generate: ["o'neil@a.pti"] }, []],
    [
      "no address",
      { passwords: { ana: "1" } },
      [{ property: 'passwords["ana"]', reason: '"ana" is not a valid address: use local-part@domain' }],
    ],
    [
      "colon",
      { generate: ["a:b@a.pti"] },
      [{ property: "generate[0]", reason: '"a:b@a.pti" is not a valid address: use local-part@domain' }],
    ],
    [
      "upper case",
      { generate: ["Ana@a.pti"] },
      [{ property: "generate[0]", reason: '"Ana@a.pti" must be lower case: ana@a.pti' }],
    ],
    [
      "bad passwords",
      { passwords: { "a@a.pti": "", "b@a.pti": "x\0y", "c@a.pti": "é".repeat(129), "d@a.pti": 123456 } },
      [
        {
          property: 'passwords["a@a.pti"]',
          reason: "is empty; leave the address out and put it into generate instead",
        },
        {
          property: 'passwords["b@a.pti"]',
          reason: "has a control character, which mail clients cannot send (RFC 4616)",
        },
        { property: 'passwords["c@a.pti"]', reason: "is longer than 256 bytes" },
        { property: 'passwords["d@a.pti"]', reason: "must be a text, not a number" },
      ],
    ],
    [
      "twice",
      { passwords: { "a@a.pti": "1" }, generate: ["b@a.pti", "a@a.pti", "b@a.pti"] },
      [
        {
          property: "generate[1]",
          reason: '"a@a.pti" is in passwords already; remove one of the two',
        },
        { property: "generate[2]", reason: '"b@a.pti" is there twice' },
      ],
    ],
    [
      "hashes",
      { passwords: { "a@a.pti": "1" }, hashed: { "a@a.pti": sha512, "b@a.pti": "{PLAIN}secret" } },
      [
        {
          property: 'hashed["b@a.pti"]',
          reason: expect.stringMatching(/^\{PLAIN\} is not an accepted scheme/),
        },
        { property: 'hashed["a@a.pti"]', reason: '"a@a.pti" is in passwords already; remove one of the two' },
      ],
    ],
    [
      "misspelt",
      { password: {} },
      [
        {
          property: "password",
          reason: "is not an input of this resource: use generate, hashed, passwords",
        },
      ],
    ],
  ])("%s", (_name, inputs, failures) => {
    expect(credentials.check({}, inputs, monday).failures).toEqual(failures);
  });

  test("seals the passwords as a whole, and names the addresses by their dates", () => {
    const { filled } = credentials.check({}, { passwords: { "b@a.pti": "2", "a@a.pti": "1" } }, monday);
    const { passwords, hashed: none, changedAt } = filled;
    expect(passwords).toMatchObject({ value: '{"a@a.pti":"1","b@a.pti":"2"}' });
    expect(none).toMatchObject({ value: "{}" });
    expect(changedAt).toEqual({ "a@a.pti": onMonday, "b@a.pti": onMonday });
  });

  test("makes the list a map, in which the removal of one address moves no other", () => {
    const { filled } = credentials.check(
      { generate: { "b@a.pti": onMonday, "c@a.pti": onMonday } },
      { generate: ["d@a.pti", "c@a.pti"] },
      tuesday,
    );
    expect(filled.generate).toEqual({ "c@a.pti": onMonday, "d@a.pti": onTuesday });
  });

  test("of many, each map and list is one text, also where a state from before has a map", () => {
    const addresses = Array.from({ length: 101 }, (_, n) => `u${n}@a.pti`);
    const many = (value: string) => Object.fromEntries(addresses.map((address) => [address, value]));
    const inputs = {
      passwords: textOfMap(many("1")),
      generate: textOfList(addresses.map((one) => `g${one}`)),
    };
    const { filled, failures } = credentials.check({}, inputs, monday);
    expect(failures).toEqual([]);
    expect(mapIn(filled.changedAt)).toEqual(many(onMonday));
    expect(filled.changedAt).toBe(
      textOfMap(Object.fromEntries(addresses.toSorted().map((one) => [one, onMonday]))),
    );
    expect(Object.keys(mapIn(filled.generate))).toHaveLength(101);

    const former = { passwords: many("1"), hashed: {}, generate: {}, changedAt: many(onMonday) };
    const kept = decode(credentials.check(former, { passwords: inputs.passwords }, tuesday).filled);
    expect(credentials.diff(former, kept)).toEqual({ changes: false, replaces: [] });
    const other = textOfMap({ ...many("1"), "u7@a.pti": "2" });
    const next = decode(credentials.check(kept, { passwords: other }, tuesday).filled);
    expect(mapIn(next.changedAt)).toEqual({ ...many(onMonday), "u7@a.pti": onTuesday });
    expect(credentials.diff(kept, next).changes).toBe(true);
    // What uses the hashes needs all of them.
    const state = { ...kept, hashes: JSON.stringify(many("h")), generated: "{}" };
    expect(decode(credentials.preview(state, next)).hashes).toBe(unknown);
    expect(decode(credentials.preview(state, kept)).hashes).toBe(
      JSON.stringify(Object.fromEntries(addresses.toSorted().map((one) => [one, "h"]))),
    );
    expect(credentials.check({}, { passwords: textOfMap({ ana: "1" }) }, monday).failures).toHaveLength(1);
  });

  test("of very many, the hashes are packed, and are kept however a state has them", () => {
    const addresses = Array.from({ length: 1000 }, (_, n) => `u${n}@a.pti`).toSorted();
    const of = (value: (address: string) => string) =>
      JSON.stringify(Object.fromEntries(addresses.map((address) => [address, value(address)])));
    const inputs = { passwords: of(() => "1"), hashed: "{}", generate: {} };
    const hashes = of((address) => `{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$salt$${address}`);
    for (const held of [hashes, packedText(hashes), JSON.parse(hashes)]) {
      const kept = decode(credentials.preview({ ...inputs, hashes: held, generated: "{}" }, inputs)).hashes;
      expect(open(kept)).toEqual(JSON.parse(hashes));
      expect(String(kept).length).toBeLessThan(hashes.length / 2);
    }
  });

  const [a, b, c, d] = ["a@a.pti", "b@a.pti", "c@a.pti", "d@a.pti"];
  test.each<[string, Values, Values, Values]>([
    ["nothing changed", {}, { [a]: onMonday, [b]: onMonday }, { [c]: onMonday }],
    [
      "another password",
      { passwords: { [a]: "new", [b]: "2" } },
      { [a]: onTuesday, [b]: onMonday },
      { [c]: onMonday },
    ],
    [
      "an unknown password",
      { passwords: { [a]: unknown, [b]: "2" } },
      { [a]: unknown, [b]: onMonday },
      { [c]: onMonday },
    ],
    [
      "one more to generate",
      { generate: [d, c] },
      { [a]: onMonday, [b]: onMonday },
      { [c]: onMonday, [d]: onTuesday },
    ],
    [
      "generated becomes declared",
      { passwords: { [a]: "1", [b]: "2", [c]: "3" }, generate: [] },
      { [a]: onMonday, [b]: onMonday, [c]: onTuesday },
      {},
    ],
    [
      "declared becomes generated",
      { passwords: { [a]: "1" }, generate: [c, b] },
      { [a]: onMonday },
      { [b]: onTuesday, [c]: onMonday },
    ],
    ["all removed", { passwords: {}, generate: [] }, {}, {}],
  ])("dates: %s", (_name, change, changedAt, generate) => {
    const inputs = { passwords: { [a]: "1", [b]: "2" }, generate: [c] };
    const olds = {
      passwords: inputs.passwords,
      changedAt: { [a]: onMonday, [b]: onMonday },
      generate: { [c]: onMonday },
    };
    const filled = decode(credentials.check(olds, { ...inputs, ...change }, tuesday).filled);
    expect({ changedAt: filled.changedAt, generate: filled.generate }).toEqual({ changedAt, generate });
  });
});

describe("up", () => {
  const hashesOf = (state: Values) => open(state.hashes);
  const generatedOf = (state: Values) => open(state.generated);

  test("hashes what changed and nothing else", async () => {
    const first = await up(
      credentials,
      { passwords: { "a@a.pti": "1", "b@a.pti": "2" }, generate: ["c@a.pti"] },
      monday,
    );
    expect(hashed.splice(0)).toEqual(["a@a.pti", "b@a.pti", "c@a.pti"]);

    const second = await up(
      credentials,
      {
        passwords: { "d@a.pti": "4", "b@a.pti": "changed", "a@a.pti": "1" },
        generate: ["e@a.pti", "c@a.pti"],
      },
      tuesday,
      first,
    );
    expect(hashed.sort()).toEqual(["b@a.pti", "d@a.pti", "e@a.pti"]);
    expect(hashesOf(second)).toMatchObject({
      "a@a.pti": hashesOf(first)["a@a.pti"],
      "b@a.pti": expect.stringMatching(/^changed\//),
      "c@a.pti": hashesOf(first)["c@a.pti"],
    });
    expect(generatedOf(second)["c@a.pti"]).toBe(generatedOf(first)["c@a.pti"]);
    expect(Object.keys(hashesOf(second))).toEqual(["a@a.pti", "b@a.pti", "c@a.pti", "d@a.pti", "e@a.pti"]);
  });

  test("does nothing when only the order differs", async () => {
    const first = await up(
      credentials,
      { passwords: { "a@a.pti": "1", "b@a.pti": "2" }, generate: ["c@a.pti", "d@a.pti"] },
      monday,
    );
    const again = await up(
      credentials,
      { passwords: { "b@a.pti": "2", "a@a.pti": "1" }, generate: ["d@a.pti", "c@a.pti"] },
      tuesday,
      first,
    );
    expect(again).toEqual({ ...first, changed: false });
  });

  test("switches an address from generated to declared and back", async () => {
    const first = await up(credentials, { generate: ["a@a.pti"] }, monday);
    const declared = await up(credentials, { passwords: { "a@a.pti": "mine" } }, tuesday, first);
    expect(declared.changedAt).toEqual({ "a@a.pti": onTuesday });
    expect(generatedOf(declared)).toEqual({});
    expect(hashesOf(declared)).toEqual({ "a@a.pti": expect.stringMatching(/^mine\//) });
    const back = await up(credentials, { generate: ["a@a.pti"] }, tuesday, declared);
    const password = generatedOf(back)["a@a.pti"];
    expect(password).not.toBe(generatedOf(first)["a@a.pti"]);
    expect(hashesOf(back)["a@a.pti"]?.startsWith(`${password}/`)).toBe(true);
  });

  test("declaring the password that was generated keeps its hash", async () => {
    const first = await up(credentials, { generate: ["a@a.pti"] }, monday);
    const declared = await up(credentials, { passwords: generatedOf(first) }, tuesday, first);
    expect(declared.hashes).toEqual(first.hashes);
  });

  test("an address that comes back gets another password and hash", async () => {
    const first = await up(credentials, { generate: ["a@a.pti"] }, monday);
    const gone = await up(credentials, {}, tuesday, first);
    expect(gone).toMatchObject({ hashes: "{}", generated: "{}", changedAt: {}, changed: true });
    const back = await up(credentials, { generate: ["a@a.pti"] }, tuesday, gone);
    expect(generatedOf(back)).not.toEqual(generatedOf(first));
  });

  test("after any changes: one hash an address, that of its password, older than the last change only if kept", async () => {
    const address = fc.constantFrom("a@a.pti", "b@a.pti", "c@a.pti", "d@a.pti");
    const entry = fc.option(fc.constantFrom("1", "2", "generate"), { nil: undefined });
    const step = fc.dictionary(address, entry, { noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
        let state: (Values & { changed: boolean }) | undefined;
        for (const wanted of steps) {
          const entries = Object.entries(wanted).filter(([, value]) => value !== undefined);
          const passwords = Object.fromEntries(entries.filter(([, value]) => value !== "generate")) as Values;
          const generate = entries.filter(([, value]) => value === "generate").map(([name]) => name);
          const former: Values = state ?? { hashes: "{}", generated: "{}", passwords: "{}" };
          state = await up(credentials, { passwords, generate }, monday, state);
          const effective: Record<string, Value> = { ...generatedOf(state), ...passwords };
          expect(Object.keys(hashesOf(state)).sort()).toEqual(entries.map(([name]) => name).sort());
          for (const [name, hash] of Object.entries(hashesOf(state))) {
            expect(hash.startsWith(`${String(effective[name])}/`)).toBe(true);
            const before = { ...generatedOf(former), ...open(former.passwords) }[name];
            if (before === effective[name]) expect(hash).toBe(hashesOf(former)[name]);
            else expect(hash).not.toBe(hashesOf(former)[name]);
          }
        }
      }),
    );
  });
});

describe("preview", () => {
  // As an older state holds them: each map as it is.
  const olds: Values = {
    passwords: { "a@a.pti": "1", "b@a.pti": "2" },
    hashes: { "a@a.pti": "h1", "b@a.pti": "h2", "c@a.pti": "h3" },
    generated: { "c@a.pti": "g3" },
  };

  test("knows what stays, and not what has to be made", () => {
    const inputs: Values = {
      passwords: { "a@a.pti": "1", "b@a.pti": "new", "e@a.pti": unknown },
      generate: { "c@a.pti": onMonday, "d@a.pti": onTuesday },
    };
    expect(decode(credentials.preview(olds, inputs))).toEqual({
      hashes: {
        "a@a.pti": "h1",
        "b@a.pti": unknown,
        "c@a.pti": "h3",
        "d@a.pti": unknown,
        "e@a.pti": unknown,
      },
      generated: { "c@a.pti": "g3", "d@a.pti": unknown },
    });
  });

  test("a state from before makes no difference, and what it holds stays", () => {
    const inputs: Values = { ...olds, generate: { "c@a.pti": onMonday }, changedAt: {} };
    const sealed = { ...inputs, passwords: JSON.stringify(olds.passwords), hashed: "{}" };
    expect(credentials.diff(inputs, sealed)).toEqual({ changes: false, replaces: [] });
    const { hashes, generated } = decode(credentials.preview(olds, sealed));
    expect({ hashes: open(hashes), generated: open(generated) }).toEqual({
      hashes: olds.hashes,
      generated: olds.generated,
    });
    expect(credentials.diff(inputs, { ...sealed, passwords: unknown }).changes).toBe(true);
  });

  test("knows nothing while the addresses are unknown", () => {
    expect(decode(credentials.preview(olds, { passwords: unknown, generate: {} }))).toEqual({
      hashes: unknown,
      generated: unknown,
    });
  });
});

test("a declared hash stays an input alone, and its date says when it changed", async () => {
  const address = "ana@a.pti";
  const checked = (olds: Values, hash: string, now: Date): Values => {
    const inputs = { hashed: { [address]: hash } };
    return { ...inputs, ...decode(credentials.check(olds, inputs, now).filled) };
  };
  const first = checked({}, sha512, monday);
  const state = { ...first, ...decode((await credentials.create(first)).outputs) };
  expect(state).toMatchObject({ generated: "{}", changedAt: { [address]: onMonday } });
  expect(open(state.hashes)).toEqual({});
  expect(credentials.diff(state, checked(first, sha512, tuesday))).toEqual({ changes: false, replaces: [] });

  const next = checked(first, sha512.replace("$W4rx", "$x4rx"), tuesday);
  expect(next.changedAt).toEqual({ [address]: onTuesday });
  expect(credentials.diff(state, next).changes).toBe(true);
  expect(decode(credentials.preview(state, next)).hashes).toBe("{}");
  expect(hashed).toEqual([]);

  const before = { passwords: {}, generate: {}, changedAt: {} };
  expect(credentials.diff(before, { ...before, hashed: {} }).changes).toBe(false);
});
