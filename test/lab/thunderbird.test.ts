import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeClients } from "../../clients/description.ts";
import { writeClientFiles } from "../../commands/clients.ts";
import { documentSettings, domain, password } from "../kit/document-lab.ts";
import { Lab } from "../kit/lab.ts";
import { MailClients } from "../kit/mail-clients.ts";
import { keepPicture } from "../kit/pictures.ts";
import { OwnMachine } from "../kit/programs/own-machine.ts";
import { type ProgramContainer, programImage } from "../kit/programs/program-container.ts";
import { Thunderbird, thunderbirdPackages } from "../kit/programs/thunderbird.ts";

describe("Thunderbird of Debian 13, on a machine that `names` and `trust` alone have prepared", () => {
  const address = `vaamonde@${domain}`;
  const other = `leandroramos@${domain}`;
  let lab: Lab;
  let folder: string;
  let clients: MailClients;
  let machine: OwnMachine;
  let container: ProgramContainer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "maildomain-thunderbird-"));
    lab = await Lab.create(documentSettings());
    const [image] = await Promise.all([programImage([...thunderbirdPackages, "libnss3-tools"]), lab.up()]);
    const running = await lab.settled();
    clients = new MailClients(running);
    machine = await OwnMachine.create(lab, image);
    ({ container } = machine);
    await machine.prepare();
    const [{ clientNames }] = running.domains as [(typeof running.domains)[number]];
    const description = describeClients(domain, clientNames, running.endpoint.ports);
    writeClientFiles(folder, description, { address, name: "Admin SOA" }, running.caCertificate);
    const preferences = await readFile(join(folder, "user.js"), "utf8");
    await container.run(`cat >/tmp/user.js <<'END'\n${preferences}END`);
  });

  afterAll(async () => {
    await machine?.remove();
    await lab.takeDown();
    await rm(folder, { recursive: true });
  });

  async function subjectsOf(user: string): Promise<string[]> {
    const messages = await clients.inbox(user, password);
    return messages.flatMap((message) => /^Subject: (.*?)\r?$/m.exec(message.toString())?.[1] ?? []);
  }

  async function receive(thunderbird: Thunderbird, subject: string): Promise<void> {
    const smtp = clients.smtp("submission", other, password);
    await smtp.sendMail({ from: other, to: address, subject, text: "Text." });
    smtp.close();
    await thunderbird.awaitMessage("Inbox", subject);
  }

  test("a name, an address and a password typed set it up, by autoconfig alone", async () => {
    const thunderbird = await Thunderbird.start(container);
    try {
      await thunderbird.type("#realName", "Admin SOA");
      await thunderbird.type("#email", address);
      await keepPicture("clients/thunderbird-name", async () => {
        // The label moves out of the field.
        await sleep(1_500);
        return thunderbird.screenshot();
      });
      await thunderbird.click("#forward");
      const found = [
        ...["#incomingType", "#incomingHost", "#incomingPort", "#outgoingHost", "#outgoingPort"],
        ...["#sharedSocketType", "#sharedUsername"],
      ];
      expect(await thunderbird.texts(found)).toEqual([
        ...["imap", `imap.${domain}`, "993", `smtp.${domain}`, "465"],
        ...["SSL/TLS", address],
      ]);
      await keepPicture("clients/thunderbird-settings-found", () => thunderbird.screenshot());
      await thunderbird.click("#forward");
      await thunderbird.type("#password", password);
      await thunderbird.click("#forward");
      // Nothing asks to make an exception for a certificate, not even its search for address books and calendars.
      await thunderbird.texts(["#accountHubSignatureLink"]);
      expect(await thunderbird.locations()).toEqual(["chrome://messenger/content/messenger.xhtml"]);
      await thunderbird.click("#forward");

      await thunderbird.send(other, "by Thunderbird", "Text.");
      await expect.poll(() => subjectsOf("leandroramos")).toContain("by Thunderbird");
      await thunderbird.awaitMessage("Sent", "by Thunderbird");
      await receive(thunderbird, "for Thunderbird");
      await keepPicture("clients/thunderbird-inbox", () => thunderbird.screenshot());
    } finally {
      await thunderbird.quit();
    }
  });

  test("the user.js of `--write` sets up a new profile, which asks for the password alone", async () => {
    const thunderbird = await Thunderbird.start(container, { preferences: "/tmp/user.js", password });
    try {
      await receive(thunderbird, "for user.js");
      await thunderbird.send(other, "by user.js", "Text.", password);
      await expect.poll(() => subjectsOf("leandroramos")).toContain("by user.js");
    } finally {
      await thunderbird.quit();
    }
  });

  test("nothing of the authority stays in the profiles that have got it, nor is there for others", async () => {
    const profiles = (await container.run("ls -d /home/person/.thunderbird/profile-*")).split("\n");
    expect(profiles).toHaveLength(2);
    expect(await machine.command("trust")).toContain("Every store that was found on this machine has it");
    const places = ["/etc/thunderbird/policies/policies.json", ...profiles];
    const removed = await machine.command("trust", "--remove");
    for (const place of places) expect(removed).toContain(place);
    const missing = await machine.command("trust");
    for (const place of places) expect(missing).toContain(`  ${place}\n`);
    expect(await container.run("ls /etc/thunderbird/policies")).toBe("");
  });
});
