import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { gunzipSync, gzipSync } from "node:zlib";
import { ImapFlow } from "imapflow";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressesIn, readTable } from "../../import/postfix-table.ts";
import { recipientsOf } from "../../import/routes.ts";
import { issueAuthorityCertificate, keyPem, makeKey } from "../../provider/certificate.ts";
import { lifetime } from "../../provider/lifetime.ts";
import { hashPassword } from "../../provider/password-hash.ts";
import { type ConfigurationFile, compareText, unseal } from "../../servers/generation/configuration-file.ts";
import { renderGeneration } from "../../servers/generation/generation.ts";
import { generationId } from "../../servers/generation/generation-id.ts";
import type { MailServerDescription, ResolverDescription } from "../../servers/mail-server/description.ts";
import {
  accountFiles,
  dkimKeyFile,
  mailServerPair,
  renderMailServer,
} from "../../servers/mail-server/mail-server.ts";
import { docker } from "../kit/engine.ts";
import { formerGeneration } from "../kit/former-generation.ts";
import { ImapAttempts } from "../kit/imap-attempts.ts";
import { startWithBadGeneration } from "../kit/last-known-good.ts";
import { mailServerOptions, ServerContainer } from "../kit/server-container.ts";

const domain = "vaamonde.pti";
const healthy = /^healthy: generation [0-9a-f]{16} is in force$/;
const password = "only for this test";
const server = new ServerContainer(mailServerOptions);

interface Secrets {
  readonly hash: string;
  readonly dkim: string;
  readonly pair: ConfigurationFile;
}
let secrets: Secrets;

/** A certificate that signs itself; clients here look at its fingerprint only. */
async function makePair(key: KeyObject = makeKey()): Promise<ConfigurationFile> {
  const certificate = await issueAuthorityCertificate(`mail.${domain}`, lifetime(new Date(), 30), key);
  return unseal(mailServerPair, { privateKey: keyPem(key), certificate, chain: "" });
}

function generation(
  users: readonly string[] = ["ana"],
  pair = secrets.pair,
  resolver: ResolverDescription = { kind: "sealed", zones: [] },
): ConfigurationFile[] {
  const mailboxes = users.map((user) => ({ address: `${user}@${domain}`, quotaBytes: 0 }));
  const aliases = [{ address: `postmaster@${domain}`, targets: [`ana@${domain}`] }];
  const description: MailServerDescription = {
    hostName: `mail.${domain}`,
    domains: [{ name: domain, mailboxes, aliases, dkimSelectors: ["r1"] }],
    messageSizeLimitBytes: 10_000_000,
    legacyPorts: false,
    resolver,
  };
  const hashes = Object.fromEntries(mailboxes.map(({ address }) => [address, secrets.hash]));
  return [
    ...renderMailServer(description),
    ...accountFiles(description).map((file) => unseal(file, hashes)),
    unseal(dkimKeyFile(domain, "r1"), secrets.dkim),
    pair,
  ];
}

/** What is not for everybody in the container, as `mode owner:group path`. */
const secretFiles = [
  "600 root:root dovecot/app-passwords",
  "640 root:dovecot dovecot/passwd",
  "640 root:_rspamd rspamd/dkim/vaamonde.pti.r1.key",
  "640 root:generations services",
  "600 root:root tls/pair.pem",
];
/** What take-generation keeps beside the files. */
const ownFiles = ["600 root:root access", "600 root:root SHA256SUMS"];
const byLastWord = (a: string, b: string) => compareText(a.split(" ")[2] ?? "", b.split(" ")[2] ?? "");

async function serve(files: readonly ConfigurationFile[]): Promise<void> {
  const id = await server.upload(files);
  expect(await server.settles(new RegExp(`^${id}$`))).toBe(id);
}

async function imap(user: string): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: "127.0.0.1",
    port: await server.port("993/tcp"),
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user, pass: password },
    logger: false,
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

async function submission(user: string) {
  return createTransport({
    pool: true,
    maxConnections: 1,
    host: "127.0.0.1",
    port: await server.port("465/tcp"),
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user, pass: password },
  });
}

async function delivered(): Promise<number> {
  return (await docker("logs", server.name)).match(/status=sent/g)?.length ?? 0;
}

