import { expect, test } from "vitest";
import { requestedStep } from "../../commands/exercise.ts";
import { judgeCertificate, judgeNames, judgePort, judgeRecord } from "../../exercise/judge.ts";
import { markSheet } from "../../exercise/mark-sheet.ts";
import { nextStep, type Progress, withStep } from "../../exercise/progress.ts";
import { checkOf, recordsBroken } from "../../exercise/record-faults.ts";
import type { Scene } from "../../exercise/scene.ts";
import { type CheckConnection, parseServerLog } from "../../exercise/server-log.ts";
import { minutes, stepNames } from "../../exercise/step.ts";
import { english } from "../../exercise/text/english.ts";
import { portuguese } from "../../exercise/text/portuguese.ts";

const scene: Scene = {
  stack: "class",
  domain: "one.test",
  address: "127.0.0.9",
  dnsPort: 5353,
  names: { incoming: "pop3.one.test", outgoing: "smtp.one.test" },
  student: "ana@one.test",
  colleague: "bia@one.test",
  partner: "rui@two.test",
};

/** Lines of a real server; a lesson does not ask about the others. */
const log = `2026-11-29T18:26:09.693046534Z Nov 29 18:26:09 pop3-login: Info: Logged in: user=<ana@one.test>, method=PLAIN, rip=198.19.162.56, lip=198.19.162.35, mpid=1022, TLS, session=<mV5hbW5hdsjGE6I4>
2026-11-29T18:26:09.699213433Z Nov 29 18:26:09 pop3(ana@one.test)<mV5hbW5hdsjGE6I4>: Info: Disconnected: Logged out top=0/0, retr=0/0, del=0/0, size=0
2026-11-29T18:26:11.244146909Z Nov 29 18:26:11 pop3-login: Info: Login aborted: Connection closed (auth failed, 1 attempts in 2 secs) (auth_failed): user=<ana@one.test>, method=PLAIN, rip=198.19.162.56, lip=198.19.162.35, TLS, session=<axxibW5hfMjGE6I4>
2026-11-29T18:26:11.271747349Z Nov 29 18:26:11 postfix/submission/smtpd[1024]: connect from unknown[198.19.162.56]
2026-11-29T18:26:11.309381089Z Nov 29 18:26:11 postfix/submission/smtpd[1024]: 4B60BDC035: client=unknown[198.19.162.56], sasl_method=PLAIN, sasl_username=ana@one.test
2026-11-29T18:26:11.346983280Z Nov 29 18:26:11 postfix/lmtp[1028]: 4B60BDC035: to=<bia@one.test>, relay=mail.one.test[/run/dovecot/postfix-lmtp], delay=0.05, delays=0.02/0.01/0/0.02, dsn=2.0.0, status=sent (250 2.0.0 <bia@one.test> sQQ9E0NuDGvpAQAAw/3T2g Saved)
2026-11-29T18:26:11.356226057Z Nov 29 18:26:11 postfix/submission/smtpd[1024]: NOQUEUE: reject: RCPT from unknown[198.19.162.56]: 553 5.7.1 <bia@one.test>: Sender address rejected: not owned by user ana@one.test; from=<bia@one.test> to=<ana@one.test> proto=ESMTP helo=<m.eml> sasl_method=PLAIN sasl_username=ana@one.test
2026-11-29T18:26:11.397712421Z Nov 29 18:26:11 postfix/cleanup[1027]: 601D2DC035: milter-reject: END-OF-MESSAGE from unknown[198.19.162.56]: 5.7.1 From address is not owned by this login; from=<ana@one.test> to=<ana@one.test> proto=ESMTP helo=<m2.eml>
2026-11-29T18:26:11.423700205Z Nov 29 18:26:11 postfix/smtpd[1030]: 69B77DC035: client=unknown[198.19.162.56]
2026-11-29T18:26:12.000000000Z Nov 29 18:26:12 postfix/smtpd[1030]: NOQUEUE: reject: RCPT from unknown[198.19.162.56]: 554 5.7.1 <rui@two.test>: Relay access denied; from=<ana@one.test> to=<rui@two.test> proto=ESMTP helo=<m.eml>
2026-11-29T18:26:13.500155692Z Nov 29 18:26:13 pop3-login: Info: Login aborted: Connection closed: SSL_accept() failed: error:0A000418:SSL routines::tlsv1 alert unknown ca: SSL alert number 48 (disconnected during TLS handshake) (tls_handshake_not_finished): user=<>, rip=198.19.162.56, lip=198.19.162.35, TLS handshaking: SSL_accept() failed: error:0A000418:SSL routines::tlsv1 alert unknown ca: SSL alert number 48, session=<LRp9bW5hhMjGE6I4>
2026-11-29T18:26:14.698985700Z Nov 29 18:26:14 postfix/smtp[1305]: 83107DC16C: to=<rui@two.test>, relay=mail.two.test[198.19.162.36]:25, delay=0.12, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 97960DC1BA)
a line that another program has printed`;

