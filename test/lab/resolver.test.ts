import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { reverseName } from "../../records/index.ts";
import { fieldsOf, judge } from "../kit/arrived-mail.ts";
import { docker } from "../kit/engine.ts";
import { refusalOf } from "../kit/mail-clients.ts";
import { type Correspondent, MailNetwork, messageIn, strangerTo, submission } from "../kit/mail-network.ts";
import { strangers } from "../kit/strangers.ts";
import { authorSuite } from "./suites/authors.ts";

let network: MailNetwork;
let one: Correspondent;
let two: Correspondent;

beforeAll(async () => {
  network = await MailNetwork.create({}, strangers);
  ({ one, two } = network);
  // A small disk that can be filled: the engine takes a volume of this name as it finds it.
  const disk = ["type=tmpfs", "device=tmpfs", "o=size=64m,uid=5000,gid=5000,mode=0700"];
  const options = disk.flatMap((option) => ["--opt", option]);
  await docker("volume", "create", ...options, `${two.server.prefix}-var-mail-v`);
  await network.run();
});
afterAll(() => network.remove());

async function send(from: Correspondent, to: Correspondent, subject: string): Promise<void> {
  const transport = await submission(from);
  await transport.sendMail({ from: from.user, to: to.user, subject, text: "Olá, tudo bem?" });
}

async function arrival(at: Correspondent, subject: string, folder = "INBOX"): Promise<Buffer> {
  const find = async (): Promise<Buffer> => {
    const message = await messageIn(at, folder, subject);
    if (message === undefined) throw new Error(`"${subject}" is not in ${folder} of ${at.user}`);
    return message;
  };
  return vi.waitFor(find, { timeout: 120_000, interval: 500 });
}

/** Why the server's queue keeps what it keeps. */
async function delays({ server }: Correspondent): Promise<string[]> {
  const queue = (await server.exec("postqueue -j")).split("\n").filter((line) => line !== "");
  return queue.flatMap((line) => {
    const { recipients } = JSON.parse(line) as { recipients: { delay_reason?: string }[] };
    return recipients.map(({ delay_reason }) => delay_reason ?? "");
  });
}

/** The resolver's cache and Postfix's hold what is true for a little while longer. */
async function forget({ server }: Correspondent): Promise<void> {
  await server.exec("s6-svc -h /run/service/unbound; postfix reload; sleep 1");
}

/** What a server's resolver says of a name: the response code, and whether it vouches for the answer (AD). */
async function ask({ server }: Correspondent, address: string, name: string, type: number): Promise<string> {
  const labels = name.split(".").map((label) => `${String.fromCharCode(label.length)}${label}`);
  // Recursion and AD wanted; one question, and one additional record: EDNS with DO.
  const query = Buffer.concat([
    Buffer.from("12340120000100000000" + "0001", "hex"),
    Buffer.from(`${labels.join("")}\0`, "latin1"),
    Buffer.from([0, type, 0, 1]),
    Buffer.from("00002904d0000080000000", "hex"),
  ]).toString("hex");
  const bytes = query.replace(/../g, "\\x$&");
  const script = `exec 3<>/dev/udp/${address}/53; printf "${bytes}" >&3; timeout 8 head -c 12 <&3 | od -An -tx1`;
  const answer = await docker("exec", server.name, "bash", "-c", script);
  const flags = Buffer.from(answer.replaceAll(" ", ""), "hex").readUInt16BE(2);
  const codes = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN"];
  return `${codes[flags & 0xf]}${(flags & 0x20) === 0 ? "" : " AD"}`;
}
const A = 1;
const CNAME = 5;
const PTR = 12;
const MX = 15;

