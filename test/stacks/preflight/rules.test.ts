import { expect, test } from "vitest";
import { findBrokenRules } from "../../../stacks/preflight/rules.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";

const settings = stackSchema.parse({
  lab: true,
  domains: [
    { name: "one.test", mailboxes: [{ name: "ana" }, { name: "eva", sieve: "eva.sieve" }] },
    { name: "two.test", mailboxes: [{ name: "ana", sieve: "all.sieve" }] },
  ],
});
const texts = new Map([
  ["eva.sieve", "keep;"],
  ["all.sieve", "fileint;"],
]);
const former = {
  mailServers: new Set(["mail-server", "mail-server-two"]),
  containers: new Map([
    ["mail-server", { urn: "", id: "one", image: undefined }],
    ["mail-server-two", { urn: "", id: "two", image: undefined }],
  ]),
};

/** As one container answers, and the other does not run. */
function engine(running: string, printed: string) {
  return {
    exec: async (id: string, words: readonly string[]) => {
      if (id !== running) throw new Error(`container ${id} is not running`);
      expect(words.slice(4)).toEqual([...texts.values()]);
      return printed;
    },
  };
}

test("what does not compile is reported by the mailbox that has it; any server that runs can say so", async () => {
  const printed =
    "script 1\nrules: line 1: error: unknown command 'fileint' (only reported once at first occurrence).\n" +
    "rules: line 2: error: unexpected end.\nrules: error: validation failed.\n";
  expect(await findBrokenRules(settings, texts, former, engine("two", printed))).toEqual([
    "domains[1].mailboxes[0].sieve: stacks/all.sieve does not compile: line 1: error: unknown command 'fileint'; " +
      "line 2: error: unexpected end",
  ]);
  expect(await findBrokenRules(settings, texts, former, engine("one", ""))).toEqual([]);
});

test("it is not known where no server runs, and there is nothing to know without rules", async () => {
  expect(await findBrokenRules(settings, texts, former, engine("none", ""))).toBeUndefined();
  expect(await findBrokenRules(settings, new Map(), former, engine("none", ""))).toEqual([]);
});
