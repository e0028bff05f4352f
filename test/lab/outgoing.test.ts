import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { reverseLabels } from "../../records/index.ts";
import { deliverabilityChecks } from "../../verify/checks/deliverability.ts";
import type { NameResolver } from "../../verify/probes/dns.ts";
import { fieldsOf, headerOf, judge } from "../kit/arrived-mail.ts";
import { docker } from "../kit/engine.ts";
import { refusalOf } from "../kit/mail-clients.ts";
import {
  type Correspondent,
  MailNetwork,
  messagesIn,
  type StrangerZone,
  strangerTo,
  submission,
} from "../kit/mail-network.ts";
import { type Letter, ordinaryMail } from "../kit/ordinary-mail.ts";
import { unwantedMail } from "../kit/unwanted-mail.ts";
import { labStack } from "../outputs/lab-stack.ts";

const rules = `require ["vacation", "reject", "enotify"];
if header :contains "subject" "holiday" { vacation :subject "away" "until Monday"; }
elsif header :contains "subject" "unwelcome" { reject "not wanted"; }
elsif header :contains "subject" "notice" { notify :message "a notice" "mailto:ana@two.test"; }
elsif header :contains "subject" "elsewhere" { redirect "ana@two.test"; }
`;
const redirects = `require ["vacation"];
if header :contains "subject" "holiday" { vacation :subject "lia is away" "until Monday"; }
else { redirect "rui@two.test"; }
`;
const household = {
  rui: {},
  rita: { sieve: rules },
  leo: { forward: { to: ["nobody@two.test"], keepCopy: false } },
  maria: {},
};
const limited = (recipientsPerHour: number) => ({
  mailboxes: {
    ...household,
    lia: { recipientsPerHour, sieve: redirects },
    mila: { recipientsPerHour },
    nuno: { recipientsPerHour, forward: { to: ["rui@two.test"], keepCopy: true } },
  },
  aliases: { everybody: ["ana@two.test", "rui@two.test", "rui@one.test"] },
  // Another company at the same server.
  domains: { "three.test": { mailboxes: { rita: { sieve: rules }, leo: household.leo } } },
});

/** Lists that know everybody in the network but the second server, one that refuses to say, and one that nobody answers for. */
const listOf = (name: string, records: Readonly<Record<string, string>>): StrangerZone => ({
  name,
  records: () =>
    Object.entries(records).map(([entry, content]) => ({ name: `${entry}.${name}`, type: "A", content })),
});
const testEntries = {
  "2.0.0.127": "127.0.0.2",
  [reverseLabels("::ffff:7f00:2")]: "127.0.0.2",
};
const lists = [
  listOf("listing.test", {
    ...testEntries,
    "7.113.0.203": "127.0.0.4",
    [reverseLabels("2001:db8::7")]: "127.0.0.10",
  }),
  listOf("clean.test", testEntries),
  listOf("refuses.test", { "2.0.0.127": "127.255.255.254", "7.113.0.203": "127.255.255.254" }),
  { ...listOf("silent.test", {}), silent: true },
  // Its server's address is one where nothing listens on port 25: that of the name server.
  {
    name: "closed.test",
    records: () => [{ name: "closed.test", type: "MX", content: "10 ns1.closed.test." }],
  },
] satisfies StrangerZone[];

let network: MailNetwork;
let one: Correspondent;
let two: Correspondent;
let resolver: NameResolver;

beforeAll(async () => {
  network = await MailNetwork.create({ one: limited(3), two: { mailboxes: { rui: {} } } }, lists);
  ({ one, two } = network);
  await network.run();
  resolver = await network.nameServer();
});
afterAll(() => network.remove());

/** A mailbox of one of the servers. */
const mailboxOf = ({ domain, server }: Correspondent, name: string) => ({
  server,
  user: `${name}@${domain}`,
});