async function fingerprint(port: string): Promise<string> {
  const socket = connect({
    host: "127.0.0.1",
    port: await server.port(port),
    rejectUnauthorized: false,
  });
  await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

/** How often a daemon has read its configuration again. */
async function reloads(): Promise<number> {
  const log = await docker("logs", server.name);
  return log.match(/reloading configuration|reload -- version|rspamd .* is loading/g)?.length ?? 0;
}

beforeAll(async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  secrets = { hash: await hashPassword(password), dkim: keyPem(privateKey), pair: await makePair() };
  await server.build();
  await server.run();
});
afterAll(() => server.remove());

test("waits for its first generation, and says so", async () => {
  expect(await server.generation()).toBe("no complete configuration has arrived yet");
});

/** Mode, owner and path of the files in force that not every user may read, or that are nobody's to read but root's. */
const access = () =>
  server.exec(
    "cd /run/maildomain/current && find . -type f -printf '%m %u:%g %P\\n' | grep -v '^644 root:root' | LC_ALL=C sort -k 3",
  );

describe("an upgrade", () => {
  test("starts on a generation from before it said who reads its files, and takes the new one", async () => {
    const files = generation();
    const former = formerGeneration(files);
    await server.upload(files, former);
    expect(await server.settles(new RegExp(generationId(former)), 60)).toBe(generationId(former));
    expect(await server.becomes(healthy)).toMatch(healthy);
    await (await imap("ana")).logout();
    const formerFiles = secretFiles.filter((line) => !line.endsWith(" services"));
    expect((await access()).split("\n")).toEqual([...formerFiles, ...ownFiles].sort(byLastWord));
    expect(await reloads()).toBe(1);

    await serve(files);
    expect((await access()).split("\n")).toEqual([...secretFiles, ...ownFiles].sort(byLastWord));
    expect(await reloads()).toBe(1);
    expect(await server.becomes(healthy)).toMatch(healthy);
  });
});

describe("the health check", () => {
  // As the engine runs it. A check that begins asks every daemon, and ends at once where none was known to be healthy.
  const check = () =>
    server.exec("rm -f /run/maildomain/healthy; /usr/lib/maildomain/healthcheck; echo exit status $?");

  test("asks every daemon, and leaves no line in the log", async () => {
    const logged = async () => (await docker("logs", server.name)).split("\n").length;
    const linesOfOne = async () => {
      const before = await logged();
      expect(await check()).toMatch(/^generation [0-9a-f]{16} is in force\nexit status 0$/);
      return (await logged()) - before;
    };
    // Somebody else may have something to say meanwhile.
    await expect.poll(linesOfOne).toBe(0);
  });

  test("names each daemon that hangs, although it still listens", async () => {
    // The kernel shows 15 letters of a name.
    const programs =
      "dovecot auth login-limits mailbox-room smtp-front submission-logi unbound rspamd rspamd_proxy trivial-rewrite";
    const signal = (name: string) =>
      server.exec(
        `for process in /proc/[0-9]*; do
           read -r program <$process/comm || continue
           case " ${programs} " in *" $program "*) kill -${name} \${process#/proc/} ;; esac
         done`,
      );
    await signal("STOP");
    try {
      expect(
        await server.exec("/usr/lib/maildomain/missing-listeners /run/maildomain/current/listening"),
      ).toBe("");
      const silent =
        "dovecot, dovecot-auth, login-limits, mailbox-room, postfix, rspamd, smtp-front, submission-logins, unbound";
      expect(await check()).toMatch(
        new RegExp(`is in force, but no answer comes from: ${silent}\nexit status 1$`),
      );
    } finally {
      await signal("CONT");
    }
    expect(await check()).toMatch(/exit status 0$/);
  });
});

