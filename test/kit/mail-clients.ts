import { Resolver } from "node:dns/promises";
import { ImapFlow } from "imapflow";
import { dkimVerify } from "mailauth";
import Pop3Command from "node-pop3";
import { createTransport } from "nodemailer";
import type { RunningStack } from "../../outputs/running-stack.ts";

/** The mail clients of the tests, set up as the document sets up Outlook, on a stack's own addresses. */
export class MailClients {
  readonly running: RunningStack;
  readonly domain: string;

  /** @param index - which of the stack's domains the clients belong to */
  constructor(running: RunningStack, index = 0) {
    const domain = running.domains[index];
    if (domain === undefined) throw new Error(`The stack has no domain ${index}.`);
    this.running = running;
    this.domain = domain.name;
  }

  get host(): string {
    return this.running.endpoint.address;
  }

  tls(host: "smtp" | "imap" | "pop3") {
    return { ca: this.running.caCertificate, servername: `${host}.${this.domain}` };
  }

  /** A pooled SMTP client: one connection, one login, any number of messages. */
  smtp(service: "submission" | "submissions", user: string, pass: string) {
    return createTransport({
      pool: true,
      maxConnections: 1,
      host: this.host,
      port: this.running.endpoint.ports[service],
      secure: service === "submissions",
      requireTLS: service === "submission",
      tls: this.tls("smtp"),
      auth: { user, pass },
    });
  }

  imap(user: string, pass: string): ImapFlow {
    return new ImapFlow({
      host: this.host,
      port: this.running.endpoint.ports.imaps,
      secure: true,
      tls: this.tls("imap"),
      auth: { user, pass },
      logger: false,
    });
  }

  pop3(user: string, password: string): Pop3Command {
    const { ca, servername } = this.tls("pop3");
    return new Pop3Command({
      host: this.host,
      port: this.running.endpoint.ports.pop3s,
      tls: true,
      servername,
      tlsOptions: { ca },
      timeout: 20_000,
      user,
      password,
    });
  }

  resolver(): Resolver {
    const resolver = new Resolver({ timeout: 3_000, tries: 2 });
    resolver.setServers([`${this.host}:${this.running.endpoint.ports.dns}`]);
    return resolver;
  }

  /** The results of a message's DKIM signatures, by selector, against the stack's DNS. */
  async dkim(message: Buffer): Promise<Record<string, string>> {
    const resolver = this.resolver();
    const { results } = await dkimVerify(message, {
      resolver: (name) => resolver.resolveTxt(name),
      strict: true,
    });
    return Object.fromEntries(
      results.map(({ selector, signingDomain, status }) => [
        `${selector}._domainkey.${signingDomain}`,
        status.result,
      ]),
    );
  }

  /** All messages of somebody's inbox, as stored. */
  async inbox(user: string, pass: string): Promise<Buffer[]> {
    const client = this.imap(user, pass);
    await client.connect();
    try {
      await client.mailboxOpen("INBOX");
      const messages = await client.fetchAll("1:*", { source: true });
      return messages.flatMap(({ source }) => source ?? []);
    } finally {
      await client.logout();
    }
  }

  /** All messages of somebody's maildrop. */
  async maildrop(user: string, pass: string): Promise<string[]> {
    const client = this.pop3(user, pass);
    try {
      const messages: string[] = [];
      for (const [number] of (await client.LIST()) as string[][]) {
        messages.push(await client.RETR(Number(number)));
      }
      return messages;
    } finally {
      await client.QUIT();
    }
  }
}

/** The subjects in a folder in the order of their arrival, none where there is no such folder. Ends the session. */
export async function subjectsIn(client: ImapFlow, folder: string): Promise<string[]> {
  try {
    await client.mailboxOpen(folder);
    const messages = await client.fetchAll("1:*", { envelope: true });
    return messages.map(({ envelope }) => envelope?.subject ?? "");
  } catch {
    return [];
  } finally {
    await client.logout();
  }
}

/** The text of the server's refusal, or a failure if there was none. */
export async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const response = "response" in error && error.response ? String(error.response) : error.message;
    return response.replaceAll(/\s+/g, " ").trim();
  }
  throw new Error("It was accepted.");
}
