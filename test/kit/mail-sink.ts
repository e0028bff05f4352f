import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** A mail server that accepts everything, and keeps it as it came. */
export class MailSink implements AsyncDisposable {
  /** `address:port`. */
  readonly address: string;
  /** Envelope and message of each mail. */
  readonly mails: { readonly from: string; readonly to: readonly string[]; readonly text: string }[];
  readonly #close: () => Promise<void>;

  private constructor(address: string, mails: MailSink["mails"], close: () => Promise<void>) {
    this.address = address;
    this.mails = mails;
    this.#close = close;
  }

  static async start(): Promise<MailSink> {
    const mails: MailSink["mails"] = [];
    const server = createServer((socket) => {
      let buffer = "";
      let from = "";
      let to: string[] = [];
      let text: string[] | undefined;
      const line = (said: string): void => {
        if (text !== undefined) {
          if (said !== ".") text.push(said.replace(/^\.\./, "."));
          else {
            mails.push({ from, to, text: text.join("\n") });
            text = undefined;
            to = [];
            socket.write("250 2.0.0 accepted\r\n");
          }
        } else if (/^MAIL FROM:/i.test(said)) {
          from = said.slice("MAIL FROM:".length);
          socket.write("250 2.1.0 ok\r\n");
        } else if (/^RCPT TO:/i.test(said)) {
          to.push(said.slice("RCPT TO:".length));
          socket.write("250 2.1.5 ok\r\n");
        } else if (/^DATA/i.test(said)) {
          text = [];
          socket.write("354 go ahead\r\n");
        } else if (/^QUIT/i.test(said)) socket.end("221 2.0.0 bye\r\n");
        else socket.write("250 sink.example.test\r\n");
      };
      socket.on("error", () => {});
      socket.setEncoding("utf8").on("data", (part: string) => {
        const lines = (buffer + part).split("\r\n");
        buffer = lines.pop() ?? "";
        for (const said of lines) line(said);
      });
      socket.write("220 sink.example.test ESMTP\r\n");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return new MailSink(`127.0.0.1:${(server.address() as AddressInfo).port}`, mails, async () => {
      server.close();
      await once(server, "close");
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}
