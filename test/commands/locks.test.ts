import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeStaleLocks } from "../../commands/locks.ts";

test("only the locks of this machine's dead processes go", () => {
  const state = mkdtempSync(join(tmpdir(), "maildomain-locks-"));
  const folder = join(state, ".pulumi/locks/organization/maildomain/lab");
  mkdirSync(folder, { recursive: true });
  const { pid: dead } = spawnSync(process.execPath, ["-e", ""]);
  const lock = (name: string, content: object | string) =>
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  lock("dead.json", { pid: dead, hostname: hostname() });
  lock("alive.json", { pid: process.pid, hostname: hostname() });
  lock("elsewhere.json", { pid: dead, hostname: `not-${hostname()}` });
  lock("unknown.json", "{");
  expect(removeStaleLocks(state, "lab")).toBe(1);
  expect(readdirSync(folder).sort()).toEqual(["alive.json", "elsewhere.json", "unknown.json"]);
  expect(removeStaleLocks(state, "other")).toBe(0);
  rmSync(state, { recursive: true });
});
