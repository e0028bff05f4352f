import { expect, test } from "vitest";
import { mailWords } from "../../commands/bench.ts";

const whole = { against: "mail.example.org:465", user: "ana@example.org", "password-file": "secret" };

test("the load's options are passed on", () => {
  const values = {
    ...whole,
    imap: "[2001:db8::1]:993",
    sessions: "1,8,20",
    insecure: true,
    container: undefined,
  };
  expect(mailWords({ values })).toEqual([
    "--against=mail.example.org:465",
    "--user=ana@example.org",
    "--password-file=secret",
    "--imap=[2001:db8::1]:993",
    "--sessions=1,8,20",
    "--insecure",
  ]);
});

test.each([
  [{ against: undefined }, "bench mail needs --against HOST:PORT."],
  [{ user: undefined }, "bench mail needs --user ADDRESS."],
  [
    { against: "mail.example.org" },
    "--against mail.example.org is not a server's port: use HOST:PORT, as in mail.example.org:465.",
  ],
  [{ imap: "a/b:993" }, "--imap a/b:993 is not a server's port: use HOST:PORT, as in mail.example.org:465."],
  [{ messages: "1,2" }, "--messages 1,2 is not valid: use a number, as in 400."],
  [{ sessions: "0" }, "--sessions 0 is not valid: use numbers, as in 1,8,20."],
])("%j: %s", (change, message) => {
  expect(() => mailWords({ values: { ...whole, ...change } })).toThrow(message);
});
