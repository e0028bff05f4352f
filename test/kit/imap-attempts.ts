import { connect } from "node:tls";

/** What an attempt to log in came to. */
export interface Attempt {
  /** The server's answer to LOGIN. @example "NO [AUTHENTICATIONFAILED] Authentication failed." */
  readonly answer: string;
  readonly in: boolean;
  readonly milliseconds: number;
}

/**
 * Attempts to log in over IMAP by whoever says, as webmail does, where its users come from. A server that trusts this
 * machine counts them at those addresses.
 */
export class ImapAttempts {
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** One connection, one attempt. */
  async try(user: string, pass: string, from: string): Promise<Attempt> {
    const start = performance.now();
    const lines = await this.#converse([
      `a ID ("x-originating-ip" "${from}")`,
      `b LOGIN "${user}" "${pass}"`,
      "c LOGOUT",
    ]);
    const answer = lines.find((line) => line.startsWith("b "))?.slice(2) ?? "no answer";
    return { answer, in: answer.startsWith("OK"), milliseconds: performance.now() - start };
  }

  /** That many guesses at the same moment, no two alike; how many of them were looked at. */
  async guess(guesses: number, at: (n: number) => { user: string; from: string }): Promise<number> {
    const attempts = await Promise.all(
      Array.from({ length: guesses }, (_, n) => this.try(at(n).user, `guess ${n}`, at(n).from)),
    );
    return attempts.filter(({ answer }) => answer.includes("[AUTHENTICATIONFAILED]")).length;
  }

  #converse(commands: readonly string[]): Promise<string[]> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port: this.#port, rejectUnauthorized: false });
      const waiting = [...commands];
      let text = "";
      socket
        .on("error", reject)
        .on("close", () => resolve(text.split("\r\n")))
        .on("data", (chunk) => {
          text += String(chunk);
          // After the greeting, and after each command's own answer.
          const answered = text.split("\r\n").filter((line) => /^([a-z]|\*) (OK|NO|BAD)\b/.test(line)).length;
          while (waiting.length > 0 && commands.length - waiting.length < answered) {
            socket.write(`${waiting.shift()}\r\n`);
          }
        });
    });
  }
}
