import { expect, test } from "vitest";
import type { Change } from "../lab/catalogue/change.ts";
import { mayBeOne } from "../lab/catalogue/rows.ts";
import { inGroups, together } from "../lab/catalogue/together.ts";

const change = (id: string, more: Partial<Change> = {}): Change => ({
  id,
  section: "Mailboxes",
  title: `Title ${id}`,
  edit: { [id]: 1 },
  servers: { a: "reload" },
  notices: "",
  undo: "",
  ...more,
});

test("a group is at most so many that only reload, and need nothing of each other", () => {
  const order = [
    change("a"),
    change("b"),
    change("c", { after: ["b"] }),
    change("d"),
    change("e"),
    change("f"),
    change("g", { servers: { a: "replaced" } }),
    change("h", { way: "killed" }),
    change("i", { refusal: /no/ }),
    change("j"),
  ];
  const groups = inGroups(order, 3).map((group) => group.map(({ id }) => id).join(""));
  expect(groups).toEqual(["abd", "cef", "g", "h", "i", "j"]);
  expect(inGroups(order, 1)).toHaveLength(order.length);
});

test.each([
  ["record/changed/*/TTL", "record/*", true],
  ["record/changed/*/TTL#2", "record/changed/*/TTL", false],
  ["record/changed/one.test TXT", "record/*/one.test CAA", false],
  ["record/changed/one.test TXT", "record/*one*", true],
  ["mailbox/added/ana@one.test/quota", "mailbox/*/ana@one.test/*", true],
  ["", "*", true],
  ["a", "", false],
])("%s and %s may be one row: %s", (row, other, expected) => {
  expect(mayBeOne(row, other)).toBe(expected);
  expect(mayBeOne(other, row)).toBe(expected);
});

test("changes that may share a row of a review are not made at once", () => {
  const order = [
    change("a", { rows: ["record/changed/*/TTL"] }),
    change("b", { rows: ["record/*"] }),
    change("c", { rows: ["mailbox/added/x"] }),
  ];
  expect(inGroups(order, 3).map((group) => group.map(({ id }) => id).join(""))).toEqual(["ac", "b"]);
});

test("a group is one change, of which is written what is written of each", () => {
  const first = change("a", { risks: ["mx-changed"], rows: ["x"], volumes: { added: ["v"] } });
  const second = change("b", {
    way: "whole",
    risks: ["mx-changed", "dmarc-weaker"],
    servers: { b: "reload" },
  });
  expect(together([first, second])).toMatchObject({
    id: "a + b",
    title: "Title a; Title b",
    edit: { a: 1, b: 1 },
    way: "whole",
    risks: ["mx-changed", "dmarc-weaker"],
    rows: ["x"],
    servers: { a: "reload", b: "reload" },
    volumes: { added: ["v"], removed: [] },
  });
  expect(together([first])).toBe(first);
});
