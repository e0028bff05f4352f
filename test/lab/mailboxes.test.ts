import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { weaknesses } from "../../images/mail-server/weak-password.mjs";
import { hashPassword } from "../../provider/password-hash.ts";
import type { HostedMailbox } from "../../servers/mail-server/description.ts";
import { sieveLimits } from "../../servers/mail-server/dovecot.ts";
import { bridgeAddress, docker } from "../kit/engine.ts";
import { IdleConnections } from "../kit/idle-connections.ts";
import { ImapAttempts } from "../kit/imap-attempts.ts";
import { judgedPasswords } from "../kit/judged-passwords.ts";
import { refusalOf } from "../kit/mail-clients.ts";
import { domainOf, MailServerLab, type OpenSession, password } from "../kit/mail-server-lab.ts";
import { ManageSieve } from "../kit/programs/manage-sieve.ts";
import { visible } from "../kit/visible-text.ts";

const name = "vaamonde.pti";
const at = (user: string) => `${user}@${name}`;
const lab = new MailServerLab();

beforeAll(async () => {
  await lab.start();
});
afterAll(() => lab.server.remove());

/** Takes a message from another server. */
const receive = (to: string, subject: string, size = 10) =>
  lab.receive(to, subject, "x".repeat(size).replace(/.{70}/g, "$&\n"));

/** Nobody has ended them. */
function goOn(sessions: readonly OpenSession[]): void {
  expect(sessions.map(({ isOpen }) => isOpen())).toEqual(sessions.map(() => true));
  for (const session of sessions) session.close();
}

const arrives = (user: string, subject: string, folder?: string) =>
  expect.poll(() => lab.subjects(at(user), folder)).toContain(subject);

/**
 * What ana writes before her own address in From, or in fields of her message; "@@" is the first
 * domain's.
 */
const shownAsAnother = [
  '"bia@@"',
  "bia@@",
  '"bia@@ via Support"',
  '"Support <bia@@>"',
  '"BIA@VAAMONDE.PTI"',
  '"bia@vaamonde.pti."',
  "Bia (bia@@)",
  '"bia@\r\n vaamonde.pti"',
  '"bia" "@vaamonde.pti"',
  '"b\\ia@vaamonde.pti"',
  '"bia (x)@vaamonde.pti"',
  '"bia @ vaamonde . pti"',
  "=?utf-8?q?bia=40vaamonde.pti?=",
  '"=?utf-8?q?bia=40vaamonde.pti?="',
  "=?utf-8?q?bia=40?= =?iso-8859-1?b?dmFhbW9uZGUucHRp?=",
  "=?utf-8?q?bia=40?=\r\n =?utf-8?q?vaamonde.pti?=",
  "=?utf-8*pt?q?Bia_=3Cbia=40vaamonde.pti=3E?=",
  "=?utf-7?q?bia+AEA-vaamonde.pti?=",
  "=?utf-16be?b?AGIAaQBhAEAAdgBhAGEAbQBvAG4AZABlAC4AcAB0AGk=?=",
  '"bia＠vaamonde．pti"',
  '"bia﹫vaamonde。pti"',
  '"b\u200bia@vaa\u00admonde.pti"',
  '"\u202eitp.ednomaav@aib"',
  '"bia@\u202eitp.ednomaav"',
  '"bia\u202e@\u202cvaamonde\u202eitp.\u202c"',
  '"bia\u{1d173}@\ufff9vaamonde\u2800.pti"',
  '"𝐛𝐢𝐚@𝐯𝐚𝐚𝐦𝐨𝐧𝐝𝐞.𝐩𝐭𝐢"',
  '"bia@vaamonde\u2024pti"',
  '"bia@vaamonde.pt\u0131"',
  "=?x-unknown?q?bia=40vaamonde.pti?=",
  "=?gb2312?Q?bia=40vaamonde.pti?=",
  "=?iso-2022-jp?B?YmlhQHZhYW1vbmRlLnB0aQ==?=",
  "=?utf-8?b?Ymlh?==?utf-8?b?QHZhYW1vbmRlLnB0aQ==?=",
  "=?utf-8?q?bia =40 vaamonde.pti?=",
  "=?us-ascii?q?=22bia=40vaamonde.pti=22_=3Cbia=40vaamonde.pti=3E?=",
  '"bia@vаamonde.pti"',
  '"bia@@✓"',
  '"“bia@@”"',
  "\"'bia@@'\"",
  '"bia@@—Support"',
  '"bia@@™"',
  '"bia@v\u0430amonde.pti»"',
  '"bia@@\u0085x"',
  "=?utf-8?q?bia=40vaamonde.pti=00x?=",
  "=?utf-8?q?b=01ia=40vaa=01monde.pti?=",
  "\"'ceo@nothing.vaamonde.pti'\"",
  '"ceo@nothing.vaamonde.pti|x"',
  '"rui@café.test🙂"',
  '"bia+x@@"',
  '"whoever@@"',
  '"chefia@@"',
  '"ana@@, bia@@"',
  '"ceo@nothing.vaamonde.pti"',
  '"root@mail.vaamonde.pti"',
  '"rui@xn--caf-dma.test"',
  '"rui@café.test"',
  '"rui@cafe\u0301.test"',
  "From: bia@@, ana@@",
  "From: <bia@@> <ana@@>",
  "From: team: ana@@;",
  "From: <@vaamonde.pti:ana@@>",
  "From: ana@@ (bia@@)",
  "From: (bia@@) ana@@",
  "From: ana@@\r\nSender: bia@@",
  "From: ana@@\r\nSENDER : Bia <bia@@>",
  'From: ana@@\r\nSender: "bia@@" <ana@@>',
  "From: ana@@\r\nSender: =?utf-8?q?bia=40vaamonde.pti?= <x@client.example>",
  "From: ana@@\r\nSender: bia (x) @ vaamonde . pti",
  "From: ana@@\r\nSender: <@a.example:bia@@>",
  "From: ana@@\r\nResent-From: bia@@",
  "From: ana@@\r\nResent-From: ana@@, bia@@",
  "From: ana@@\r\nResent-From: ana@@\r\nResent-Sender: bia@@",
  "From: ana@@\r\nSender: x@client.example\r\nsender: bia@@",
  "From: ana@@\r\nResent-From: ana@@\r\nResent-From: bia@@",
  "From: ana@@\r\nAuthor: bia@@",
  "From: ana@@\r\nX-Sender: bia@@",
];

const shownAsOneself = [
  "Ana",
  "Ana (Company)",
  '"Lima, Ana"',
  "José Lima",
  "=?utf-8?q?Jos=C3=A9?=",
  "ana@@",
  '"ana@@"',
  '"Ana Lima, ana+tag@@"',
  '"vendas@@ via ana@@"',
  '"faturas@@"',
  '"“ana@@”"',
  "\"'ana@@'\"",
  '"✓ ana+tag@@ — Vendas"',
  '"bia@client.example via Support"',
  '"bia@vaamonde.pti.example via Support"',
  '"bia@notvaamonde.pti via Support"',
  '"Ana @ Vaamonde"',
  '"A. Lima (vaamonde.pti)"',
  "=?utf-8?q?Ana_=E2=80=AELima?=",
  "From: ana+x@@ (vendas@@)",
  "From: ana@@\r\nSender: Ana <ana@@>",
  "From: vendas@@\r\nSender: ana+x@@",
  "From: ana@@\r\nResent-From: ana@@\r\nResent-Sender: faturas@@",
  "From: ana@@\r\nReply-To: Bia <bia@@>, team: bia@@;\r\nCc: bia@@",
];

