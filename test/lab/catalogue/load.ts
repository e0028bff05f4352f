import { setTimeout as sleep } from "node:timers/promises";
import type { ImapFlow } from "imapflow";
import { ServerRole } from "../../../naming/servers.ts";
import type { RunningStack } from "../../../outputs/running-stack.ts";
import { Clients, hosts, type MailHost, type MessageId } from "./clients.ts";
import { type Attempt, longestOutage } from "./outages.ts";

/** What people and other servers ask for. */
export const services = ["SMTP", "submission", "IMAP login", "DNS", "HTTPS"] as const;
export type Service = (typeof services)[number];

/** What clients have seen of one service of one server. */
export interface Seen {
  readonly service: Service;
  /** Whose it is. */
  readonly server: string;
  /** Which other servers it needs in addition. */
  readonly needs: readonly string[];
  readonly served: number;
  /** In milliseconds: see {@link longestOutage}. */
  readonly outage: number;
  /** The first problem of a client, where there was one. */
  readonly problem?: string | undefined;
  /** What the server has refused for good, which no client does again. */
  readonly refused: readonly string[];
}

/** What clients have seen while a change was made. */
export interface Observation {
  readonly seen: readonly Seen[];
  /** The servers that have closed an IMAP session in which a client was waiting for mail (IDLE). */
  readonly cut: readonly string[];
  /** The messages that were accepted and are not in the mailbox, each with what the servers say of it. */
  readonly lost: readonly string[];
}

/** How often each client comes, in milliseconds, and how many of them may be waiting at once. */
const period = 2_000;
const mostWaiting = 4;
/** How long is waited for what must come, in milliseconds. */
const patience = 180_000;

interface Target {
  readonly service: Service;
  readonly server: string;
  readonly needs: readonly string[];
  /** @param n - counts its calls */
  act(n: number): Promise<void>;
  attempts: Attempt[];
  refused: string[];
}

/** Steady, bounded traffic of a stack with two mail servers. */
export class Load {
  readonly #clients: Clients;
  readonly #targets: Target[];
  /** Those that have been accepted, by their subjects. */
  readonly #sent = new Map<MailHost, Map<string, MessageId>>(hosts.map((host) => [host, new Map()]));
  readonly #arrived = new Map<MailHost, Set<string>>(hosts.map((host) => [host, new Set()]));
  /** Of the last message that was found to have arrived. */
  readonly #lastUid = new Map<MailHost, number>();
  readonly #idle: Promise<void>[];
  readonly #sessions = new Set<ImapFlow>();
  #cut: string[] = [];
  readonly #trace: (id: MessageId) => Promise<string>;
  #isGoing = true;

  /** @param trace - what the servers say of a message */
  constructor(running: RunningStack, trace: (id: MessageId) => Promise<string>) {
    this.#trace = trace;
    this.#clients = new Clients(running);
    this.#targets = this.#makeTargets();
    this.#idle = [
      ...hosts.map((host) => this.#wait(host)),
      ...this.#targets.map((target) => this.#keepDoing(target)),
    ];
  }

  #makeTargets(): Target[] {
    const target = (
      service: Service,
      server: string,
      needs: readonly string[],
      act: (n: number) => Promise<void>,
    ): Target => ({ service, server, needs, act, attempts: [], refused: [] });
    const inner = [ServerRole.innerDnsServer];
    return [
      ...hosts.flatMap((host) => {
        const other = hosts.find((one) => one !== host) ?? host;
        return [
          target("SMTP", host.server, [], async (n) => {
            const subject = `delivered ${host.domain} ${n}`;
            this.#sent.get(host)?.set(subject, await this.#clients.deliver(host, subject));
          }),
          // To the other server, which has to be found.
          target("submission", host.server, inner, async (n) => {
            const subject = `submitted ${host.domain} ${n}`;
            this.#sent.get(other)?.set(subject, await this.#clients.submit(host, other, subject));
          }),
          target("IMAP login", host.server, [], async () => {
            await (await this.#clients.session(host)).logout();
          }),
        ];
      }),
      target("DNS", ServerRole.dnsServer, [], (n) => this.#clients.lookUp(hosts[n % 2]?.domain ?? "")),
      target("HTTPS", ServerRole.webServer, [], (n) =>
        this.#clients.fetchSettings(hosts[n % 2]?.domain ?? ""),
      ),
    ];
  }

  /** Where clients find the stack after an `up`. */
  follow(running: RunningStack): void {
    this.#clients.follow(running);
  }

  async #keepDoing(target: Target): Promise<void> {
    const waiting = new Set<Promise<void>>();
    for (let n = 0; this.#isGoing; n += 1) {
      if (waiting.size < mostWaiting) {
        const attempt = this.#try(target, n).finally(() => waiting.delete(attempt));
        waiting.add(attempt);
      }
      await sleep(period);
    }
    await Promise.all(waiting);
  }

