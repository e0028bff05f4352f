import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTextBytes } from "../../servers/mail-server/message-limits.ts";
import { docker } from "../kit/engine.ts";
import { hostileMessages, slowMessage, tooCostly } from "../kit/hostile-messages.ts";
import { domainOf, MailServerLab } from "../kit/mail-server-lab.ts";
import { SmtpWire } from "../kit/smtp-wire.ts";

/** The default of the component. */
const messageSizeLimitBytes = 50 * 2 ** 20;
/** What one of Rspamd's processes holds without a message once it has seen some; 37 when it is new. */
const ownMebibytes = 60;
const ana = "ana@vaamonde.pti";
const lab = new MailServerLab();

beforeAll(async () => {
  await lab.start();
  await lab.serve([domainOf("vaamonde.pti", { ana: {} })], { messageSizeLimitBytes });
});
afterAll(() => lab.server.remove());

/** Seconds of CPU that Rspamd has used, its ended processes included; fields 14 to 17 of proc_pid_stat(5). */
async function filterSeconds(): Promise<number> {
  const lines = await lab.server.exec(
    `for p in /proc/[0-9]*; do grep -sqa '^rspamd: ' $p/cmdline && sed 's/.*) //' $p/stat; done 2>/dev/null; true`,
  );
  const ticks = lines.split("\n").flatMap((line) => line.split(" ").slice(11, 15).map(Number));
  return ticks.reduce((sum, each) => sum + each, 0) / 100;
}

/** The most that one of Rspamd's scanning processes held during some work, in MiB. */
async function peakDuring(work: Promise<unknown>): Promise<number> {
  await lab.server.exec("rm -f /tmp/enough /tmp/peak");
  const watching = lab.server.exec(
    `max=0; while [ ! -e /tmp/enough ]; do
       for p in $(grep -lsa '^rspamd: normal' /proc/[0-9]*/cmdline); do
         while read -r name value unit; do
           [ "$name" = RssAnon: ] && [ "$value" -gt "$max" ] && max=$value
         done <\${p%cmdline}status
       done 2>/dev/null; sleep 0.02
     done; echo $max`,
  );
  await work.finally(() => lab.server.exec("touch /tmp/enough"));
  return Number(await watching) / 1024;
}

const send = ({ head, body }: { head: string; body: string }) => {
  const wire = new SmtpWire(lab.port(25));
  return wire.deliver("", ana, head, body).finally(() => wire.close());
};

/** A message is judged within bounds. The filter's time for one is the clock's: on a busy machine its sender comes again. */
async function expectBounded(deliver: () => Promise<string>, verdict: RegExp): Promise<void> {
  let before = 0;
  const judged = async () => {
    for (;;) {
      before = await filterSeconds();
      const answer = await deliver();
      if (!/^451 4\.7\.1 timeout/.test(answer)) return answer;
    }
  };
  const answer = judged();
  const peak = await peakDuring(answer);
  expect(await answer).toMatch(verdict);
  expect((await filterSeconds()) - before).toBeLessThan(10);
  expect(peak).toBeLessThan(ownMebibytes + 200);
}

test.each(hostileMessages(messageSizeLimitBytes))("$what", ({ verdict, message }) =>
  expectBounded(() => send(message()), verdict),
);

const submitted = [
  "messages in messages",
  "empty parts",
  "parts in parts",
  "HTML of the largest size",
  "15 MiB of 8-bit text",
  "an attachment of the largest size beside 8-bit text",
];
test.each(hostileMessages(messageSizeLimitBytes).filter(({ what }) => submitted.includes(what)))(
  "$what, from a user over 465",
  async ({ verdict, message }) => {
    const { head, body } = message();
    const raw = `${head.replace(/^From: .*/, `From: ${ana}`)}\r\n\r\n${body}`;
    const client = lab.submission(ana);
    const deliver = () =>
      client
        .sendMail({ envelope: { from: ana, to: ana }, raw })
        .catch((error) => error)
        .then(({ response }) => String(response));
    await expectBounded(deliver, verdict).finally(() => client.close());
  },
);

test("a message that keeps a process at work is refused, others pass meanwhile, and it is not tried again", async () => {
  const before = await filterSeconds();
  const order: string[] = [];
  const slow = send(slowMessage()).then((answer) => order.push(answer));
  await expect.poll(async () => (await filterSeconds()) - before, { interval: 50 }).toBeGreaterThan(1);
  for (const subject of ["first", "second", "third"]) {
    await lab.receive(ana, subject);
    order.push(subject);
  }
  await slow;
  const refusal = expect.stringMatching(/^554 5\.6\.0 .* takes too long/);
  expect(order).toEqual(["first", "second", "third", refusal]);
  expect((await filterSeconds()) - before).toBeLessThan(10);
  for (const subject of ["first", "second", "third"]) {
    await expect.poll(() => lab.subjects(ana)).toContain(subject);
  }
  const between = await filterSeconds();
  expect(await send(slowMessage())).toEqual(refusal);
  expect((await filterSeconds()) - between).toBeLessThan(2);
});

