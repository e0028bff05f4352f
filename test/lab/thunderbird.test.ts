import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeClients } from "../../clients/description.ts";
import { writeClientFiles } from "../../commands/clients.ts";
import { documentSettings, domain, password } from "../kit/document-lab.ts";
import { Lab } from "../kit/lab.ts";
import { MailClients } from "../kit/mail-clients.ts";
import { ProgramContainer, programImage } from "../kit/programs/program-container.ts";
import { Thunderbird, thunderbirdPackages } from "../kit/programs/thunderbird.ts";

/** Where screenshots are to be kept, `docs/clients`; none are made without it. */
const screenshots = process.env.MAILDOMAIN_SCREENSHOTS;

describe("Thunderbird of Debian 13", () => {
  const address = `vaamonde@${domain}`;
  const other = `leandroramos@${domain}`;
  let lab: Lab;
  let folder: string;
  let clients: MailClients;
  let container: ProgramContainer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "maildomain-thunderbird-"));
    lab = await Lab.create(documentSettings());
    const [image] = await Promise.all([programImage(thunderbirdPackages), lab.up()]);
    const running = await lab.settled();
    clients = new MailClients(running);
    const [{ clientNames }] = running.domains as [(typeof running.domains)[number]];
    const description = describeClients(domain, clientNames, running.endpoint.ports);
    writeClientFiles(folder, description, { address, name: "Admin SOA" }, running.caCertificate);
    container = await ProgramContainer.create(lab, image, folder);
    // The lab's authority, as somebody would import it who set up many machines.
    const policies = { policies: { Certificates: { Install: ["/etc/thunderbird/policies/ca.pem"] } } };
    await container.run(
      `mkdir -p /etc/thunderbird/policies && cd /etc/thunderbird/policies
      install -m 644 ${folder}/ca.pem ca.pem
      install -m 644 ${folder}/user.js /tmp/user.js
      echo '${JSON.stringify(policies)}' >policies.json`,
    );
  });

  afterAll(async () => {
    await container?.remove();
    await lab.takeDown();
    await rm(folder, { recursive: true });
  });

  async function keep(thunderbird: Thunderbird, name: string): Promise<void> {
    if (screenshots === undefined) return;
    await mkdir(screenshots, { recursive: true });
    await writeFile(join(screenshots, `${name}.png`), await thunderbird.screenshot());
  }

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
      await thunderbird.click("#forward");
      const found = [
        ...["#incomingType", "#incomingHost", "#incomingPort", "#outgoingHost", "#outgoingPort"],
        ...["#sharedSocketType", "#sharedUsername"],
      ];
      expect(await thunderbird.texts(found)).toEqual([
        ...["imap", `imap.${domain}`, "993", `smtp.${domain}`, "465"],
        ...["SSL/TLS", address],
      ]);
      await keep(thunderbird, "thunderbird-settings-found");
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
      await keep(thunderbird, "thunderbird-inbox");
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
});
