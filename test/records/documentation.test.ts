import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { planRecords } from "../../records/index.ts";
import { full } from "./sample.ts";

const file = "../../docs/records.md";
const section = /(?<=<!-- roles: [^\n]*-->\n)[\s\S]*(?=<!-- \/roles -->)/;

/** The roles of the sample's server, its domain that has everything, and its parked domain. */
function renderRoles(): string {
  const documented = new Set(["mail.example.org", "example.org", "example.net"]);
  const records = planRecords(full)
    .groups.filter(({ owner }) => documented.has(owner))
    .flatMap((group) => group.records.map((record) => ({ owner: group.owner, ...record })));
  const rows = records.map(
    ({ owner, role, name, type, why }) => `| ${owner} | \`${role}\` | \`${name}\` | ${type} | ${why} |\n`,
  );
  return ["\n| owner | role | name | type | why |\n", "|---|---|---|---|---|\n", ...rows, "\n"].join("");
}

test("docs/records.md names every role", async () => {
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  expect(text).toMatch(section);
  await expect(text.replace(section, renderRoles)).toMatchFileSnapshot(file);
});