describe("whether others take mail from here, asked from where the server is", () => {
  const checked = async (addresses: readonly string[], tryDomains: string[], blockLists: string[]) => {
    const running = {
      ...labStack,
      containers: { ...labStack.containers, mailServer: one.server.name },
      deliverability: { tryDomains, blockLists },
    };
    const checks = deliverabilityChecks(running, addresses, new DockerEngine());
    return Promise.all(checks.map(async ({ id, run }) => [id, await run()] as const));
  };

  test("port 25: one server that answers is enough; what each said, where none does", async () => {
    expect(await checked(["203.0.113.8"], ["closed.test", "two.test"], [])).toEqual([
      ["outward.25", { status: "ok", seen: "answered for two.test" }],
    ]);
    expect(await checked(["10.0.0.1", "fd00::1"], ["closed.test"], ["listing.test"])).toEqual([]);
    const [[, closed] = []] = await checked(["203.0.113.8"], ["closed.test", "nobody.test"], []);
    expect(closed).toEqual({
      status: "failed",
      seen: expect.stringMatching(
        /^closed\.test: .*\.53\]:25: Connection refused; nobody\.test: .*nobody\.test/,
      ),
      remedy: expect.stringContaining("Ask the provider of the machine to open port 25 outwards"),
    });
  });

  test("block lists: by their test entries those are known that do not answer this server", async () => {
    const all = ["listing.test", "clean.test", "refuses.test", "silent.test"];
    const addresses = ["203.0.113.7", "2001:db8::7", "203.0.113.8", "10.0.0.1"];
    const rest = "; refuses.test, silent.test did not answer this server";
    expect(await checked(addresses, [], all)).toEqual([
      [
        "block-lists.203.0.113.7",
        expect.objectContaining({ status: "failed", seen: `on listing.test: 127.0.0.4${rest}` }),
      ],
      [
        "block-lists.2001:db8::7",
        expect.objectContaining({ status: "failed", seen: `on listing.test: 127.0.0.10${rest}` }),
      ],
      ["block-lists.203.0.113.8", { status: "ok", seen: `not on listing.test, clean.test${rest}` }],
    ]);
    expect(await checked(["203.0.113.8"], [], ["refuses.test"])).toEqual([
      [
        "block-lists.203.0.113.8",
        { status: "ok", seen: "not checked: refuses.test did not answer this server" },
      ],
    ]);
  });
});

async function submit(
  from: Correspondent,
  name: string,
  to: string | string[],
  letter: Letter,
): Promise<void> {
  const transport = await submission(mailboxOf(from, name));
  await transport.sendMail({ from: `${name}@${from.domain}`, to, ...letter });
}

const subjectsOf = async (at: Correspondent, name: string, folder = "INBOX") =>
  (await messagesIn(mailboxOf(at, name), folder)).map(({ subject }) => subject);

async function arrival(at: Correspondent, name: string, subject: string): Promise<Buffer> {
  const find = async () => {
    const messages = await messagesIn(mailboxOf(at, name), "INBOX");
    return messages.find((message) => message.subject === subject)?.source;
  };
  await expect.poll(find, { interval: 300 }).toBeDefined();
  return (await find()) ?? Buffer.alloc(0);
}

const marksOf = (message: Buffer) =>
  headerOf(message)
    .filter(({ name }) => /^x-spam/i.test(name))
    .map(({ name, value }) => `${name}: ${value}`);

async function authentication(message: Buffer, from: Correspondent): Promise<string> {
  const { dkim, dmarc } = await judge(message, from, resolver);
  return [...dkim, `DMARC ${dmarc}`].join(", ");
}
const passes = (domain: string) => `ed1.${domain} pass, rsa1.${domain} pass, DMARC pass`;

/** Rspamd's line for each message that a server has judged. */
async function verdicts({ server }: Correspondent): Promise<string[]> {
  const log = await docker("logs", server.name);
  return log.split("\n").filter((line) => line.includes("rspamd_task_write_log"));
}

