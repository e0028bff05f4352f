import { expect, test, vi } from "vitest";
import { docker } from "../../kit/engine.ts";
import { type Correspondent, messageIn, strangerTo, subjectsOf, submission } from "../../kit/mail-network.ts";
import { SmtpWire } from "../../kit/smtp-wire.ts";
import { visible } from "../../kit/visible-text.ts";

const own = "one.test";
const envelope = { from: "", to: `ana@${own}` };
const date = new Date().toUTCString().replace("GMT", "+0000");

/** What a message needs beside its author, so that nothing else speaks against it. */
const rest = (subject: string) => [
  `Subject: ${subject}`,
  `To: ${envelope.to}`,
  `Date: ${date}`,
  `Message-ID: <${subject.replaceAll(/\W/g, ".")}@plain.test>`,
  "MIME-Version: 1.0",
];

/** A From field of that value; a text with a field's name is header lines. */
const lines = (form: string) => (/^(?:from|to|x)[ \t]*:/i.test(form) ? form : `From: ${form}`);

/**
 * Who a message says it is from, as strangers' mail says it. The domain of the receiver has `p=reject`; nobody signs
 * but where that is said.
 */
export function authorSuite(receiver: () => Correspondent): void {
  /** Hands in all forms, and says what became of each: the refusal, or the folder. */
  async function fates(forms: readonly string[], sender = ""): Promise<string[]> {
    const wire = new SmtpWire(await receiver().server.port("25/tcp"));
    const mark = `form ${Math.random()}`;
    const answers: string[] = [];
    for (const [n, form] of forms.entries()) {
      const head = [lines(form), ...rest(`${mark} ${n}`)].join("\r\n");
      answers.push(await wire.deliver(sender, envelope.to, head));
    }
    wire.close();
    const accepted = answers.filter((answer) => answer.startsWith("250")).length;
    const folders = await vi.waitFor(
      async () => {
        const inbox = await subjectsOf(receiver(), "INBOX");
        const junk = await subjectsOf(receiver(), "Junk");
        const found = [...inbox, ...junk].filter((subject) => subject.startsWith(mark));
        if (found.length < accepted) throw new Error(`${found.length} of ${accepted} have arrived.`);
        return { inbox, junk };
      },
      { timeout: 120_000, interval: 200 },
    );
    return forms.map((form, n) => {
      const subject = `${mark} ${n}`;
      const place = folders.inbox.includes(subject) ? "INBOX" : "Junk";
      const answer = answers[n] ?? "";
      return `${visible(form)} ${answer.startsWith("250") ? place : answer}`;
    });
  }

  test("a From that is not one address of one author is refused", async () => {
    expect((await fates(notOneAuthor)).map(shortened).join("\n")).toMatchInlineSnapshot(`
      ""To: nobody@one.test" refused: it is missing
      "" refused: it is empty
      " " refused: it is empty
      "<>" refused: an address has no local part
      "()" refused: it is empty
      "ana" refused: an address has no domain, or a name needs quotes
      "Ana Lima" refused: an address has no domain, or a name needs quotes
      "<ana>" refused: an address has no domain, or a name needs quotes
      "ana@" refused: the address is at no domain
      "@one.test" refused: an address has no local part
      "ana@localhost" refused: the address is at no domain
      "ana@one..test" refused: the address is at no domain
      "ana@one.test." refused: the address is at no domain
      "ana@.one.test" refused: the address is at no domain
      "ana@-one.test" refused: the address is at no domain
      "ana@[127.0.0.1]" refused: the address is at no domain
      "ana@[one.test]" refused: the address is at no domain
      "ana@[IPv6:::1]" refused: the address is at no domain
      ".ana@one.test" refused: an address has no local part
      "ana.@one.test" refused: an address has no local part
      "a..na@one.test" refused: an address has no local part
      "an a@one.test" refused: an address has no domain, or a name needs quotes
      "ana@one.test x" refused: it has more than one address, or a name without brackets around the address
      "ana@one.test," refused: it has more than one address, or a name without brackets around the address
      ",ana@one.test" refused: an address has no local part
      "ana@one.test;" refused: it has more than one address, or a name without brackets around the address
      "ana@one.test, x@plain.test" refused: it has more than one address, or a name without brackets around the address
      "x@plain.test, ana@one.test" refused: it has more than one address, or a name without brackets around the address
      "Ana <ana@one.test>, X <x@plain.test>" refused: it has more than one address, or brackets that do not match
      "ana@one.test <x@plain.test>" refused: it has more than one address, or a name that needs quotes
      "x@plain.test <ana@one.test>" refused: it has more than one address, or a name that needs quotes
      "<ana@one.test> <x@plain.test>" refused: it has more than one address, or brackets that do not match
      "<<ana@one.test>>" refused: an address has no local part
      "<ana@one.test" refused: it has more than one address, or brackets that do not match
      "ana@one.test>" refused: it has more than one address, or a name without brackets around the address
      "Ana <ana@one.test> Lima" refused: it has more than one address, or brackets that do not match
      "\\"ana@one.test\\" x@plain.test" refused: an address has no domain, or a name needs quotes
      "\\"ana@one.test <x@plain.test>" refused: a quoted string has no end
      "(ana@one.test <x@plain.test>" refused: a comment has no end
      "<x@plain.test>, <ana@one.test>" refused: it has more than one address, or brackets that do not match
      "ana@one.test@plain.test" refused: it has more than one address, or a name without brackets around the address
      "\\"ana@one.test\\"@plain.test" refused: the local part is not one that people can read in one way only
      "Lima, Ana <x@plain.test>" refused: it has more than one address, or a name that needs quotes
      "Re: Ana <x@plain.test>" refused: it has more than one address, or a name that needs quotes
      "undisclosed:;" refused: an address has no domain, or a name needs quotes
      "team: ana@one.test;" refused: an address has no domain, or a name needs quotes
      "team: x@plain.test;" refused: an address has no domain, or a name needs quotes
      "team: ana@one.test, x@plain.test;" refused: an address has no domain, or a name needs quotes
      "<@plain.test:ana@one.test>" refused: an address has no local part
      "<@one.test,@b.test:x@plain.test>" refused: an address has no local part
      "=?utf-8?q?ana=40one.test?=" refused: an address has no domain, or a name needs quotes
      "=?utf-8?q?ana=40one.test?=@plain.test" refused: the local part is not one that people can read in one way only
      "=?utf-8?q?ana?=@one.test" refused: the local part is not one that people can read in one way only
      "<=?utf-8?b?YW5hQG9uZS50ZXN0?=>" refused: an address has no domain, or a name needs quotes
      "ana@=?utf-8?q?one.test?=" refused: the address is at no domain
      "ana\\uff20one.test" refused: an address has no domain, or a name needs quotes
      "ana@\\uff4fne.test" refused: the address is at no domain
      "ana@one\\uff0etest" refused: the address is at no domain
      "ana@\\u043ene.test" refused: the address is at no domain
      "ana@one\\u200b.test" refused: the address is at no domain
      "a\\u00adna@one.test" refused: the local part is not one that people can read in one way only
      "\\u00e1na@one.test" refused: the local part is not one that people can read in one way only
      "ana@caf\\u00e9.test" refused: the address is at no domain
      "ana@one.test\\u0001" refused: it has a control character
      "x@plain.test\\u0000, y@one.test\\rFrom: ana@one.test" 550 5.7.1 disallowed character
      "x@plain.test\\rFrom: ana@one.test" refused: it has more than one address, or a name without brackets around the address
      "From: x@plain.test\\r\\nfRoM: ana@one.test" refused: it is there more than once
      "From: x@plain.test\\r\\nFrom: ana@one.test" refused: it is there more than once
      "From: x@plain.test\\r\\nFROM: ana@one.test" refused: it is there more than once
      "FROM: ana@one.test\\r\\nfrom: ana@one.test" refused: it is there more than once
      "From: x@plain.test\\r\\nFrom : ana@one.test" refused: it is there more than once
      "From\\t: ana@one.test\\r\\nfrom: x@plain.test" refused: it is there more than once
      "X: y\\r\\n\\r\\nFrom: x@plain.test" refused: it is missing
      "a… <x@plain.test>" refused: it is longer than 2000 bytes"
    `);
  });

  test("unusual forms of our own names are judged by our policy, names that show our addresses are suspect", async () => {
    expect((await fates(ours)).map(shortened).join("\n")).toMatchInlineSnapshot(`
      ""ana@one.test" refused by policy
      "ANA@ONE.TEST" refused by policy
      "From: =?utf-8?q?Ana?= <ana@one.test>" refused by policy
      "From:\\r\\n ana@one.test" refused by policy
      "From:\\r\\n \\r\\n\\tana@one.test" refused by policy
      "from: ana@one.test" refused by policy
      "X: y\\r\\nFrom : ana@one.test" refused by policy
      "ana(x)@(y)one.test" refused by policy
      "ana @ one . test" refused by policy
      "\\"ana\\"@one.test" refused by policy
      "\\"a na\\"@one.test" refused by policy
      "(x@plain.test) ana@one.test (x@plain.test)" refused by policy
      "\\"x@plain.test\\" <ana@one.test>" refused by policy
      "nobody@nothing.one.test" refused by policy
      "root@mail.one.test" refused by policy
      "root@x.mail.one.test" refused by policy
      "\\"ana@one.test\\" <x@plain.test>" Junk
      "\\"'ana@one.test'\\" <x@plain.test>" Junk
      "\\"ANA@ONE.TEST\\" <x@plain.test>" Junk
      "\\"Ana <ana@one.test>\\" <x@plain.test>" Junk
      "\\"ana@one.test, ana@one.test\\" <x@plain.test>" Junk
      "\\"ana\\\\@one.test\\" <x@plain.test>" Junk
      "\\"ana\\" \\"@one.test\\" <x@plain.test>" Junk
      "\\"ana@\\r\\n one.test\\" <x@plain.test>" Junk
      "x@plain.test (ana@one.test)" Junk
      "(ana@one.test) x@plain.test" Junk
      "=?utf-8?q?ana=40one.test?= <x@plain.test>" Junk
      "\\"=?utf-8?q?ana=40one.test?=\\" <x@plain.test>" Junk
      "=?utf-8?q?ana=40?= =?iso-8859-1?b?b25lLnRlc3Q=?= <x@plain.test>" Junk
      "=?utf-7?q?ana+AEA-one.test?= <x@plain.test>" Junk
      "=?utf-16be?b?AGEAbgBhAEAAbwBuAGUALgB0AGUAcwB0?= <x@plain.test>" Junk
      "ana\\uff20one\\uff0etest <x@plain.test>" Junk
      "\\"ana@one\\u200b.te\\u00adst\\" <x@plain.test>" Junk
      "\\"\\u202etset.eno@ana\\" <x@plain.test>" Junk
      "\\"ana@\\u202etset.eno\\" <x@plain.test>" Junk
      "=?x-unknown?q?ana=40one.test?= <x@plain.test>" Junk
      "=?gb2312?Q?ana=40one.test?= <x@plain.test>" Junk
      "\\"ana@one\\u2024test\\" <x@plain.test>" Junk
      "\\"ana@\\u043ene.test\\" <x@plain.test>" Junk
      "\\"ceo@nothing.one.test\\" <x@plain.test>" Junk
      "\\"\\u201cana@one.test\\u201d\\" <x@plain.test>" Junk
      "\\"\\u2713 ana@one.test \\u2713\\" <x@plain.test>" Junk
      "=?utf-8?q?a=01na=40one=01.test?= <x@plain.test>" Junk
      "ana%one.test@plain.test" Junk
      "one.test!ana@plain.test" Junk
      "From: x@plain.test\\r\\nSender: ana@one.test" Junk"
    `);
  });

  test("what people and lists write arrives", async () => {
    const wrong = (await fates(ordinary)).filter((fate) => !fate.endsWith(" INBOX"));
    expect(wrong).toEqual([]);
    expect(await fates(["x@strict.test", '"strict" (x) <X@STRICT.test>'], "x@strict.test")).toEqual([
      expect.stringMatching(/ INBOX$/),
      expect.stringMatching(/ INBOX$/),
    ]);
  });

  test("a signature of ours that has been elsewhere counts", async () => {
    const { keys, user } = receiver();
    const stranger = await strangerTo(receiver());
    await stranger.sendMail({
      envelope,
      from: `Ana <${user}>`,
      to: user,
      subject: "signed and sent on",
      text: "x",
      dkim: {
        domainName: own,
        keySelector: "rsa1",
        privateKey: String(keys.rsa.export({ type: "pkcs8", format: "pem" })),
      },
    });
    await expect.poll(() => subjectsOf(receiver(), "INBOX")).toContain("signed and sent on");
  });

  test("policies for names below a domain, and what cannot be looked up (RFC 9989 sections 4.7 and 4.10)", async () => {
    expect((await fates(below)).map(shortened).join("\n")).toMatchInlineSnapshot(`
      ""x@strict.test" refused by policy
      "x@nothing.strict.test" refused by policy
      "x@np.test" INBOX
      "x@there.np.test" INBOX
      "x@nothing.np.test" refused by policy
      "x@sp.test" INBOX
      "x@there.sp.test" Junk
      "x@nothing.sp.test" INBOX
      "x@psd.test" INBOX
      "x@nothing.psd.test" refused by policy
      "x@own.psd.test" INBOX
      "x@nothing.own.psd.test" INBOX
      "\\"ana@one.test\\" <x@strict.test>" refused by policy
      "x@silent.test" 451 4.7.1 the author's domain cannot be verified now; try again later"
    `);
  });

  test("results that claim to be ours are removed, those of others stay", async () => {
    const { server, user, hostName } = receiver();
    const wire = new SmtpWire(await server.port("25/tcp"));
    const head = [...traces(hostName), "From: x@plain.test", ...rest("traces")].join("\r\n");
    expect(await wire.deliver("", user, head)).toMatch(/^250 /);
    wire.close();
    const transport = await submission(receiver());
    const raw = [...traces(hostName), `From: ${user}`, ...rest("traces of a user")].join("\r\n");
    await transport.sendMail({ envelope: { from: user, to: user }, raw: `${raw}\r\n\r\nx` });
    const kept = async (subject: string) => {
      const message = await vi.waitFor(
        async () => {
          const found = await messageIn(receiver(), "INBOX", subject);
          if (found === undefined) throw new Error(`"${subject}" is not there`);
          return found;
        },
        { timeout: 120_000, interval: 200 },
      );
      const [all = ""] = String(message).split("\r\n\r\n", 1);
      // What the server itself has found is above what was sent.
      const sent = all.slice(all.search(/^X-First:/m));
      return sent.match(/^(?:auth|arc|received-spf|x-spam|x-rspamd).*(?:\r\n[ \t].*)*/gim) ?? [];
    };
    const theirs = traces(hostName).filter((line) => line.includes("other.test"));
    const written = await kept("traces");
    expect(written.filter((line) => !/^X-Spamd?-(?:Bar|Level)/.test(line))).toEqual(theirs);
    expect(written.join("\n")).not.toContain("forged");
    expect(await kept("traces of a user")).toEqual(theirs);
  });

  test("while the resolver is down, all that strangers bring waits", async () => {
    const { server, user } = receiver();
    const port = await server.port("25/tcp");
    const authors = [user, `root@mail.${own}`, "x@strict.test", "x@plain.test"];
    const offer = async (author: string) => {
      const wire = new SmtpWire(port);
      const head = [`From: ${author}`, ...rest(`without a resolver ${author}`)].join("\r\n");
      const answer = await wire.deliver("", user, head).finally(() => wire.close());
      return `${author} ${answer}`;
    };
    await server.exec("s6-svc -wD -d /run/service/unbound");
    const answers = await Promise.all(authors.map(offer));
    // A user's own mail asks nobody.
    await (await submission(receiver())).sendMail({ from: user, to: user, subject: "own", text: "x" });
    await server.exec("s6-svc -u /run/service/unbound");
    expect(answers).toEqual(
      authors.map(
        (author) => `${author} 451 4.7.1 the author's domain cannot be verified now; try again later`,
      ),
    );
    await expect.poll(() => offer("x@plain.test")).toMatch(/ 250 /);
    await expect.poll(() => subjectsOf(receiver(), "INBOX")).toContain("own");
    const inbox = await subjectsOf(receiver(), "INBOX");
    expect(inbox.filter((subject) => subject.startsWith("without a resolver"))).toEqual([
      "without a resolver x@plain.test",
    ]);
    expect(await docker("logs", server.name)).not.toMatch(/author\.lua|trace\.lua|from_owner\.lua:\d/);
  });
}

