import { expect, test } from "vitest";
import type { Change } from "../lab/catalogue/change.ts";
import { findDifferences, type Outcome } from "../lab/catalogue/differences.ts";
import { longestOutage } from "../lab/catalogue/outages.ts";

const change: Change = {
  id: "port",
  section: "Servers, ports and network",
  title: "A port",
  edit: {},
  risks: ["port-changed"],
  rows: ["client setting/changed/*/port"],
  servers: { b: "replaced" },
  volumes: { added: ["v"] },
  notices: "",
  undo: "",
};
const seen = (server: string, outage: number) => ({
  service: "SMTP" as const,
  server,
  needs: [],
  served: 3,
  outage,
  problem: outage > 0 ? "refused" : undefined,
  refused: [],
});
const state = (server: string, incarnation = "1") => [server, { incarnation, served: "g" }] as const;
/** As it is written. */
const right: Outcome = {
  announced: {
    risks: ["port-changed"],
    changes: [
      { id: "client setting/changed/IMAP/port", subject: "client setting", kind: "changed", name: "IMAP" },
      { id: "server/replaced/b", subject: "server", kind: "replaced", name: "b" },
    ],
  },
  before: { servers: new Map([state("a"), state("b")]), volumes: new Set(["w"]) },
  after: { servers: new Map([state("a"), state("b", "2")]), volumes: new Set(["v", "w"]) },
  observed: { seen: [seen("a", 0), seen("b", 2000)], cut: ["b"], lost: [] },
};

test("there is no difference where all is as written", () => {
  expect(findDifferences(change, right)).toEqual([]);
});

test.each<[string, Partial<Outcome>, string[]]>([
  [
    "a risk that nobody expects",
    { announced: { ...right.announced, risks: ["mx-changed", "port-changed"] } },
    ["the review names the risks mx-changed, port-changed instead of port-changed"],
  ],
  [
    "a review that says nothing",
    { announced: { risks: ["port-changed"], changes: [] } },
    [
      "the review has no row client setting/changed/*/port",
      "b: the review announces nothing instead of replaced",
    ],
  ],
  [
    "a server that is replaced and need not be",
    { after: { ...right.after, servers: new Map([state("a", "2"), state("b", "2")]) } },
    ["a: what happened is replaced instead of nothing"],
  ],
  [
    "a volume that is removed",
    { after: { ...right.after, volumes: new Set(["v"]) } },
    ["volumes removed: w instead of none"],
  ],
  [
    "clients of another server who notice, and a message that is lost",
    { observed: { seen: [seen("a", 1500), seen("b", 0)], cut: ["a"], lost: ["x at a"] } },
    ["SMTP of a was away for 1.5 s: refused", "a closed a session that waited for mail", "lost: x at a"],
  ],
  ["an `up` that is not the last", { leftOver: "~ x" }, ["an `up` after it would change: ~ x"]],
])("a difference is %s", (_, outcome, expected) => {
  expect(findDifferences(change, { ...right, ...outcome })).toEqual(expected);
});

test("a server that may be replaced may as well stay", () => {
  const maybe: Change = { ...change, servers: { b: "may be replaced" } };
  const changes = right.announced.changes.map((row) =>
    row.subject === "server" ? { ...row, isUncertain: true } : row,
  );
  const announced = { ...right.announced, changes };
  const stays = {
    after: { ...right.after, servers: right.before.servers },
    observed: { seen: [], cut: [], lost: [] },
  };
  expect(findDifferences(maybe, { ...right, announced })).toEqual([]);
  expect(findDifferences(maybe, { ...right, announced, ...stays })).toEqual([]);
});

test("a time without a service ends with the first later attempt that is served", () => {
  const attempts = [
    { start: 0, end: 10 },
    { start: 100, end: 110, problem: "refused" },
    { start: 200, end: 900, problem: "timed out" },
    // Began before the failure, so it says nothing of what came after.
    { start: 50, end: 150 },
    { start: 300, end: 400 },
    { start: 500, end: 501 },
  ];
  expect(longestOutage(attempts, 1000)).toBe(300);
  expect(longestOutage(attempts.slice(0, 1), 1000)).toBe(0);
  expect(longestOutage([{ start: 100, end: 110, problem: "refused" }], 1000)).toBe(900);
});