/** Those of the messages that a server has delivered to an address; what Postfix logs of them bears the same queue id. */
async function verdictsOfMailTo(address: string, at: Correspondent): Promise<string[]> {
  const log = await docker("logs", at.server.name);
  const ids = new Set(
    [...log.matchAll(/: (\w+): to=<(.*?)>/g)].filter(([, , to]) => to === address).map(([, id]) => id),
  );
  return (await verdicts(at)).filter((line) => ids.has(/ qid: <(\w+)>/.exec(line)?.[1] ?? ""));
}

/** What the server answers to each line of a stranger's session. */
async function session({ server }: Correspondent, lines: readonly string[]): Promise<string[]> {
  const socket = connect(await server.port("25/tcp"), "127.0.0.1");
  let received = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    received += text;
  });
  const answers: string[] = [];
  for (const line of ["", ...lines]) {
    if (line !== "") socket.write(`${line}\r\n`);
    await expect.poll(() => received, { interval: 20 }).toMatch(/^\d{3} .*\r\n$/m);
    answers.push(received.trim());
    received = "";
  }
  socket.destroy();
  return answers.slice(1);
}

describe("ordinary mail", () => {
  beforeAll(async () => {
    const refused: string[] = [];
    const hand = async (from: Correspondent, to: readonly string[], queue: Letter[]) => {
      const transport = await submission(from);
      for (let letter = queue.shift(); letter !== undefined; letter = queue.shift()) {
        const { subject } = letter;
        await transport
          .sendMail({ from: `"Ana Conceição" <${from.user}>`, to: [...to], ...letter })
          .catch((error: Error) => refused.push(`${subject}: ${error.message}`));
      }
    };
    const [out, back] = [[...ordinaryMail], [...ordinaryMail]];
    const both = ["rui@one.test", "rui@two.test"];
    await Promise.all([
      ...[1, 2, 3].map(() => hand(one, both, out)),
      ...[1, 2].map(() => hand(two, ["maria@one.test"], back)),
    ]);
    expect(refused).toEqual([]);
  });

  test.each([
    ["a colleague", () => mailboxOf(one, "rui"), undefined],
    ["another company", () => mailboxOf(two, "rui"), () => one],
    ["somebody to whom the other company writes", () => mailboxOf(one, "maria"), () => two],
  ])("reaches the inbox of %s, unmarked; signed by each key it passes DMARC", async (_, at, from) => {
    const all = ordinaryMail.map(({ subject }) => subject).sort();
    const inJunk = async () => (await messagesIn(at(), "Junk")).map(({ subject }) => subject);
    const arrived = async () => (await messagesIn(at(), "INBOX")).length + (await inJunk()).length;
    await expect.poll(arrived, { interval: 500 }).toBe(all.length);
    expect(await inJunk()).toEqual([]);
    const messages = await messagesIn(at(), "INBOX");
    expect(messages.map(({ subject }) => subject).sort()).toEqual(all);
    // What the receiver itself adds on arrival is not a mark of the sender's.
    const added = from === undefined ? /^$/ : /^X-Spam(?:d-Bar|-Level):/;
    expect(messages.flatMap(({ source }) => marksOf(source)).filter((mark) => !added.test(mark))).toEqual([]);
    const sender = from?.() ?? one;
    const failing = [];
    for (const { subject, source } of messages) {
      const found = await authentication(source, sender);
      if (found !== passes(sender.domain)) failing.push(`${subject}: ${found}`);
    }
    expect(failing).toEqual([]);
  });

  test("scores at most 2 where it is handed in", async () => {
    for (const at of [one, two]) {
      const own = (await verdicts(at)).filter((line) => line.includes(` user: ${at.user}`));
      expect(own.length).toBeGreaterThanOrEqual(ordinaryMail.length);
      expect(own.filter((line) => !/\[(?:-?[01]\.\d\d|2\.00|-\d+\.\d\d)\/15\.00\]/.test(line))).toEqual([]);
    }
  });

  test("costs nothing for its language where it arrives", async () => {
    const arrived = [
      ...(await verdictsOfMailTo("rui@two.test", two)),
      ...(await verdictsOfMailTo("maria@one.test", one)),
    ];
    expect(arrived.length).toBeGreaterThanOrEqual(2 * ordinaryMail.length);
    const costs = arrived.flatMap((line) =>
      [...line.matchAll(/\b(\w*(?:CHARSET|BASE64_TEXT|SCRIPT|ENCODING|UNICODE)\w*)\((-?[\d.]+)\)/g)]
        // One letter has plain English in base64 without need, which is what that rule is for.
        .filter(([, name = "", score]) => Number(score) !== 0 && name !== "MIME_BASE64_TEXT_BOGUS")
        .map(([found]) => found),
    );
    expect(costs).toEqual([]);
  });
});