/** The reason alone, where a refusal is one of the author's form. */
function shortened(fate: string): string {
  return fate
    .replace(/(a)\1{50,}/, "$1…")
    .replace("554 5.7.1 From must be one address of one author:", "refused:")
    .replace("554 5.7.1 The DMARC policy of the author's domain refuses this message", "refused by policy");
}

/** RFC 5322 sections 3.4 and 4.4, RFC 6854, and encodings where none may be; `ana@one.test` is the receiver. */
const notOneAuthor = [
  "To: nobody@one.test",
  "",
  " ",
  "<>",
  "()",
  "ana",
  "Ana Lima",
  "<ana>",
  "ana@",
  "@one.test",
  "ana@localhost",
  "ana@one..test",
  "ana@one.test.",
  "ana@.one.test",
  "ana@-one.test",
  "ana@[127.0.0.1]",
  "ana@[one.test]",
  "ana@[IPv6:::1]",
  ".ana@one.test",
  "ana.@one.test",
  "a..na@one.test",
  "an a@one.test",
  "ana@one.test x",
  "ana@one.test,",
  ",ana@one.test",
  "ana@one.test;",
  "ana@one.test, x@plain.test",
  "x@plain.test, ana@one.test",
  "Ana <ana@one.test>, X <x@plain.test>",
  "ana@one.test <x@plain.test>",
  "x@plain.test <ana@one.test>",
  "<ana@one.test> <x@plain.test>",
  "<<ana@one.test>>",
  "<ana@one.test",
  "ana@one.test>",
  "Ana <ana@one.test> Lima",
  '"ana@one.test" x@plain.test',
  '"ana@one.test <x@plain.test>',
  "(ana@one.test <x@plain.test>",
  "<x@plain.test>, <ana@one.test>",
  "ana@one.test@plain.test",
  '"ana@one.test"@plain.test',
  "Lima, Ana <x@plain.test>",
  "Re: Ana <x@plain.test>",
  "undisclosed:;",
  "team: ana@one.test;",
  "team: x@plain.test;",
  "team: ana@one.test, x@plain.test;",
  "<@plain.test:ana@one.test>",
  "<@one.test,@b.test:x@plain.test>",
  "=?utf-8?q?ana=40one.test?=",
  "=?utf-8?q?ana=40one.test?=@plain.test",
  "=?utf-8?q?ana?=@one.test",
  "<=?utf-8?b?YW5hQG9uZS50ZXN0?=>",
  "ana@=?utf-8?q?one.test?=",
  "ana＠one.test",
  "ana@ｏne.test",
  "ana@one．test",
  "ana@оne.test",
  "ana@one\u200b.test",
  "a\u00adna@one.test",
  "ána@one.test",
  "ana@café.test",
  "ana@one.test\u0001",
  "x@plain.test\u0000, y@one.test\rFrom: ana@one.test",
  "x@plain.test\rFrom: ana@one.test",
  "From: x@plain.test\r\nfRoM: ana@one.test",
  "From: x@plain.test\r\nFrom: ana@one.test",
  "From: x@plain.test\r\nFROM: ana@one.test",
  "FROM: ana@one.test\r\nfrom: ana@one.test",
  "From: x@plain.test\r\nFrom : ana@one.test",
  "From\t: ana@one.test\r\nfrom: x@plain.test",
  "X: y\r\n\r\nFrom: x@plain.test",
  `${"a".repeat(2100)} <x@plain.test>`,
];

