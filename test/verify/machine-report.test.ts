import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as z from "zod";
import { keysInState } from "../../commands/exported-state.ts";
import type { Outcome, Result } from "../../verify/check.ts";
import { toJUnit } from "../../verify/junit.ts";
import { formatChanges, toJson } from "../../verify/report.ts";
import { reportSchema } from "../../verify/report-schema.ts";

function result(id: string, outcome: Outcome, group = "Service"): Result {
  return { id, group, title: `question ${id}`, why: `reason ${id}`, outcome, milliseconds: 250 };
}

const well = result("a", { status: "ok", seen: "220 <mail> & \u0007 more" });
const broken = result("b", { status: "failed", seen: 'says "no"', remedy: "start it" }, "DNS");
const unknown = result("c", { status: "skipped", seen: "no engine", remedy: "start Docker" });

test("JUnit XML has a suite a group, and holds whatever a server says", () => {
  expect(toJUnit([well, broken, unknown])).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="verify" tests="3" failures="1" skipped="1" time="0.75">
      <testsuite name="Service" tests="2" failures="0" skipped="1" time="0.5">
        <testcase classname="a" name="question a" time="0.25"><system-out>220 &lt;mail&gt; &amp; � more</system-out></testcase>
        <testcase classname="c" name="question c" time="0.25"><skipped message="no engine">why: reason c
    fix: start Docker</skipped></testcase>
      </testsuite>
      <testsuite name="DNS" tests="1" failures="1" skipped="0" time="0.25">
        <testcase classname="b" name="question b" time="0.25"><failure message="says &quot;no&quot;">why: reason b
    fix: start it</failure></testcase>
      </testsuite>
    </testsuites>
    "
  `);
});

test("the schema in docs/ is the one of the JSON report", async () => {
  const schema = z.toJSONSchema(reportSchema);
  await expect(`${JSON.stringify(schema, undefined, 2)}\n`).toMatchFileSnapshot(
    "../../docs/verify.schema.json",
  );
  expect(reportSchema.parse(toJson([well, broken, unknown])).checks).toHaveLength(3);
  expect(readFileSync("docs/verify.md", "utf8")).toContain("verify.schema.json");
});

test("a watch shows what has changed, for better and for worse, and nothing else", () => {
  const fixed = result("b", { status: "ok", seen: "as declared" }, "DNS");
  expect(formatChanges([well, broken], [well, broken])).toBe("");
  expect(formatChanges([well, fixed], [well, broken])).toMatchInlineSnapshot(`
    "  FAILED   question b  says "no"
               why: reason b
               fix: start it
    "
  `);
  expect(formatChanges([well, broken], [well, fixed])).toMatchInlineSnapshot(`
    "  ok       question b  as declared
    "
  `);
});

test("the keys of DKIM have their dates from the state", () => {
  const resource = (type: string, name: string, created?: string) => ({
    urn: `urn:pulumi:lab::maildomain::a$b$${type}::${name}`,
    type,
    ...(created && { created }),
  });
  const resources = [
    resource("maildomain:index:DkimKey", "example.org-dkim-ed1", "2026-01-02T03:04:05Z"),
    resource("maildomain:index:DnssecKey", "example.org-zone-key", "2026-01-02T03:04:05Z"),
    resource("maildomain:index:DkimKey", "of an older CLI"),
  ];
  expect(keysInState(JSON.stringify({ version: 3, deployment: { resources } }))).toEqual([
    { name: "example.org-dkim-ed1", created: "2026-01-02T03:04:05Z" },
  ]);
  expect(keysInState('{"version":3,"deployment":{}}')).toEqual([]);
});
