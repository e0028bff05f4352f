import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { openDialogue } from "../../verify/probes/dialogue.ts";
import type { Protocol } from "../../verify/services.ts";

let server: Server | undefined;
afterEach(() => server?.close());

/** A server on loopback that says `greeting` and answers by a table, a piece at a time. */
async function serve(greeting: string, answers: Record<string, readonly string[]>) {
  server = createServer((socket) => {
    socket.setNoDelay(true).write(greeting);
    socket.on("error", () => {});
    socket.on("data", async (data) => {
      const answer = answers[data.toString().trim()];
      if (answer === undefined) return socket.destroy();
      for (const piece of answer) {
        socket.write(piece);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return undefined;
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

describe("openDialogue", () => {
  test.each<[Protocol, string, string, readonly string[], string]>([
    ["smtp", "220 hello\r\n", "EHLO x", ["250-one\r\n25", "0 two\r\n"], "250-one\n250 two"],
    ["smtp", "220-hello\r\n220 there\r\n", "RCPT TO:<x@y>", ["554 5.7.1 no\r\n"], "554 5.7.1 no"],
    [
      "imap",
      "* OK hello\r\n",
      "verify NOOP",
      ["* 1 EXISTS\r\n", "verify OK done\r\n"],
      "* 1 EXISTS\nverify OK done",
    ],
    ["pop3", "+OK hello\r\n", "USER x", ["-ERR no\r\n"], "-ERR no"],
    [
      "managesieve",
      '"SASL" ""\r\n"STARTTLS"\r\nOK "hello"\r\n',
      "PUTSCRIPT",
      ["NO {9}\r\nline", " 1\r\n2\r\n"],
      "NO {9}\nline 1\n2",
    ],
  ])("%s, greeted with %j: %s", async (protocol, greeting, command, answer, reply) => {
    const endpoint = await serve(greeting, { [command]: answer });
    await using dialogue = await openDialogue(protocol, endpoint);
    expect(dialogue.greeting).toBe(greeting.trim().replaceAll("\r\n", "\n"));
    expect(await dialogue.ask(command.replace("verify ", ""))).toBe(reply);
  });

  test("fails when the server hangs up instead of answering", async () => {
    const endpoint = await serve("220 hello\r\n", {});
    await using dialogue = await openDialogue("smtp", endpoint);
    await expect(dialogue.ask("EHLO x")).rejects.toThrow("closed the connection");
  });

  test("fails where nothing listens", async () => {
    const endpoint = await serve("220 hello\r\n", {});
    const closed = new Promise((resolve) => server?.close(resolve));
    await closed;
    await expect(openDialogue("smtp", endpoint)).rejects.toThrow("ECONNREFUSED");
  });
});
