import { Resolver } from "node:dns/promises";
import { request } from "node:https";
import { ImapFlow } from "imapflow";
import { createTransport } from "nodemailer";
import { ServerRole } from "../../../naming/servers.ts";
import type { RunningStack } from "../../../outputs/running-stack.ts";

/** So long a client waits for an answer, in milliseconds: a slow machine is not one that does not serve. */
const patience = 60_000;

/** The password of everybody in the lab. */
export const password = "123456";

/** One of the lab's mail servers: the component's name, and the domain whose user ana has mail there. */
export interface MailHost {
  readonly server: string;
  readonly domain: string;
}

/** With its brackets. */
export type MessageId = string;

/** The clients of a running stack, which know it as it is after its last `up`. */
export class Clients {
  #running: RunningStack;

  constructor(running: RunningStack) {
    this.#running = running;
  }

  follow(running: RunningStack): void {
    this.#running = running;
  }

  #ports({ domain }: MailHost) {
    const further = this.#running.furtherServers.find(({ domains }) => domains.includes(domain));
    return further?.ports ?? this.#running.endpoint.ports;
  }

  /** By the authority alone: the server's own names change. */
  get #tls() {
    return { ca: this.#running.caCertificate, checkServerIdentity: () => undefined };
  }

  /** Hands in a message as a server that nobody knows; its envelope has no sender, whom the lab could not look up. */
  async deliver(to: MailHost, subject: string, user = "ana"): Promise<MessageId> {
    const address = `${user}@${to.domain}`;
    const transport = createTransport({
      ...this.#place,
      port: this.#ports(to).smtp,
      name: "stranger.test",
      tls: { rejectUnauthorized: false },
    });
    try {
      const { messageId } = await transport.sendMail({
        envelope: { from: "", to: address },
        ...letter("stranger@stranger.test", address, subject),
      });
      return messageId;
    } finally {
      transport.close();
    }
  }

  /** Logs in and sends. */
  async submit(from: MailHost, to: MailHost, subject: string): Promise<MessageId> {
    const address = `ana@${from.domain}`;
    const transport = createTransport({
      ...this.#place,
      port: this.#ports(from).submissions,
      secure: true,
      tls: this.#tls,
      auth: { user: address, pass: password },
    });
    try {
      const { messageId } = await transport.sendMail(letter(address, `ana@${to.domain}`, subject));
      return messageId;
    } finally {
      transport.close();
    }
  }

  /** An IMAP session that is logged in. */
  async session(host: MailHost): Promise<ImapFlow> {
    const client = new ImapFlow({
      host: this.#running.endpoint.address,
      port: this.#ports(host).imaps,
      secure: true,
      tls: this.#tls,
      auth: { user: `ana@${host.domain}`, pass: password },
      logger: false,
      connectionTimeout: patience,
      greetingTimeout: patience,
      socketTimeout: 10 * patience,
    });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  /** Asks the stack's name server for a domain's mail server. */
  async lookUp(domain: string): Promise<void> {
    const { address, ports } = this.#running.endpoint;
    // One packet: another attempt follows soon.
    const resolver = new Resolver({ timeout: patience / 6, tries: 1 });
    resolver.setServers([`${address}:${ports.dns}`]);
    await resolver.resolveMx(domain);
  }

  /** Fetches the settings that mail clients look for. */
  async fetchSettings(domain: string): Promise<void> {
    const { address, ports } = this.#running.endpoint;
    const host = `autoconfig.${domain}`;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    request(
      {
        host: address,
        port: ports.https ?? 443,
        servername: host,
        headers: { host },
        path: "/mail/config-v1.1.xml",
        agent: false,
        timeout: patience,
        ...this.#tls,
      },
      (answer) => {
        answer.resume().once("end", () => {
          if (answer.statusCode === 200) resolve();
          else reject(new Error(`HTTP ${answer.statusCode}`));
        });
      },
    )
      .once("timeout", function (this: { destroy(error: Error): void }) {
        this.destroy(new Error("no answer"));
      })
      .once("error", reject)
      .end();
    return promise;
  }

  get #place() {
    return {
      host: this.#running.endpoint.address,
      connectionTimeout: patience,
      greetingTimeout: patience,
      socketTimeout: patience,
    };
  }
}

function letter(from: string, to: string, subject: string) {
  return { from, to, subject, text: `${subject}: nothing in particular.` };
}

/** What is asked of the lab's servers, and by whom. */
export const hosts: readonly [MailHost, MailHost] = [
  { server: ServerRole.mailServer, domain: "one.test" },
  { server: `${ServerRole.mailServer}-mx.two.test`, domain: "two.test" },
];