describe("where mail goes", () => {
  const mailboxes: Record<string, Partial<HostedMailbox>> = {
    ana: {},
    bia: { forward: { to: [at("ana")], keepCopy: true } },
    caio: { forward: { to: [at("ana")], keepCopy: false } },
    davi: { subAddressing: false },
    edu: { receives: false },
    full: { quotaBytes: 2000 },
  };
  const aliases = [
    { address: at("d.silva"), targets: [at("davi")] },
    { address: at("fulano"), targets: [at("full")] },
    { address: at("time"), targets: [at("ana"), at("bia"), at("edu")] },
    { address: `@${name}`, targets: [at("davi")] },
  ];
  beforeAll(() => lab.serve([domainOf(name, mailboxes, { aliases })]));

  test("a forward keeps a copy or does not; a catch-all takes only what is nobody's", async () => {
    await receive(at("bia"), "copy");
    await receive(at("caio"), "no copy");
    await receive(at("ana+tag"), "tagged");
    await receive(at("whoever"), "nobody's");
    await receive(at("time"), "all");
    for (const subject of ["copy", "no copy", "tagged", "all"]) await arrives("ana", subject);
    await arrives("bia", "copy");
    await arrives("davi", "nobody's");
    expect(await lab.subjects(at("caio"))).toEqual([]);
    expect(await lab.subjects(at("davi"))).toEqual(["nobody's"]);
  });

  test("a shared address with a full member: the others have it at once, and that one's waits for room", async () => {
    const sieve = `require ["copy", "enotify"];
      if header :contains "subject" "to both" {
        redirect :copy "${at("davi")}";
        notify :message "gaia has mail" "mailto:${at("davi")}";
      }\n`;
    const change = (quotaBytes: number) =>
      lab.serve([
        domainOf(
          name,
          { ...mailboxes, gaia: { quotaBytes, sieve } },
          {
            aliases: [...aliases, { address: at("duas"), targets: [at("ana"), at("gaia")] }],
          },
        ),
      ]);
    await change(2000);
    await receive(at("gaia"), "fills it", 3000);
    await arrives("gaia", "fills it");
    expect(await refusalOf(receive(at("gaia"), "to one alone"))).toMatch(/^552 5\.2\.2 /);
    await receive(at("duas"), "to both");
    await arrives("ana", "to both");
    const queue = async () =>
      (await lab.server.exec("postqueue -j")).split("\n").flatMap((line) => {
        const { recipients = [] } = JSON.parse(line || "{}") as {
          recipients?: { address: string; delay_reason?: string }[];
        };
        return recipients.map(({ address, delay_reason }) => `${address}: ${delay_reason}`);
      });
    await expect
      .poll(queue)
      .toEqual([expect.stringMatching(/^gaia@vaamonde\.pti: .* 452 4\.2\.2 .*[Qq]uota exceeded/)]);
    await lab.server.exec("postqueue -f");
    await expect
      .poll(async () => (await docker("logs", lab.server.name)).match(/to=<gaia@.*status=deferred/g)?.length)
      .toBeGreaterThan(1);
    const atDavi = async () =>
      (await lab.subjects(at("davi"))).filter((subject) => ["to both", "gaia has mail"].includes(subject));
    expect(await atDavi()).toEqual([]);
    await change(1_000_000);
    await lab.server.exec("postqueue -f");
    await arrives("gaia", "to both");
    // Each is a message of its own, and either may come first.
    await expect.poll(async () => (await atDavi()).toSorted()).toEqual(["gaia has mail", "to both"]);
    await expect.poll(() => lab.server.exec("postqueue -j")).toBe("");
    await lab.serve([domainOf(name, mailboxes, { aliases })]);
  });

  test("mail for a new mailbox is delivered from the moment at which it is accepted", async () => {
    // Nobody takes what is for nobody.
    await lab.serve([domainOf(name, mailboxes)]);
    // Dovecot looks at its users' table once a second, at the first question: here it is always asked.
    const lookUp = `doveadm -c /run/maildomain/current/dovecot/dovecot.conf user ${at("ana")}`;
    const asked = lab.server.exec(
      `timeout 60 sh -c 'until [ -e /tmp/enough ]; do ${lookUp} >/dev/null; done'`,
    );
    for (const user of ["new1", "new2", "new3"]) {
      await lab.server.upload(lab.generation([domainOf(name, { ...mailboxes, [user]: {} })]));
      const taken = () => receive(at(user), "the first").then(() => "", String);
      await expect.poll(taken, { interval: 20 }).toBe("");
      await arrives(user, "the first");
    }
    await lab.server.exec("touch /tmp/enough");
    await asked;
    await lab.serve([domainOf(name, mailboxes, { aliases })]);
  });

  test("what was accepted for a mailbox that becomes a shared address is delivered to the one or the other", async () => {
    const both = { ...mailboxes, moves: {} };
    await lab.serve([domainOf(name, both, { aliases })]);
    const alias = { address: at("moves"), targets: [at("ana"), at("davi")] };
    let isOver = false;
    const changing = lab.serve([domainOf(name, mailboxes, { aliases: [...aliases, alias] })]).finally(() => {
      isOver = true;
    });
    let taken = 0;
    for (; !isOver; taken += 1) await receive(at("moves"), "moving");
    await changing;
    const delivered = async () => {
      const archived = await lab.server.exec(
        `/usr/lib/maildomain/server/mailbox-archive export ${at("moves")} 2>/dev/null || true`,
      );
      const moved = (await lab.subjects(at("ana"))).filter((subject) => subject === "moving");
      return [...archived.matchAll(/^Subject: moving$/gm)].length + moved.length;
    };
    await expect.poll(delivered).toBe(taken);
    await expect.poll(() => lab.server.exec("postqueue -j")).toBe("");
    await lab.serve([domainOf(name, mailboxes, { aliases })]);
  });

  test("what is refused, with the answer", async () => {
    await receive(at("full"), "fits still", 3000);
    await arrives("full", "fits still");
    const answers = [];
    for (const to of ["davi+x", "d.silva+x", "edu", "edu+x", "full", "fulano"]) {
      answers.push(`${to}: ${await refusalOf(receive(at(to), "refused"))}`);
    }
    expect(answers.join("\n")).toMatchInlineSnapshot(`
      "davi+x: 550 5.1.1 <davi+x@vaamonde.pti>: Recipient address rejected: There is no such address
      d.silva+x: 550 5.1.1 <d.silva+x@vaamonde.pti>: Recipient address rejected: There is no such address
      edu: 550 5.2.1 <edu@vaamonde.pti>: Recipient address rejected: This mailbox takes no mail
      edu+x: 550 5.2.1 <edu+x@vaamonde.pti>: Recipient address rejected: This mailbox takes no mail
      full: 552 5.2.2 <full@vaamonde.pti>: Recipient address rejected: Mailbox is full
      fulano: 552 5.2.2 <fulano@vaamonde.pti>: Recipient address rejected: Mailbox is full"
    `);
    await expect.poll(() => lab.server.exec("postqueue -j")).toBe("");
  });

  test("whether there is room is plain for most mailboxes; where it is not, or nobody says, Dovecot is asked", async () => {
    const roomy = (quotaBytes: number) =>
      lab.serve([
        domainOf(
          name,
          { ...mailboxes, roomy: { quotaBytes } },
          { aliases: [...aliases, { address: at("r.y"), targets: [at("roomy")] }] },
        ),
      ]);
    const ask = `use IO::Socket::UNIX;
      my $room = IO::Socket::UNIX->new(Peer => "/run/room/question") or die $!;
      for (@ARGV) {
        my ($recipient, $size) = split " ";
        print $room "request=smtpd_access_policy\nrecipient=$recipient\nsize=$size\n\n";
        my ($answer) = (scalar <$room>, scalar <$room>);
        print "$_: ", $answer =~ s/^action=//r;
      }`;
    const answers = (...questions: string[]) =>
      docker(
        "exec",
        lab.server.name,
        "perl",
        "-e",
        ask,
        ...questions.map((question) => question.replace(" ", `@${name} `)),
      );
    const counted = `/var/mail/v/${name}/roomy/Maildir/maildirsize`;

    await roomy(100_000);
    await receive(at("roomy"), "some of it", 40_000);
    await arrives("roomy", "some of it");
    const its = ["roomy 50000", "roomy+x 50000", "Roomy 50000", "r.y 50000", "roomy 70000"];
    const others = ["ana 9999999", "full 10", "fulano 10", "time 10", "nobody 10"];
    expect(await answers(...its, ...others)).toMatchInlineSnapshot(`
      "roomy@vaamonde.pti 50000: DUNNO
      roomy+x@vaamonde.pti 50000: DUNNO
      Roomy@vaamonde.pti 50000: DUNNO
      r.y@vaamonde.pti 50000: DUNNO
      roomy@vaamonde.pti 70000: quota_status
      ana@vaamonde.pti 9999999: DUNNO
      full@vaamonde.pti 10: quota_status
      fulano@vaamonde.pti 10: quota_status
      time@vaamonde.pti 10: quota_status
      nobody@vaamonde.pti 10: quota_status"
    `);
    await lab.server.exec(`printf 'not Dovecot\\n' >>${counted}`);
    expect(await answers("roomy 10")).toMatch(/: quota_status$/);
    await receive(at("roomy"), "counted again");
    await arrives("roomy", "counted again");
    expect(await answers("roomy 10")).toMatch(/: DUNNO$/);
    // What Dovecot has counted by another limit says nothing of this one.
    await roomy(1_000_000);
    expect(await answers("roomy 10")).toMatch(/: quota_status$/);
    await roomy(1000);
    expect(await refusalOf(receive(at("roomy"), "too full"))).toMatch(/^552 5\.2\.2 /);
    await lab.server.exec("s6-svc -p /run/service/mailbox-room");
    expect(await refusalOf(receive(at("roomy"), "no room"))).toMatch(/^552 5\.2\.2 /);
    await receive(at("ana"), "nobody says");
    await lab.server.exec("s6-svc -c /run/service/mailbox-room");
    await arrives("ana", "nobody says");
  });
});

