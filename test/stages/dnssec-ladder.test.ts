import { expect, test } from "vitest";
import { type DnssecStage, leaveDnssec } from "../../stages/dnssec-ladder.ts";
import { enter } from "../../stages/staged.ts";

const start = Date.parse("2026-01-01T00:00:00Z");
const moment = (seconds: number) => ({ now: new Date(start + seconds * 1000), ttlSeconds: 3600 });
const stages: readonly DnssecStage[] = ["signed", "withdrawn", "unsigned"];

test("signatures are removed only after the DS record", () => {
  const refused = stages.flatMap((old) =>
    stages
      .filter((next) => {
        const { dnssec } = leaveDnssec(undefined, old, moment(0), "");
        return leaveDnssec(dnssec, next, moment(86_400 + 3600), "").refusals.length > 0;
      })
      .map((next) => `${old} → ${next}`),
  );
  expect(refused).toEqual(["signed → unsigned"]);
});

test("the refusals say when, and what to write", () => {
  const { dnssec } = leaveDnssec(undefined, "withdrawn", moment(0), "");
  const early = leaveDnssec(dnssec, "unsigned", moment(86_400 + 3599), "domains[0].");
  const skip = leaveDnssec(enter("signed", moment(0).now, 0), "unsigned", moment(99_999), "domains[0].");
  expect([...early.refusals, ...skip.refusals]).toMatchInlineSnapshot(`
    [
      {
        "message": "resolvers may still hold the parent's DS record: keep dnssec: true with ds: false until 2026-01-02 01:00:00 UTC",
        "path": "domains[0].dnssec",
      },
      {
        "message": "the zone is signed here: while its parent has a DS record, resolvers refuse every answer of a zone without signatures. Have the DS record removed there, write ds: false beside dnssec: true, and dnssec: false one day and one TTL later",
        "path": "domains[0].dnssec",
      },
    ]
  `);
});
