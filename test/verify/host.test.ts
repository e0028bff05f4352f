import { describe, expect, test } from "vitest";
import { reachableAddress, reachableAddresses } from "../../outputs/running-stack.ts";
import { judgeQueue, parseQueue } from "../../verify/checks/queue.ts";
import { isOlder, versionIn } from "../../verify/checks/versions.ts";
import { labStack } from "../outputs/lab-stack.ts";

test.each<[string, string | undefined, string]>([
  ["192.0.2.25", "ssh://root@mail.example.org", "192.0.2.25"],
  ["0.0.0.0", undefined, "127.0.0.1"],
  ["::", undefined, "127.0.0.1"],
  ["0.0.0.0", "unix:///run/docker.sock", "127.0.0.1"],
  ["0.0.0.0", "ssh://root@mail.example.org", "mail.example.org"],
  ["::", "ssh://root@mail.example.org:2222", "mail.example.org"],
  ["0.0.0.0", "tcp://[2001:db8::1]:2376", "2001:db8::1"],
])("ports on %s of the engine %s are reached at %s", (address, engine, host) => {
  const endpoint = { ...labStack.endpoint, address, ...(engine && { engine }) };
  expect(reachableAddress({ ...labStack, endpoint }, "imaps")).toBe(host);
});

test("each service is reached where it is, and one that has several addresses at the first", () => {
  const addresses = { smtp: ["192.0.2.25"], imaps: ["0.0.0.0", "2001:db8::5"] };
  const running = { ...labStack, endpoint: { ...labStack.endpoint, address: "192.0.2.25", addresses } };
  expect(reachableAddress(running, "smtp")).toBe("192.0.2.25");
  expect(reachableAddresses(running, "imaps")).toEqual(["127.0.0.1", "2001:db8::5"]);
  expect(reachableAddress(running, "sieve")).toBe("192.0.2.25");
});

describe("the queue", () => {
  const now = new Date("2026-01-02T12:00:00Z");
  const message = (queue: string, hoursAgo: number, reason?: string) =>
    JSON.stringify({
      queue_name: queue,
      queue_id: `${queue}${hoursAgo}`,
      arrival_time: now.getTime() / 1000 - hoursAgo * 3600,
      recipients: [{ address: "x@example.net", ...(reason && { delay_reason: reason }) }],
    });
  const rows = (count: number, row: string) => Array.from({ length: count }, () => row);

  test.each<[string, string[], string]>([
    ["empty", [], "ok: empty"],
    [
      "everyday",
      [message("active", 0.1), message("deferred", 5, "timeout")],
      "ok: 2 messages, 1 of them deferred",
    ],
    ["held by hand", [message("hold", 99)], "ok: 1 messages, 0 of them deferred"],
    [
      "old",
      [message("deferred", 1), message("deferred", 30, "timeout")],
      "failed: 2 messages deferred, the oldest for 30.0 h: timeout",
    ],
    [
      "many",
      rows(101, message("deferred", 1)),
      "failed: 101 messages deferred, the oldest for 1.0 h: no reason given",
    ],
    [
      "stuck",
      [message("incoming", 0.5)],
      "failed: 1 messages wait for their first delivery, the oldest for 0.5 h",
    ],
  ])("%s", (_, lines, verdict) => {
    const { status, seen } = judgeQueue(parseQueue(lines.map((line) => `${line}\n`).join("")), now);
    expect(`${status}: ${seen}`).toBe(verdict);
  });
});

test.each<[string, string, boolean]>([
  ["3.10.13", "3.8.4", false],
  ["3.8.3", "3.8.4", true],
  ["2.3.21", "2.3.21.1", true],
  ["2.4.1-4 (7d8c0e5759)", "2.3.21.1", false],
  ["Rspamd daemon version 3.8.4", "3.8.4", false],
])("%s is older than %s: %j", (text, than, older) => {
  expect(isOlder(versionIn(text), than)).toBe(older);
});