/** The header of a message, once it is there. */
const headerOf = async (folder: string, subject: string): Promise<string> => {
  const session = await lab.imap(ana);
  try {
    await session.mailboxOpen(folder);
    const [uid] = (await session.search({ subject }, { uid: true })) || [];
    if (uid === undefined) return "";
    const message = await session.fetchOne(`${uid}`, { headers: true }, { uid: true });
    return message === false ? "" : String(message.headers);
  } finally {
    await session.logout();
  }
};

test("a text that is too long to be read is delivered with a mark, and every other rule applies to it", async () => {
  const text = "one line of a log\r\n".repeat(readTextBytes / 8);
  const from = (...authors: string[]) => ({
    head: [
      ...authors.map((author) => `From: ${author}`),
      `To: ${ana}`,
      `Subject: a log of ${authors.join()}`,
      `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
      "Message-ID: <1@client.example>",
      "X-Spam-Not-Read: 1 bytes of text",
      "Content-Type: text/plain; charset=utf-8",
    ].join("\r\n"),
    body: text,
  });
  const stranger = "x@client.example";
  expect(await send(from(stranger, ana))).toMatch(/^554 5\.7\.1 From must be/);
  expect(await send(from(stranger))).toMatch(/^250 /);
  expect(await send(from(ana))).toMatch(/^250 /);
  // With the line's end, which SMTP adds.
  const mark = `X-Spam-Not-Read: ${text.length + 2} bytes of text\r\n`;
  await expect.poll(() => headerOf("INBOX", `a log of ${stranger}`)).toContain(mark);
  await expect.poll(() => headerOf("Junk", `a log of ${ana}`)).toContain(mark);
  expect(await headerOf("INBOX", `a log of ${stranger}`)).not.toContain("X-Spam-Not-Read: 1 ");

  const client = lab.submission(ana);
  await client.sendMail({ from: ana, to: ana, subject: "my own log", text });
  client.close();
  await expect.poll(() => headerOf("INBOX", "my own log")).toMatch(/^(?!.*^X-Spam).*^DKIM-Signature:/ms);
});

describe("at the container's limit of memory", () => {
  /** By the first of these files that the host has (cgroup v2, v1): the value behind a name. */
  const counted = async (name: string, files: string): Promise<number> =>
    Number(
      await lab.server.exec(
        `cd /sys/fs/cgroup; cat ${files} 2>/dev/null | sed -n 's/^${name} //p' | head -1`,
      ),
    );
  const ended = () => counted("oom_kill", "memory.events memory/memory.oom_control");
  const limitTo = (bytes: number) =>
    docker("update", "--memory", `${bytes}`, "--memory-swap", `${bytes}`, lab.server.name);

  test("the kernel ends one process of the filter: its sender is asked to come again, and nobody else notices", async () => {
    const session = await lab.imap(ana);
    const held = (await counted("anon", "memory.stat")) || (await counted("total_rss", "memory/memory.stat"));
    const before = await ended();
    await limitTo(held + 120 * 2 ** 20);
    const { message } =
      hostileMessages(messageSizeLimitBytes).find(({ verdict }) => verdict === tooCostly) ?? {};
    if (message === undefined) throw new Error("no such message");
    // It has not been seen before, or else it would be refused unseen.
    const { head, body } = message();
    expect(await send({ head, body: `${body}\r\nanother` })).toMatch(/^451 /);
    expect(await ended()).toBeGreaterThan(before);

    await expect.poll(() => lab.receive(ana, "afterwards").then(() => "taken", String)).toBe("taken");
    await expect.poll(() => lab.subjects(ana)).toContain("afterwards");
    await session.noop();
    expect(session.usable).toBe(true);
    await session.logout();
    await limitTo(4 * 2 ** 30);
  });
});

test("what was delivered can be read: a session that asks for the structure of each message gets it", async () => {
  const session = await lab.imap(ana);
  let count = 0;
  for (const { path } of await session.list()) {
    if ((await session.mailboxOpen(path)).exists === 0) continue;
    count += (await session.fetchAll("1:*", { bodyStructure: true, envelope: true })).length;
  }
  expect(count).toBeGreaterThan(5);
  await session.logout();
});