describe("who may log in", () => {
  const all: Record<string, Partial<HostedMailbox>> = { ana: {}, bia: {}, caio: {} };
  const serve = (changes: Record<string, Partial<HostedMailbox>>) =>
    lab.serve([domainOf(name, { ...all, ...changes })]);

  /** What each protocol says to a user with the right password. */
  async function doors(user: string, pass = password): Promise<string> {
    const sieve = await ManageSieve.connect(lab.port(4190));
    await sieve.startTls();
    const transport = lab.submission(at(user), pass);
    const attempts = [
      ["imap", lab.imap(at(user), pass).then((client) => client.logout())],
      ["pop3", lab.maildrop(at(user), pass).then(({ close }) => close())],
      ["submission", transport.verify()],
      [
        "sieve",
        sieve.logIn(at(user), pass).then((answer) => (answer.startsWith("OK") ? 0 : Promise.reject())),
      ],
    ] as const;
    const open = await Promise.allSettled(attempts.map(([, attempt]) => attempt));
    sieve.close();
    transport.close();
    return attempts.flatMap(([protocol], n) => (open[n]?.status === "fulfilled" ? [protocol] : [])).join(" ");
  }

  test("every protocol, or those that are declared", async () => {
    await serve({ bia: { protocols: ["imap"] }, caio: { protocols: ["pop3", "submission", "sieve"] } });
    expect(await Promise.all(["ana", "bia", "caio"].map((user) => doors(user)))).toEqual([
      "imap pop3 submission sieve",
      "imap",
      "pop3 submission sieve",
    ]);
  });

  test.each([
    ["suspended", { bia: { protocols: [] } }],
    ["removed", {}],
  ])("who is %s is out at once, and nobody else", async (what, changes) => {
    await serve({});
    const [others, ended] = [await lab.everySession(at("ana")), await lab.everySession(at("bia"))];
    if (what === "removed") {
      await lab.serve([domainOf(name, { ana: {}, caio: {} })]);
    } else {
      await serve(changes);
    }
    for (const session of ended) await session.closed;
    expect(await doors("bia")).toBe("");
    goOn(others);
    if (what === "removed") return;
    await receive(at("bia"), "while suspended");
    await serve({});
    await arrives("bia", "while suspended");
  });

  test("an app password opens the doors until it ends, and then closes what it opened", async () => {
    const phone = "only for the phone";
    const old = "only for the old one";
    lab.hashes[`${at("ana")}/phone`] = await hashPassword(phone);
    lab.hashes[`${at("ana")}/old`] = await hashPassword(old);
    await serve({ ana: { appPasswords: [{ name: "phone" }, { name: "old", expires: "2026-01-01" }] } });
    expect([await doors("ana"), await doors("ana", phone), await doors("ana", old)]).toEqual([
      "imap pop3 submission sieve",
      "imap pop3 submission sieve",
      "",
    ]);
    const session = await lab.imap(at("ana"), phone);
    const closed = new Promise((resolve) => session.on("close", resolve));
    // The moment comes: the file says so, as it will by itself on the day.
    const ended =
      "sed -i s/:phone:0:/:phone:$(($(date +%s) + 3)):/ /run/maildomain/current/dovecot/app-passwords";
    await lab.server.exec(`${ended} && /usr/lib/maildomain/server/apply-accounts`);
    expect(await lab.logsIn(at("ana"), phone)).toBe(true);
    await closed;
    expect(await lab.logsIn(at("ana"), phone)).toBe(false);
    expect(await lab.logsIn(at("ana"))).toBe(true);
  });
});