test("what the server's log says of clients", () => {
  const events = parseServerLog(log).map(({ kind, user, queueId = "" }) =>
    `${kind} ${user} ${queueId}`.trim(),
  );
  expect(events).toEqual([
    "login ana@one.test",
    "wrong-password ana@one.test",
    "handed-in ana@one.test 4B60BDC035",
    "delivered bia@one.test 4B60BDC035",
    "forgery ana@one.test",
    "forged-from  601D2DC035",
    "relay-denied ana@one.test",
    "distrust 198.19.162.56",
    "delivered rui@two.test 83107DC16C",
  ]);
});

test("what verify has done is not what people's clients have", () => {
  // As a real run of `npm run verify` leaves it.
  const ofVerify = `2026-11-29T22:12:19.061Z Nov 29 22:12:19 imap-login: Info: Logged in: user=<ana@terminal.test>, method=PLAIN, rip=198.19.205.24, lip=198.19.205.3, mpid=481, TLS, session=<${sessionAt(1795990327888)}>
2026-11-29T22:12:22.061Z Nov 29 22:12:22 imap-login: Info: Login aborted: Connection closed (disconnected during TLS handshake) (tls_handshake_not_finished): user=<>, rip=198.19.205.24, lip=198.19.205.3, TLS handshaking: Connection closed, session=<${sessionAt(1795990319744)}>
2026-11-29T22:12:23.061Z Nov 29 22:12:23 postfix/submission/smtpd[409]: NOQUEUE: reject: RCPT from unknown[198.19.205.24]: 553 5.7.1 <bia@terminal.test>: Sender address rejected: not owned by user ana@terminal.test; from=<bia@terminal.test> to=<ana@terminal.test> proto=ESMTP helo=<verify.invalid> sasl_method=PLAIN sasl_username=ana@terminal.test
2026-11-29T22:12:23.161Z Nov 29 22:12:23 postfix/smtpd[410]: NOQUEUE: reject: RCPT from unknown[198.19.205.24]: 554 5.7.1 <x@relay.invalid>: Relay access denied; from=<ana@terminal.test> to=<x@relay.invalid> proto=ESMTP helo=<verify.example.com>
2026-11-29T22:12:23.261Z Nov 29 22:12:23 postfix/submission/smtpd[1195]: 82976DC12B: client=unknown[198.19.205.24], sasl_method=PLAIN, sasl_username=ana@terminal.test
2026-11-29T22:12:23.361Z Nov 29 22:12:23 postfix/cleanup[424]: 82976DC12B: message-id=<verify.1795988520569.74223f79-4327-4617-9ecc-6fa244d7da27@terminal.test>
2026-11-29T22:12:23.461Z Nov 29 22:12:23 postfix/lmtp[1028]: 82976DC12B: to=<bia@terminal.test>, relay=mail.terminal.test[/run/dovecot/postfix-lmtp], delay=0.05, dsn=2.0.0, status=sent (250 2.0.0 <bia@terminal.test> Saved)`;
  const kinds = (checks: readonly CheckConnection[]) =>
    parseServerLog(ofVerify, checks).map(({ kind }) => kind);
  const [login, look] = [
    { user: "ana@terminal.test", from: 1795990327879, until: 1795990340719 },
    { user: "", from: 1795990319700, until: 1795990319800 },
  ];
  expect(kinds([login, look])).toEqual([]);
  // By its bare name as well, and as long as nobody knows that the check is over.
  expect(kinds([{ ...login, user: "ana" }, look])).toEqual([]);
  expect(kinds([{ ...login, until: undefined }, look])).toEqual([]);
  // The line is written within the time of a check, but the student had connected before.
  expect(kinds([{ ...login, from: 1795990327900 }, look])).toEqual(["login"]);
  expect(kinds([{ ...login, user: "bia@terminal.test" }, look])).toEqual(["login"]);
  expect(kinds([login])).toEqual(["distrust"]);
});