test("what is logged of a message is short, and traces it from its author's login to its mailbox", async () => {
  const user = `ana@${domain}`;
  const transport = await submission(user);
  const messages = 20;
  const send = (n: number) =>
    transport.sendMail({
      from: user,
      to: user,
      subject: `${n}`,
      text: "x",
      messageId: `<trace-${n}@${domain}>`,
    });
  await send(0);
  await expect.poll(delivered).toBe(1);
  const before = await docker("logs", server.name);
  for (let n = 1; n <= messages; n++) await send(n);
  await expect.poll(delivered).toBe(1 + messages);
  const log = (await docker("logs", server.name)).slice(before.length);
  expect(log.length / messages).toBeLessThanOrEqual(2600 / 3);

  const [, queueId] = new RegExp(`(\\w+): message-id=<trace-7@${domain}>`).exec(log) ?? [];
  expect(log).toMatch(new RegExp(`${queueId}: client=.*sasl_username=${user}`));
  expect(log).toMatch(new RegExp(`qid: <${queueId}>, user: ${user}, no action: \\[0\\.00/15\\.00\\]`));
  const [, delivery] = new RegExp(`${queueId}: to=<${user}>.*status=sent.*> ([\\w+/]+)`).exec(log) ?? [];
  expect(log).toContain(`<${delivery}`);
  expect(log).toMatch(
    new RegExp(`lmtp\\(${user}\\).*<${delivery}.*stored mail into mailbox 'INBOX'`.replaceAll("+", "\\+")),
  );

  // Postfix keeps its connection to Dovecot for the next message. One that has ended meanwhile puts no message off.
  await server.exec("pkill -KILL -f ^dovecot/lmtp");
  await send(messages + 1);
  await expect.poll(delivered).toBe(2 + messages);
  transport.close();
  expect((await docker("logs", server.name)).slice(before.length)).not.toContain("status=deferred");
});

test("a folder that nobody opens has its index written all the same, and keeps its messages", async () => {
  const user = `ana@${domain}`;
  const folder = `/var/mail/v/${domain}/ana/Maildir`;
  const bytes = async (file: string) =>
    Number(await server.exec(`stat -c %s ${folder}/${file} 2>/dev/null || echo 0`));
  const files = async () =>
    (await server.exec(`cd ${folder}; ls new cur | grep -o '^[0-9][^,]*'`))
      .split("\n")
      .filter(Boolean)
      .sort();
  // The list is written again, and its header is not the same. What has just been delivered may not be in it yet.
  const uids = async () => {
    const list = await server.exec(`cat ${folder}/dovecot-uidlist`);
    return new Map([...list.matchAll(/^(\d+) .*:([^,]+)/gm)].map(([, uid, name = ""]) => [name, uid]));
  };
  const transport = await submission(user);
  const deliveredBefore = await delivered();
  // Dovecot writes no index for less.
  const enough = (await bytes("dovecot.index.log")) + 9000;
  let sent = 0;
  for (; sent < 200 && (await bytes("dovecot.index.log")) < enough; sent++) {
    await transport.sendMail({ from: user, to: user, subject: `${sent}`, text: "x" });
  }
  transport.close();
  await expect.poll(delivered).toBe(deliveredBefore + sent);
  const [index, before, kept] = [await bytes("dovecot.index"), await uids(), await files()];
  await server.exec("/usr/lib/maildomain/server/write-indexes 1k");
  expect(await bytes("dovecot.index")).toBeGreaterThan(index);
  const after = await uids();
  expect(await files()).toEqual(kept);
  expect([...after.keys()].sort()).toEqual(kept);
  expect([...before].filter(([name, uid]) => after.get(name) !== uid)).toEqual([]);
});

describe("rights", () => {
  test("the root file system is read-only, and nothing may gain rights", async () => {
    expect(await server.exec("touch /etc/x 2>&1; true")).toContain("Read-only file system");
    expect(await server.exec("grep -h NoNewPrivs /proc/[0-9]*/status | sort -u")).toBe("NoNewPrivs:\t1");
  });

  test("what meets strangers does not run as root", async () => {
    const users = `for p in /proc/[0-9]*; do
      read -r name <$p/comm && echo "$name $(stat -c %U $p)"
    done 2>/dev/null | grep -E '^(imap-login|pop3-login|smtpd|rspamd|auth|unbound) ' | sort -u`;
    const client = await imap(`ana@${domain}`);
    expect(await server.exec(users)).not.toContain("root");
    await client.logout();
  });

  test("who checks passwords keeps the memory of one hash, 19 MiB, for the next", async () => {
    await (await imap(`ana@${domain}`)).logout();
    const data = await server.exec(
      `for process in $(pgrep -f 'auth worker'); do sed -n 's/^VmData:[^0-9]*//p' /proc/$process/status; done`,
    );
    const kibibytes = data.match(/\d+/g)?.map(Number) ?? [];
    expect(Math.max(...kibibytes)).toBeGreaterThan(19 * 1024);
  });

  test("a file that says nothing is root's alone, and so is its folder", async () => {
    await serve([...generation(), { path: "new/secret", content: "s" }]);
    expect((await access()).split("\n")).toContain("600 root:root new/secret");
    const reader = "s6-setuidgid dovecot cat /run/maildomain/current";
    expect(await server.exec(`${reader}/new/secret 2>&1; true`)).toContain("Permission denied");
    expect(await server.exec(`${reader}/dovecot/app-passwords 2>&1; true`)).toContain("Permission denied");
    expect(await server.exec(`${reader}/dovecot/passwd`)).toContain(`ana@${domain}:`);
    await serve(generation());
  });

  test("a file for a user whom the image does not have is refused", async () => {
    const file = { path: "new/secret", owner: "root:nobodys", mode: 0o640, content: "s" };
    const id = await server.upload([...generation(), file]);
    expect(await server.settles(new RegExp(id))).toBe(
      `generation ${id}: access: new/secret is to be read by the group nobodys, which this image does not have`,
    );
    await serve(generation());
  });
});

