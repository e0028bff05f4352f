import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** As much of a ManageSieve client (RFC 5804) as puts a script into force: STARTTLS, then the password. */
export class ManageSieve {
  #socket: Socket;
  #text = "";

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  static async connect(port: number): Promise<ManageSieve> {
    const client = new ManageSieve(connectTcp(port, "127.0.0.1"));
    await client.#answer();
    return client;
  }

  #listen(): void {
    this.#socket
      .on("error", () => undefined)
      .on("data", (chunk) => {
        this.#text += String(chunk);
        this.#socket.emit("text");
      });
  }

  /** Everything up to the line that says how it went. */
  async #answer(): Promise<string> {
    for (;;) {
      const end = /^(?:OK|NO|BYE)\b.*?(?:\{(\d+)\})?\r\n/m.exec(this.#text);
      // A reason of several lines is a literal, with an end of line of its own.
      const literal = end?.[1] === undefined ? 0 : Number(end[1]) + 2;
      if (end !== null && this.#text.length >= end.index + end[0].length + literal) {
        const answer = this.#text.slice(0, end.index + end[0].length + literal);
        this.#text = this.#text.slice(answer.length);
        return answer;
      }
      await once(this.#socket, "text", { signal: AbortSignal.timeout(10_000) });
    }
  }

  async ask(command: string): Promise<string> {
    this.#socket.write(`${command}\r\n`);
    return this.#answer();
  }

  /** The capabilities under TLS. */
  async startTls(): Promise<string> {
    await this.ask("STARTTLS");
    this.#socket.removeAllListeners("data");
    const secure = connectTls({ socket: this.#socket, rejectUnauthorized: false });
    await once(secure, "secureConnect");
    this.#socket = secure;
    this.#listen();
    return this.#answer();
  }

  async logIn(user: string, password: string): Promise<string> {
    const response = Buffer.from(`\0${user}\0${password}`).toString("base64");
    return this.ask(`AUTHENTICATE "PLAIN" "${response}"`);
  }

  /** Puts a script into force. */
  async activate(script: string): Promise<string> {
    const put = await this.ask(`PUTSCRIPT "own" {${Buffer.byteLength(script)}+}\r\n${script}`);
    return put.startsWith("OK") ? this.ask('SETACTIVE "own"') : put;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** When the server, or {@link close}, has ended the session. */
  closed(): Promise<unknown> {
    return once(this.#socket, "close");
  }
}