/** As Dovecot names a session that begins then: microseconds, the client's port and address. */
function sessionAt(milliseconds: number): string {
  const name = Buffer.alloc(12);
  name.writeUIntLE((milliseconds * 1000) % 2 ** 48, 0, 6);
  name.writeUInt16LE(49_162, 6);
  name.set([198, 19, 205, 24], 8);
  return name.toString("base64");
}

test("a fault counts only when it is repaired after it was seen", () => {
  const events = parseServerLog(log);
  expect(judgePort(events, scene)).toEqual([{ kind: "no-message-after" }]);
  expect(judgePort([], scene)).toEqual([{ kind: "no-mail-at-25" }]);
  expect(judgeCertificate(events, scene)).toEqual([{ kind: "no-login-after" }]);
  const again = parseServerLog(log.replaceAll("2026-11-29", "2026-11-30"));
  expect(judgePort([...events, ...again], scene)).toEqual([]);
  expect(judgeCertificate([...events, ...again], scene)).toEqual([]);
  expect(judgeCertificate([...events, ...again], { ...scene, student: "bia@one.test" })).toEqual([
    { kind: "no-login-after" },
  ]);
});

test("names lead to the stack, to somewhere else, or nowhere", () => {
  const at = (...addresses: string[]) => judgeNames([{ name: "pop3.one.test", addresses }], scene);
  expect(at("127.0.0.9")).toEqual([]);
  expect(at("127.0.0.9", "::1")).toEqual([]);
  expect(at("192.0.2.1")).toEqual([{ kind: "name-elsewhere", name: "pop3.one.test", found: "192.0.2.1" }]);
  expect(at()).toEqual([{ kind: "name-unknown", name: "pop3.one.test" }]);
});

test("each record fault breaks its own records, keeps the others at the name, and is seen by their checks", () => {
  const record = (name: string, type: string, content: string) => ({
    name,
    type,
    ttl: 300,
    content,
    why: "",
  });
  const zones = [
    {
      name: "one.test",
      publisher: "local" as const,
      records: [
        record("one.test", "MX", "10 mail.one.test"),
        record("one.test", "TXT", "v=spf1 mx -all"),
        record("one.test", "TXT", "site-verification=1"),
        record("rsa1._domainkey.one.test", "TXT", "v=DKIM1; k=rsa; p=MII"),
        record("mail.one.test", "TXT", "v=spf1 a -all"),
      ],
    },
  ];
  const broken = (["spf", "mx", "dkim"] as const).flatMap((fault) =>
    recordsBroken(fault, zones, "one.test").map(
      (one) => `${checkOf(one)}: ${one.broken.map(({ content }) => content).join(", ")}`,
    ),
  );
  expect(broken).toEqual([
    "dns.txt.one.test: v=spf1 -all, site-verification=1",
    "dns.mx.one.test: 10 old.one.test",
    "dns.txt.rsa1._domainkey.one.test: v=DKIM1; k=rsa; p=",
  ]);
});