/** A session from before a reload of Dovecot, and the moment of that. */
let older: { readonly session: ImapFlow; readonly reloadedAt: number };

describe("a new generation", () => {
  test("of users takes effect under an open session, and nothing is reloaded", async () => {
    const session = await imap(`ana@${domain}`);
    const before = await reloads();
    await serve(generation(["ana", "bia"]));
    const bia = await imap("bia");
    await bia.logout();
    await session.noop();
    expect(session.usable).toBe(true);
    expect(await reloads()).toBe(before);

    await serve(generation());
    await expect(imap("bia")).rejects.toThrow();
    await session.noop();
    await session.logout();
  });

  test("with a new certificate closes no session", async () => {
    const session = await imap(`ana@${domain}`);
    const old = await fingerprint("993/tcp");
    const before = await reloads();
    await serve(generation(["ana"], await makePair()));
    // A login process from before the reload may take one more connection.
    await expect.poll(() => fingerprint("993/tcp")).not.toBe(old);
    expect(await fingerprint("465/tcp")).toBe(await fingerprint("993/tcp"));
    expect(await reloads()).toBe(before + 2);
    older = { session, reloadedAt: performance.now() };
    await session.noop();
    expect(session.usable).toBe(true);
  });
});

type Damage = (files: ConfigurationFile[]) => ConfigurationFile[];
const without =
  (gone: string): Damage =>
  (files) =>
    files.filter(({ path }) => path !== gone);
const edit =
  (where: string, from: string | RegExp, to: string): Damage =>
  (files) =>
    files.map((file) => (file.path === where ? { ...file, content: file.content.replace(from, to) } : file));

describe("a bad generation is refused with its reason", () => {
  test.each<[string, Damage, RegExp]>([
    ["dovecot setting", edit("dovecot/dovecot.conf", "ssl =", "sssl ="), /Unknown setting: sssl/],
    ["curve", edit("dovecot/dovecot.conf", "X25519:", "X25518:"), /names X25518, which OpenSSL does not/],
    ["main.cf", edit("postfix/main.cf", "biff =", "bif ="), /postfix\/main\.cf: unused parameter: bif=no/],
    [
      "master.cf",
      edit("postfix/master.cf", "wrappermode", "wraper"),
      /unused parameter: smtpd_tls_wraper=yes/,
    ],
    ["table", edit("postfix/tables/aliases", " ", ""), /postfix\/tables\/aliases, line 1: expected format/],
    ["sieve", edit("dovecot/sieve/spam.sieve", "stop;", "stop"), /spam: line 5: error/],
    ["rspamd.conf", edit("rspamd/rspamd.conf", "options {", "options {{"), /rspamd\/rspamd\.conf: line: \d+/],
    [
      "lua",
      edit("rspamd/rspamd.conf", "rspamd/from_owner.lua", "rspamd/from_other.lua"),
      /cannot load lua file \/usr\/lib\/maildomain\/rspamd\/from_other\.lua/,
    ],
    [
      "unbound.conf",
      edit("unbound/unbound.conf", "serve-expired:", "serve-expird:"),
      /unbound\/unbound\.conf:\d+: error: unknown keyword 'serve-expird'/,
    ],
    ["empty root", without("unbound/root.zone"), /unbound\/root\.zone is missing/],
    [
      "trust anchor",
      edit(
        "unbound/unbound.conf",
        "serve-expired",
        'trust-anchor: "vaamonde.pti. IN DS 1 13 2 xyz"\n    serve-expired',
      ),
      /xyz/,
    ],
    ["signing key", without(`rspamd/dkim/${domain}.r1.key`), /vaamonde\.pti\.r1\.key is missing/],
    ["pair", without("tls/pair.pem"), /tls\/pair\.pem is missing or empty/],
    [
      "later image",
      edit("services", "dovecot\n", "dovecot\nlater\n"),
      /it is for another image, since this one does not have later/,
    ],
    ["accounts", without("dovecot/passwd"), /dovecot\/passwd is missing or empty/],
    ["no account", edit("dovecot/passwd", /^[\s\S]*$/, "\n"), /no line for ana@vaamonde\.pti, whose mail/],
    [
      "other key",
      edit("tls/pair.pem", "-----BEGIN", `${keyPem(makeKey())}-----BEGIN`),
      /the key does not belong/,
    ],
  ])("%s", async (_, damage, reason) => {
    const id = await server.upload(damage(generation()));
    expect(await server.settles(new RegExp(id))).toMatch(new RegExp(`^generation ${id}: .*${reason.source}`));
  });

  test("it shows in the health, the old one stays in use, and a good one heals", async () => {
    const unhealthy =
      /^unhealthy: .* the key does not belong to the certificate; generation [0-9a-f]{16} is still served$/;
    expect(await server.becomes(unhealthy)).toMatch(unhealthy);
    await (await imap("ana")).logout();
    await serve(generation());
    expect(await server.becomes(healthy)).toMatch(healthy);
  });
});