/** Valid, and of an own domain, or with a name that shows one of its addresses. */
const ours = [
  "ana@one.test",
  "ANA@ONE.TEST",
  "From: =?utf-8?q?Ana?= <ana@one.test>",
  "From:\r\n ana@one.test",
  "From:\r\n \r\n\tana@one.test",
  "from: ana@one.test",
  "X: y\r\nFrom : ana@one.test",
  "ana(x)@(y)one.test",
  "ana @ one . test",
  '"ana"@one.test',
  '"a na"@one.test',
  "(x@plain.test) ana@one.test (x@plain.test)",
  '"x@plain.test" <ana@one.test>',
  "nobody@nothing.one.test",
  "root@mail.one.test",
  "root@x.mail.one.test",
  '"ana@one.test" <x@plain.test>',
  `"'ana@one.test'" <x@plain.test>`,
  '"ANA@ONE.TEST" <x@plain.test>',
  '"Ana <ana@one.test>" <x@plain.test>',
  '"ana@one.test, ana@one.test" <x@plain.test>',
  '"ana\\@one.test" <x@plain.test>',
  '"ana" "@one.test" <x@plain.test>',
  '"ana@\r\n one.test" <x@plain.test>',
  "x@plain.test (ana@one.test)",
  "(ana@one.test) x@plain.test",
  "=?utf-8?q?ana=40one.test?= <x@plain.test>",
  '"=?utf-8?q?ana=40one.test?=" <x@plain.test>',
  "=?utf-8?q?ana=40?= =?iso-8859-1?b?b25lLnRlc3Q=?= <x@plain.test>",
  "=?utf-7?q?ana+AEA-one.test?= <x@plain.test>",
  "=?utf-16be?b?AGEAbgBhAEAAbwBuAGUALgB0AGUAcwB0?= <x@plain.test>",
  "ana＠one．test <x@plain.test>",
  '"ana@one\u200b.te\u00adst" <x@plain.test>',
  '"\u202etset.eno@ana" <x@plain.test>',
  '"ana@\u202etset.eno" <x@plain.test>',
  "=?x-unknown?q?ana=40one.test?= <x@plain.test>",
  "=?gb2312?Q?ana=40one.test?= <x@plain.test>",
  '"ana@one\u2024test" <x@plain.test>',
  '"ana@оne.test" <x@plain.test>',
  '"ceo@nothing.one.test" <x@plain.test>',
  '"“ana@one.test”" <x@plain.test>',
  '"✓ ana@one.test ✓" <x@plain.test>',
  "=?utf-8?q?a=01na=40one=01.test?= <x@plain.test>",
  "ana%one.test@plain.test",
  "one.test!ana@plain.test",
  "From: x@plain.test\r\nSender: ana@one.test",
];