test("a record step needs the fault, its name and its repair", () => {
  const good = { title: "TXT one.test", outcome: { status: "ok", seen: "" } } as const;
  const bad = { title: "TXT one.test", outcome: { status: "failed", seen: "v=spf1 -all" } } as const;
  const brokenAt = "2026-11-29T18:00:00.000Z";
  expect(judgeRecord("spf", {}, [good])).toEqual([{ kind: "not-broken" }]);
  expect(judgeRecord("spf", { brokenAt }, [bad])).toEqual([
    { kind: "not-found", answer: undefined },
    { kind: "not-repaired", problem: "TXT one.test: v=spf1 -all" },
  ]);
  expect(judgeRecord("spf", { brokenAt, found: "mx" }, [good])).toEqual([
    { kind: "not-found", answer: "mx" },
  ]);
  expect(judgeRecord("spf", { brokenAt, found: "spf" }, [good])).toEqual([]);
});

test("the mark sheet, in both languages", () => {
  const now = new Date("2026-11-29T18:00:00Z");
  let progress: Progress = {};
  for (const step of ["server", "names"] as const)
    progress = withStep(
      progress,
      { student: "ana@one.test", step, now },
      { passedAt: now.toISOString(), checks: 2 },
    );
  progress = withStep(progress, { student: "ana@one.test", step: "client", now }, { checks: 1 });
  expect(nextStep(progress, "ana@one.test")).toBe("client");
  expect(nextStep(progress, "bia@one.test")).toBe("server");
  const sheet = markSheet(progress, ["ana@one.test"], { stack: "class", text: portuguese });
  expect(sheet.split("\n").slice(0, 11).join("\n")).toMatchInlineSnapshot(`
    "# Exercício de e-mail: class

    ## Aluno: ana@one.test

    **2 de 11 passos**

    | Passo | Resultado | Concluído em (UTC) | Conferências |
    | --- | --- | --- | ---: |
    | 1. Ligue o servidor | concluído | 2026-11-29 18:00 | 2 |
    | 2. Confira os nomes | concluído | 2026-11-29 18:00 | 2 |
    | 3. Configure um cliente de e-mail | ainda não |  | 1 |"
  `);
  expect(markSheet(progress, ["bia@one.test"], { stack: "class", text: english })).toContain(
    "**0 of 11 steps**",
  );
});

test("each step in both languages names the student's own server, port and stack, and ends in an hour", () => {
  const tasks = (text: typeof english) => stepNames.map((step) => text.steps[step].task(scene).join("\n"));
  for (const text of [english, portuguese]) {
    const all = tasks(text).join("\n");
    expect(all).toContain("nslookup -port=5353 smtp.one.test 127.0.0.9");
    expect(all).toContain("npm run exercise -- 6 --break --stack class");
    expect(all).not.toMatch(/vaamonde|undefined/);
  }
  expect(Object.values(minutes).reduce((sum, one) => sum + one)).toBe(50);
});

test.each<[string, string[], Record<string, string | boolean>, RegExp]>([
  ["no such number", ["12"], {}, /"12" is not a step: use 1 to 11/],
  ["no such name", ["pop"], {}, /"pop" is not a step/],
  ["two steps", ["1", "2"], {}, /about one step/],
  ["a check of nothing", [], { check: true }, /need a step/],
  ["a break of a client", ["3"], { break: true }, /--break is for steps 6, 7, 8/],
  ["both", ["6"], { break: true, check: true }, /first --break|--break first/],
  ["an answer to nothing", ["6"], { found: "spf" }, /--found is for the check/],
  ["a mark of one step", ["6"], { report: true }, /about all steps/],
])("refused: %s", (_what, positionals, values, message) => {
  expect(() => requestedStep({ positionals, values })).toThrow(message);
});
