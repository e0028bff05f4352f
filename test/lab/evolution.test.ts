import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentSettings, domain, password } from "../kit/document-lab.ts";
import { Lab } from "../kit/lab.ts";
import { MailClients } from "../kit/mail-clients.ts";
import { Evolution, evolutionPackages } from "../kit/programs/evolution.ts";
import { OwnMachine } from "../kit/programs/own-machine.ts";
import { programImage } from "../kit/programs/program-container.ts";

describe("Evolution of Debian 13, on a machine that `names` and `trust` alone have prepared", () => {
  const address = `vaamonde@${domain}`;
  const other = `leandroramos@${domain}`;
  let lab: Lab;
  let clients: MailClients;
  let machine: OwnMachine;

  beforeAll(async () => {
    lab = await Lab.create(documentSettings());
    const [image] = await Promise.all([programImage(evolutionPackages), lab.up()]);
    const running = await lab.settled();
    clients = new MailClients(running);
    machine = await OwnMachine.create(lab, image);
    await machine.prepare();
  });

  afterAll(async () => {
    await machine?.remove();
    await lab.takeDown();
  });

  async function messagesOf(user: string): Promise<string> {
    return Buffer.concat(await clients.inbox(user, password)).toString();
  }

  test("a name, an address and a password typed set it up, by autoconfig alone", async () => {
    const { evolution, found } = await Evolution.lookUp(machine.container, address, "Admin SOA");
    expect(found).toEqual([
      ...["STARTTLS", "TLS", address, address],
      ...[`smtp.${domain}`, `imap.${domain}`, "smtp", "imapx"],
    ]);
    await evolution.accept(password);
    // By SRV records (RFC 6186) it would have been 465 and PLAIN.
    expect(await evolution.account()).toMatchInlineSnapshot(`
      "Mail Account
      Host=imap.vaamonde.pti
      Method=none
      Port=993
      User=vaamonde@vaamonde.pti
      Method=ssl-on-alternate-port
      Mail Transport
      Host=smtp.vaamonde.pti
      Method=LOGIN
      Port=587
      User=vaamonde@vaamonde.pti
      Method=starttls-on-standard-port"
    `);

    await evolution.sendFirst(other, "by Evolution", password);
    await expect.poll(() => messagesOf("leandroramos")).toMatch(/^Subject: by Evolution\r$/m);
    expect(await messagesOf("leandroramos")).toMatch(`From: Admin SOA <${address}>`);
    await evolution.awaitMessage("Sent", "by Evolution");

    const smtp = clients.smtp("submission", other, password);
    await smtp.sendMail({ from: other, to: address, subject: "for Evolution", text: "Text." });
    smtp.close();
    await evolution.awaitMessage("Inbox", "for Evolution");
    // Nothing asks to make an exception for a certificate.
    expect(await evolution.windows()).toEqual([expect.stringMatching(/^Inbox/)]);
  });
});