const ordinary = [
  "x@plain.test",
  "<x@plain.test>",
  "X@PLAIN.TEST",
  "Ana Lima <x@plain.test>",
  '"Ana (Company)" <x@plain.test>',
  "Ana Lima (Company) <x@plain.test>",
  "x@plain.test (Ana (the elder) Lima)",
  "John Q. Public <x@plain.test>",
  "O'Neill <x@plain.test>",
  "[JIRA] Ana <x@plain.test>",
  '"Lima, Ana" <x@plain.test>',
  '"Ana \\"the elder\\" Lima" <x@plain.test>',
  "=?utf-8?q?Jos=C3=A9_Lima?= <x@plain.test>",
  "=?iso-8859-1?q?Jos=E9?= =?iso-8859-1?q?_Lima?= <x@plain.test>",
  "José Lima <x@plain.test>",
  "From: Ana Lima\r\n <x@plain.test>",
  "from: x@plain.test",
  '"Ana Lima via list" <list@plain.test>',
  "x@plain.test <x@plain.test>",
  '"x@plain.test" <x@plain.test>',
  "bounce+ana=one.test@plain.test",
  '"a b"@plain.test',
  "first.last+tag@plain.test",
  "x@sub.plain.test",
  "x@xn--caf-dma.plain.test",
  "From: x@plain.test\r\nReply-To: ana@one.test\r\nCc: undisclosed:;, team: a@b.test;",
  "From: x@plain.test\r\nSender: list@plain.test\r\nList-Id: <list.plain.test>",
];

