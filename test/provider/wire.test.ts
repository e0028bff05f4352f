import * as rpc from "@pulumi/pulumi/runtime/rpc.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decode, encode, hasUnknown, same, secret, unknown, type Value } from "../../provider/wire.ts";

const SIGNATURE = rpc.specialSigKey;

test("marks values as the SDK does", () => {
  expect(encode(unknown)).toBe(rpc.unknownValue);
  expect(secret("x")).toEqual({ [SIGNATURE]: rpc.specialSecretSig, value: "x" });
  expect(rpc.isRpcSecret(secret({ a: [1, unknown] }))).toBe(true);
});

test("reads secrets, outputs and unknowns at every depth", () => {
  const output = (fields: object) => ({
    [SIGNATURE]: rpc.specialOutputValueSig,
    dependencies: [],
    ...fields,
  });
  expect(
    decode({
      plain: "a",
      secret: { [SIGNATURE]: rpc.specialSecretSig, value: ["b", rpc.unknownValue] },
      known: output({ value: { c: 1 }, secret: true }),
      unknown: output({}),
      list: [null, true, { d: rpc.unknownValue }],
    }),
  ).toEqual({
    plain: "a",
    secret: ["b", unknown],
    known: { c: 1 },
    unknown: unknown,
    list: [null, true, { d: unknown }],
  });
});

const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<Value>(null, true, false, unknown),
    fc.double({ noNaN: true }),
    fc.string(),
    fc.array(tie("value")),
    fc.dictionary(fc.string(), tie("value"), { noNullPrototype: true }),
  ),
})).value;

test("reads what it wrote, secret or not", () => {
  fc.assert(
    fc.property(value, (v) => {
      expect(decode({ v: encode(v) })).toEqual({ v });
      expect(decode({ v: secret(v) })).toEqual({ v });
    }),
  );
});

test("a value is the same as itself, unless something in it is unknown", () => {
  fc.assert(
    fc.property(value, (v) => {
      expect(same(v, structuredCloneOf(v))).toBe(!hasUnknown(v));
    }),
  );
});

test.each<[string, Value | undefined, Value | undefined, boolean]>([
  ["order of keys", { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }, true],
  ["order of items", [1, 2], [2, 1], false],
  ["one key more", { a: 1 }, { a: 1, b: 2 }, false],
  ["another key", { a: 1 }, { b: 1 }, false],
  ["list and map", [], {}, false],
  ["absent and null", undefined, null, false],
  ["both absent", undefined, undefined, true],
  ["text and number", "1", 1, false],
])("compares: %s", (_name, a, b, equal) => {
  expect(same(a, b)).toBe(equal);
  expect(same(b, a)).toBe(equal);
});

function structuredCloneOf(v: Value): Value {
  if (Array.isArray(v)) return v.map(structuredCloneOf);
  if (v !== null && typeof v === "object") {
    return Object.fromEntries(
      Object.entries(v).map(([key, item]) => [key, structuredCloneOf(item as Value)]),
    );
  }
  return v;
}
