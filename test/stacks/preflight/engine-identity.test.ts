import { afterAll, beforeAll, expect, test } from "vitest";
import { DockerEngine } from "../../../engine/docker-engine.ts";
import { examine } from "../../../stacks/preflight/engine-identity.ts";
import { formerEngine, type KnownResource } from "../../../stacks/preflight/former-engine.ts";
import { FakeDocker } from "../../engine/fake-docker.ts";

const stack = { project: "maildomain", stack: "lab" };
const [a, b] = ["ssh://a", "ssh://b"] as const;
const uuid = "5f0c9d41";
const urn = (type: string, name: string) => `urn:pulumi:lab::maildomain::${type}::${name}`;
const resource = (type: string, name: string, outputs: object, id?: string): KnownResource => ({
  urn: urn(type, name),
  type,
  id,
  outputs: outputs as Record<string, unknown>,
});
const provider = (host: string) => resource("pulumi:providers:docker", "engine", { host });
const identity = (value: string) =>
  resource("docker:index/volume:Volume", "identity-volume", {
    labels: [
      { label: "other", value: "x" },
      { label: "maildomain.identity", value },
    ],
  });
const network = resource("docker:index/network:Network", "network", {}, "net1");
const stackOutputs = (endpoint: object) => resource("pulumi:pulumi:Stack", "maildomain-lab", { endpoint });

test.each<[string, readonly KnownResource[], object | undefined]>([
  ["a stack that was never provisioned", [stackOutputs({})], undefined],
  ["one with keys alone", [resource("maildomain:index:DkimKey", "k", {}, "x")], undefined],
  ["one of before identities", [provider(a), network], { host: a, identity: undefined, isCarried: false }],
  ["one that runs", [provider(a), network, identity(uuid)], { host: a, identity: uuid, isCarried: true }],
  [
    "one on the environment's engine",
    [network, identity(uuid), resource("pulumi:providers:docker", "default_5_2_0", { host: b })],
    { host: undefined, identity: uuid, isCarried: true },
  ],
  [
    "one of which a refresh found nothing",
    [stackOutputs({ engine: a, identity: uuid })],
    { host: a, identity: uuid, isCarried: false },
  ],
  [
    "one of which a refresh found the network alone",
    [stackOutputs({ engine: b, identity: uuid }), provider(a), network],
    { host: a, identity: uuid, isCarried: false },
  ],
])("what a state knows of its engine: %s", (_, resources, expected) => {
  const former = formerEngine(resources);
  if (expected === undefined) expect(former).toBeUndefined();
  else expect(former).toMatchObject(expected);
});

/** What an engine answers to the questions of an examination. */
interface Answers {
  /** `name identity` of each volume with a label. */
  readonly marked?: readonly string[];
  /** `id name identity`. */
  readonly containers?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  /** `/name id start` of what runs. */
  readonly running?: readonly string[];
}
let docker: FakeDocker;
beforeAll(async () => {
  docker = await FakeDocker.install();
});
afterAll(() => docker.remove());

const silence = 'echo "Cannot connect to the Docker daemon at x. Is it running?" >&2; exit 1';
/** One engine for each address; who is not among them does not answer. */
async function engines(hosts: Readonly<Record<string, Answers>>): Promise<void> {
  const print = (lines: readonly string[] = []) => lines.map((line) => `echo '${line}'`).join("; ") || ":";
  const cases = Object.entries(hosts).map(
    ([host, { marked, containers, volumes, networks, running }]) => `"--host ${host} "*) case "$*" in
      *"volume ls --filter"*) ${print(marked)} ;;
      *"container ls --quiet"*) ${print(running?.map((line) => line.split(" ")[1] ?? ""))} ;;
      *"container ls --all --filter"*) ${print(containers)} ;;
      *"container inspect"*) ${print(running)} ;;
      *"volume ls"*) ${print(volumes)} ;;
      *"network ls"*) ${print(networks)} ;;
    esac ;;`,
  );
  await docker.does(`case "$*" in ${cases.join("\n")} *) ${silence} ;; esac`);
}

const own = `maildomain-lab-identity ${uuid}`;
const mail = "maildomain-lab-mail-server-mailboxes";
const running = (start: string) => [`/maildomain-lab-mail-server c1 ${start}`];
const giveBack = (host: string) =>
  `docker --host ${host} volume create --label maildomain.identity=${uuid} maildomain-lab-identity`;
const state = (...more: readonly KnownResource[]) => [provider(a), network, ...more];

test.each<
  [
    string,
    {
      readonly known?: readonly KnownResource[];
      readonly host: string;
      readonly has: Readonly<Record<string, Answers>>;
      readonly problem?: readonly string[];
      readonly note?: string;
      readonly identity?: string;
      readonly isVolumeMissing?: boolean;
    },
  ]
