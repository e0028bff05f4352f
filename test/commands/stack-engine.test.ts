import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Call, Command } from "../../commands/command.ts";
import { Report } from "../../toolchain/report.ts";
import { ToolchainError } from "../../toolchain/step.ts";
import { FakeDocker } from "../engine/fake-docker.ts";
import { labStack } from "../outputs/lab-stack.ts";

const there = "ssh://root@mail.example.org";
let stackFile = "";
const exported = JSON.stringify({
  deployment: {
    resources: [
      {
        urn: "urn:pulumi:lab::maildomain::pulumi:providers:docker::engine",
        type: "pulumi:providers:docker",
        outputs: { host: there },
      },
      {
        urn: "urn:pulumi:lab::maildomain::docker:index/network:Network::network",
        type: "docker:index/network:Network",
        id: "aaa",
      },
    ],
  },
});
let isKnown = true;
/** What the state's engine carries; none for a stack of before identities. */
let identity: string | undefined;
/** What Pulumi was started for. */
const operations: string[] = [];
const withIdentity = () => {
  const state = JSON.parse(exported) as { deployment: { resources: object[] } };
  const labels = [{ label: "maildomain.identity", value: identity }];
  const volume = {
    urn: "urn:pulumi:lab::maildomain::docker:index/volume:Volume::identity-volume",
    type: "docker:index/volume:Volume",
    outputs: { labels },
  };
  if (identity !== undefined) state.deployment.resources.push(volume);
  return JSON.stringify(state);
};

vi.mock("../../commands/locks.ts", () => ({ refuseRunningUpdate: () => undefined }));
vi.mock("../../commands/pulumi.ts", () => ({
  askPulumi: async (_: string, [, what]: readonly string[]) => (what === "export" ? withIdentity() : ""),
  exportedState: async () => withIdentity(),
  checkStackFile: () => undefined,
  ensureStack: async () => undefined,
  lastStoredUpdate: () => undefined,
  // `up` ends here with a failure: what follows is about a stack that runs.
  pulumi: async (_: string, [operation = ""]: readonly string[]) => {
    operations.push(operation);
    return operation === "up" ? 1 : 0;
  },
  readStackFile: () => ({ name: "stacks/Pulumi.lab.yaml", text: stackFile }),
  previewJson: async () => {
    operations.push("preview");
    return JSON.stringify({ steps: [] });
  },
  stackExists: () => isKnown,
  stackOutputs: async () => ({ ...labStack, endpoint: { ...labStack.endpoint, engine: there, identity } }),
}));

let docker: FakeDocker;
beforeAll(async () => {
  docker = await FakeDocker.install();
});
afterAll(() => docker.remove());
beforeEach(async () => {
  identity = undefined;
  operations.length = 0;
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  stackFile = `config:\n  maildomain:dockerHost: ${there}\n`;
  // Something that bears the stack's name is on the engine, whichever is asked.
  await docker.does(`case "$*" in *"volume ls"*) echo maildomain-lab-mail-server-mail ;; esac`);
});

async function run(name: string, positionals: readonly string[] = []): Promise<void> {
  const { command } = (await import(`../../commands/${name}.ts`)) as { command: Command };
  const call: Call = { values: { stack: "lab", yes: true }, positionals, rest: [], report: new Report() };
  await command.run(call);
}

test.each<[string, string, readonly string[], boolean]>([
  ["the archive", "archive", [], true],
  ["deleting from the archive", "archive", ["delete", "ana@vaamonde.pti"], true],
  ["what stays after `down`, and its strays", "down", [], true],
  ["what there is of a stack that the state does not know", "down", [], false],
  ["the strays before an `up`", "up", [], true],
])("%s: asked of the stack's engine alone", async (_, name, positionals, known) => {
  isKnown = known;
  await run(name, positionals);
  const calls = await docker.calls();
  expect(calls.length).toBeGreaterThan(0);
  expect(calls.filter((call) => !call.startsWith(`--host ${there} `))).toEqual([]);
});

test.each<[string, string, readonly string[]]>([
  ["the archive", "archive", []],
  ["deleting from the archive", "archive", ["delete", "ana@vaamonde.pti"]],
  ["taking the stack down", "down", []],
  ["an up", "up", []],
])("%s: not on an engine without the stack's identity", async (_, name, positionals) => {
  isKnown = true;
  identity = "5f0c";
  const volumes = '*"volume ls"*) echo maildomain-lab-mail-server-mailboxes';
  await docker.does(`case "$*" in *--filter*) ;; ${volumes} ;; esac`);
  const error = await run(name, positionals).catch((thrown: unknown) => thrown);
  expect(String(error)).toMatch(/has volumes of stack lab|is another one than the stack runs on/);
  expect(operations).toEqual([]);
  await docker.does('case "$*" in *"volume ls"*--filter*) echo maildomain-lab-identity 5f0c ;; esac');
  const later = await run(name, positionals).catch((thrown: unknown) => thrown);
  expect(later).toBeUndefined();
});

test("drift compares nothing with an engine without the stack's identity", async () => {
  isKnown = true;
  identity = "5f0c";
  await docker.does("exit 0");
  const written = vi.mocked(process.stdout.write);
  written.mockClear();
  await run("drift");
  expect(operations).toEqual([]);
  expect(written.mock.calls.map(([text]) => text).join("")).toContain("Could not be compared");
});

test.each([
  ["with one that answers", "echo 28.2.2", `"ready":true,"found":"Docker Engine 28.2.2 (${there})"`],
  ["with one that does not", "exit 1", `"ready":false,"found":"no Docker Engine answers (${there})"`],
])("doctor looks at the stack's engine, %s", async (_, script, expected) => {
  await docker.does(script);
  const write = vi.mocked(process.stdout.write);
  write.mockClear();
  const { command } = (await import("../../commands/doctor.ts")) as { command: Command };
  await command.run({
    values: { stack: "lab", json: true },
    positionals: [],
    rest: [],
    report: new Report(),
  });
  const printed = JSON.stringify(JSON.parse(write.mock.calls.map(([text]) => text).join("")));
  expect(printed).toContain(expected);
});

test("an up goes to the engine that the stack runs on, whatever its address, and to no other", async () => {
  isKnown = true;
  const alias = "ssh://root@mx.example.org";
  stackFile = `config:\n  maildomain:dockerHost: ${alias}\n`;
  const error = await run("up").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ToolchainError);
  expect(String(error)).toContain(
    `${alias} is another engine than the one that stack lab runs on (${there})`,
  );
  await docker.does('case "$*" in *"network ls"*) echo aaa maildomain-lab-network ;; esac');
  await run("up");
  expect((await docker.calls()).at(-1)).toContain(`--host ${alias}`);
});

test.each(["up", "preview", "review", "drift"])(
  "%s refuses a stack file with problems before anything is prepared; it can still be taken down",
  async (name) => {
    stackFile = "config:\n  maildomain:lab: maybe\n";
    const call: Call = { values: { stack: "lab" }, positionals: [], rest: [], report: new Report() };
    const prepare = async (command: string) => {
      const { setUp } = ((await import(`../../commands/${command}.ts`)) as { command: Command }).command;
      return typeof setUp === "function" ? setUp(call) : setUp;
    };
    await expect(prepare(name)).rejects.toThrow(/^stacks\/Pulumi\.lab\.yaml has 2 problems/);
    expect(await prepare("down")).not.toHaveLength(0);
  },
);
