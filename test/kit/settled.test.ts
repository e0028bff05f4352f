import { expect, test } from "vitest";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { awaitGenerations } from "./settled.ts";

const servers = ["mailServer", "dnsServer", "innerDnsServer", "webServer", "webmail"] as const;
const running = {
  containers: Object.fromEntries(servers.map((role) => [role, `${role} container`])),
  generations: Object.fromEntries(servers.map((role) => [role, "new"])),
  furtherServers: [{ container: "further container", generation: "new" }],
} as unknown as RunningStack;
const containers = [...servers.map((role) => `${role} container`), "further container"];

test.each(containers)("a stack is not settled before its %s is", async (late) => {
  const asked: string[] = [];
  const inForce = async (container: string) => {
    const again = asked.includes(container);
    asked.push(container);
    return container === late && !again ? "old" : "new";
  };
  await awaitGenerations(running, inForce);
  expect(asked.filter((container) => container === late)).toHaveLength(2);
  expect(new Set(asked)).toEqual(new Set(containers));
});

test.each(containers)("whoever waits for a stack learns that its %s does not get there", async (stuck) => {
  const inForce = async (container: string) => (container === stuck ? "old" : "new");
  await expect(awaitGenerations(running, inForce, 1)).rejects.toThrow(
    `${stuck} has old in force instead of new.`,
  );
});

test("a server that the stack does not have is not waited for", async () => {
  const small = { ...running, containers: { mailServer: "only" }, furtherServers: [] } as RunningStack;
  const asked: string[] = [];
  await awaitGenerations(small, async (container) => {
    asked.push(container);
    return "new";
  });
  expect(asked).toEqual(["only"]);
});