>([
  ["a first up on an empty engine", { known: [], host: a, has: { [a]: {} } }],
  [
    "a first up where volumes with mail have stayed: their identity is taken over",
    { known: [], host: a, has: { [a]: { marked: [own], volumes: [mail] } }, identity: uuid },
  ],
  [
    "another stack's identity is not this one's",
    { known: [], host: a, has: { [a]: { marked: [`maildomain-lab2-identity ${uuid}`] } } },
  ],
  [
    "the stack's engine",
    { host: a, has: { [a]: { marked: [own] } }, identity: uuid, isVolumeMissing: false },
  ],
  [
    "the volume was removed; the containers show the same",
    {
      host: a,
      has: { [a]: { containers: [`c1 maildomain-lab-mail-server ${uuid}`], volumes: [mail] } },
      identity: uuid,
      isVolumeMissing: true,
    },
  ],
  [
    "the volume was removed, and no container is left",
    {
      host: a,
      has: { [a]: { volumes: [mail, "maildomain-lab-identity", "another"] } },
      problem: [`has volumes of stack lab (${mail})`, giveBack(a)],
    },
  ],
  [
    "installed again, at the same address",
    { host: a, has: { [a]: { volumes: ["another"] } }, problem: ["it was installed again", giveBack(a)] },
  ],
  [
    "another one behind the same address, with a stack of the same name",
    {
      host: a,
      has: { [a]: { marked: ["maildomain-lab-identity 77"] } },
      problem: ["carries another identity", "use that state"],
      identity: "77",
    },
  ],
  [
    "another one at another address",
    {
      host: b,
      has: { [a]: { marked: [own] }, [b]: {} },
      problem: [
        "dockerHost: ssh://b is another engine than the one that stack lab runs on (ssh://a). Nothing was changed.",
        "on the volumes of ssh://a, and its servers there still accept mail",
        "docs/remote-engine.md",
      ],
    },
  ],
  [
    "one that has this stack's volumes by name, at another address",
    { host: b, has: { [b]: { volumes: [mail] } }, problem: [giveBack(b)] },
  ],
  [
    "the same one at another address",
    {
      host: b,
      has: Object.fromEntries([a, b].map((host) => [host, { marked: [own], running: running("t1") }])),
      identity: uuid,
      note: "ssh://b is the engine that was reached as ssh://a",
    },
  ],
  [
    "a copy of which the original still runs",
    {
      host: b,
      has: {
        [a]: { marked: [own], running: running("t1") },
        [b]: { marked: [own], running: running("t2") },
      },
      problem: ["is a copy of the engine", "docker --host ssh://a stop maildomain-lab-mail-server"],
      identity: uuid,
    },
  ],
  [
    "a copy of which the original was stopped",
    {
      host: b,
      has: { [a]: { marked: [own] }, [b]: { marked: [own] } },
      identity: uuid,
      note: "none of its servers run at ssh://a",
    },
  ],
  [
    "the identity, where the former address no longer answers",
    {
      host: b,
      has: { [b]: { marked: [own], running: running("t2") } },
      identity: uuid,
      note: "ssh://a does not answer",
    },
  ],
  [
    "before identities, the same one at another address",
    {
      known: state(),
      host: b,
      has: { [b]: { networks: ["net1 maildomain-lab-network"] } },
      note: "is the engine that was",
    },
  ],
  [
    "before identities, another one",
    {
      known: state(),
      host: b,
      has: { [b]: { networks: ["net2 maildomain-lab-network"] } },
      problem: ["ssh://b is another engine than the one that stack lab runs on (ssh://a)"],
    },
  ],
  ["before identities, at the same address", { known: state(), host: a, has: { [a]: {} } }],
])("%s", async (_, { known = state(identity(uuid)), host, has, problem, note, ...expected }) => {
  await engines(has);
  const found = await examine(stack, formerEngine(known), new DockerEngine(host));
  expect({ identity: found.identity, isVolumeMissing: found.isVolumeMissing }).toMatchObject({
    identity: undefined,
    ...expected,
  });
  for (const words of problem ?? []) expect(found.problem).toContain(words);
  if (problem === undefined) expect(found.problem).toBeUndefined();
  else expect(found.problem).toMatch(/^dockerHost: .*Nothing was changed\.$/m);
  if (note === undefined) expect(found.note).toBeUndefined();
  else expect(found.note).toContain(note);
});

test("one that does not answer is not called another one", async () => {
  await engines({});
  await expect(examine(stack, formerEngine(state(identity(uuid))), new DockerEngine(b))).rejects.toThrow(
    "Cannot connect to the Docker daemon",
  );
});