describe("unwanted mail", () => {
  test("is refused at submission, with the reason, and none arrives", async () => {
    const transport = await submission(mailboxOf(one, "ana"));
    const wrong = [];
    for (const { kind, ...letter } of unwantedMail) {
      const attempt = transport.sendMail({ from: "ana@one.test", to: "ana@two.test", ...letter });
      const answer = await refusalOf(attempt).catch(String);
      if (!/^554 5\.7\.1 your message looks like spam: /.test(answer) || !kind.test(answer)) {
        wrong.push(`${letter.subject}: ${answer}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(await subjectsOf(two, "ana")).toEqual([]);
  });

  test.each(["X", "Y"])("the test text %sJS is refused from a user", async (first) => {
    const text = `${first}JS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X`;
    const attempt = submit(one, "ana", "ana@two.test", { subject: "test text", text });
    expect(await refusalOf(attempt)).toMatch(/^554 5\.7\.1 .*gtube/i);
  });

  test.each(["Y", "Z", "A"])("the test text %sJS lets nothing past the other filters", async (first) => {
    const text = `${first}JS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X`;
    const forged = { from: "rui@one.test", subject: "forged", text };
    const own = (await submission(one)).sendMail({
      ...forged,
      envelope: { from: "ana@one.test", to: "ana@two.test" },
    });
    expect(await refusalOf(own)).toMatch(/From address is not owned/);
    const foreign = (await strangerTo(two)).sendMail({ ...forged, to: "ana@two.test" });
    expect(await refusalOf(foreign)).toMatch(/DMARC policy/);
  });

  test("no mark that a message comes with stays or counts", async () => {
    const headers = { "X-Spam": "Yes", "x-spam-flag": "YES", "X-Spamd-Bar": "++++", "X-SPAM-STATUS": "Yes" };
    await submit(one, "ana", ["ana@two.test", "rui@one.test"], { subject: "own marks", text: "x", headers });
    expect(marksOf(await arrival(one, "rui", "own marks"))).toEqual([]);
    expect(marksOf(await arrival(two, "ana", "own marks"))).toEqual(["X-Spamd-Bar: -"]);
    const text = "YJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
    const envelope = { from: "", to: "ana@two.test" };
    const denies = { "X-Spam": "No", "X-Spam-Flag": "NO" };
    await (await strangerTo(two)).sendMail({
      from: "x@example.net",
      envelope,
      subject: "denies",
      text,
      headers: denies,
    });
    await expect.poll(() => subjectsOf(two, "ana", "Junk")).toEqual(["denies"]);
  });

  test("words that change their script and back count at arrival", async () => {
    await submit(two, "ana", "ana@one.test", {
      subject: "оffiсe",
      text: "pаymеnt of the invоiсe by trаnsfеr",
    });
    await arrival(one, "ana", "оffiсe");
    expect((await verdicts(one)).filter((line) => line.includes("MIXED_SCRIPT_WORDS(5.00)"))).toHaveLength(1);
  });
});

describe("what a server writes itself", () => {
  const written = [
    ["a vacation answer", "holiday", "rita", "away"],
    ["a rejection", "unwelcome", "rita", "Rejected: unwelcome"],
    ["a notice", "notice", "rita", "a notice"],
    ["a bounce", "bounces", "leo", "Undelivered Mail Returned to Sender"],
  ] as const;
  // A bounce is the server's own, whose name is in its first domain.
  test.each([
    ...written.map((row) => [...row, "one.test", "one.test"] as const),
    ...written.map((row) => [...row, "three.test", row[2] === "leo" ? "one.test" : "three.test"] as const),
  ])(
    "%s (%s to %s: %s) at %s has no sender, is signed by each key of %s, and passes DMARC",
    async (...row) => {
      const [, subject, name, answer, domain, author] = row;
      const before = (await subjectsOf(two, "ana")).length;
      await submit(two, "ana", `${name}@${domain}`, { subject: `${subject} at ${domain}`, text: "x" });
      await expect.poll(() => subjectsOf(two, "ana"), { interval: 300 }).toHaveLength(before + 1);
      const { subject: found = "", source: message = Buffer.of() } =
        (await messagesIn(mailboxOf(two, "ana"), "INBOX")).at(-1) ?? {};
      expect(found).toContain(answer);
      expect(fieldsOf(message, "Return-Path")).toEqual(["<>"]);
      expect(fieldsOf(message, "From")[0]).toMatch(new RegExp(`@${author}>?( \\(.*\\))?$`));
      expect(marksOf(message).filter((mark) => mark.startsWith("X-Spam:"))).toEqual([]);
      expect(await authentication(message, one)).toBe(passes(author));
    },
  );

  test("no notice of a delay is sent: its author hears of a message only when it fails", async () => {
    const settings = await one.server.exec(
      "postconf -h delay_warning_time confirm_delay_cleared; postconf -P | grep delay_warning; true",
    );
    expect(settings).toBe("0h\nno");
  });

  test("what a rule redirects keeps its author's signatures, and gets none", async () => {
    await submit(two, "rui", "rita@one.test", { subject: "elsewhere", text: "x" });
    expect(await authentication(await arrival(two, "ana", "elsewhere"), one)).toBe(passes("two.test"));
  });

  test("a report of success is for users", async () => {
    const transport = await submission(one);
    const dsn = {
      id: "x",
      return: "headers" as const,
      notify: ["success" as const],
      recipient: "ana@one.test",
    };
    await transport.sendMail({
      from: "ana@one.test",
      to: "rui@two.test",
      subject: "reported",
      text: "x",
      dsn,
    });
    const report = await arrival(one, "ana", "Successful Mail Delivery Report");
    expect(await authentication(report, one)).toBe(passes("one.test"));
  });
});

describe("to an address that has not proven itself", () => {
  test("port 25 reports no success, whatever the client asks for", async () => {
    const dsn = [
      "MAIL FROM:<ana@two.test> RET=HDRS",
      "MAIL FROM:<ana@two.test>",
      "RCPT TO:<ana@one.test> NOTIFY=SUCCESS",
    ];
    for (const hello of ["EHLO", "HELO"]) {
      const [greeting, ...answers] = await session(one, [`${hello} stranger.test`, ...dsn]);
      expect(greeting).not.toMatch(/DSN/);
      expect(answers.map((answer) => answer.slice(0, 9))).toEqual(["501 5.7.1", "250 2.1.0", "501 5.7.1"]);
    }
  });

  test("nothing is answered", async () => {
    const stranger = await strangerTo(one);
    // It came by another server, so that Junk, where no rule answers, is not its place.
    const Received =
      "from a.example (a.example [192.0.2.1]) by b.example with ESMTPS id 1; Mon, 5 Jan 2026 10:00:00 +0000";
    for (const [subject, name] of [
      ["holiday forged", "rita"],
      ["unwelcome forged", "rita"],
      ["bounces forged", "leo"],
    ] as const) {
      const to = `${name}@one.test`;
      const envelope = { from: "rui@two.test", to };
      await stranger.sendMail({
        from: "x@nowhere.example",
        to,
        envelope,
        subject,
        text: "x",
        headers: { Received },
      });
    }
    expect(fieldsOf(await arrival(one, "rita", "holiday forged"), "Return-Path")).toEqual(["<>"]);
    await expect.poll(() => one.server.exec("postqueue -j")).toBe("");
    const answers = (await messagesIn(mailboxOf(two, "rui"), "INBOX")).filter(({ source }) =>
      fieldsOf(source, "Return-Path").includes("<>"),
    );
    expect(answers.map(({ subject }) => subject)).toEqual([]);
  });

  test.each([
    ["Auto-Submitted", "auto-generated"],
    ["List-Id", "<news.two.test>"],
    ["Precedence", "bulk"],
  ])("nor to what is automatic: %s", async (header, value) => {
    const subject = `holiday ${header}`;
    await submit(two, "rui", "rita@one.test", { subject, text: "x", headers: { [header]: value } });
    await arrival(one, "rita", subject);
    expect(await subjectsOf(two, "rui")).not.toContain("away");
  });
});

describe("a limit of three recipients per hour", () => {
  const waiting = async () => {
    const queue = (await one.server.exec("postqueue -j")).split("\n").filter((line) => line !== "");
    return queue.flatMap((line) => {
      const { recipients } = JSON.parse(line) as { recipients: { address: string; delay_reason?: string }[] };
      return recipients.filter(({ delay_reason }) => delay_reason).map(({ address }) => address);
    });
  };

  test("counts what aliases lead to, and not what is refused for another reason", async () => {
    const gtube = "YJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
    const spam = submit(one, "mila", "everybody@one.test", { subject: "refused", text: gtube });
    expect(await refusalOf(spam)).toMatch(/^554 .*GTUBE/);
    await submit(one, "mila", "everybody@one.test", { subject: "to three", text: "x" });
    const fourth = submit(one, "mila", "rui@one.test", { subject: "fourth", text: "x" });
    expect(await refusalOf(fourth)).toBe(
      "451 4.7.1 this account may send to 3 recipients per hour; try again later",
    );
    const both = submit(one, "mila", ["everybody@one.test", "ana@one.test"], { subject: "four", text: "x" });
    expect(await refusalOf(both)).toBe("554 5.7.1 this account may send to 3 recipients per hour");
  });

  test("counts what is forwarded from the mailbox, and holds the rest off", async () => {
    const stranger = await strangerTo(one);
    const send = (subject: string) =>
      stranger.sendMail({
        from: "x@example.net",
        envelope: { from: "", to: "nuno@one.test" },
        subject,
        text: "x",
      });
    for (const n of [1, 2, 3]) await send(`forwarded ${n}`);
    expect(await refusalOf(send("forwarded 4"))).toBe(
      "451 4.7.1 nuno@one.test may send to 3 recipients per hour; try again later",
    );
    await arrival(two, "rui", "forwarded 3");
  });

  test("counts what a rule redirects; what is over it waits, and nothing is lost or doubled", async () => {
    const subjects = ["redirected 1", "redirected 2", "redirected 3", "redirected 4"];
    for (const subject of subjects) await submit(two, "ana", "lia@one.test", { subject, text: "x" });
    await expect.poll(waiting).toEqual(["lia@one.test"]);
    await submit(two, "ana", "lia@one.test", { subject: "holiday", text: "x" });
    await arrival(one, "lia", "holiday");
    const own = submit(one, "lia", "rui@one.test", { subject: "her own", text: "x" });
    expect(await refusalOf(own)).toMatch(/^451 4\.7\.1 this account may send to 3/);
    expect(await subjectsOf(two, "ana")).not.toContain("lia is away");

    await network.configure({ ...one, also: limited(30) });
    await one.server.exec("postqueue -f");
    await arrival(two, "rui", "redirected 4");
    const redirected = (await subjectsOf(two, "rui")).filter((subject) => subject.startsWith("redirected"));
    expect(redirected.sort()).toEqual(subjects);
    await expect.poll(() => one.server.exec("postqueue -j")).toBe("");
  });
});
