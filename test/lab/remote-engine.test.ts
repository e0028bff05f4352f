import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { readiness } from "../../engine/readiness.ts";
import { Checkouts } from "../kit/checkout.ts";
import { docker, objectsOf } from "../kit/engine.ts";
import { Lab, type Outcome, type Settings } from "../kit/lab.ts";
import { canPlayMachine, RemoteEngine } from "../kit/remote-engine.ts";

interface SavedResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly outputs?: { readonly host?: string };
  readonly dependencies?: readonly string[];
}

function resourcesIn(state: string): readonly SavedResource[] {
  const { deployment } = JSON.parse(state) as {
    readonly deployment: { readonly resources: readonly SavedResource[] };
  };
  return deployment.resources;
}

/** What a state knows to be where: every id, and the engine's address. */
function placesIn(state: string) {
  return resourcesIn(state).map(({ urn, id, outputs }) => ({ urn, id, host: outputs?.host }));
}

/** A stack whose engine is another machine's, reached over SSH by an alias of ssh's own configuration. */
describe.skipIf(!canPlayMachine)("an engine elsewhere (skipped without root, sshd and dockerd)", () => {
  const path = process.env.PATH;
  let machine: RemoteEngine;
  let lab: Lab;
  let checkouts: Checkouts;
  let checkout: string;

  const settings = (names: readonly string[], dockerHost = machine.host): Settings => ({
    dockerHost,
    address: machine.address,
    certificates: { issuer: "private" },
    domains: [{ name: "example.org", mailboxes: names.map((name) => ({ name })) }],
  });
  const npm = (command: string, ...words: readonly string[]): Promise<Outcome> =>
    lab.script([command, "--stack", lab.stack, ...words], checkout);
  /** A command, and how often it has logged in. */
  async function counted(command: string, ...words: readonly string[]) {
    const before = await machine.logins();
    const outcome = await npm(command, ...words);
    return { ...outcome, logins: (await machine.logins()) - before };
  }
  const containers = () => machine.docker("ps", "--format", "{{.ID}} {{.Names}}");

  beforeAll(async () => {
    machine = await RemoteEngine.start();
    process.env.PATH = machine.environment.PATH;
    lab = await Lab.create({});
    await lab.configure(settings(["ana", "rui"]));
    checkouts = await Checkouts.of(lab);
    checkout = await checkouts.make();
  });
  afterAll(async () => {
    process.env.PATH = path;
    await machine?.stop();
    if (checkout !== undefined) await rm(checkout, { recursive: true });
    await checkouts?.remove();
    if (lab !== undefined) await rm(`${lab.stateFolder}/..`, { recursive: true });
  });

  test("without its agent the login is refused, and the error says so", async () => {
    const found = await readiness(new DockerEngine(machine.hostByAgent));
    expect(found).toHaveProperty("problem", expect.stringMatching(/Permission denied[\s\S]*an agent/));
  });

  test.each<[string, () => string | undefined, () => NodeJS.ProcessEnv | Promise<NodeJS.ProcessEnv>]>([
    ["an alias, at another port", () => machine.host, () => ({})],
    ["a jump host", () => machine.hostBehind, () => ({})],
    ["a key that an agent alone has", () => machine.hostByAgent, () => machine.agent],
    ["DOCKER_HOST", () => undefined, () => ({ DOCKER_HOST: machine.host })],
    ["a Docker context", () => undefined, () => machine.context()],
  ])("is reached by %s", async (_, host, environment) => {
    for (const [name, value] of Object.entries(await environment())) vi.stubEnv(name, value);
    // All aliases lead to one login: each has to open a connection of its own.
    vi.stubEnv("MAILDOMAIN_SSH", undefined);
    vi.stubEnv("PATH", machine.environment.PATH);
    const before = await machine.logins();
    try {
      const engine = new DockerEngine(host());
      expect(await readiness(engine)).toHaveProperty("version");
      // Not the engine of this machine, though it has the same id.
      const label = `maildomain-${randomUUID()}`;
      await machine.docker("volume", "create", "--label", label, label);
      expect((await engine.marked(label)).map(({ name }) => name)).toEqual([label]);
      await machine.docker("volume", "rm", label);
      expect(await machine.logins()).toBeGreaterThan(before);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("whose host key nobody has accepted: nothing is made, and the error names the cure", async () => {
    await machine.knowHostKey(false);
    const { status, output } = await npm("up");
    await machine.knowHostKey(true);
    expect(status).toBe(1);
    expect(output).toContain(`ssh ${machine.host}`);
    expect(output).toMatch(/host key is not known here/);
    expect(output).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect(await containers()).toBe("");
  });

  // Both images are built, and the one below them.
  test("whose cable is pulled out in the middle of an up: it ends with an error", async () => {
    const first = npm("up");
    const made = () => machine.docker("ps", "--all", "--quiet", "--filter", `name=${lab.prefix}`);
    await expect.poll(made, { timeout: 800_000 }).not.toBe("");
    await machine.plug(false);
    const { status, output } = await first;
    await machine.plug(true);
    expect(status).not.toBe(0);
    expect(output).not.toMatch(/^\s+at .*:\d+:\d+/m);
  }, 900_000);

  test("a second up finishes the job by one login: all is there, and nothing is here", async () => {
    const { status, output, logins } = await counted("up");
    expect(output).toMatch(/All \d+ checks /);
    expect(status).toBe(0);
    expect(await containers()).toContain(`${lab.prefix}-mail-server`);
    expect(await objectsOf(lab.prefix)).toEqual([]);
    expect(logins).toBe(1);
  }, 900_000);

  test("a third one has nothing to do", async () => {
    const { status, output } = await npm("preview", "--", "--expect-no-changes");
    expect(status, output).toBe(0);
  });

  test("its images were built one after another", async () => {
    const resources = resourcesIn(await lab.exportState());
    const images = resources.filter(({ type }) => type === "docker:index/remoteImage:RemoteImage");
    const isImage = (urn: string) => images.some((image) => image.urn === urn);
    const before = images.map(({ dependencies = [] }) => dependencies.filter(isImage));
    expect(images.length).toBeGreaterThan(1);
    // A chain: each but the first waits for one, and no two for the same.
    expect(before.filter((urns) => urns.length === 0)).toHaveLength(1);
    expect(new Set(before.flat()).size).toBe(images.length - 1);
  });

  test("another engine with the same id is another one: neither up moves there, and a review says where the mail is", async () => {
    const here = "unix:///var/run/docker.sock";
    const id = ["info", "--format", "{{.ID}}"];
    expect(await docker(...id)).toBe(await machine.docker(...id));
    const before = { containers: await containers(), state: await lab.exportState() };
    await lab.configure(settings(["ana", "rui"], here));
    const plain = await lab.operate("up", ["--yes", "--skip-preview"]);
    const ours = await npm("up");
    for (const { status, output } of [plain, ours]) {
      expect(status, output).not.toBe(0);
      expect(output).toContain(`${here} is another engine than the one that stack ${lab.stack} runs on`);
      expect(output).toContain(`on the volumes of ${machine.host}, and its servers there still accept mail`);
      expect(output).not.toMatch(/^\s+at .*:\d+:\d+/m);
    }
    const { output } = await npm("review", "--json");
    const { risks, steps } = JSON.parse(output.slice(output.indexOf("{"))) as {
      readonly risks: readonly { readonly id: string; readonly reason: string }[];
      readonly steps: readonly { readonly operation: string; readonly name: string }[];
    };
    expect(risks.map((risk) => risk.id)).toEqual(["engine-changed"]);
    expect(risks[0]?.reason).toContain("all mail and the queue stay on the volumes of the former one");
    const replaced = steps.filter(({ operation }) => operation === "replace").map(({ name }) => name);
    expect(replaced).toContain("mail-server-container");
    expect(replaced).not.toContain("mail-server-mailboxes");
    await lab.configure(settings(["ana", "rui"]));
    expect(await objectsOf(lab.prefix)).toEqual([]);
    expect(await containers()).toBe(before.containers);
    expect(await lab.exportState().then(placesIn)).toEqual(placesIn(before.state));
  });

  test("another address of the same engine does not count as a move, by a jump host as well", async () => {
    await lab.configure(settings(["ana", "rui"], machine.hostBehind));
    const { status, output } = await npm("preview");
    await lab.configure(settings(["ana", "rui"]));
    expect(status, output).toBe(0);
    expect(output).toContain(`${machine.hostBehind} is the engine that was reached as ${machine.host}`);
    // The engine's address, and the one at which a refresh asks each of two servers.
    expect(output).toMatch(/Resources:\s+~ 3 to update\s+\d+ unchanged/);
  });

  test("verify logs in once, with all it asks", async () => {
    const { status, output, logins } = await counted("verify");
    expect(status, output).toBe(0);
    expect(logins).toBe(1);
  });

  test("a mailbox that is removed leaves the server running, and its mail in the archive there", async () => {
    const before = await containers();
    await lab.configure(settings(["ana"]));
    const { status, output } = await npm("up");
    expect(status, output).toBe(0);
    expect(await containers()).toBe(before);
    const archive = await npm("archive", "list");
    expect(archive.status, archive.output).toBe(0);
    expect(archive.output).toContain("rui@example.org");
  });

  test("drift compares what runs there, by one login", async () => {
    const { status, output, logins } = await counted("drift");
    expect(output).toContain("Everything runs as declared.");
    expect(status, output).toBe(0);
    expect(logins).toBe(1);
  });

  test("without the cable verify and a review say what they could not ask, and call none of it broken", async () => {
    await machine.plug(false);
    const { status, output } = await npm("verify");
    await lab.configure(settings(["ana"], machine.hostBehind));
    const review = await npm("review");
    await lab.configure(settings(["ana"]));
    await machine.plug(true);
    expect(review.output).toContain("only addresses were compared");
    expect(review.output).toContain("`engine-changed`");
    expect(review.status, review.output).toBe(0);
    expect(output).toMatch(
      new RegExp(`Docker Engine \\(?${machine.host}\\)? (?:cannot be reached|does not answer)`),
    );
    expect(output).not.toMatch(/FAILED\s+\S+ (?:is healthy|stays up)/);
    expect(status).not.toBe(0);
  });

  test("without its identity nothing is removed; with it, down lists what stays there", async () => {
    const volume = `${lab.prefix}-identity`;
    const { identity = "" } = (await lab.outputs()).endpoint;
    await machine.docker("volume", "rm", volume);
    // The containers still show it.
    expect((await npm("archive", "list")).status).toBe(0);
    const names = (await machine.docker("ps", "--all", "--format", "{{.Names}}")).split("\n");
    await machine.docker("rm", "--force", ...names);
    for (const command of ["down", "up", "archive"]) {
      const refused = await npm(command);
      expect(refused.status, refused.output).toBe(1);
      expect(refused.output).toMatch(command === "archive" ? /is another one/ : /was removed there/);
    }
    const give = ["volume", "create", "--label", `maildomain.identity=${identity}`, volume];
    await machine.docker(...give);
    const { status, output } = await npm("down", "--yes");
    expect(status, output).toBe(0);
    for (const role of ["identity", "mail-server-mailboxes", "mail-server-queue"]) {
      expect(output).toContain(`docker --host ${machine.host} volume rm ${lab.prefix}-${role}`);
    }
    expect(await containers()).toBe("");
  });
});
