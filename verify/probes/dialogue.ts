import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { authority, type Protocol } from "../services.ts";

const timeoutMs = 8_000;

/** What a command asks for: one reply of as many lines as the protocol says. */
export interface Exchange {
  readonly command: string;
  /** POP3 only: whether a positive reply ends with a line of one dot (RFC 1939 section 3). */
  readonly multiLine?: boolean;
}

/**
 * A conversation with an SMTP, IMAP, POP3 or ManageSieve server. The mail libraries hide what is asked here: what
 * a server says before TLS, and RCPT without a message after it.
 */
export interface Dialogue extends AsyncDisposable {
  readonly greeting: string;
  readonly socket: Socket;
  /** Sends a command and returns the whole reply, lines joined by newlines. */
  ask(exchange: Exchange | string): Promise<string>;
  /** Hands the socket over, for instance to TLS; the dialogue must not be used any longer. */
  release(): Socket;
}

/**
 * @param socket - a connection to the endpoint on which the server is about to greet. @default a new one, without TLS
 * @throws Error when nothing answers, or the greeting does not come within 8 s.
 */
export async function openDialogue(
  protocol: Protocol,
  endpoint: { readonly host: string; readonly port: number },
  socket: Socket = connect({ host: endpoint.host, port: endpoint.port }),
): Promise<Dialogue> {
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`${authority(endpoint)} does not answer`)));
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
  const reader = lines[Symbol.asyncIterator]();
  const failure = new Promise<never>((_, reject) => {
    socket.once("error", reject);
    socket.once("close", () => reject(new Error(`${authority(endpoint)} closed the connection`)));
  });
  // Errors after the last answer concern nobody.
  failure.catch(() => {});

  const read = async (exchange: Exchange) => {
    const reply: string[] = [];
    while (!isComplete(protocol, exchange, reply)) {
      const next = await Promise.race([reader.next(), failure]);
      if (next.done) throw new Error(`${authority(endpoint)} closed the connection`);
      reply.push(next.value);
    }
    return reply.join("\n");
  };

  const greeting = await read({ command: "" });
  return {
    greeting,
    socket,
    async ask(exchange) {
      const asked = typeof exchange === "string" ? { command: exchange } : exchange;
      socket.write(protocol === "imap" ? `${tag} ${asked.command}\r\n` : `${asked.command}\r\n`);
      return read(asked);
    },
    release() {
      lines.close();
      socket.setTimeout(0);
      socket.removeAllListeners("data");
      return socket;
    },
    async [Symbol.asyncDispose]() {
      lines.close();
      socket.destroy();
    },
  };
}

const tag = "verify";

function isComplete(protocol: Protocol, { command, multiLine }: Exchange, reply: readonly string[]): boolean {
  const last = reply.at(-1);
  if (last === undefined) return false;
  switch (protocol) {
    case "smtp":
      // RFC 5321 section 4.2.1: a hyphen after the code says that more lines follow.
      return /^\d{3}(?!-)/.test(last);
    case "imap":
      return command === "" || last.startsWith(`${tag} `);
    case "pop3":
      return !multiLine || last === "." || reply[0]?.startsWith("-ERR") === true;
    case "managesieve":
      return isSieveComplete(reply);
  }
}

/** RFC 5804 section 1.2: data, then a line that says how it went, whose text may be a literal of several lines. */
function isSieveComplete(reply: readonly string[]): boolean {
  const end = reply.findIndex((line) => /^(?:OK|NO|BYE)\b/i.test(line));
  if (end === -1) return false;
  const literal = /\{(\d+)\}$/.exec(reply[end] ?? "")?.[1];
  return literal === undefined || Buffer.byteLength(reply.slice(end + 1).join("\r\n")) >= Number(literal);
}
