import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import { documentMailboxes, documentSettings, domain, password } from "../../kit/document-lab.ts";
import { docker, incarnation } from "../../kit/engine.ts";
import { MailClients, refusalOf } from "../../kit/mail-clients.ts";
import type { Current } from "./current.ts";

/** A second `up`, and changes of the stack file: they reach the servers, and interrupt nobody. */
export function changeSuite(current: Current): void {
  let before: string[];
  const incarnations = () => {
    const { mailServer, dnsServer } = current().running.containers;
    return Promise.all([incarnation(mailServer), incarnation(dnsServer ?? "")]);
  };

  beforeAll(async () => {
    before = await incarnations();
  });

  test("up again changes nothing", async () => {
    const output = await current().lab.up(["--expect-no-changes"]);
    expect(output).toMatch(/\d+ unchanged/);
    expect(await incarnations()).toEqual(before);
  });

  test("the engine rotates what each container prints", async () => {
    const { containers } = current().running;
    const names = [containers.mailServer, containers.dnsServer, containers.webServer].filter((name) => name);
    const logging = await docker(
      "inspect",
      "--format",
      "{{json .HostConfig.LogConfig}}",
      ...(names as string[]),
    );
    const rotated = { Type: "local", Config: { "max-file": "5", "max-size": "20m" } };
    expect(logging.split("\n").map((line) => JSON.parse(line))).toEqual(names.map(() => rotated));
  });

  test("a mailbox added, a password changed and a mailbox removed: no session is lost", async () => {
    const { lab, running } = current();
    const clients = new MailClients(running);
    const session = clients.imap("vaamonde", password);
    let closed = false;
    session.on("close", () => {
      closed = true;
    });
    await session.connect();
    await session.mailboxOpen("INBOX");

    const sender = clients.smtp("submission", "vaamonde", password);
    await sender.sendMail({
      from: `vaamonde@${domain}`,
      to: `josedeassis@${domain}`,
      subject: "to be kept",
      text: "x",
    });

    const changed = documentMailboxes
      .filter(({ name }) => name !== "josedeassis")
      .map((entry) => (entry.name === "leandroramos" ? { ...entry, password: "abcdef" } : entry));
    await lab.configure(documentSettings([...changed, { name: "ana", password: "uvwxyz" }]));
    const preview = await lab.preview(["--diff"]);
    expect(preview).toContain(`ana@${domain}`);
    expect(preview).toContain(`josedeassis@${domain}`);
    expect(preview).not.toMatch(/abcdef|uvwxyz|123456/);
    await lab.up();
    await lab.settled();

    const newcomer = clients.smtp("submission", "ana", "uvwxyz");
    await newcomer.sendMail({
      from: `ana@${domain}`,
      to: `vaamonde@${domain}`,
      subject: "new here",
      text: "x",
    });
    newcomer.close();
    await expect(clients.maildrop("leandroramos", "abcdef")).resolves.toBeInstanceOf(Array);
    for (const [user, old] of [
      ["leandroramos", password],
      ["josedeassis", password],
    ] as const) {
      const transport = clients.smtp("submission", user, old);
      expect(await refusalOf(transport.verify())).toMatch(/^535 /);
      transport.close();
    }
    const attempt = sender.sendMail({ from: `vaamonde@${domain}`, to: `josedeassis@${domain}`, text: "x" });
    expect(await refusalOf(attempt)).toMatch(/^550 5\.1\.1 /);
    sender.close();

    // The session that was open all the time sees the newcomer's message without a new login.
    await expect
      .poll(async () => {
        await session.noop();
        return (await session.search({ subject: "new here" }, { uid: true })) || [];
      })
      .toHaveLength(1);
    expect(closed).toBe(false);
    await session.logout();
    expect(await incarnations()).toEqual(before);
  });

  test("a mailbox that comes back has its mail and its old password", async () => {
    const { lab, running } = current();
    await lab.configure(documentSettings());
    await lab.up();
    await lab.settled();
    const clients = new MailClients(running);
    expect(String(await clients.maildrop("josedeassis", password))).toContain("Subject: to be kept");
    expect(await incarnations()).toEqual(before);
  });

  test("a fast row of changes ends with the last one in force", async () => {
    const { lab } = current();
    for (const name of ["um", "dois", "tres"]) {
      await lab.configure(documentSettings([...documentMailboxes, { name, password }]));
      await lab.up();
    }
    const { containers, generations } = await lab.settled();
    await sleep(1_500);
    expect((await lab.settled()).generations).toEqual(generations);
    expect(await incarnations()).toEqual(before);
    const clients = new MailClients(current().running);
    await expect(clients.maildrop("tres", password)).resolves.toEqual([]);
    expect(containers).toEqual(current().running.containers);
    await lab.configure(documentSettings());
    await lab.up();
    await lab.settled();
  });
}
