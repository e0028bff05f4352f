import { generateKeyPairSync } from "node:crypto";
import { connect } from "node:tls";
import { ImapFlow } from "imapflow";
import { createTransport, type Transporter } from "nodemailer";
import { expect } from "vitest";
import { issueAuthorityCertificate, keyPem, makeKey } from "../../provider/certificate.ts";
import { lifetime } from "../../provider/lifetime.ts";
import { hashPassword } from "../../provider/password-hash.ts";
import { type ConfigurationFile, unseal } from "../../servers/generation/configuration-file.ts";
import {
  appPasswordKey,
  type HostedDomain,
  type HostedMailbox,
  type MailServerDescription,
} from "../../servers/mail-server/description.ts";
import {
  accountFiles,
  dkimKeyFile,
  mailServerPair,
  renderMailServer,
} from "../../servers/mail-server/mail-server.ts";
import { subjectsIn } from "./mail-clients.ts";
import { ManageSieve } from "./programs/manage-sieve.ts";
import { mailServerOptions, ServerContainer, type ServerContainerOptions } from "./server-container.ts";

/** Everybody's password, unless a test declares another. */
export const password = "only for this test";
const login = { host: "127.0.0.1", tls: { rejectUnauthorized: false } };

/** A domain with its mailboxes by local part; what a test does not say is as it is by default. */
export function domainOf(
  name: string,
  mailboxes: Readonly<Record<string, Partial<HostedMailbox>>>,
  rest: Partial<HostedDomain> = {},
): HostedDomain {
  const users = Object.entries(mailboxes).map(([user, mailbox]) => ({
    address: `${user}@${name}`,
    quotaBytes: 0,
    ...mailbox,
  }));
  return { name, mailboxes: users, aliases: [], dkimSelectors: ["r1"], ...rest };
}

/** A session that is logged in. */
export interface OpenSession {
  /** When the server, or {@link close}, has ended it. */
  readonly closed: Promise<unknown>;
  isOpen(): boolean;
  close(): void;
}

function sessionOf(closed: Promise<unknown>, close: () => void): OpenSession {
  let isOpen = true;
  void closed.then(() => {
    isOpen = false;
  });
  return { closed, isOpen: () => isOpen, close };
}

/** The image under a row of generations, without a stack around it: what a stack renders, handed in directly. */
export class MailServerLab {
  readonly server: ServerContainer;
  /** Hashes by mailbox or app password; everybody else has that of {@link password}. */
  readonly hashes: Record<string, string> = {};
  pair: ConfigurationFile = { path: "", content: "" };
  /** Those of `pairs.named`. */
  namedPairs: readonly ConfigurationFile[] = [];
  dkim = "";
  #hash = "";
  readonly #ports = new Map<string, number>();

  /** @param more - what its container has in addition. */
  constructor(more: Partial<ServerContainerOptions> = {}) {
    this.server = new ServerContainer({
      ...mailServerOptions,
      ports: ["25/tcp", "465/tcp", "587/tcp", "993/tcp", "995/tcp", "4190/tcp"],
      ...more,
    });
  }

  async start(): Promise<void> {
    this.#hash = await hashPassword(password);
    this.newSigningKey();
    await this.newPair();
    await this.server.build();
    await this.server.run();
    await this.findPorts();
  }

  /** Others than before, where the container has been started again. */
  async findPorts(): Promise<void> {
    for (const port of [25, 465, 587, 993, 995, 4190]) {
      this.#ports.set(`${port}`, await this.server.port(`${port}/tcp`));
    }
  }

  newSigningKey(): void {
    this.dkim = keyPem(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey);
  }

  /** A certificate that signs itself. */
  async newPair(): Promise<void> {
    const key = makeKey();
    const certificate = await issueAuthorityCertificate("mail.vaamonde.pti", lifetime(new Date(), 30), key);
    this.pair = unseal(mailServerPair, { privateKey: keyPem(key), certificate, chain: "" });
  }