describe("a message from one server to the other", () => {
  let message: Buffer;
  beforeAll(async () => {
    await send(one, two, "crosses");
    message = await arrival(two, "crosses");
  });

  test("goes to the key that DANE names", async () => {
    expect(await docker("logs", one.server.name)).toContain(
      `Verified TLS connection established to ${two.hostName}[${two.address}]:25`,
    );
  });

  test("carries what the receiver found of SPF, DKIM and DMARC", () => {
    const [results = "", ...others] = fieldsOf(message, "Authentication-Results");
    expect(others).toEqual([]);
    expect(results).toMatch(new RegExp(`^${two.hostName};\\s`));
    expect(
      results.match(/\b(?:spf|dkim|dmarc)=\w+|header\.(?:d|s|from)=[\w.]+|smtp\.\w+=[^\s;]+/g)?.toSorted(),
    ).toEqual([
      "dkim=pass",
      "dkim=pass",
      "dmarc=pass",
      "header.d=one.test",
      "header.d=one.test",
      "header.from=one.test",
      "header.s=ed1",
      "header.s=rsa1",
      `smtp.mailfrom=${one.user}`,
      "spf=pass",
    ]);
  });

  test("mailauth finds the same, from the address that sent it", async () => {
    expect(await judge(message, one, await network.nameServer())).toEqual({
      spf: "pass",
      dkim: ["ed1.one.test pass", "rsa1.one.test pass"],
      dmarc: "pass",
    });
  });
});

describe("from somewhere else", () => {
  const text = "Send me your password.";

  test("mail in the name of a domain with p=reject is refused", async () => {
    const stranger = await strangerTo(two);
    const forged = { from: one.user, to: two.user, subject: "forged", text };
    for (const envelope of [undefined, { from: "", to: two.user }]) {
      const attempt = stranger.sendMail({ ...forged, ...(envelope && { envelope }) });
      expect(await refusalOf(attempt)).toMatch(/^55\d 5\.7\.1 .*DMARC policy/);
    }
  });

  test("with p=quarantine it lands in Junk, and what it says of itself is struck out", async () => {
    const stranger = await strangerTo(one);
    await stranger.sendMail({
      from: two.user,
      to: one.user,
      subject: "quarantined",
      text,
      headers: { "Authentication-Results": `${one.hostName}; spf=pass; dkim=pass; dmarc=pass` },
    });
    const message = await arrival(one, "quarantined", "Junk");
    const results = fieldsOf(message, "Authentication-Results");
    expect(results).toHaveLength(1);
    expect(results[0]).toMatch(/dmarc=fail/);
    expect(results[0]).toMatch(/spf=fail/);
    expect(results[0]).not.toMatch(/=pass/);
  });

  test("mail from a domain that does not exist is refused", async () => {
    const attempt = (await strangerTo(two)).sendMail({ from: "x@nowhere.test", to: two.user, text });
    expect(await refusalOf(attempt)).toMatch(/^550 5\.1\.8 .*Domain not found/);
  });
});

describe("who a message says it is from", () => authorSuite(() => one));

describe("the seal", () => {
  test.each([
    ["embedded", "127.0.0.11"],
    ["own", "127.0.0.1"],
  ])("names of the zones are vouched for, by the engine's %s resolver too", async (_, address) => {
    expect(await ask(one, address, two.domain, MX)).toBe("NOERROR AD");
    expect(await ask(one, address, `nothing.${two.domain}`, A)).toBe("NXDOMAIN AD");
    expect(await ask(one, "127.0.0.1", reverseName(two.address), PTR)).toBe("NOERROR AD");
  });

  test("other names are denied at once, and no question for them leaves", async () => {
    const sent = async () => Number(await one.server.exec("cat /sys/class/net/eth0/statistics/tx_packets"));
    const questions: [string, number][] = [
      ["example.com", MX],
      ["www.example.com", A],
      ["1.0.0.10.in-addr.arpa", PTR],
      ["com", 2],
    ];
    const before = await sent();
    for (const [name, type] of questions) expect(await ask(one, "127.0.0.1", name, type)).toBe("NXDOMAIN");
    expect(await sent()).toBe(before);
    // The zone's own alias is known; the name behind it is not.
    expect(await ask(one, "127.0.0.1", `outside.${one.domain}`, CNAME)).toBe("NOERROR AD");
    const known = await sent();
    expect(known).toBeGreaterThan(before);
    expect(await ask(one, "127.0.0.1", `outside.${one.domain}`, A)).toBe("NXDOMAIN");
    expect(await sent()).toBe(known);
  });

  test.each([
    ["somebody@example.com", /^550 5\.1\.2 .*Domain not found/],
    ["somebody@[192.0.2.1]", /^550 5\.1\.2 /],
  ])("mail to %s is refused while its author is there", async (to, refusal) => {
    const attempt = (await submission(one)).sendMail({ from: one.user, to, text: "x" });
    expect(await refusalOf(attempt)).toMatch(refusal);
  });
});

