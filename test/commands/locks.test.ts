import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { refuseRunningUpdate, removeStaleLocks } from "../../commands/locks.ts";

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

test("an update that runs is reported with its age and place, one that was killed is not in the way", () => {
  const state = mkdtempSync(join(tmpdir(), "maildomain-locks-"));
  const folder = join(state, ".pulumi/locks/organization/maildomain/lab");
  mkdirSync(folder, { recursive: true });
  const { pid: dead } = spawnSync(process.execPath, ["-e", ""]);
  const now = Date.parse("2027-01-31T12:00:00Z");
  const lock = (content: object) => writeFileSync(join(folder, "one.json"), JSON.stringify(content));
  const refused = (content: object) => {
    lock(content);
    try {
      refuseRunningUpdate("lab", state, now);
      return undefined;
    } catch (error) {
      return (error as Error).message.split(".")[0];
    }
  };
  const here = { pid: process.pid, hostname: hostname() };
  expect([
    refused({ pid: dead, hostname: hostname(), timestamp: "2027-01-31T11:59:20Z" }),
    refused({ ...here, timestamp: "2027-01-31T11:59:20.4Z" }),
    refused({ ...here, timestamp: "2027-01-31T14:56:00+03:00" }),
    refused({ pid: dead, hostname: "runner-7", timestamp: "2027-01-31T09:00:00Z" }),
    refused({ pid: dead, hostname: "runner-7" }),
  ]).toEqual([
    undefined,
    `Another up has been running for 40 s on ${hostname()} (process ${process.pid})`,
    `Another up has been running for 4 min on ${hostname()} (process ${process.pid})`,
    `Another up has been running for 3 h on runner-7 (process ${dead})`,
    `Another up has been running on runner-7 (process ${dead})`,
  ]);
  expect(() => refuseRunningUpdate("lab", undefined)).not.toThrow();
  rmSync(state, { recursive: true });
});
