import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { removeStrays } from "../../commands/strays.ts";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { exitStatus, formatReport } from "../../verify/report.ts";
import { verify } from "../../verify/verify.ts";
import { documentSettings } from "../kit/document-lab.ts";
import { thingsOf } from "../kit/engine.ts";
import { Lab } from "../kit/lab.ts";

const engineSocket = (process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock").replace("unix://", "");

/** The engine behind a socket of its own, which can vanish without a harm to anything else on the machine. */
function wayToEngine(path: string) {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const engine = connect(engineSocket);
    for (const [from, to] of [
      [client, engine],
      [engine, client],
    ] as const) {
      open.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => open.delete(from));
    }
  }).listen(path);
  return {
    vanish() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

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
    while (!(await thingsOf(lab.prefix)).some((thing) => thing.startsWith("container "))) await sleep(100);
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
});
