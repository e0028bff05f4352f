import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planRecords, recordsOfZone, renderZoneFile } from "../../records/index.ts";
import { full } from "./sample.ts";

const hasZoneChecker = spawnSync("named-checkzone", ["-v"]).status === 0;
const plan = planRecords(full);

test.runIf(hasZoneChecker)("an exported zone with reasons is well-formed to others: named-checkzone", () => {
  for (const { name } of full.zones) {
    const authority = {
      domain: name,
      nameServer: `ns1.${name}`,
      nameServerAddress: "192.0.2.53",
      mailbox: `host.master@${name}`,
      ttl: 3600,
    };
    const records = recordsOfZone(plan, name);
    expect(check(name, renderZoneFile(authority, records, { comments: true }))).toEqual([
      0,
      records.length + 3,
    ]);
  }
});

/** The checker's exit status, and how many records it read. */
function check(zone: string, text: string): [number | null, number] {
  const folder = mkdtempSync(join(tmpdir(), "maildomain-"));
  try {
    writeFileSync(join(folder, "zone"), text);
    // Only what is in the zone itself is looked at: no name server has to be reached.
    const args = ["-i", "local", "-D", "-o", "-", zone, "zone"];
    const { status, stdout } = spawnSync("named-checkzone", args, { cwd: folder, encoding: "utf8" });
    const records = stdout.split("\n").filter((line) => /\sIN\s/.test(line));
    return [status, records.length];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
