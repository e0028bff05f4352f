import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dkimUse, type KeyStage, rotate, type StagedKeys, serverKeyUse } from "../../stages/key-rotation.ts";

const start = Date.parse("2026-01-01T00:00:00Z");
const at = (seconds: number) => new Date(start + seconds * 1000);
const places = { list: "dkim", stage: (name: string) => `dkim.${name}` };
const day = 86_400;
const hour = 3600;

type Stage = KeyStage<"signing">;
type Keys = StagedKeys<"signing">;

function dkim(olds: Keys | undefined, news: Record<string, Stage>, seconds: number, asked = true) {
  return rotate(dkimUse, olds, news, { now: at(seconds), ttlSeconds: hour, asked }, places);
}

/** What is in force once each stage was entered in turn, an hour apart; refusals are of no matter here. */
function reached(...stages: Stage[]): Keys | undefined {
  let keys: Keys | undefined;
  for (const [index, stage] of stages.entries()) {
    keys = dkim(keys, { new: stage, old: "signing" }, (index - stages.length + 1) * hour).keys;
  }
  return keys;
}

const other = { old: "signing" } as const;

describe("each step of a DKIM key in a domain that is in use", () => {
  const none: Keys = reached("signing") ?? {};
  const { new: _, ...withoutNew } = none;

  test.each<[string, Keys | undefined, Stage | undefined, number, string]>([
    ["new → published", withoutNew, "published", 0, "well"],
    [
      "new → signing",
      withoutNew,
      "signing",
      0,
      "dkim.new: new is new here: mail that it signs would fail where its record is not found. Write stage: published first, and signing in a later change",
    ],
    [
      "new → retired",
      withoutNew,
      "retired",
      0,
      "dkim.new: new is new here: it has never been used. Write stage: published first, and signing in a later change",
    ],
    ["published → signing", reached("published"), "signing", 0, "well, once the servers answer with new"],
    [
      "published → retired",
      reached("published"),
      "retired",
      0,
      "dkim.new: new is published and has never been used: write stage: signing, or remove it",
    ],
    ["published → gone", reached("published"), undefined, 0, "well"],
    ["signing → retired", reached("published", "signing"), "retired", 0, "well"],
    [
      "signing → published",
      reached("published", "signing"),
      "published",
      0,
      "dkim.new: new is in use: write stage: retired to end that, so that its record stays for 5 days (the longest time in a queue) and one TTL",
    ],
    [
      "signing → gone",
      reached("published", "signing"),
      undefined,
      0,
      "dkim: new is in use and cannot be removed at once: mail that it has signed may still be in transit. Write it again with stage: retired; it can be removed 5 days (the longest time in a queue) and one TTL later",
    ],
    ["retired → signing", reached("signing", "retired"), "signing", 0, "well"],
    [
      "retired → published",
      reached("signing", "retired"),
      "published",
      0,
      "dkim.new: new is retired: keep stage: retired until 2026-01-06 01:00:00 UTC, or write signing to use it again",
    ],
    [
      "retired → gone, a second too early",
      reached("signing", "retired"),
      undefined,
      5 * day + hour - 1,
      "dkim: new has been retired since 2026-01-01 00:00:00 UTC and cannot be removed yet: mail that it has signed may still be in transit. Write it again with stage: retired until 2026-01-06 01:00:00 UTC",
    ],
    ["retired → gone, in time", reached("signing", "retired"), undefined, 5 * day + hour, "well"],
  ])("%s", (_name, olds, stage, seconds, expected) => {
    const news = stage === undefined ? other : { new: stage, ...other };
    const { refusals, toConfirm } = dkim(olds, news, seconds);
    const reported = refusals.map(({ path, message }) => `${path}: ${message}`);
    const confirmed = toConfirm.length > 0 ? [`well, once the servers answer with ${toConfirm}`] : ["well"];
    expect((reported.length > 0 ? reported : confirmed).join("\n")).toBe(expected);
  });
});