  async #try(target: Target, n: number): Promise<void> {
    const start = performance.now();
    let problem: string | undefined;
    try {
      await target.act(n);
    } catch (error) {
      problem = describe(error);
      if (isFinal(error)) target.refused.push(problem);
    }
    target.attempts.push({ start, end: performance.now(), problem });
  }

  /** A client that waits for mail, and comes back when it is cut off. */
  async #wait(host: MailHost): Promise<void> {
    while (this.#isGoing) {
      const session = await this.#clients.session(host).catch(() => undefined);
      if (session === undefined) {
        await sleep(period);
        continue;
      }
      this.#sessions.add(session);
      const closed = new Promise<void>((resolve) => session.once("close", resolve));
      const opened = session.mailboxOpen("INBOX").then(
        () => void session.idle().catch(() => undefined),
        () => undefined,
      );
      await Promise.race([opened, closed]);
      await closed;
      this.#sessions.delete(session);
      if (this.#isGoing) this.#cut.push(host.server);
    }
  }

  /** Waits until everybody is served again, and says what was seen since the last time. */
  async observe(): Promise<Observation> {
    await this.#recovery();
    const lost = (await Promise.all(hosts.map((host) => this.#missing(host)))).flat();
    const now = performance.now();
    const seen = this.#targets.map(({ service, server, needs, attempts, refused }) => ({
      service,
      server,
      needs,
      served: attempts.filter(({ problem }) => problem === undefined).length,
      outage: longestOutage(attempts, now),
      problem: attempts.find(({ problem }) => problem !== undefined)?.problem,
      refused,
    }));
    const cut = this.#cut;
    this.#forget();
    return { seen, cut, lost };
  }

  #forget(): void {
    this.#cut = [];
    for (const target of this.#targets) {
      target.attempts = [];
      target.refused = [];
    }
  }

  async #recovery(): Promise<void> {
    const since = performance.now();
    const isServed = ({ attempts }: Target) =>
      attempts.some(({ start, problem }) => start > since && problem === undefined);
    while (!this.#targets.every(isServed) && performance.now() - since < patience) await sleep(100);
  }

  /** The messages that do not arrive, however long they are waited for. */
  async #missing(host: MailHost): Promise<string[]> {
    const sent = this.#sent.get(host) ?? new Map<string, MessageId>();
    const arrived = this.#arrived.get(host) ?? new Set<string>();
    const asked = [...sent];
    const missing = () => asked.filter(([subject]) => !arrived.has(subject));
    const deadline = performance.now() + patience;
    const session = await this.#clients.session(host);
    try {
      await session.mailboxOpen("INBOX");
      while (missing().length > 0 && performance.now() < deadline) {
        await session.noop();
        // From the last one on: a range with a star has that one in any case (RFC 9051 section 9).
        const range = `${this.#lastUid.get(host) ?? 1}:*`;
        for (const { uid, envelope } of await session.fetchAll(range, { envelope: true }, { uid: true })) {
          arrived.add(envelope?.subject ?? "");
          this.#lastUid.set(host, uid);
        }
        if (missing().length > 0) await sleep(500);
      }
    } finally {
      await session.logout();
    }
    const lost = missing();
    for (const [subject] of asked) {
      sent.delete(subject);
      arrived.delete(subject);
    }
    return Promise.all(
      lost.map(async ([subject, id]) => `${subject} at ${host.server}:\n${await this.#trace(id)}`),
    );
  }

  async stop(): Promise<void> {
    this.#isGoing = false;
    for (const session of this.#sessions) session.close();
    await Promise.all(this.#idle);
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "response" in error && error.response ? String(error.response) : error.message;
}

/** An answer that a server gives for good (RFC 5321 section 4.2.1), as opposed to one that says: later. */
function isFinal(error: unknown): boolean {
  return error instanceof Error && "responseCode" in error && Number(error.responseCode) >= 500;
}
