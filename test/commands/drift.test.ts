import { expect, test } from "vitest";
import { driftMarkdown, driftStatus } from "../../commands/drift.ts";
import { generationsInState } from "../../commands/exported-state.ts";
import { examineServers, findDrift, parseContainers } from "../../commands/server-drift.ts";
import type { DockerEngine } from "../../engine/docker-engine.ts";
import type { PlainStep } from "../../review/review.ts";
import type { Outcome, Result } from "../../verify/check.ts";
import { labStack } from "../outputs/lab-stack.ts";

function result(title: string, outcome: Outcome): Result {
  return { id: title, group: "Service", title, why: "clients `ask`", outcome, milliseconds: 7 };
}
const well = result("greeting", { status: "ok", seen: "as declared" });
const broken = result("login", { status: "failed", seen: "refused", remedy: "start it" });
const unknown = result("queue", { status: "skipped", seen: "no engine", remedy: "start Docker" });
const type = "docker:index/container:Container";
const step: PlainStep = { operation: "create", type, name: "mail-server-container", because: [] };

test("what differs, by name and operation, and the checks that are not well", () => {
  expect(
    driftMarkdown("company", { steps: [step], updates: [], results: [well, broken] }),
  ).toMatchInlineSnapshot(`
    "### What runs, compared with what \`company\` declares

    \`npm run up\` would change:

    \`\`\`
    create   docker:index/container:Container mail-server-container
    \`\`\`

    ### The running domain

    1 of 2 checks passed, 1 failed.

    \`\`\`
      FAILED   login  refused
               why: clients 'ask'
               fix: start it
    \`\`\`

    ### Security updates

    None is pending.
    "
  `);
});

test("nothing differs, all checks passed", () => {
  expect(driftMarkdown("company", { steps: [], updates: [], results: [well] })).toMatchInlineSnapshot(`
    "### What runs, compared with what \`company\` declares

    Everything runs as declared.

    ### The running domain

    All 1 checks passed.

    ### Security updates

    None is pending.
    "
  `);
});

test("neither could be determined", () => {
  expect(
    driftMarkdown("company", { steps: undefined, results: undefined, updates: undefined }),
  ).toMatchInlineSnapshot(`
    "### What runs, compared with what \`company\` declares

    Could not be compared: the log shows the reason.

    ### The running domain

    Could not be checked: the log shows the reason.

    ### Security updates

    Could not be asked: the log shows the reason.
    "
  `);
});

test("what is too long for an issue is cut", () => {
  const text = driftMarkdown("company", {
    steps: Array(3000).fill(step),
    results: Array(3000).fill(broken),
    updates: [],
  });
  expect(text.length).toBeLessThan(60_000);
  expect(text.match(/^```$/gm)).toHaveLength(4);
});

test.each([
  ["as declared and working", [], [well], 0],
  ["something differs", [step], [well], 1],
  ["something is broken", [], [broken], 1],
  ["something is broken, and it is not known what differs", undefined, [broken], 1],
  ["something differs, and nothing could be checked", [step], undefined, 1],
  ["it is not known what differs", undefined, [well], 2],
  ["one check could not be made", [], [unknown], 2],
  ["no check could be made", [], undefined, 2],
])("exit status: %s", (_, steps, results, status) => {
  expect(driftStatus({ steps, results })).toBe(status);
});

test("a generation that an up has given a server before it failed is nobody's change by hand", async () => {
  const container = "maildomain-lab-mail-server";
  const exported = JSON.stringify({
    deployment: {
      resources: [
        {
          urn: "urn:pulumi:lab::maildomain::maildomain:index:ServedGeneration::mail-server-configuration-served",
          type: "maildomain:index:ServedGeneration",
          outputs: { container, generation: "later" },
        },
      ],
    },
  });
  const found = parseContainers({
    endpoint: labStack.endpoint,
    containers: { mailServer: container },
    generations: { mailServer: "earlier" },
  });
  if (found === undefined) throw new Error("The outputs cannot be read.");
  const drifted = async (served: string) => {
    // The image's program compares with the generation that it is asked about.
    const exec = async (_name: string, [, asked]: readonly string[]) =>
      asked === served ? "" : "volume dovecot/passwd\n";
    const engine = { exec } as unknown as DockerEngine;
    return (await findDrift(engine, found, generationsInState(exported))).length;
  };
  expect([await drifted("earlier"), await drifted("later"), await drifted("by hand")]).toEqual([0, 0, 1]);
});

test.each<[string, Readonly<Record<string, string | Error>>, Readonly<Record<string, string>>, string[]]>([
  ["the declared one", { "mail-server": "in-force a\n" }, { "mail-server": "a" }, []],
  ["another one", { "mail-server": "in-force b\n" }, { "mail-server": "b" }, []],
  ["it does not say: it has refused one, or its image is an earlier one", { "mail-server": "" }, {}, []],
  ["files that were changed", { "mail-server": "server x\nin-force a\n" }, {}, ["mail-server"]],
  ["it does not run", { "mail-server": new Error("container x is not running") }, {}, ["mail-server"]],
])("what a server is known to serve: %s", async (_, said, served, drifted) => {
  const exec = async (name: string) => {
    const answer = said[name] ?? "";
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const stack = parseContainers({
    endpoint: labStack.endpoint,
    containers: { mailServer: "mail-server" },
    generations: { mailServer: "a" },
  });
  if (stack === undefined) throw new Error("The outputs cannot be read.");
  const examined = await examineServers({ exec } as unknown as DockerEngine, stack);
  expect(Object.fromEntries(examined.served)).toEqual(served);
  expect(examined.drift.map(({ container }) => container)).toEqual(drifted);
});