const below = [
  "x@strict.test",
  "x@nothing.strict.test",
  "x@np.test",
  "x@there.np.test",
  "x@nothing.np.test",
  "x@sp.test",
  "x@there.sp.test",
  "x@nothing.sp.test",
  "x@psd.test",
  "x@nothing.psd.test",
  "x@own.psd.test",
  "x@nothing.own.psd.test",
  '"ana@one.test" <x@strict.test>',
  "x@silent.test",
];

/** "forged" is in what has to go, "other.test" in what has to stay. */
const traces = (hostName: string) => [
  "X-First: y",
  `Authentication-Results: ${hostName}; dmarc=pass (forged)`,
  "Authentication-Results: other.test; dmarc=pass header.from=one.test",
  `authentication-results : ${hostName.toUpperCase()} 1; dmarc=pass (forged)`,
  `Authentication-Results: (c; (d)) "${hostName}"; dmarc=pass (forged)`,
  `Authentication-Results:\r\n\t${hostName}.;\r\n dmarc=pass (forged)`,
  "Authentication-Results: one.test; dmarc=pass (forged)",
  "Authentication-Results: other.test 1; spf=pass",
  "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=plain.test; s=a; b=forged",
  "ARC-Message-Signature: i=1; a=rsa-sha256; d=plain.test; s=a; h=from; bh=forged; b=x",
  `ARC-Authentication-Results: i=1; ${hostName}; dmarc=pass (forged)`,
  "ARC-Seal: i=2; a=rsa-sha256; cv=pass; d=other.test; s=a; b=x",
  "ARC-Message-Signature: i=2; a=rsa-sha256; d=other.test; s=a; h=from; bh=x; b=x",
  "ARC-Authentication-Results: i=2; other.test; dmarc=pass",
  `Received-SPF: pass (${hostName}: domain of x@one.test) (forged)`,
  "Received-SPF: pass (other.test: domain of x@one.test) receiver=other.test",
  `Received-SPF: pass receiver=${hostName}; (forged)`,
  "X-Spam-Status: No (forged)",
  "X-Spam: No (forged)",
  "X-Rspamd-Action: no action (forged)",
];
