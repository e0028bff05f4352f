import { expect, test } from "vitest";
import { DmarcPolicy } from "../../records/dmarc.ts";
import { climbDmarc } from "../../stages/dmarc-ladder.ts";
import { enter } from "../../stages/staged.ts";

const now = new Date("2026-01-01T00:00:00Z");
const moment = { now, ttlSeconds: 3600 };
const policies = Object.values(DmarcPolicy);

test("stricter by one rung, weaker by any number", () => {
  const refused = policies.flatMap((old) =>
    policies
      .filter((next) => climbDmarc(enter(old, now, 0), next, moment, "dmarc.policy").refusals.length > 0)
      .map((next) => `${old} → ${next}`),
  );
  expect(refused).toEqual(["none → reject"]);
});

test("the refusal shows the way out", () => {
  expect(
    climbDmarc(enter("none", now, 0), "reject", moment, "domains[0].dmarc.policy").refusals,
  ).toMatchInlineSnapshot(`
    [
      {
        "message": "none → reject skips quarantine: receivers would reject mail of legitimate senders before any report could warn you. Write policy: quarantine, read the reports of some days, then write reject",
        "path": "domains[0].dmarc.policy",
      },
    ]
  `);
});

test("a new domain may start anywhere; the next rung is due after a day of reports", () => {
  for (const policy of policies) expect(climbDmarc(undefined, policy, moment, "").refusals).toEqual([]);
  const { dmarc } = climbDmarc(undefined, "quarantine", moment, "");
  expect(dmarc.nextFrom).toBe("2026-01-02T01:00:00Z");
  const later = { now: new Date("2026-02-01T00:00:00Z"), ttlSeconds: 60 };
  expect(climbDmarc(dmarc, "quarantine", later, "").dmarc).toEqual(dmarc);
});