describe("a user's own password", () => {
  const own = "chosen by the user";
  const app = "only for the phone";
  const domains = [domainOf(name, { ana: { appPasswords: [{ name: "phone" }] }, bia: {} })];
  const change = (...words: string[]) =>
    lab.server.exec(
      `printf '%s\\n' ${words.map((word) => `'${word}'`).join(" ")} | maildomain-password ${at("ana")} 2>&1 || true`,
    );
  beforeAll(async () => {
    lab.hashes[`${at("ana")}/phone`] = await hashPassword(app);
    await lab.serve(domains);
  });

  test("is refused with the reason", async () => {
    const wrong = "The address or the password is wrong.";
    expect(await change("not the password", own)).toBe(wrong);
    expect(await change(app, own)).toBe(wrong);
    expect(await change(password, "short")).toMatch(/too short: 12 characters/);
    expect(await change(password, password)).toMatch(/the present one/);
    expect(await lab.server.exec("echo x | maildomain-password nobody@vaamonde.pti 2>&1 || true")).toBe(
      wrong,
    );
  });

  test("is refused where it is weak, with one reason, by the rule that judges declared ones", async () => {
    await lab.serve(domains, { names: { [at("ana")]: "Ana Lima Santos" } });
    expect(await change(password, "L1m4-Santos-2024!")).toBe(
      "The new password is built from the user's or the domain's name: use another one.",
    );
    expect(await change(password, "565 565 565 565")).toMatch(/one part that is repeated/);
    expect(await change(password, "V44m0nde.1990!")).toMatch(/the domain's name/);
    const judge = ({ password, names }: (typeof judgedPasswords)[number]) => {
      const input = Buffer.from([password, ...names].join("\n")).toString("base64");
      return lab.server.exec(`echo ${input} | base64 -d | /usr/lib/maildomain/server/judge-password`);
    };
    for (const judged of judgedPasswords) {
      expect([judged.password, await judge(judged)]).toEqual([
        judged.password,
        judged.weakness === undefined ? "" : weaknesses[judged.weakness],
      ]);
    }
  });

  test("counts at once, and closes what the old one has opened; no later generation takes it back", async () => {
    const [others, ended] = [await lab.everySession(at("bia")), await lab.everySession(at("ana"))];
    expect(await change(password, own)).toBe("The new password is in force.");
    for (const session of ended) await session.closed;
    expect([await lab.logsIn(at("ana"), own), await lab.logsIn(at("ana"))]).toEqual([true, false]);
    goOn(others);
    await lab.serve([domainOf(name, { ana: { quotaBytes: 10_000_000 }, bia: {}, caio: {} })]);
    expect([await lab.logsIn(at("ana"), own), await lab.logsIn(at("ana"))]).toEqual([true, false]);
    await lab.server
      .exec("cat /var/mail/v/.maildomain/passwords")
      .then((text) => expect(text).not.toContain(own));
  });

  test("until another is declared, which closes the sessions of the old one", async () => {
    const [others, ended] = [await lab.everySession(at("bia")), await lab.everySession(at("ana"), own)];
    lab.hashes[at("ana")] = await hashPassword("declared again");
    await lab.serve(domains);
    for (const session of ended) await session.closed;
    goOn(others);
    expect([await lab.logsIn(at("ana"), own), await lab.logsIn(at("ana"), "declared again")]).toEqual([
      false,
      true,
    ]);
    lab.hashes[at("ana")] = await hashPassword(password);
    await lab.serve(domains);
    expect(await lab.logsIn(at("ana"))).toBe(true);
  });

  test("is forgotten on demand", async () => {
    await change(password, own);
    await lab.server.exec(`maildomain-password --reset ${at("ana")}`);
    expect([await lab.logsIn(at("ana"), own), await lab.logsIn(at("ana"))]).toEqual([false, true]);
  });
});

describe("who may send as whom", () => {
  const aliases = [
    { address: at("vendas"), targets: [at("ana"), at("bia")] },
    { address: at("chefia"), targets: [at("bia")], membersMaySend: false },
    { address: `@${name}`, targets: [at("bia")] },
  ];
  const mailboxes = {
    ana: { sendAs: [at("faturas")] },
    bia: {},
    caio: { sendAs: [`@${name}`] },
    davi: { recipientsPerHour: 3 },
  };
  beforeAll(() =>
    lab.serve([domainOf(name, mailboxes, { aliases }), domainOf("xn--caf-dma.test", { rui: {} })]),
  );

  async function send(
    user: string,
    from: string,
    lines: readonly string[],
    to: string[] = [at("ana")],
  ): Promise<string> {
    const transport = lab.submission(at(user));
    const raw = [...lines, `To: ${to.join(", ")}`, "Subject: as whom", "", "x"].join("\r\n");
    try {
      await transport.sendMail({ envelope: { from, to }, raw });
      return "sent";
    } catch (error) {
      return error instanceof Error && "response" in error ? String(error.response) : String(error);
    } finally {
      transport.close();
    }
  }

  test("envelope and From are compared with the login", async () => {
    const table: [user: string, envelope: string, ...from: string[]][] = [
      ["ana", at("ana"), at("ana")],
      ["ana", at("ana+x"), at("ana+x")],
      ["ana", at("vendas"), at("vendas")],
      ["ana", at("faturas"), at("faturas")],
      ["ana", at("bia"), at("ana")],
      ["ana", at("ana"), at("bia")],
      ["ana", "", at("ana")],
      ["ana", "", at("bia")],
      ["ana", at("ana"), at("ana"), at("bia")],
      ["ana", at("ana"), `${at("ana")}, ${at("bia")}`],
      ["ana", at("ana"), "ana@example.net"],
      ["ana", at("ana")],
      ["bia", at("bia"), at("chefia")],
      ["bia", at("bia"), at("whoever")],
      ["caio", at("whoever"), at("whoever")],
      ["caio", at("caio"), at("ana")],
    ];
    const reported = [];
    for (const [user, envelope, ...from] of table) {
      const answer = await send(
        user,
        envelope,
        from.map((address) => `From: ${address}`),
      );
      reported.push(
        `${user} <${envelope}> From: ${from.join(" From: ")} | ${answer}`.replaceAll(`@${name}`, ""),
      );
    }
    expect(reported.join("\n")).toMatchInlineSnapshot(`
      "ana <ana> From: ana | sent
      ana <ana+x> From: ana+x | sent
      ana <vendas> From: vendas | sent
      ana <faturas> From: faturas | sent
      ana <bia> From: ana | 553 5.7.1 <bia>: Sender address rejected: not owned by user ana
      ana <ana> From: bia | 554 5.7.1 From address is not owned by this login
      ana <> From: ana | sent
      ana <> From: bia | 554 5.7.1 From address is not owned by this login
      ana <ana> From: ana From: bia | 554 5.7.1 exactly one From address is required
      ana <ana> From: ana, bia | 554 5.7.1 exactly one From address is required: it has more than one address, or a name without brackets around the address
      ana <ana> From: ana@example.net | 554 5.7.1 From address is not owned by this login
      ana <ana> From:  | 554 5.7.1 exactly one From address is required
      bia <bia> From: chefia | 554 5.7.1 From address is not owned by this login
      bia <bia> From: whoever | 554 5.7.1 From address is not owned by this login
      caio <whoever> From: whoever | sent
      caio <caio> From: ana | 554 5.7.1 From address is not owned by this login"
    `);
  });

  test("names of header fields are compared without regard to case, and a signature is made all the same", async () => {
    const reported = [];
    for (const fields of [
      ["from: A"],
      ["FROM: A"],
      ["fRoM:", " A"],
      ["To: A", "From : A"],
      ["from: B"],
      ["FROM: A", "from: A"],
      ["From: A", "fRoM:", " A"],
      ["FROM : B"],
      ["From: A", "To: A", "FROM : A"],
    ]) {
      const lines = fields.map((field) => field.replaceAll("A", at("ana")).replaceAll("B", at("bia")));
      reported.push(`${fields.join(" | ")} → ${await send("ana", at("ana"), lines)}`);
    }
    expect(reported.join("\n")).toMatchInlineSnapshot(`
      "from: A → sent
      FROM: A → sent
      fRoM: |  A → sent
      To: A | From : A → sent
      from: B → 554 5.7.1 From address is not owned by this login
      FROM: A | from: A → 554 5.7.1 exactly one From address is required
      From: A | fRoM: |  A → 554 5.7.1 exactly one From address is required
      FROM : B → 554 5.7.1 From address is not owned by this login
      From: A | To: A | FROM : A → 554 5.7.1 exactly one From address is required"
    `);
    const stored = await lab.server.exec(
      `grep -l '^FROM: ${at("ana")}' -r /var/mail/v/${name}/ana/Maildir | head -1 | xargs cat`,
    );
    expect(stored).toMatch(new RegExp(`^DKIM-Signature: .*d=${name.replace(".", "\\.")};`, "m"));
  });

  test("nobody is shown as another here: in no field, however it is written", async () => {
    let wire = lab.submission(at("ana"));
    let refusals = 0;
    const fate = async (fields: string) => {
      // After ten refusals in one session Postfix makes its client wait.
      if (refusals === 9) {
        wire.close();
        wire = lab.submission(at("ana"));
        refusals = 0;
      }
      const raw = Buffer.from(`${fields}\r\nTo: ${at("ana")}\r\n\r\nx`);
      const answer = wire.sendMail({ envelope: { from: at("ana"), to: at("ana") }, raw });
      return answer.then(
        () => "sent",
        (error: { response?: string }) => {
          refusals += 1;
          return `${error.response}`;
        },
      );
    };
    const full = (form: string) =>
      (/^From:/.test(form) ? form : `From: ${form} <ana@@>`).replaceAll("@@", `@${name}`);
    const refused = [];
    for (const form of shownAsAnother) refused.push(`${visible(form)} ${await fate(full(form))}`);
    expect(refused.filter((line) => line.endsWith(" sent"))).toEqual([]);
    expect(refused.join("\n").replaceAll(`@${name}`, "@")).toMatchInlineSnapshot(`
      ""\\"bia@@\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "bia@@" 554 5.7.1 exactly one From address is required: it has more than one address, or a name that needs quotes
      "\\"bia@@ via Support\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"Support <bia@@>\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"BIA@VAAMONDE.PTI\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia@.\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "Bia (bia@@)" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia@\\r\\n vaamonde.pti\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia\\" \\"@\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"b\\\\ia@\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia (x)@\\"" 554 5.7.1 From shows @, which is not owned by this login
      "\\"bia @ vaamonde . pti\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "=?utf-8?q?bia=40vaamonde.pti?=" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"=?utf-8?q?bia=40vaamonde.pti?=\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "=?utf-8?q?bia=40?= =?iso-8859-1?b?dmFhbW9uZGUucHRp?=" 554 5.7.1 From shows bia@, which is not owned by this login
      "=?utf-8?q?bia=40?=\\r\\n =?utf-8?q?vaamonde.pti?=" 554 5.7.1 From shows bia@, which is not owned by this login
      "=?utf-8*pt?q?Bia_=3Cbia=40vaamonde.pti=3E?=" 554 5.7.1 From shows bia@, which is not owned by this login
      "=?utf-7?q?bia+AEA-vaamonde.pti?=" 554 5.7.1 From shows bia@, which is not owned by this login
      "=?utf-16be?b?AGIAaQBhAEAAdgBhAGEAbQBvAG4AZABlAC4AcAB0AGk=?=" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia\\uff20vaamonde\\uff0epti\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia\\ufe6bvaamonde\\u3002pti\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"b\\u200bia@vaa\\u00admonde.pti\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"\\u202eitp.ednomaav@aib\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia@\\u202eitp.ednomaav\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia\\u202e@\\u202cvaamonde\\u202eitp.\\u202c\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia\\ud834\\udd73@\\ufff9vaamonde\\u2800.pti\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"\\ud835\\udc1b\\ud835\\udc22\\ud835\\udc1a@\\ud835\\udc2f\\ud835\\udc1a\\ud835\\udc1a\\ud835\\udc26\\ud835\\udc28\\ud835\\udc27\\ud835\\udc1d\\ud835\\udc1e.\\ud835\\udc29\\ud835\\udc2d\\ud835\\udc22\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia@vaamonde\\u2024pti\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia@vaamonde.pt\\u0131\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "=?x-unknown?q?bia=40vaamonde.pti?=" 554 5.7.1 From shows bia@, which is not owned by this login
      "=?gb2312?Q?bia=40vaamonde.pti?=" 554 5.7.1 From shows bia@, which is not owned by this login
      "=?iso-2022-jp?B?YmlhQHZhYW1vbmRlLnB0aQ==?=" 554 5.7.1 From shows bia@, which is not owned by this login
      "=?utf-8?b?Ymlh?==?utf-8?b?QHZhYW1vbmRlLnB0aQ==?=" 554 5.7.1 From shows bia@, which is not owned by this login
      "=?utf-8?q?bia =40 vaamonde.pti?=" 554 5.7.1 From shows bia@, which is not owned by this login
      "=?us-ascii?q?=22bia=40vaamonde.pti=22_=3Cbia=40vaamonde.pti=3E?=" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia@v\\u0430amonde.pti\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia@@\\u2713\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"\\u201cbia@@\\u201d\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"'bia@@'\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia@@\\u2014Support\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia@@\\u2122\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia@v\\u0430amonde.pti\\u00bb\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"bia@@\\u0085x\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "=?utf-8?q?bia=40vaamonde.pti=00x?=" 554 5.7.1 From shows bia@, which is not owned by this login
      "=?utf-8?q?b=01ia=40vaa=01monde.pti?=" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"'ceo@nothing.vaamonde.pti'\\"" 554 5.7.1 From shows ceo@nothing.vaamonde.pti, which is not owned by this login
      "\\"ceo@nothing.vaamonde.pti|x\\"" 554 5.7.1 From shows ceo@nothing.vaamonde.pti, which is not owned by this login
      "\\"rui@caf\\u00e9.test\\ud83d\\ude42\\"" 554 5.7.1 From shows rui@caf??.test, which is not owned by this login
      "\\"bia+x@@\\"" 554 5.7.1 From shows bia+x@, which is not owned by this login
      "\\"whoever@@\\"" 554 5.7.1 From shows whoever@, which is not owned by this login
      "\\"chefia@@\\"" 554 5.7.1 From shows chefia@, which is not owned by this login
      "\\"ana@@, bia@@\\"" 554 5.7.1 From shows bia@, which is not owned by this login
      "\\"ceo@nothing.vaamonde.pti\\"" 554 5.7.1 From shows ceo@nothing.vaamonde.pti, which is not owned by this login
      "\\"root@mail.vaamonde.pti\\"" 554 5.7.1 From shows root@mail.vaamonde.pti, which is not owned by this login
      "\\"rui@xn--caf-dma.test\\"" 554 5.7.1 From shows rui@xn--caf-dma.test, which is not owned by this login
      "\\"rui@caf\\u00e9.test\\"" 554 5.7.1 From shows rui@caf??.test, which is not owned by this login
      "\\"rui@cafe\\u0301.test\\"" 554 5.7.1 From shows rui@caf??.test, which is not owned by this login
      "From: bia@@, ana@@" 554 5.7.1 exactly one From address is required: it has more than one address, or a name without brackets around the address
      "From: <bia@@> <ana@@>" 554 5.7.1 exactly one From address is required: it has more than one address, or brackets that do not match
      "From: team: ana@@;" 554 5.7.1 exactly one From address is required: an address has no domain, or a name needs quotes
      "From: <@:ana@@>" 554 5.7.1 exactly one From address is required: an address has no local part
      "From: ana@@ (bia@@)" 554 5.7.1 From shows bia@, which is not owned by this login
      "From: (bia@@) ana@@" 554 5.7.1 From shows bia@, which is not owned by this login
      "From: ana@@\\r\\nSender: bia@@" 554 5.7.1 Sender shows bia@, which is not owned by this login
      "From: ana@@\\r\\nSENDER : Bia <bia@@>" 554 5.7.1 Sender shows bia@, which is not owned by this login
      "From: ana@@\\r\\nSender: \\"bia@@\\" <ana@@>" 554 5.7.1 Sender shows bia@, which is not owned by this login
      "From: ana@@\\r\\nSender: =?utf-8?q?bia=40vaamonde.pti?= <x@client.example>" 554 5.7.1 Sender shows bia@, which is not owned by this login
      "From: ana@@\\r\\nSender: bia (x) @ vaamonde . pti" 554 5.7.1 Sender shows @, which is not owned by this login
      "From: ana@@\\r\\nSender: <@a.example:bia@@>" 554 5.7.1 Sender shows bia@, which is not owned by this login
      "From: ana@@\\r\\nResent-From: bia@@" 554 5.7.1 Resent-From shows bia@, which is not owned by this login
      "From: ana@@\\r\\nResent-From: ana@@, bia@@" 554 5.7.1 Resent-From shows bia@, which is not owned by this login
      "From: ana@@\\r\\nResent-From: ana@@\\r\\nResent-Sender: bia@@" 554 5.7.1 Resent-Sender shows bia@, which is not owned by this login
      "From: ana@@\\r\\nSender: x@client.example\\r\\nsender: bia@@" 554 5.7.1 Sender shows bia@, which is not owned by this login
      "From: ana@@\\r\\nResent-From: ana@@\\r\\nResent-From: bia@@" 554 5.7.1 Resent-From shows bia@, which is not owned by this login
      "From: ana@@\\r\\nAuthor: bia@@" 554 5.7.1 Author shows bia@, which is not owned by this login
      "From: ana@@\\r\\nX-Sender: bia@@" 554 5.7.1 X-Sender shows bia@, which is not owned by this login"
    `);
    const sent = [];
    for (const form of shownAsOneself) sent.push(`${visible(form)} ${await fate(full(form))}`);
    expect(sent.filter((line) => !line.endsWith(" sent"))).toEqual([]);
    wire.close();
  });

  test("no more recipients per hour than declared", async () => {
    const from = [`From: ${at("davi")}`];
    const answers = [
      await send("davi", at("davi"), from, [at("ana"), at("bia"), at("caio"), at("vendas")]),
      await send("davi", at("davi"), from, [at("ana"), at("bia")]),
      await send("davi", at("davi"), from, [at("ana"), at("bia")]),
      await send("davi", at("davi"), from),
      await send("ana", at("ana"), [`From: ${at("ana")}`]),
    ];
    expect(answers.join("\n")).toMatchInlineSnapshot(`
      "554 5.7.1 this account may send to 3 recipients per hour
      sent
      451 4.7.1 this account may send to 3 recipients per hour; try again later
      sent
      sent"
    `);
  });
});

test("a mailbox's own rules are limited in size and number, and in what they do to a message, which is kept then", async () => {
  await lab.serve([domainOf(name, { gil: {}, hugo: {} })]);
  const client = await ManageSieve.connect(lab.port(4190));
  await client.startTls();
  await client.logIn(at("gil"), password);
  const store = (own: string, script: string) =>
    client.ask(`PUTSCRIPT "${own}" {${Buffer.byteLength(script)}+}\r\n${script}`);
  const ofSize = (bytes: number) => `keep;\n#${"x".repeat(bytes - 8)}\n`;
  const { scripts, scriptBytes, storageBytes, redirects, actions } = sieveLimits;
  expect(await store("large", ofSize(scriptBytes + 1))).toMatch(/^NO /);
  const fitting = Math.floor(storageBytes / scriptBytes);
  for (let n = 0; n < fitting - 1; n += 1)
    expect(await store(`l${n}`, ofSize(scriptBytes - 1000))).toMatch(/^OK/);
  for (let n = 0; n < 2; n += 1) await store(`m${n}`, ofSize(scriptBytes - 1000));
  expect(await store("over", ofSize(scriptBytes - 1000))).toMatch(/^NO \(QUOTA/);
  const all = [...Array.from({ length: fitting - 1 }, (_, n) => `l${n}`), "m0", "m1"];
  for (const each of all) await client.ask(`DELETESCRIPT "${each}"`);
  for (let n = 0; n < scripts; n += 1) expect(await store(`s${n}`, "keep;\n")).toMatch(/^OK/);
  expect(await store("one-more", "keep;\n")).toMatch(/^NO \(QUOTA/);
  await client.ask('DELETESCRIPT "s0"');

  const many = (count: number, one: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => one(n)).join("");
  const tooMuch = {
    redirects: many(redirects + 1, (n) => `redirect "${at(`hugo+${n}`)}";\n`),
    actions: `require ["fileinto", "mailbox"];\n${many(actions + 1, (n) => `fileinto :create "F${n}";\n`)}`,
  };
  for (const [subject, script] of Object.entries(tooMuch)) {
    expect(await client.activate(script)).toMatch(/^(?:OK|NO )/);
    await receive(at("gil"), subject);
    await arrives("gil", subject);
  }
  expect(await lab.subjects(at("hugo"))).toEqual([]);
  client.close();
});

describe("rules", () => {
  const declared =
    'require ["fileinto", "mailbox", "regex"];\nif header :regex "subject" "bolet[i]m" { fileinto :create "Boletins"; stop; }\n';
  beforeAll(() => lab.serve([domainOf(name, { ana: { sieve: declared }, bia: {}, caio: {} })]));

  test("spam goes to Junk, declared rules come next, and the user's own last", async () => {
    const clear = await ManageSieve.connect(lab.port(4190));
    expect(await clear.logIn(at("ana"), password)).toMatch(/^NO /);
    clear.close();
    const client = await ManageSieve.connect(lab.port(4190));
    expect(await client.startTls()).toMatch(/"SASL" "PLAIN/);
    expect(await client.logIn(at("ana"), password)).toMatch(/^OK/);
    expect(await client.activate("no such command;")).toMatch(/^NO /);
    const expression = 'require "regex";\nif header :regex "subject" "(a*)(a*)\\\\1\\\\2b" { stop; }\n';
    expect(await client.activate(expression)).toMatch(/^NO /);
    const script = `require ["fileinto", "mailbox", "vacation"];
      if header :contains "subject" "to bia" { redirect "${at("bia")}"; }
      elsif header :contains "subject" "holiday" { vacation :subject "away" "until Monday"; }
      elsif header :contains "subject" "projeto" { fileinto :create "Projetos"; }\n`;
    expect(await client.activate(script)).toMatch(/^OK/);
    client.close();
    for (const subject of ["boletim", "projeto", "to bia"]) await receive(at("ana"), subject);
    await arrives("ana", "boletim", "Boletins");
    await arrives("ana", "projeto", "Projetos");
    await arrives("bia", "to bia");
    const gtube = "YJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
    await lab.receive(at("ana"), "spam", gtube);
    await arrives("ana", "spam", "Junk");
    const colleague = lab.submission(at("caio"));
    await colleague.sendMail({ from: at("caio"), to: at("ana"), subject: "holiday?", text: "x" });
    colleague.close();
    await arrives("caio", "away");
  });

  test("a session sees by a folder's status what rules file there, and is not promised to hear of it", async () => {
    const session = await lab.imap(at("ana"));
    const count = async () => {
      const status = await session.status("Boletins", { messages: true });
      return status ? (status.messages ?? 0) : 0;
    };
    expect([...session.capabilities.keys()]).toEqual(expect.arrayContaining(["IDLE", "LIST-STATUS"]));
    expect(session.capabilities.has("NOTIFY")).toBe(false);
    for (let held = await count(), more = 1; more <= 5; more += 1) {
      await receive(at("ana"), "boletim");
      await expect.poll(count, { interval: 20 }).toBe(held + more);
    }
    await session.logout();
  });

  test("a rule answers and notifies in its user's own names alone, and nothing answers it", async () => {
    const client = await ManageSieve.connect(lab.port(4190));
    await client.startTls();
    await client.logIn(at("ana"), password);
    const other = (subject: string, from: string, more = "") =>
      `if header :contains "subject" "${subject}" { vacation ${more} :from "${from}" :subject "${subject} away" "x"; }\n`;
    const inserted = "text:\nFrom: caio@vaamonde.pti\nContent-Type: text/plain\n\nx\n.\n";
    const script = `require ["vacation", "enotify"];
      ${other("own", at("ana+x"))}${other("colleague", at("bia"))}${other("stranger", "ceo@example.net")}
      if header :contains "subject" "second" { vacation :mime :subject "second away" ${inserted}; }
      if header :contains "subject" "notice" { notify :from "${at("bia")}" :message "notice away" "mailto:${at("caio")}"; }\n`;
    expect(await client.activate(script)).toMatch(/^OK/);
    client.close();
    const colleague = lab.submission(at("caio"));
    for (const subject of ["colleague", "stranger", "second", "notice", "own"]) {
      await colleague.sendMail({ from: at("caio"), to: at("ana"), subject, text: "x" });
      await arrives("ana", subject);
    }
    colleague.close();
    await arrives("caio", "own away");
    expect((await lab.subjects(at("caio"))).filter((subject) => /away$/.test(subject))).toEqual([
      "away",
      "own away",
    ]);
    const answer = await lab.server.exec(
      `grep -l 'Subject: own away' -r /var/mail/v/${name}/caio/Maildir | head -1 | xargs cat`,
    );
    expect(answer).toMatch(/^Return-Path: <>$/m);
    expect(answer).toMatch(/^From: .*ana\+x@vaamonde\.pti/m);
    await expect.poll(() => lab.server.exec("postqueue -j")).toBe("");
  });

  test("the folders that clients look for are there, with their use (RFC 6154)", async () => {
    const client = await lab.imap(at("bia"));
    const folders = await client.list();
    await client.logout();
    expect(
      folders.flatMap(({ path, specialUse }) => (specialUse ? [`${path} ${specialUse}`] : [])).sort(),
    ).toEqual(["Drafts \\Drafts", "INBOX \\Inbox", "Junk \\Junk", "Sent \\Sent", "Trash \\Trash"]);
  });

  test("a script that does not compile is refused with its generation", async () => {
    const id = await lab.server.upload(lab.generation([domainOf(name, { ana: { sieve: "keep" } })]));
    expect(await lab.server.settles(new RegExp(id))).toMatch(/ana@vaamonde\.pti: line 1: error/);
    expect(await lab.logsIn(at("caio"))).toBe(true);
  });
});

describe("wrong passwords", () => {
  const refused = "NO [ALERT] Too many wrong passwords, try again later";
  // Users and addresses that no test above knows.
  let gateway = "";
  let imap: ImapAttempts;
  beforeAll(async () => {
    gateway = await bridgeAddress();
    // For the server this machine is webmail, which says where its users come from.
    await lab.serve([domainOf(name, { olga: {}, pia: {}, quim: {}, rosa: {} })], {
      webmailAddress: gateway,
      loginLimits: { perLogin: 32, perAddress: 32 },
    });
    imap = new ImapAttempts(lab.port(993));
  });
  const limits = () => lab.server.exec("maildomain-limits list | cut -f 1-4");

  test("keep nobody waiting but who comes from there to the same login, and only the first time", async () => {
    expect(await imap.guess(6, () => ({ user: "olga", from: "192.0.2.1" }))).toBe(6);
    const waits = await imap.try("olga", password, "192.0.2.1");
    expect(waits).toMatchObject({ in: true });
    expect(waits.milliseconds).toBeGreaterThan(3000);
    for (const [user, from] of [
      ["olga", "192.0.2.1"],
      ["OLGA@vaamonde.pti", "192.0.2.1"],
      ["pia", "192.0.2.1"],
      ["olga", "192.0.2.2"],
    ] as const) {
      const attempt = await imap.try(user, password, from);
      expect([attempt.answer.slice(0, 2), attempt.milliseconds < waits.milliseconds]).toEqual(["OK", true]);
    }
    expect(await limits()).toBe("");
  });

  test("are bounded for one login from one address, from all, and for one address at all logins", async () => {
    // A quarter and half of what is declared; six at olga's have been tried above.
    expect(await imap.guess(20, () => ({ user: "pia", from: "192.0.2.3" }))).toBe(8);
    expect(await imap.guess(30, (n) => ({ user: "olga", from: `198.51.100.${n}` }))).toBe(10);
    expect(await imap.guess(40, (n) => ({ user: `user${n}`, from: `2001:db8::${n + 1}` }))).toBe(16);
    expect((await limits()).split("\n")).toEqual([
      "pair\tpia@vaamonde.pti 192.0.2.3\t8\t8",
      "address\t2001:db8::/64\t16\t16",
      "login\tolga@vaamonde.pti\t16\t16",
    ]);
    // Not even the right one, or else a guess could be it. Who has been there before is not concerned.
    for (const [user, from, answer] of [
      ["pia", "192.0.2.3", refused],
      ["pia", "192.0.2.1", "OK"],
      ["pia", "192.0.2.4", "OK"],
      ["olga", "192.0.2.5", refused],
      ["olga", "192.0.2.1", "OK"],
      ["rosa", "2001:db8::ffff", refused],
      ["rosa", "2001:db8:0:1::1", "OK"],
    ] as const) {
      expect([user, from, (await imap.try(user, password, from)).answer]).toEqual([
        user,
        from,
        expect.stringContaining(answer),
      ]);
    }
    // Who knows the address may guess there as well, up to the login's bound for one address.
    expect(await imap.guess(20, () => ({ user: "olga", from: "192.0.2.1" }))).toBeLessThanOrEqual(8);
    expect(await imap.try("olga", password, "192.0.2.2")).toMatchObject({ in: true });
  });

  test("are listed, and freed", async () => {
    const free = (key: string) => lab.server.exec(`maildomain-limits free ${key}`);
    expect(await free("2001:db8::9")).toBe("freed");
    expect(await free("Olga@vaamonde.pti")).toBe("freed");
    expect(await limits()).toBe("pair\tpia@vaamonde.pti 192.0.2.3\t8\t8");
    expect(await imap.try("olga", password, "192.0.2.5")).toMatchObject({ in: true });
    expect(await free("192.0.2.3")).toBe("freed");
    expect([await limits(), await free("192.0.2.3")]).toEqual(["", "not limited"]);
    expect(await imap.try("pia", password, "192.0.2.3")).toMatchObject({ in: true });
  });

  test("the same wrong one again, from where its owner has logged in, does not count as a guess", async () => {
    const telephone = Array.from({ length: 40 }, () => imap.try("olga", "the former one", "192.0.2.1"));
    const answers = new Set((await Promise.all(telephone)).map(({ answer }) => answer));
    expect([...answers]).toEqual(["NO [AUTHENTICATIONFAILED] Authentication failed."]);
    expect(await imap.try("olga", password, "192.0.2.1")).toMatchObject({ in: true });
    expect(await limits()).toBe("");
  });

  test("are counted together, whatever the service", async () => {
    const change = (secret: string) =>
      lab.server.exec(
        `printf '%s\\n' '${secret}' 'long enough to be one' | maildomain-password --from ${gateway} ${at("quim")} 2>&1 || true`,
      );
    const sieve = async (secret: string) => {
      const session = await ManageSieve.connect(lab.port(4190));
      await session.startTls();
      const answer = await session.logIn(at("quim"), secret);
      session.close();
      if (!answer.startsWith("OK")) throw new Error(answer);
    };
    const services: Record<string, (secret: string) => Promise<unknown>> = {
      imap: (secret) => lab.imap("quim", secret),
      pop3: (secret) => lab.maildrop("quim", secret),
      smtp: (secret) => lab.submission("quim", secret).verify(),
      sieve,
    };
    const wrong = Object.values(services).map((logIn, n) => refusalOf(logIn(`wrong ${n}`)));
    await Promise.all([...wrong, change("wrong 5"), change("wrong 6"), change("wrong 7"), change("wrong 8")]);
    expect(await limits()).toBe(`pair\tquim@vaamonde.pti ${gateway}\t8\t8`);
    for (const logIn of Object.values(services)) {
      expect(await refusalOf(logIn(password))).toMatch(/too many wrong passwords|authentication failed/i);
    }
    expect(await change(password)).toBe("Too many wrong passwords, try again later.");
    expect(await imap.try("quim", password, "192.0.2.1")).toMatchObject({ in: true });
  });
});

describe("a thousand connections on each port that say nothing, or a byte per second", () => {
  const ports = [25, 465, 587, 993, 995, 4190];
  const connections: IdleConnections[] = [];
  const user: OpenSession[] = [];
  const logged = async () => (await docker("logs", lab.server.name)).length;
  let before = 0;
  const memory = async () => {
    const bytes = await lab.server.exec(
      "cat /sys/fs/cgroup/memory.current 2>/dev/null || cat /sys/fs/cgroup/memory/memory.usage_in_bytes",
    );
    return Number(bytes) / 2 ** 20;
  };
  /** From the address of all the others. */
  const everyServiceAnswers = async () => {
    for (const port of [465, 587] as const) {
      const client = lab.submission(at("ana"), password, port);
      expect(await client.verify()).toBe(true);
      client.close();
    }
    await lab.receive(at("ana"), "among many");
    for (const session of await lab.everySession(at("ana"))) session.close();
  };
  const openIdle = async (...args: Parameters<typeof IdleConnections.open>) => {
    connections.push(await IdleConnections.open(...args));
  };

  beforeAll(async () => {
    await lab.serve([domainOf(name, { ana: {} })]);
    before = await logged();
  });
  afterAll(() => {
    for (const each of connections) each.close();
  });

  test("keep out nobody behind the same address", async () => {
    user.push(...(await lab.everySession(at("ana"))));
    await openIdle(
      ports.map((port) => lab.port(port)),
      1000,
    );
    await everyServiceAnswers();
  });

  test("nor do those that begin a session and stop, and are opened again as soon as they are closed", async () => {
    const renewed = { says: "EHLO client.example\r\n", isRenewed: true };
    // More than there are places.
    await openIdle([lab.port(25)], 110, renewed);
    await openIdle([lab.port(587)], 60, renewed);
    await openIdle([lab.port(465)], 60, { ...renewed, isSecure: true });
    // A client that a busy machine keeps from speaking for three seconds is cut off as they are, and tries again.
    await expect.poll(() => everyServiceAnswers().then(() => "answered", String)).toBe("answered");
  });

  test("end no session of a user who has logged in", () => goOn(user));

  test("cost little memory, and do not fill the log", async () => {
    expect(await memory()).toBeLessThan(1536);
    // Three thousand of Postfix' connections at some 600 bytes each would be nearly two megabytes.
    expect((await logged()) - before).toBeLessThan(100_000);
  });
});