test("a new domain may start anywhere", () => {
  const { keys, refusals, toConfirm } = dkim(undefined, { a: "signing", b: "retired", c: "published" }, 0);
  expect([refusals, toConfirm]).toEqual([[], []]);
  expect(keys).toMatchInlineSnapshot(`
    {
      "a": {
        "nextFrom": "2026-01-01T00:00:00Z",
        "since": "2026-01-01T00:00:00Z",
        "stage": "signing",
      },
      "b": {
        "nextFrom": "2026-01-06T01:00:00Z",
        "since": "2026-01-01T00:00:00Z",
        "stage": "retired",
      },
      "c": {
        "nextFrom": "2026-01-01T00:00:00Z",
        "since": "2026-01-01T00:00:00Z",
        "stage": "published",
      },
    }
  `);
});

test("what stays in its stage keeps its times, whatever the TTL becomes", () => {
  const olds = reached("published") ?? {};
  const news = { new: "published", old: "signing" } as const;
  const moment = { now: at(9 * day), ttlSeconds: 9 * day, asked: false };
  expect(rotate(dkimUse, olds, news, moment, places).keys).toEqual(olds);
});

test("where no server is asked, a TTL stands for the answer", () => {
  const { keys } = dkim(reached("signing"), { new: "signing", old: "signing", next: "published" }, 0, false);
  const step = (seconds: number) =>
    dkim(keys, { new: "signing", old: "signing", next: "signing" }, seconds, false);
  expect(step(hour - 1).refusals).toMatchInlineSnapshot(`
    [
      {
        "message": "next has been published since 2026-01-01 00:00:00 UTC: mail that it signs would fail where its record is not found. Keep stage: published until 2026-01-01 01:00:00 UTC",
        "path": "dkim.next",
      },
    ]
  `);
  expect(step(hour)).toMatchObject({ refusals: [], toConfirm: [] });
});

test("a server's key waits for a TTL and for the servers' answer", () => {
  const moment = (seconds: number) => ({ now: at(seconds), ttlSeconds: hour, asked: true });
  const { keys: first } = rotate(serverKeyUse, undefined, { a: "serving" }, moment(0), places);
  const { keys } = rotate(serverKeyUse, first, { a: "serving", b: "published" }, moment(0), places);
  const step = (seconds: number) =>
    rotate(serverKeyUse, keys, { a: "retired", b: "serving" }, moment(seconds), places);
  expect(step(hour - 1).refusals).toMatchInlineSnapshot(`
    [
      {
        "message": "b has been published since 2026-01-01 00:00:00 UTC: servers that still hold the earlier TLSA records would refuse to deliver. Keep stage: published until 2026-01-01 01:00:00 UTC",
        "path": "dkim.b",
      },
    ]
  `);
  expect(step(hour)).toMatchObject({ refusals: [], toConfirm: ["b"] });
  const removal = (seconds: number) =>
    rotate(serverKeyUse, step(hour).keys, { b: "serving" }, moment(seconds), places).refusals;
  expect(removal(2 * hour - 1)).toMatchInlineSnapshot(`
    [
      {
        "message": "a has been retired since 2026-01-01 01:00:00 UTC and cannot be removed yet: other servers may already rely on it. Write it again with stage: retired until 2026-01-01 02:00:00 UTC",
        "path": "dkim",
      },
    ]
  `);
  expect(removal(2 * hour)).toEqual([]);
});

test("no way of small steps leads around the record: what has signed keeps it for five days", () => {
  const stage = fc.constantFrom<(Stage | undefined)[]>("published", "signing", "retired", undefined);
  fc.assert(
    fc.property(fc.array(fc.tuple(stage, fc.integer({ min: 1, max: 2 * day }))), (steps) => {
      let keys: Keys = {};
      let now = 0;
      let lastUse: number | undefined;
      let publishedSince: number | undefined;
      for (const [next, wait] of steps) {
        now += wait;
        if (keys.k?.stage === "signing") lastUse = now;
        const result = dkim(keys, next === undefined ? {} : { k: next }, now);
        if (result.refusals.length > 0) continue;
        if (next === "signing") expect(publishedSince).toBeLessThan(now);
        if (next === undefined) {
          if (lastUse !== undefined && keys.k !== undefined) {
            expect(now - lastUse).toBeGreaterThanOrEqual(5 * day);
          }
          lastUse = undefined;
          publishedSince = undefined;
        } else publishedSince ??= now;
        keys = result.keys;
      }
    }),
  );
});
