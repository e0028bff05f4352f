import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { domain, password, users } from "../../kit/document-lab.ts";
import { MailClients } from "../../kit/mail-clients.ts";
import type { Current } from "./current.ts";

const subject = (from: string, to: string) => `greetings from ${from} to ${to}`;

/** Everybody writes to everybody, and reads it by IMAP and by POP3. */
export function mailSuite(current: Current): void {
  const clients = () => new MailClients(current().running);

  test("each of the eight sends to each of the eight", async () => {
    await Promise.all(
      users.map(async (from, index) => {
        const transport = clients().smtp(index % 2 === 0 ? "submission" : "submissions", from, password);
        for (const to of users) {
          const { accepted } = await transport.sendMail({
            from: `${from}@${domain}`,
            to: `${to}@${domain}`,
            subject: subject(from, to),
            text: "Olá, tudo bem?",
          });
          expect(accepted).toEqual([`${to}@${domain}`]);
        }
        transport.close();
      }),
    );
  });

  test.each(users)("%s reads all eight by IMAP and by POP3", async (user) => {
    const expected = users.map((from) => `Subject: ${subject(from, user)}`).toSorted();
    const subjectsIn = (messages: readonly (Buffer | string)[]) =>
      messages.flatMap((message) => String(message).match(/^Subject: greetings.*$/gm) ?? []).toSorted();
    await expect.poll(async () => subjectsIn(await clients().inbox(user, password))).toEqual(expected);
    // RFC 5322 ends lines with CRLF, which `$` leaves in place.
    const dropped = (await clients().maildrop(user, password)).map((text) => text.replaceAll("\r", ""));
    expect(subjectsIn(dropped)).toEqual(expected);
  });

  test("what was sent is signed with every published key", async () => {
    const [{ records } = { records: [] }] = current().running.zones;
    const published = records.filter(({ name }) => name.includes("._domainkey.")).map(({ name }) => name);
    for (const user of users) {
      const [message] = await clients().inbox(user, password);
      expect(await clients().dkim(message ?? Buffer.alloc(0))).toEqual(
        Object.fromEntries(published.map((name) => [name, "pass"])),
      );
    }
  });

  test("a message that was changed on the way no longer passes", async () => {
    const [message] = await clients().inbox("vaamonde", password);
    const changed = Buffer.from(String(message).replace(/Subject: g/, "Subject: G"));
    expect(new Set(Object.values(await clients().dkim(changed)))).toEqual(new Set(["fail"]));
  });

  test("the sender's address and login stay out of the message", async () => {
    const [message] = await clients().inbox("vaamonde", password);
    const received = String(message).match(/^Received:(.*\r?\n[ \t].*)*/gm) ?? [];
    expect(received.join("\n")).not.toContain("[127.");
    expect(received.join("\n")).not.toContain("Authenticated sender");
  });

  test.each(["postmaster", "abuse"])("%s reaches somebody", async (role) => {
    const transport = clients().smtp("submission", "vaamonde", password);
    const text = `to ${role} ${Date.now()}`;
    const { accepted } = await transport.sendMail({
      from: `vaamonde@${domain}`,
      to: `${role}@${domain}`,
      subject: text,
      text,
    });
    transport.close();
    expect(accepted).toEqual([`${role}@${domain}`]);
    await expect
      .poll(async () => (await clients().inbox(users[0], password)).map(String).join())
      .toContain(text);
  });

  test("deleting by IMAP is seen by POP3", async () => {
    const client = clients().imap("denisnovais", password);
    await client.connect();
    await client.mailboxOpen("INBOX");
    await client.messageDelete("1:*");
    await client.logout();
    await sleep(100);
    expect(await clients().maildrop("denisnovais", password)).toEqual([]);
  });
}