test("no session is closed later, either: Dovecot would do so six seconds after a reload, if it did so at all", async () => {
  const { session, reloadedAt } = older;
  // The refusals above have taken as long, unless the machine is fast.
  await sleep(Math.max(0, reloadedAt + 8_000 - performance.now()));
  await session.noop();
  expect(session.usable).toBe(true);
  await session.logout();
});

/** An upload whose sum is the one that was sent, and what is packed after it another. */
const repacked =
  (damage: (packed: string) => string) =>
  (whole: Buffer): Buffer => {
    const start = whole.indexOf("\n") + 1;
    const packed = gunzipSync(whole.subarray(start)).toString();
    return Buffer.concat([whole.subarray(0, start), gzipSync(damage(packed))]);
  };

const damages: readonly (readonly [string, (whole: Buffer) => Buffer, RegExp])[] = [
  ["cut off", (whole) => whole.subarray(0, -100), /^rspamd\/dkim\/vaamonde\.pti\.r1\.key is cut off$/],
  ["cut off at its start", (whole) => whole.subarray(0, 70), /^its list is not the one that was sent$/],
  [
    "with bytes from before",
    repacked((packed) => packed.replace(/\ncaio@(?=[^\s:]+:)/, "\ncai0@")),
    /^dovecot\/passwd: FAILED$/,
  ],
  ["longer than its list", repacked((packed) => `${packed}\n`), /^something follows its last file$/],
  [
    "with a path that leaves the folder",
    repacked((packed) => packed.replace("  postfix/main.cf", "  ../../etc/passwd")),
    /^its list has a line that is not "<sum> {2}<length> {2}<relative path>"$/,
  ],
  [
    "with another list",
    repacked((packed) => packed.replace("  postfix/main.cf", "  postfix/main.cg")),
    /^its list is not the one that was sent$/,
  ],
];

describe("an upload", () => {
  afterAll(() => serve(generation()));

  test.each(damages)("%s is never used, and can be finished", async (kind, damage, reason) => {
    const before = await server.generation();
    // What the one before has left in force is another one.
    const isOdd = damages.findIndex(([each]) => each === kind) % 2 === 1;
    const files = generation(["ana", "caio", ...(isOdd ? ["bia"] : [])]);
    const whole = renderGeneration(files);
    const damaged = damage(whole);
    expect(damaged.equals(whole)).toBe(false);
    try {
      await server.upload(files, damaged);
      await sleep(3_000);
      expect(await server.generation()).toBe(before);
      const report = await server.settles(/not complete/);
      expect(report.replace("the generation is not complete: ", "")).toMatch(reason);
    } finally {
      await server.upload(files);
      expect(await server.settles(new RegExp(`^${generationId(whole)}$`))).toBe(generationId(whole));
      await (await imap("caio")).logout();
    }
  });
});