  generation(
    domains: readonly HostedDomain[],
    changes: Partial<MailServerDescription> = {},
  ): ConfigurationFile[] {
    const description: MailServerDescription = {
      hostName: "mail.vaamonde.pti",
      domains,
      messageSizeLimitBytes: 10_000_000,
      legacyPorts: false,
      resolver: { kind: "sealed", zones: [] },
      ...changes,
    };
    const keys = domains.flatMap(({ mailboxes }) =>
      mailboxes.flatMap(({ address, appPasswords = [] }) => [
        address,
        ...appPasswords.map(({ name }) => appPasswordKey(address, name)),
      ]),
    );
    const hashes = Object.fromEntries(keys.map((key) => [key, this.hashes[key] ?? this.#hash]));
    return [
      ...renderMailServer(description),
      ...accountFiles(description).map((file) => unseal(file, hashes)),
      ...domains.flatMap(({ name, dkimSelectors }) =>
        dkimSelectors.map((selector) => unseal(dkimKeyFile(name, selector), this.dkim)),
      ),
      this.pair,
      ...this.namedPairs,
    ];
  }

  /** Hands the domains in and waits until they are in force. */
  async serve(domains: readonly HostedDomain[], changes: Partial<MailServerDescription> = {}): Promise<void> {
    const id = await this.server.upload(this.generation(domains, changes));
    expect(await this.server.settles(new RegExp(`^${id}$`), 120)).toBe(id);
  }

  port(inside: number): number {
    return this.#ports.get(`${inside}`) ?? 0;
  }

  async imap(user: string, pass = password): Promise<ImapFlow> {
    const client = new ImapFlow({
      ...login,
      port: this.port(993),
      secure: true,
      auth: { user, pass },
      logger: false,
    });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  /** A POP3 session that is logged in. */
  async maildrop(user: string, pass = password): Promise<OpenSession> {
    return this.#session(995, [`USER ${user}`, `PASS ${pass}`, "STAT"], /^\+OK.*\r\n/gm, /^-ERR/m);
  }

  /** A session by each protocol that is logged in, and idle. */
  async everySession(user: string, pass = password): Promise<OpenSession[]> {
    const plain = Buffer.from(`\0${user}\0${pass}`).toString("base64");
    const greeting = ["EHLO client.example", `AUTH PLAIN ${plain}`];
    return Promise.all([
      this.#session(993, [`a LOGIN ${user} "${pass}"`], /^(?:\*|a) OK .*\r\n/gm, /^a NO/m),
      this.maildrop(user, pass),
      this.#session(465, greeting, /^2\d\d .*\r\n/gm, /^[45]\d\d /m),
      this.#rules(user, pass),
    ]);
  }

  /** A ManageSieve session that is logged in. */
  async #rules(user: string, pass: string): Promise<OpenSession> {
    const client = await ManageSieve.connect(this.port(4190));
    await client.startTls();
    const closed = client.closed();
    const answer = await client.logIn(user, pass);
    if (!answer.startsWith("OK")) throw new Error(answer);
    return sessionOf(closed, () => client.close());
  }

  /** Says the words one by one, each after the answer to the one before. */
  async #session(
    inside: number,
    words: readonly string[],
    answer: RegExp,
    refusal: RegExp,
  ): Promise<OpenSession> {
    const socket = connect({ host: login.host, port: this.port(inside), ...login.tls });
    const closed = new Promise((resolve) => socket.on("close", resolve));
    let text = "";
    socket
      .on("error", () => undefined)
      .on("data", (chunk) => {
        text += String(chunk);
      });
    const answers = () => (refusal.test(text) ? Number.POSITIVE_INFINITY : (text.match(answer) ?? []).length);
    for (const [n, word] of words.entries()) {
      await expect.poll(answers).toBeGreaterThan(n);
      socket.write(`${word}\r\n`);
    }
    await expect.poll(answers).toBeGreaterThan(words.length);
    if (refusal.test(text)) {
      socket.destroy();
      throw new Error(text);
    }
    return sessionOf(closed, () => socket.destroy());
  }

  /** One connection, one login, any number of messages. */
  submission(user: string, pass = password, port: 465 | 587 = 465): Transporter {
    const auth = { user, pass };
    return createTransport({
      ...login,
      pool: true,
      maxConnections: 1,
      port: this.port(port),
      secure: port === 465,
      auth,
    });
  }

  /**
   * Hands a message in as another server does. Its envelope has no sender, since a sender's domain would have to
   * exist for the server under test, whose resolver knows nobody.
   */
  async receive(to: string, subject: string, text = "x"): Promise<void> {
    const stranger = createTransport({ ...login, port: this.port(25), secure: false });
    await stranger.sendMail({ from: "x@example.net", to, envelope: { from: "", to }, subject, text });
  }

  async logsIn(user: string, pass = password): Promise<boolean> {
    try {
      await (await this.imap(user, pass)).logout();
      return true;
    } catch {
      return false;
    }
  }

  /** The subjects in a folder, in the order of their arrival. */
  async subjects(user: string, folder = "INBOX"): Promise<string[]> {
    return subjectsIn(await this.imap(user), folder);
  }
}
