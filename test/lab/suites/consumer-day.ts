import { ImapFlow } from "imapflow";
import { createTransport, type SendMailOptions } from "nodemailer";
import { afterAll, expect, test } from "vitest";
import type { Consumer } from "../../kit/consumer.ts";
import { withMailbox } from "../../kit/documented-program.ts";
import { docker, objectsOf, removeObjects } from "../../kit/engine.ts";
import { subjectsIn } from "../../kit/mail-clients.ts";

/** A Pulumi project called `mail` that has the program of docs/package.md in some language. */
export interface ConsumerProject {
  readonly consumer: Consumer;
  readonly stack: string;
  /** On which the program's server answers. */
  readonly address: string;
  /** The program's file, and what it says. */
  readonly file: string;
  readonly program: string;
  /** Where a neighbour's server answers, which is in the program too. @default there is none */
  readonly neighbour?: string;
}

const ana = "ana@example.org";
const ben = "ben@example.org";
/** At the neighbour's. */
const rui = "rui@example.net";

/** A day of somebody who has the program. The steps build on one another, in order. */
export function consumerDay(project: () => ConsumerProject): void {
  const prefix = () => `mail-${project().stack}`;

  /** What the program has exported. */
  async function outputs() {
    const text = await project().consumer.pulumi("stack", "output", "--json", "--show-secrets");
    return JSON.parse(text) as {
      passwords: Record<string, string>;
      authority: string;
      neighbourPasswords?: Record<string, string>;
    };
  }

  /** What a mail program of this person needs. */
  async function account(user: string, label: "imap" | "smtp") {
    const { passwords, neighbourPasswords, authority } = await outputs();
    if (user === rui) {
      const auth = { user, pass: neighbourPasswords?.[user] ?? "" };
      return { host: project().neighbour ?? "", tls: { rejectUnauthorized: false }, auth };
    }
    const tls = { ca: authority, servername: `${label}.example.org` };
    return { host: project().address, tls, auth: { user, pass: passwords[user] ?? "" } };
  }

  async function inbox(user: string): Promise<string[]> {
    const client = new ImapFlow({ ...(await account(user, "imap")), port: 993, secure: true, logger: false });
    client.on("error", () => undefined);
    await client.connect();
    return await subjectsIn(client, "INBOX");
  }

  /** By implicit TLS, or by STARTTLS. */
  async function submit(port: 465 | 587, from: string, to: string, subject: string): Promise<void> {
    const secure = port === 465;
    const transport = createTransport({
      ...(await account(from, "smtp")),
      port,
      secure,
      requireTLS: !secure,
    });
    await transport.sendMail({ from, to, subject, text: "hi" });
  }

  afterAll(async () => removeObjects(await objectsOf(prefix())));

  test("a preview shows the resources, and up makes them", async () => {
    const { consumer, stack, file, program } = project();
    await consumer.write({ [file]: program });
    await consumer.initialise(stack);
    const created = await consumer.created();
    expect(created).toEqual(
      expect.arrayContaining(["maildomain:index:MailServer", "maildomain:index:Mailbox"]),
    );
    await consumer.pulumi("up", "--yes", "--skip-preview");
    expect(Object.keys((await outputs()).passwords)).toEqual([ana]);
  });

  test("mail in: a stranger's bounce", async () => {
    const { address } = project();
    const transport = createTransport({ host: address, port: 25, tls: { rejectUnauthorized: false } });
    const envelope = { from: "", to: ana };
    const message: SendMailOptions = {
      from: "postmaster@elsewhere.test",
      to: ana,
      subject: "hello",
      text: "hi",
    };
    await expect
      .poll(() => transport.sendMail({ ...message, envelope }).then(() => "sent", String))
      .toBe("sent");
    await expect.poll(() => inbox(ana)).toContain("hello");
  });

  test("mail out to a neighbour's server, and its answer (skipped where the program has none)", async ({
    skip,
  }) => {
    skip(project().neighbour === undefined, "the page's own program has no neighbour");
    await expect.poll(() => submit(465, ana, rui, "to a neighbour").then(() => "sent", String)).toBe("sent");
    await expect.poll(() => inbox(rui)).toContain("to a neighbour");
    await submit(587, rui, ana, "the answer");
    await expect.poll(() => inbox(ana)).toContain("the answer");
  });

  test("a second mailbox without another container; its people write to each other", async () => {
    const { consumer, file, program } = project();
    await consumer.write({ [file]: withMailbox(program, "ben") });
    const summary = await consumer.pulumi("up", "--yes", "--skip-preview");
    expect(summary).not.toMatch(/mail-server-container.*(?:replaced|updated|created)/);
    expect(Object.keys((await outputs()).passwords).toSorted()).toEqual([ana, ben]);
    // The server takes its configuration in a moment.
    await expect.poll(() => submit(465, ana, ben, "welcome").then(() => "sent", String)).toBe("sent");
    await expect.poll(() => inbox(ben).catch(String)).toContain("welcome");
    await submit(587, ben, ana, "thanks");
    await expect.poll(() => inbox(ana)).toContain("thanks");
  });

  test("destroy leaves the mail, as the page says, and nothing else", async () => {
    await project().consumer.pulumi("destroy", "--yes", "--skip-preview");
    const mail = ["mailboxes", "queue"].map((use) => `${prefix()}-mail-server-${use}`);
    expect(await objectsOf(prefix())).toEqual(mail.map((volume) => `volume ${volume}`));
    await docker("volume", "rm", ...mail);
    expect(await objectsOf(prefix())).toEqual([]);
  });
}
