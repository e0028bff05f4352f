import * as fc from "fast-check";
import { expect, test } from "vitest";
import { stackSchema } from "../../stacks/schema/config.ts";
import { changes } from "../lab/catalogue/changes/index.ts";
import { applyEdit } from "../lab/catalogue/edit.ts";
import { fixture } from "../lab/catalogue/fixture.ts";
import { drawOrder, randomNumbers, withNeeded } from "../lab/catalogue/order.ts";

const orderOf = (seed: number) => drawOrder(changes, randomNumbers(seed));

test("a seed is an order, in which each change comes once, after what it needs", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const ids = orderOf(seed).map(({ id }) => id);
      expect(ids.toSorted()).toEqual(changes.map(({ id }) => id).toSorted());
      for (const { id, after = [] } of changes)
        for (const needed of after) expect(ids.indexOf(needed)).toBeLessThan(ids.indexOf(id));
      expect(orderOf(seed).map(({ id }) => id)).toEqual(ids);
    }),
  );
});

test("in any order, each stack file that is not to be refused is one that the program takes", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      let settings = fixture;
      for (const { id, edit, refusal } of orderOf(seed)) {
        const edited = applyEdit(settings, edit);
        if (refusal !== undefined) continue;
        settings = edited;
        const { error } = stackSchema.safeParse({ address: "127.0.0.1", ...settings });
        expect(error?.issues ?? [], id).toEqual([]);
      }
    }),
    { numRuns: 20 },
  );
});

test("what the fast changes need is fast, and there are at least twelve", () => {
  const fast = changes.filter(({ isFast }) => isFast).map(({ id }) => id);
  expect(withNeeded(changes, fast).map(({ id }) => id)).toEqual(fast);
  expect(fast.length).toBeGreaterThanOrEqual(12);
  expect(() => withNeeded(changes, ["none"])).toThrow("Unknown change: none.");
});

test("what is urgent comes at once", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const order = drawOrder(changes, randomNumbers(seed)).map(({ id }) => id);
      expect(order.indexOf("server-removed")).toBe(order.indexOf("server-added") + 1);
    }),
    { numRuns: 20 },
  );
});

test("changes that need each other are refused", () => {
  const [first, second] = changes;
  if (first === undefined || second === undefined) throw new Error("There are no changes.");
  const round = [
    { ...first, after: [second.id] },
    { ...second, after: [first.id] },
  ];
  expect(() => drawOrder(round, Math.random)).toThrow("Nothing comes before: ");
});
