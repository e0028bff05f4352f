import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { engineAddress, localSocket } from "../../engine/address.ts";
import { DockerEngine, removalCommand } from "../../engine/docker-engine.ts";
import { EngineError, EngineUnreachableError, OtherEngineError } from "../../engine/errors.ts";
import { readiness } from "../../engine/readiness.ts";
import { runChecks } from "../../verify/run.ts";
import { FakeDocker } from "./fake-docker.ts";

const host = "ssh://root@mail.example.org";

describe("an engine's answers", () => {
  let docker: FakeDocker;
  beforeAll(async () => {
    docker = await FakeDocker.install();
  });
  afterAll(() => docker.remove());

  test("what it has, asked of the engine that is meant", async () => {
    await docker.does(`case "$*" in
      *"container ls"*) echo "aaa maildomain-lab-webmail created" ;;
      *"network ls"*) echo "bbb maildomain-lab-network" ;;
      *"volume ls"*) echo "maildomain-lab-mail" ;;
    esac`);
    const engine = new DockerEngine(host);
    expect([await engine.containers(), await engine.networks(), await engine.volumes()].flat()).toEqual([
      { kind: "container", id: "aaa", name: "maildomain-lab-webmail", state: "created" },
      { kind: "network", id: "bbb", name: "maildomain-lab-network" },
      { kind: "volume", id: "maildomain-lab-mail", name: "maildomain-lab-mail" },
    ]);
    expect((await docker.calls()).every((call) => call.startsWith(`--host ${host} `))).toBe(true);
    await new DockerEngine().volumes();
    expect((await docker.calls()).at(-1)).toMatch(/^volume ls/);
  });

  const mark = { label: "maildomain.identity", value: "5f0c" };
  const filter = "label=maildomain.identity=5f0c";
  test.each([
    ["by a volume", `*"volume ls --quiet --filter ${filter}"*) echo v ;;`],
    [
      "by a container, where somebody has removed unused volumes",
      `*"ls --all --quiet --filter ${filter}"*) echo c ;;`,
    ],
  ])("one that is meant is asked, known %s, once", async (_, carrier) => {
    await docker.does(`case "$*" in ${carrier} *"network ls"*) echo "bbb net" ;; esac`);
    const engine = new DockerEngine(undefined, mark);
    expect(await Promise.all([engine.networks(), engine.networks()])).toHaveLength(2);
    const asked = (await docker.calls()).filter((call) => call.includes(filter));
    expect(new Set(asked).size).toBe(asked.length);
  });

  test("nothing is asked of another one than is meant, by any method", async () => {
    await docker.does('case "$*" in *"network ls"*) echo "bbb net" ;; esac');
    const engine = new DockerEngine(host, mark);
    const tries = [
      engine.networks(),
      engine.exec("mail", ["true"]),
      engine.execOnOutput("mail", ["true"]),
      engine.inspect("mail"),
      engine.describeImage("image", "{{.Id}}"),
      engine.remove({ kind: "volume", id: "v", name: "v" }),
    ];
    for (const attempt of tries) {
      const error = await attempt.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(OtherEngineError);
      expect(String(error)).toContain(`The Docker Engine ${host} is another one than the stack runs on`);
    }
    const calls = (await docker.calls()).filter((call) => !/ version | ls .*--filter/.test(call));
    expect(calls).toEqual([]);
  });

  const overSsh = (stderr: string) =>
    `error during connect: Get "http://docker.example.com/v1.41/version": command [ssh -l root -- mail.example.org docker system dial-stdio] has exited with exit status 255, make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=${stderr}`;

  // Each as the client prints it, versions 20.10 to 28, and the words that its cure must have.
  test.each([
    [overSsh("Host key verification failed."), "ssh ssh://root@mail.example.org"],
    [
      overSsh("@@@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @@@ Host key verification failed."),
      "ssh-keygen -R",
    ],
    [overSsh("root@mail.example.org: Permission denied (publickey)."), "logs in by a key"],
    [overSsh("sh: 1: docker: not found"), "Install Docker Engine on that machine"],
    [
      overSsh("ssh: connect to host mail.example.org port 22: Connection refused"),
      `docker --host ${host} ps`,
    ],
    [
      "Cannot connect to the Docker daemon at http://docker.example.com. Is the docker daemon running?",
      "Start the",
    ],
    [
      "Got permission denied while trying to connect to the Docker daemon socket at unix:///x",
      "Log in as root",
    ],
    [
      "failed to connect to the docker API at unix:///x; check if the path is correct",
      `docker --host ${host} ps`,
    ],
    [
      "Error response from daemon: client version 1.50 is too new. Maximum supported API version is 1.41",
      "docker",
    ],
    ['Failed to initialize: unable to resolve docker endpoint: context "far": context not found', "docker"],
  ])("cannot be asked: %s", async (said, cure) => {
    await docker.does(`echo '${said}' >&2; exit 1`);
    const engine = new DockerEngine(host);
    const error = await engine.inspect("mail").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EngineUnreachableError);
    const { message, remedy } = error as EngineUnreachableError;
    expect(said).toContain(message.replace(`The Docker Engine ${host} cannot be reached: `, ""));
    expect(remedy).toContain(cure);
    expect(await readiness(engine)).toEqual({ problem: `${message}\n${remedy}` });
    // One attempt is enough to know it: an SSH server locks out who keeps on knocking.
    expect(await docker.calls()).toHaveLength(1);
  });

  test.each(["Error: No such container: mail", "/var/lib/x: Permission denied"])(
    "a refusal is an answer: %s",
    async (said) => {
      await docker.does(`echo '${said}' >&2; exit 1`);
      const engine = new DockerEngine("tcp://192.0.2.1:2376");
      await expect(engine.exec("mail", ["cat", "/var/lib/x"])).rejects.toThrow(EngineError);
      await engine.volumes().catch(() => undefined);
      expect((await docker.calls()).map((call) => call.split(" ")[2])).toEqual(["exec", "volume"]);
    },
  );

  test.each([
    ["18.09.1", /18\.09\.1 is too old: install 20\.10/],
    ["20.10.24+dfsg1", undefined],
    ["29.0.0", undefined],
    ["dev", undefined],
  ])("an engine of version %s", async (version, problem) => {
    await docker.does(`echo ${version}`);
    const found = await readiness(new DockerEngine("tcp://192.0.2.1:2376"));
    expect("problem" in found ? found.problem : undefined).toEqual(problem && expect.stringMatching(problem));
  });

  test("a check of an engine that cannot be asked is not made; it has not failed", async () => {
    await docker.does("echo 'Cannot connect to the Docker daemon at x.' >&2; exit 1");
    const engine = new DockerEngine(host);
    const check = { id: "queue", group: "Host", title: "the queue empties", why: "", remedy: "start it" };
    const [result] = await runChecks([
      [{ ...check, run: async () => ({ status: "ok" as const, seen: await engine.exec("mail", ["true"]) }) }],
    ]);
    expect(result?.outcome).toMatchObject({
      status: "skipped",
      seen: "Cannot connect to the Docker daemon at x.",
    });
  });

  test("few commands at a time over SSH, so that its server drops none", async () => {
    await docker.does(`case "$*" in *version*) exit ;; esac
      folder=$(dirname "$0"); mkdir "$folder/running.$$"; ls -d "$folder"/running.* | wc -l >> "$folder/counts"
      sleep 0.2; rmdir "$folder/running.$$"; sort -n "$folder/counts" | tail -1`);
    const engine = new DockerEngine("ssh://root@mx.example.org");
    const seen = await Promise.all(Array.from({ length: 12 }, () => engine.exec("mail", ["true"])));
    // The first one opens the connection that the others share.
    expect((await docker.calls())[0]).toMatch(/ version /);
    expect(Math.max(...seen.map(Number))).toBeLessThanOrEqual(4);
    expect(Math.max(...seen.map(Number))).toBeGreaterThan(1);
  });
});

