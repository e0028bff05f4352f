import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pendingContainers } from "../../commands/exported-state.ts";
import { refuseRunningUpdate } from "../../commands/locks.ts";
import { removeStrays } from "../../commands/strays.ts";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { exitStatus, formatReport } from "../../verify/report.ts";
import { verify } from "../../verify/verify.ts";
import { documentSettings, password } from "../kit/document-lab.ts";
import { docker, objectsOf } from "../kit/engine.ts";
import { Lab } from "../kit/lab.ts";
import { wayToEngine } from "../kit/way-to-engine.ts";

const { domains, ...settings } = documentSettings() as { readonly domains: readonly object[] };
const withFurtherServer = {
  ...settings,
  domains: [...domains, { name: "parceiro.pti", mailboxes: [{ name: "contato", password }] }],
  servers: [
    {
      hostName: "mail.parceiro.pti",
      domains: ["parceiro.pti"],
      ports: { smtp: 2025, submission: 2587, submissions: 2465, imaps: 2993, pop3s: 2995, sieve: 5190 },
    },
  ],
};

describe("an engine that goes away in the middle", () => {
  let lab: Lab;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "maildomain-engine-"));
    lab = await Lab.create(documentSettings());
  });
  afterAll(async () => {
    await lab.takeDown();
    await rm(folder, { recursive: true, force: true });
  });

  test("up ends with an error, and a second up finishes the job", async () => {
    const socket = join(folder, "docker.sock");
    const way = wayToEngine(socket);
    const first = lab.operate("up", ["--yes", "--skip-preview"], { DOCKER_HOST: `unix://${socket}` });
    while (!(await objectsOf(lab.prefix)).some((thing) => thing.startsWith("container "))) await sleep(100);
    way.vanish();
    const { status, output } = await first;
    expect(status).not.toBe(0);
    expect(output).toMatch(/docker|daemon/i);
    expect(output).not.toMatch(/^\s+at .*:\d+:\d+/m);

    // What `npm run up` does first: the engine may have made things without an answer coming through.
    await removeStrays(new DockerEngine(), lab.stack, await lab.exportState());
    await lab.up();
    const results = await verify(await lab.settled());
    expect(exitStatus(results), formatReport(results)).toBe(0);
    await lab.up(["--expect-no-changes"]);
  });

  test("what it leaves of a further mail server is not in the way of a second up", async () => {
    await lab.configure(withFurtherServer);
    const socket = join(folder, "further.sock");
    const carrier = `${lab.prefix}-mail-server-mail.parceiro.pti-configuration`;
    wayToEngine(socket, `/containers/create?name=${carrier}`);
    const first = await lab.operate("up", ["--yes", "--skip-preview"], { DOCKER_HOST: `unix://${socket}` });
    expect(first.status).not.toBe(0);

    const removed = await removeStrays(new DockerEngine(), lab.stack, await lab.exportState());
    expect(removed.map(({ name }) => name)).toContain(carrier);
    await lab.up();
    const results = await verify(await lab.settled());
    expect(exitStatus(results), formatReport(results)).toBe(0);
    await lab.up(["--expect-no-changes"]);
  });

  test("an up that is killed while it creates a server is known while it runs, and its container is its own afterwards", async () => {
    const container = `${lab.prefix}-mail-server-mail.parceiro.pti`;
    const idOf = () => docker("inspect", "--format", "{{.Id}} {{.State.Running}}", container).catch(String);
    const [further] = withFurtherServer.servers;
    const locks = join(lab.stateFolder, ".pulumi/locks/organization/maildomain", lab.stack);
    /** An update that is killed as soon as the container runs. @returns whether the state has it as not yet created */
    const killed = async (smtp: number) => {
      const former = await idOf();
      const servers = [{ ...further, ports: { ...further?.ports, smtp } }];
      await lab.configure({ ...withFurtherServer, servers });
      const first = lab.operate("up", ["--yes", "--skip-preview"]);
      const isNew = (id: string) => /^\w{64} true$/.test(id) && id !== former;
      await expect.poll(async () => isNew(await idOf()), { interval: 20, timeout: 300_000 }).toBe(true);
      const [lock = ""] = (await readdir(locks)).filter((name) => name.endsWith(".json"));
      const { pid } = JSON.parse(await readFile(join(locks, lock), "utf8")) as { pid: number };
      process.kill(pid, "SIGSTOP");
      expect(() => refuseRunningUpdate(lab.stack, lab.stateFolder)).toThrow(
        /^Another up has been running for \d+ (?:s|min) on \S+ \(process \d+\)/,
      );
      process.kill(pid, "SIGKILL");
      expect((await first).status).not.toBe(0);
      return pendingContainers(await lab.exportState()).has(container);
    };
    // A server may be ready before anybody has seen that it runs.
    for (let smtp = 2026; !(await killed(smtp)); smtp += 1) {
      expect(smtp).toBeLessThan(2032);
      await lab.up();
    }

    refuseRunningUpdate(lab.stack, lab.stateFolder);
    const removed = await removeStrays(new DockerEngine(), lab.stack, await lab.exportState());
    expect(removed.map(({ name }) => name)).toEqual([container]);
    await lab.up();
    await lab.up(["--expect-no-changes"]);
  });
});