test("the importer follows addresses as Postfix does: by postmap -q, until nothing changes", async () => {
  const text = `# comment
Ana@Example.org  ana@example.org, x@example.net
  # not the end
  ,<rui@example.org>
ana@example.org eva@example.org
office@example.org\tana@example.org team@example.org,
team@example.org rui@example.org,

  eva@example.org
team@example.org nobody@example.org
rui+vip@example.org eva@example.org
"q q"@example.org rui@example.org
loop@example.org pool@example.org
pool@example.org loop@example.org
@example.org rui@example.org
@Example.ORG eva@example.org
rui@example.org RUI@example.org
self@example.net self@example.net
`;
  const table = readTable("virtual", new Map([["virtual", text]]), () => undefined);
  const routes = {
    aliases: new Map([...table].map(([key, { value }]) => [key, addressesIn(value)])),
    mailboxes: new Set<string>(),
    domains: new Set<string>(),
  };
  for (const type of ["texthash", "lmdb"]) {
    const written = `printf %s ${Buffer.from(text).toString("base64")} | base64 -d >/tmp/virtual`;
    await server.exec(`${written}; [ ${type} != lmdb ] || postmap lmdb:/tmp/virtual 2>/dev/null`);
    // What postmap has answered, and what has to be asked next: all of it at once, since an exec takes its time.
    const answers = new Map<string, string | undefined>();
    const wanted = new Set<string>();
    const askAll = async (): Promise<void> => {
      const input = Buffer.from([...wanted].map((key) => `${key}\n`).join("")).toString("base64");
      const found = await server.exec(
        `printf %s ${input} | base64 -d | postmap -q - ${type}:/tmp/virtual 2>/dev/null; true`,
      );
      for (const key of wanted) answers.set(key, undefined);
      for (const line of found.split("\n"))
        answers.set(line.split("\t")[0] ?? "", line.replace(/^[^\t]*\t/, ""));
      wanted.clear();
    };
    const follow = (address: string, through: readonly string[]): string[] => {
      if (through.includes(address)) throw new Error("a loop");
      const [local = "", domain = ""] = address.split("@");
      const [plain = "", ...tag] = local.split("+");
      const keys = [address, `${plain}@${domain}`, `@${domain}`];
      for (const key of keys) if (!answers.has(key)) wanted.add(key);
      const key = keys.find((each) => answers.get(each) !== undefined);
      if (key === undefined) return [address];
      const suffix = key !== address && tag.length > 0 ? `+${tag.join("+")}` : "";
      return addressesIn(answers.get(key) ?? "")
        .map((target) => target.replace("@", `${suffix}@`))
        .flatMap((target) => (target === address ? [target] : follow(target, [...through, address])));
    };
    const endsOf = (address: string): string[] => {
      try {
        return [...new Set(follow(address, []))].sort();
      } catch {
        return [];
      }
    };
    const addresses = [
      ...[...table.keys()].map((key) => (key.startsWith("@") ? `nobody${key}` : key)),
      ...["ana+a+b@example.org", "rui+x@example.org", "y@example.net", "self+t@example.net"],
    ].filter((address) => !address.includes(" "));
    do {
      if (wanted.size > 0) await askAll();
      addresses.forEach(endsOf);
    } while (wanted.size > 0);
    for (const address of addresses) {
      expect([...recipientsOf(address, routes)], `${type} ${address}`).toEqual(endsOf(address));
    }
  }
});

test("the resolver of a server that is in the world starts from the root", async () => {
  await serve(generation(["ana"], secrets.pair, { kind: "recursive" }));
  expect(await server.becomes(healthy)).toMatch(healthy);
  await serve(generation());
});