describe("mail that waits because of the server itself leaves soon after that is over", () => {
  test.each([
    {
      what: "its resolver is away",
      at: () => one,
      to: () => two,
      break: "s6-svc -wD -d /run/service/unbound",
      repair: "s6-svc -u /run/service/unbound",
    },
    {
      what: "the disk of the mailboxes is full",
      at: () => two,
      to: () => two,
      break: "cat /dev/zero >/var/mail/v/.full 2>/dev/null || true",
      repair: "rm /var/mail/v/.full",
    },
  ])("$what", async ({ what, at, to, break: harm, repair }) => {
    const { server, user } = at();
    await server.exec(harm);
    // From a program of the server's own: a client is asked to come again.
    await server.exec(`printf 'From: ${user}\nSubject: ${what}\n\nx' | sendmail -f ${user} ${to().user}`);
    await expect.poll(() => server.exec("postqueue -j")).toContain('"queue_name": "deferred"');
    // Postfix itself would not try it again today.
    await server.exec("s6-setuidgid postfix touch -d '1 day' /var/spool/postfix/deferred/*/*");
    expect(await messageIn(to(), "INBOX", what)).toBeUndefined();
    await server.exec(repair);
    await expect.poll(() => messageIn(to(), "INBOX", what)).toBeDefined();
  });
});

describe("what cannot be believed", () => {
  test("a server with another key than its TLSA record's gets no mail until that is right", async () => {
    await network.serveZones({ otherTlsKey: [two.domain] });
    await forget(one);
    await send(one, two, "waits for DANE");
    await expect
      .poll(() => delays(one))
      .toEqual([expect.stringContaining("Server certificate not verified")]);
    await network.serveZones();
    await forget(one);
    await one.server.exec("postqueue -f");
    await arrival(two, "waits for DANE");
  });

  test("a zone that has lost its signatures is not answered for", async () => {
    await network.serveZones({ unsigned: [two.domain] });
    await forget(one);
    expect(await ask(one, "127.0.0.1", two.domain, MX)).toBe("SERVFAIL");
    expect(await ask(one, "127.0.0.11", two.domain, MX)).toBe("SERVFAIL");
    expect(await refusalOf(send(one, two, "bogus"))).toMatch(/^450 4\.1\.2 .*Domain not found/);
    await network.serveZones();
    await forget(one);
    expect(await ask(one, "127.0.0.1", two.domain, MX)).toBe("NOERROR AD");
  });

  test("other trust anchors take effect at once, and so do the right ones", async () => {
    await network.configure(one, { anchors: { [two.domain]: [`12345 13 2 ${"00".repeat(32)}`] } });
    await expect.poll(() => ask(one, "127.0.0.1", two.domain, MX)).toBe("SERVFAIL");
    expect(await ask(one, "127.0.0.1", one.domain, MX)).toBe("NOERROR AD");
    await network.configure(one);
    await expect.poll(() => ask(one, "127.0.0.1", two.domain, MX)).toBe("NOERROR AD");
  });
});
