import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeDrift, findDrift, parseContainers } from "../../commands/server-drift.ts";
import { DockerEngine } from "../../engine/docker-engine.ts";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { documentSettings, domain, password } from "../kit/document-lab.ts";
import { docker, incarnation } from "../kit/engine.ts";
import { Lab } from "../kit/lab.ts";
import { MailClients } from "../kit/mail-clients.ts";

const settings = documentSettings([
  { name: "ana", password },
  { name: "rui", password },
]);

/** The resources that an update would change, from the lines of `pulumi preview`. */
function changedBy(printed: string): string[] {
  const line = /^ *(?:~|\+-|\+|-) +\S+:\S+ (\S+) (update|replace|create|delete)\b/gm;
  return [...printed.matchAll(line)].map(([, name, operation]) => `${operation} ${name}`).toSorted();
}

/** What somebody does by hand, and what the next `npm run up` says of it and repairs. */
describe("drift", () => {
  const engine = new DockerEngine();
  let lab: Lab;
  let running: RunningStack;
  let clients: MailClients;

  beforeAll(async () => {
    lab = await Lab.create(settings);
    await lab.up();
    running = await lab.settled();
    clients = new MailClients(running);
    const sender = clients.smtp("submission", "ana", password);
    await sender.sendMail({ from: `ana@${domain}`, to: `rui@${domain}`, subject: "kept", text: "x" });
    sender.close();
  });
  afterAll(async () => {
    await lab.takeDown();
  });

  const inServer = (script: string) => docker("exec", running.containers.mailServer, "bash", "-euc", script);
  const inVolume = async (script: string) => {
    const image = await docker("inspect", "--format", "{{.Image}}", running.containers.mailServer);
    const mount = `${lab.prefix}-mail-server-configuration:/configuration`;
    await docker("run", "--rm", "--entrypoint", "bash", "--volume", mount, image, "-euc", script);
  };
  const logsIn = (user: string) =>
    clients.maildrop(user, password).then(
      () => true,
      () => false,
    );

  /** What `npm run up` does, and says of what it found. */
  async function up(): Promise<string> {
    const stack = parseContainers(running);
    if (stack === undefined) throw new Error("the outputs name no containers");
    const drift = await findDrift(engine, stack);
    await lab.up(drift.length === 0 ? [] : ["--refresh"]);
    running = await lab.settled();
    expect(await findDrift(engine, stack)).toEqual([]);
    return drift
      .map(describeDrift)
      .toSorted()
      .map((line) => line.replaceAll(lab.prefix, "lab"))
      .join("\n");
  }

  test("nothing, where nobody has changed anything", async () => {
    expect(await up()).toBe("");
    await expect.poll(() => clients.maildrop("rui", password)).toHaveLength(1);
  });

  test("accounts, tables and settings that were edited in the running server; no session is closed", async () => {
    const session = clients.imap("ana", password);
    await session.connect();
    const before = await incarnation(running.containers.mailServer);
    await inServer(`cd /run/maildomain
      sed -i /^rui@/d accounts/passwd current/dovecot/passwd
      printf 'rui@${domain} ana@${domain}\\n' >tables/aliases; postmap lmdb:tables/aliases
      sed -i 's/^message_size_limit.*/message_size_limit = 1/' current/postfix/main.cf; postfix reload 2>/dev/null`);
    await expect.poll(() => logsIn("rui")).toBe(false);
    expect(await up()).toBe(
      "lab-mail-server: postfix/main.cf, dovecot/passwd, accounts/passwd, tables/aliases, tables/aliases.lmdb in the running server, edited by hand; restoring the declared files",
    );
    await expect.poll(() => logsIn("rui")).toBe(true);
    const sender = clients.smtp("submission", "ana", password);
    await sender.sendMail({ from: `ana@${domain}`, to: `rui@${domain}`, subject: "again", text: "x" });
    sender.close();
    await expect.poll(() => clients.maildrop("rui", password)).toHaveLength(2);
    await session.noop();
    await session.logout();
    expect(await incarnation(running.containers.mailServer)).toBe(before);
  });

  test("a generation that was edited in the configuration volume, from which the next start would not come up", async () => {
    const before = await incarnation(running.containers.mailServer);
    await inVolume(
      "head -c -99 /configuration/generation >/configuration/cut; mv /configuration/cut /configuration/generation",
    );
    expect(await up()).toBe(
      "lab-mail-server: generation in its configuration volume, edited by hand; restoring the declared files",
    );
    expect(await incarnation(running.containers.mailServer)).toBe(before);
    await docker("restart", running.containers.mailServer);
    await lab.settled();
    expect(await logsIn("rui")).toBe(true);
  });

  test("with --ask, nothing before the answer: no leaves everything as it is, yes repairs it", async () => {
    await inVolume("rm /configuration/generation");
    const stack = parseContainers(running);
    if (stack === undefined) throw new Error("the outputs name no containers");
    const drift = await findDrift(engine, stack);
    const before = await incarnation(running.containers.mailServer);

    const declined = await lab.ask("up", ["--refresh"], "no");
    expect(declined.output).toContain("confirmation declined");
    expect(declined.status).not.toBe(0);
    expect(await findDrift(engine, stack)).toEqual(drift);

    const accepted = await lab.ask("up", ["--refresh"], "yes");
    expect(accepted.status, accepted.output).toBe(0);
    await lab.settled();
    expect(await findDrift(engine, stack)).toEqual([]);
    expect(await incarnation(running.containers.mailServer)).toBe(before);
  });

  test("a configuration volume that is empty, and a web page and a name server that are gone", async () => {
    await inVolume("rm -rf /configuration/*");
    await docker("stop", running.containers.dnsServer ?? "");
    await docker(
      ...["exec", running.containers.webServer ?? "", "bash", "-c"],
      `rm /run/maildomain/current/web/${domain}/en.html`,
    );
    expect(await up()).toMatchInlineSnapshot(`
      "lab-dns-server is missing or stopped; recreating
      lab-mail-server: generation in its configuration volume, edited by hand; restoring the declared files
      lab-web-server: web/vaamonde.pti/en.html in the running server, edited by hand; restoring the declared files"
    `);
    await docker("restart", running.containers.mailServer);
    await lab.settled();
    expect(await logsIn("rui")).toBe(true);
  });

  test("what plain Pulumi with --refresh sees of it, and repairs", async () => {
    const before = await incarnation(running.containers.mailServer);
    const web = running.containers.webServer ?? "";
    await inServer("cd /run/maildomain; sed -i /^rui@/d accounts/passwd current/dovecot/passwd");
    const emptied = `${web}-configuration:/configuration`;
    const image = await docker("inspect", "--format", "{{.Image}}", web);
    await docker(
      "run",
      "--rm",
      "--user",
      "0:0",
      "--entrypoint",
      "rm",
      "--volume",
      emptied,
      image,
      "/configuration/generation",
    );
    expect(changedBy(await lab.preview())).toEqual([]);
    const changes = ["update mail-server-configuration-served", "update web-server-configuration-served"];
    expect(changedBy(await lab.preview(["--refresh"]))).toEqual(changes);
    await lab.up(["--refresh"]);
    await lab.settled();
    await expect.poll(() => logsIn("rui")).toBe(true);
    const stack = parseContainers(running);
    expect(stack && (await findDrift(engine, stack))).toEqual([]);
    expect(await incarnation(running.containers.mailServer)).toBe(before);
    expect(changedBy(await lab.preview(["--refresh"]))).toEqual([]);
  });

  test("a configuration volume that is lost, with the containers that had it: the mail is there again", async () => {
    const { mailServer } = running.containers;
    await docker("rm", "--force", mailServer);
    await docker("volume", "rm", `${mailServer}-configuration`);
    expect(await up()).toBe("lab-mail-server is missing or stopped; recreating");
    await expect.poll(() => logsIn("rui")).toBe(true);
    expect(await clients.maildrop("rui", password)).toHaveLength(2);
  });
});