test("stops in order, and starts again with its queue and mail, and what it knows of attempts to log in", async () => {
  const transport = createTransport({
    host: "127.0.0.1",
    port: await server.port("465/tcp"),
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: "ana", pass: password },
  });
  const from = `ana@${domain}`;
  const inbox = async () => {
    const client = await imap(from);
    const status = await client.status("INBOX", { messages: true });
    await client.logout();
    return status ? status.messages : undefined;
  };
  const before = (await inbox()) ?? 0;
  await transport.sendMail({ from, to: from, subject: "kept", text: "x" });
  await expect.poll(inbox).toBe(before + 1);
  const attempts = new ImapAttempts(await server.port("993/tcp"));
  await attempts.guess(30, () => ({ user: "bia", from: "" }));
  const limits = await server.exec("maildomain-limits list");
  expect(limits).toMatch(/^pair\tbia@vaamonde\.pti [0-9.]+\t25\t25\t\d+$/);
  const known = "cat /var/mail/v/.maildomain/logins/journal | grep '^known'";
  expect(await server.exec(known)).toContain(` ${from} `);
  const session = await imap(from);
  const waits = `From: ${from}\nSubject: waits\n\nx`;
  // Without Dovecot there is nobody to deliver to: this one has to wait in the queue.
  await server.exec(
    `s6-svc -wD -d /run/service/dovecot && printf '${waits}' | sendmail -f ${from} ${from} && sleep 2`,
  );
  expect(await server.exec("postqueue -j")).toContain('"queue_name": "deferred"');
  // Postfix itself would not try it again today.
  await server.exec("s6-setuidgid postfix touch -d '1 day' /var/spool/postfix/deferred/*/*");

  await docker("stop", server.name);
  expect(await server.exitCode()).toBe("0");
  expect(session.usable).toBe(false);

  await docker("start", server.name);
  expect(await server.becomes(healthy)).toMatch(healthy);
  expect(await server.exec("maildomain-limits list")).toBe(limits);
  expect(await server.exec(known)).toContain(` ${from} `);
  await expect.poll(inbox).toBe(before + 2);
});

/** What was not on the disk at the moment of a power cut. */
const torn: Readonly<Record<string, string>> = {
  // Ends in zeros: the first look fails, and so does the first delivery.
  caio: "head -c -600 dovecot.index.log >log; head -c 600 /dev/zero >>log; cat log >dovecot.index.log; rm log",
  // A delivery before the first look hides what is not in the list.
  dina: "truncate -s 800 dovecot-uidlist",
};

test("after a stop that was not in order, mailboxes that were in use are repaired before anybody comes", async () => {
  const users = Object.keys(torn);
  await serve(generation(["ana", ...users]));
  const inMaildir = (user: string, script: string) =>
    server.exec(`cd /var/mail/v/${domain}/${user}/Maildir && s6-setuidgid vmail sh -c '${script}'`);
  const count = async (user: string) => {
    const client = await imap(`${user}@${domain}`);
    const { exists } = await client.mailboxOpen("INBOX");
    await client.logout();
    return exists;
  };
  for (const user of users) {
    await count(user);
    const write = 'printf "Subject: $n\\n\\nx\\n" >"cur/17000000$n.M1P1.host:2,S"';
    await inMaildir(user, `for n in $(seq 10 69); do ${write}; done`);
    expect(await count(user)).toBe(60);
  }
  for (const [user, tear] of Object.entries(torn)) await inMaildir(user, tear);
  // As if the machine had been started since.
  await server.exec("echo another >/var/mail/v/.maildomain/in-use");
  const before = (await docker("logs", server.name)).length;
  const logged = async () => (await docker("logs", server.name)).slice(before);
  await docker("kill", server.name);
  await docker("start", server.name);
  expect(await server.becomes(healthy)).toMatch(healthy);
  for (const user of users) {
    const to = `${user}@${domain}`;
    await server.exec(`printf 'From: ${to}\nSubject: new\n\nx' | sendmail -f ${to} ${to}`);
    await server.exec('until [ "$(postqueue -j)" = "" ]; do sleep 0.2; done');
    expect([user, await count(user)]).toEqual([user, 61]);
  }
  const log = await logged();
  expect(log).toMatch(
    /check-mailboxes: after a stop that was not in order, \d mailboxes were checked and [1-9] of them repaired/,
  );
  expect(log).not.toMatch(/status=deferred/);
  await docker("restart", server.name);
  expect(await server.becomes(healthy)).toMatch(healthy);
  expect((await logged()).match(/check-mailboxes: /g)).toHaveLength(1);
  await serve(generation());
});

test("a start with a rule that does not compile continues with the generation before: mail is accepted and read", () =>
  startWithBadGeneration(
    server,
    generation(),
    async () => {
      await server.upload(edit("dovecot/sieve/spam.sieve", "stop;", "stop")(generation()));
      return /spam: line 5: error/;
    },
    async () => {
      const from = `ana@${domain}`;
      await server.exec(`printf 'From: ${from}\nSubject: served\n\nx' | sendmail -f ${from} ${from}`);
      const isThere = async () => {
        const client = await imap(from);
        await client.mailboxOpen("INBOX");
        const found = await client.search({ subject: "served" });
        await client.logout();
        return (found || []).length;
      };
      await expect.poll(isThere).toBe(1);
    },
  ));
