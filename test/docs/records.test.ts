import { test } from "vitest";
import { planRecords } from "../../records/index.ts";
import { full } from "../records/sample.ts";
import { expectSection } from "./section.ts";

/** The roles of the sample's server, its domain that has everything, and its parked domain. */
function renderRoles(): string {
  const documented = new Set(["mail.example.org", "example.org", "example.net"]);
  const records = planRecords(full)
    .groups.filter(({ owner }) => documented.has(owner))
    .flatMap((group) => group.records.map((record) => ({ owner: group.owner, ...record })));
  const rows = records.map(
    ({ owner, role, name, type, why }) => `| ${owner} | \`${role}\` | \`${name}\` | ${type} | ${why} |\n`,
  );
  return ["| owner | role | name | type | why |\n", "|---|---|---|---|---|\n", ...rows].join("");
}

test("docs/records.md names every role", () => expectSection("records.md", "roles", renderRoles()));
