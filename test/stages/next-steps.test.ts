import { expect, test } from "vitest";
import { formatSteps, nextSteps, type StackStages } from "../../stages/next-steps.ts";

const at = (stage: string, hour: string, nextFrom = hour) =>
  ({ stage, since: `2026-01-01T${hour}:00:00Z`, nextFrom: `2026-01-01T${nextFrom}:00:00Z` }) as never;

const stages: StackStages = {
  servers: [
    {
      hostName: "mail.example.org",
      keys: { key1: at("serving", "01"), key2: at("published", "02", "04") },
    },
  ],
  domains: [
    {
      domain: "example.org",
      dkim: { rsa1: at("retired", "02", "20"), rsa2: at("signing", "02"), ed2: at("published", "02") },
      dmarc: at("none", "01", "09"),
    },
    { domain: "example.net", dkim: { ed1: at("signing", "01") }, dmarc: at("reject", "01") },
  ],
};

test("each key and policy, what comes next, and when that is safe", () => {
  expect(formatSteps(nextSteps(stages), new Date("2026-01-01T03:00:00Z"))).toMatchInlineSnapshot(`
    "mail.example.org
      server key key1  serving since 2026-01-01 01:00:00 UTC
      server key key2  published since 2026-01-01 02:00:00 UTC; next: write stage: serving, once the name servers answer with its record (safe from 2026-01-01 04:00:00 UTC)

    example.org
      DKIM rsa1        retired since 2026-01-01 02:00:00 UTC; next: take it out (safe from 2026-01-01 20:00:00 UTC)
      DKIM rsa2        signing since 2026-01-01 02:00:00 UTC
      DKIM ed2         published since 2026-01-01 02:00:00 UTC; next: write stage: signing, once the name servers answer with its record (safe now)
      DMARC            none since 2026-01-01 01:00:00 UTC; next: write policy: quarantine, where the reports name no sender of your own (safe from 2026-01-01 09:00:00 UTC)

    example.net
      DKIM ed1         signing since 2026-01-01 01:00:00 UTC
      DMARC            reject since 2026-01-01 01:00:00 UTC
    "
  `);
  const later = formatSteps(nextSteps(stages), new Date("2026-01-01T04:00:00Z"));
  expect(later).toMatch(/key2 .*\(safe now\)/);
});

test("MTA-STS", () => {
  const policy = (stage: string) =>
    Object.assign(at(stage, "01", "02"), { mx: ["mail.example.org"], maxAge: 60 });
  const next = ["testing", "enforce", "none"].map((mode) => {
    const [domain] = stages.domains;
    if (domain === undefined) throw new Error("there is no domain");
    return nextSteps({ ...stages, domains: [{ ...domain, mtaSts: policy(mode) }] }).at(-1)?.next;
  });
  expect(next).toEqual([
    "write mode: enforce, where the reports name no failure of your own",
    undefined,
    "take it out",
  ]);
});
