import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** After ten refusals in one session Postfix makes its client wait. */
const messagesPerSession = 8;

/** Hands in messages byte by byte as they are, which no mail library would send. */
export class SmtpWire {
  readonly #port: number;
  #socket: Socket | undefined;
  #lines: AsyncIterator<string> | undefined;
  #messages = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /**
   * @param head - the header section, one field per line
   * @returns the server's answer to the message
   */
  async deliver(from: string, to: string, head: string | Buffer, body = "x"): Promise<string> {
    if (this.#messages >= messagesPerSession) this.close();
    if (this.#socket === undefined) await this.#greet();
    this.#messages += 1;
    for (const command of [`MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, "DATA"]) {
      const answer = await this.#ask(`${command}\r\n`);
      if (!/^[23]/.test(answer)) {
        this.close();
        return answer;
      }
    }
    return this.#ask(Buffer.concat([Buffer.from(head), Buffer.from(`\r\n\r\n${body}\r\n.\r\n`)]));
  }

  close(): void {
    this.#socket?.end("QUIT\r\n");
    this.#socket = undefined;
    this.#messages = 0;
  }

  async #greet(): Promise<void> {
    const socket = connect(this.#port, "127.0.0.1");
    this.#socket = socket;
    this.#lines = linesOf(socket);
    await once(socket, "connect");
    await this.#answer();
    await this.#ask("EHLO stranger.example.com\r\n");
  }

  async #ask(text: string | Buffer): Promise<string> {
    this.#socket?.write(text);
    return this.#answer();
  }

  /** The last line of a reply (RFC 5321 section 4.2.1). */
  async #answer(): Promise<string> {
    for (;;) {
      const line = await this.#lines?.next();
      if (line === undefined || line.done === true) throw new Error("The server closed the session.");
      if (/^\d{3}(?: |$)/.test(line.value)) return line.value;
    }
  }
}

async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of socket) {
    const lines = `${rest}${String(chunk)}`.split("\r\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
