import { expect, test } from "vitest";
import { generatedSecret } from "../../provider/generated-secret.ts";
import { decode, type Value } from "../../provider/wire.ts";

test("makes another one each time, as long as it is asked for, and keeps it", async () => {
  const made = await Promise.all([1, 2].map(() => generatedSecret.create({ length: 32 })));
  const [first, second] = made.map(({ outputs }) => String(decode(outputs).secret));
  expect(first).toMatch(/^[A-Za-z0-9_-]{32}$/);
  expect(first).not.toBe(second);
  expect(made[0]?.outputs.secret).toMatchObject({ value: first });
  const state = { length: 32, secret: first ?? "" };
  expect(decode(generatedSecret.preview(state, { length: 32 }))).toEqual({ secret: first });
  expect(generatedSecret.diff(state, { length: 32 })).toEqual({ changes: false, replaces: [] });
  expect(generatedSecret.diff(state, { length: 64 })).toEqual({ changes: true, replaces: ["length"] });
});

test("its length is checked", () => {
  const reasons = (length: Value) =>
    generatedSecret.check({}, { length }, new Date()).failures.map(({ reason }) => reason);
  expect(reasons(32)).toEqual([]);
  expect(reasons(15)).toEqual(["must be a whole number from 16 to 128, not 15"]);
});