describe("where an engine is", () => {
  afterEach(() => vi.unstubAllEnvs());

  test("its own address, DOCKER_HOST, the Docker context, this machine's socket, in this order", async () => {
    const folder = await mkdtemp(join(tmpdir(), "maildomain-"));
    const context = join(folder, "contexts", "meta", createHash("sha256").update("far").digest("hex"));
    await mkdir(context, { recursive: true });
    await writeFile(join(context, "meta.json"), JSON.stringify({ Endpoints: { docker: { Host: host } } }));
    try {
      vi.stubEnv("DOCKER_HOST", "");
      vi.stubEnv("DOCKER_CONTEXT", "");
      vi.stubEnv("DOCKER_CONFIG", folder);
      expect(localSocket()).toBe("/var/run/docker.sock");
      await writeFile(join(folder, "config.json"), JSON.stringify({ currentContext: "far" }));
      expect(engineAddress()).toBe(host);
      expect(localSocket()).toBeUndefined();
      vi.stubEnv("DOCKER_CONTEXT", "nowhere");
      expect(engineAddress()).toBeUndefined();
      vi.stubEnv("DOCKER_HOST", "tcp://192.0.2.1:2376");
      expect(engineAddress()).toBe("tcp://192.0.2.1:2376");
      expect(localSocket("unix:///run/user/1000/docker.sock")).toBe("/run/user/1000/docker.sock");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test("the command that removes something says where it is", () => {
  const volume = { kind: "volume", id: "mail", name: "mail" } as const;
  expect(removalCommand(new DockerEngine(host), volume)).toBe(`docker --host ${host} volume rm mail`);
  expect(removalCommand(new DockerEngine(), { ...volume, kind: "container" })).toBe("docker rm --force mail");
});
