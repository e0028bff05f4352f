import { expect, test } from "vitest";
import { awaitGenerations } from "../../commands/await-generations.ts";
import type { StackContainers } from "../../commands/server-drift.ts";
import { EngineError } from "../../engine/errors.ts";
import { Report } from "../../toolchain/report.ts";

const [old, wanted] = ["0".repeat(16), "1".repeat(16)];
const stack = {
  endpoint: { address: "127.0.0.1" },
  containers: { mailServer: "mail-server", dnsServer: "dns-server" },
  generations: { mailServer: wanted, dnsServer: wanted },
  furtherServers: [],
} as unknown as StackContainers;

/** What servers say one time after another; the last thing stays. */
function engineOf(said: Readonly<Record<string, readonly (string | Error)[]>>) {
  const asked = new Map<string, number>();
  return {
    asked,
    exec: async (container: string) => {
      const count = asked.get(container) ?? 0;
      asked.set(container, count + 1);
      const words = said[container] ?? [];
      const word = words[Math.min(count, words.length - 1)] ?? "";
      if (word instanceof Error) throw word;
      return `${word}\n`;
    },
  };
}

const quick = { limit: 300, refusal: 100, between: 1 };
const outcome = (engine: ReturnType<typeof engineOf>, served?: ReadonlyMap<string, string>) =>
  awaitGenerations(engine, stack, new Report({ write: () => undefined }), served, quick).then(
    () => "served",
    (error: Error) => error.message.split("\n").slice(1, -1).join("\n"),
  );
const refuses = (reason: string) => new EngineError(reason);

test.each<[string, Readonly<Record<string, readonly (string | Error)[]>>, string]>([
  [
    "waits for the slowest, past a refusal of the one before",
    {
      "mail-server": [refuses("generation 2222222222222222: no key"), old, old, old, wanted],
      "dns-server": [
        refuses("Error: container is not running"),
        refuses("no complete configuration"),
        wanted,
      ],
    },
    "served",
  ],
  [
    "names who rejects it, with the reason",
    { "mail-server": [old, refuses(`generation ${wanted}: spam: line 5: error`)], "dns-server": [wanted] },
    `  mail-server keeps the one before: generation ${wanted}: spam: line 5: error`,
  ],
  [
    "does not wait without end for an upload that is not complete, nor for who says nothing",
    { "mail-server": [refuses("the generation is not complete: x is cut off")], "dns-server": [old] },
    `  mail-server keeps the one before: the generation is not complete: x is cut off
  dns-server does not serve generation ${wanted} after 0 s: it serves generation ${old}`,
  ],
])("%s", async (_, said, expected) => {
  const engine = engineOf(said);
  expect(await outcome(engine)).toBe(expected);
  for (const [container, words] of Object.entries(said))
    expect(engine.asked.get(container)).toBeGreaterThanOrEqual(words.length);
});

test("does not ask who is known to serve it, but asks whoever served another one", async () => {
  const engine = engineOf({ "mail-server": [wanted], "dns-server": [wanted] });
  const served = new Map([
    ["mail-server", wanted],
    ["dns-server", old],
  ]);
  expect(await outcome(engine, served)).toBe("served");
  expect([...engine.asked.keys()]).toEqual(["dns-server"]);
});
