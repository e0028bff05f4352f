import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Checkouts } from "../kit/checkout.ts";
import { thingsOf } from "../kit/engine.ts";
import { Lab, type Outcome, type Settings } from "../kit/lab.ts";
import { canPlayMachine, RemoteEngine } from "../kit/remote-engine.ts";

/** A stack whose engine is another machine's, reached over SSH by an alias of ssh's own configuration. */
describe.skipIf(!canPlayMachine)("an engine elsewhere (skipped without root, sshd and dockerd)", () => {
  const path = process.env.PATH;
  let machine: RemoteEngine;
  let lab: Lab;
  let checkouts: Checkouts;
  let checkout: string;

  const settings = (...names: readonly string[]): Settings => ({
    dockerHost: machine.host,
    address: machine.address,
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
    await lab.configure(settings("ana", "rui"));
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
    expect(await thingsOf(lab.prefix)).toEqual([]);
    expect(logins).toBe(1);
  }, 900_000);

  test("a third one has nothing to do", async () => {
    const { status, output } = await npm("preview", "--", "--expect-no-changes");
    expect(status, output).toBe(0);
  });

  test("verify logs in once, with all it asks", async () => {
    const { status, output, logins } = await counted("verify");
    expect(status, output).toBe(0);
    expect(logins).toBe(1);
  });

  test("a mailbox that is removed leaves the server running, and its mail in the archive there", async () => {
    const before = await containers();
    await lab.configure(settings("ana"));
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

  test("without the cable verify says what could not be checked, and calls none of it broken", async () => {
    await machine.plug(false);
    const { status, output } = await npm("verify");
    await machine.plug(true);
    expect(output).toMatch(
      new RegExp(`Docker Engine \\(?${machine.host}\\)? (?:cannot be reached|does not answer)`),
    );
    expect(output).not.toMatch(/FAILED\s+\S+ (?:is healthy|stays up)/);
    expect(status).not.toBe(0);
  });

  test("down lists what stays there", async () => {
    const { status, output } = await npm("down");
    expect(status, output).toBe(0);
    for (const role of ["mailboxes", "queue"]) {
      expect(output).toContain(`docker --host ${machine.host} volume rm ${lab.prefix}-mail-server-${role}`);
    }
    expect(await containers()).toBe("");
  });
});
