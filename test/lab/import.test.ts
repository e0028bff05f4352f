import { execFileSync } from "node:child_process";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { dkimVerify } from "mailauth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { Checkouts } from "../kit/checkout.ts";
import { docker } from "../kit/engine.ts";
import { Lab } from "../kit/lab.ts";
import { MailClients, refusalOf } from "../kit/mail-clients.ts";

/** Passwords that people had before the move, with hashes that nobody here made. */
const people = {
  // docker-mailserver's own documentation.
  ana: [
    "secret",
    "{SHA512-CRYPT}$6$W4rxRQwI6HNMt9n3$riCi5/OqUxnU8eZsOlZwoCnrNgu1gBGPkJc.ER.LhJCu7sOg9i1kBrRIistlBIp938GdBgMlYuoXYUU5A4Qiv0",
  ],
  // `doveadm pw -s ARGON2ID` of Dovecot 2.4.1.
  rui: [
    "old secret words",
    "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$TeYUVLLNHsRQFWeijNAaCg$uX2LevNjSP+xrXII+12WxWmaZSKOmr7q71flvZKgpSA",
  ],
} as const;

/** A company that moves from docker-mailserver: its folder as that has it, and nothing else. */
describe("import from docker-mailserver", () => {
  let lab: Lab;
  let running: RunningStack;
  let source: string;
  /** A copy of the project, in which the import writes. */
  let checkout: string;
  let report: string;
  const rsa = generateKeyPairSync("rsa", { modulusLength: 4096 });
  const ed25519 = generateKeyPairSync("ed25519");

  beforeAll(async () => {
    lab = await Lab.create({ domains: [] });
    source = await mkdtemp(join(tmpdir(), "maildomain-import-"));
    await writeSource(source, oldFolder(rsa.privateKey, ed25519.privateKey));
    checkout = await Checkouts.without(lab).make();
    // It refuses to write over a stack's file.
    await rm(inStacks(`Pulumi.${lab.stack}.yaml`));
    const words = ["import", "docker-mailserver", source, "--stack", lab.stack];
    const { status, output } = await lab.script(words, checkout);
    expect(status, output).toBe(0);
    report = output.replaceAll(lab.stack, "company");
    const text = await readFile(inStacks(`Pulumi.${lab.stack}.yaml`), "utf8");
    const { encryptionsalt, config } = parse(text);
    const file = { encryptionsalt, config: { ...config, "maildomain:address": lab.address } };
    await lab.writeConfigFile(JSON.stringify(file));
    await succeed("up", ["--yes", "--skip-preview"]);
    running = await lab.settled();
  });

  afterAll(async () => {
    for (const folder of [checkout, source]) await rm(folder, { recursive: true, force: true });
    const mail = ["identity", "mail-server-mailboxes", "mail-server-queue"].map(
      (role) => `volume ${lab.prefix}-${role}`,
    );
    await lab.takeDown(mail);
  });

  const inStacks = (name: string) => join(checkout, "stacks", name);

  /** By the copy's program, which reads the directory beside the stack's file. */
  const operate = (command: string, args: readonly string[]) => lab.operate(command, args, {}, checkout);

  async function succeed(command: string, args: readonly string[]): Promise<string> {
    const { status, output } = await operate(command, args);
    expect(status, output).toBe(0);
    return output;
  }

  test("reports what it took and what not", () => {
    expect(report.slice(report.indexOf("Written:"))).toMatchInlineSnapshot(`
      "Written: stacks/Pulumi.company.yaml, stacks/company-example.net.csv
        example.org: mailboxes 3 (2 with their passwords), aliases 2, DKIM mail, 2023-ed
        example.net: mailboxes 25 (25 with their passwords), aliases 0, a new DKIM key
        Mailboxes without a quota: 26. Here each has one; they get 1 TiB.

      Not taken over:
        postfix-accounts.cf:4: its passwordHash {MD5-CRYPT} is not an accepted scheme, being too weak or unknown: use one of ARGON2ID, ARGON2I, BLF-CRYPT, SHA512-CRYPT, SHA256-CRYPT, CRYPT, PBKDF2, SSHA512, SSHA256, SCRAM-SHA-256; it gets a generated password
        postfix-main.cf: changes the server's own configuration
        postfix-regexp.cf:1: is an alias by pattern: declare the addresses that it is for
        postfix-send-access.cf:1: restricts who may send
        postfix-virtual.cf:4: "nobody@example.org" is not a mailbox or alias here: declare it, or use one that is
        postfix-virtual.cf:4: none of its targets is accepted

      Next: look at stacks/Pulumi.company.yaml, then npm run preview -- --stack company. docs/migrating.md describes the steps of a move.
      "
    `);
  });

  test("everybody logs in with the password of before, and with no other", async () => {
    const first = new MailClients(running);
    for (const [name, [password]] of Object.entries(people)) {
      expect(await first.inbox(`${name}@example.org`, password)).toEqual([]);
    }
    expect(await refusalOf(first.inbox("ana@example.org", "old secret words"))).toMatch(
      /AUTHENTICATIONFAILED/,
    );
    // From the table of many: hashed by OpenSSL when the folder was made.
    expect(await new MailClients(running, 1).inbox("user17@example.net", "password of user17")).toEqual([]);
    expect(running.passwords).toEqual({ "late@example.org": expect.stringMatching(/^[a-z2-9-]{23}$/) });
  });

  test("mail is signed with the keys of before: receivers that know only the old records accept it", async () => {
    const clients = new MailClients(running);
    const transport = clients.smtp("submission", "ana@example.org", people.ana[0]);
    await transport.sendMail({
      from: "a.lima@example.org",
      to: "office@example.org",
      subject: "moved",
      text: "x",
    });
    transport.close();
    const inbox = () => clients.inbox("rui@example.org", people.rui[0]);
    await expect.poll(inbox).toHaveLength(1);
    const [message] = await inbox();
    const { results } = await dkimVerify(message ?? "", {
      resolver: async (name) => [[oldRecords(rsa.publicKey, ed25519.publicKey)[name] ?? ""]],
    });
    expect(Object.fromEntries(results.map(({ selector, status }) => [selector, status.result]))).toEqual({
      mail: "pass",
      "2023-ed": "pass",
    });
    for (const [name, record] of Object.entries(oldRecords(rsa.publicKey, ed25519.publicKey))) {
      const [published] = await clients.resolver().resolveTxt(name);
      expect(published?.join("").replaceAll(" ", "")).toBe(record.replaceAll(" ", ""));
    }
  });

  test("no key and no hash lies readable in the state or the stack file, and nothing is left to change", async () => {
    const state = await lab.exportState();
    const file = await readFile(inStacks(`Pulumi.${lab.stack}.yaml`), "utf8");
    const seed = ed25519.privateKey.export({ format: "jwk" }).d ?? "";
    for (const secret of ["PRIVATE KEY", Buffer.from(seed, "base64url").toString("base64")]) {
      expect(state).not.toContain(secret);
      expect(file).not.toContain(secret);
    }
    for (const [, hash] of Object.values(people)) expect(state).not.toContain(hash.slice(-40));
    await succeed("preview", ["--expect-no-changes"]);
  });

  test("a key in plain text is refused outside of a lab, and not shown", async () => {
    const privateKey = rsa.privateKey.export({ type: "pkcs8", format: "pem" });
    const dkim = [{ selector: "mail", algorithm: "rsa", privateKey }];
    const plain = await Lab.create({
      certificates: { issuer: "private" },
      domains: [{ name: "example.org", mailboxes: [{ name: "ana" }], dkim }],
    });
    try {
      const { status, output } = await plain.operate("preview");
      expect(status).not.toBe(0);
      expect(output).toContain("maildomain:domains[0].dkim[0].privateKey: is in plain text");
      expect(output).not.toContain("PRIVATE KEY");
    } finally {
      await plain.takeDown();
    }
  });

  test("a bad line in the directory is refused with its place, and a good one reaches the running server", async () => {
    const directory = inStacks(`${lab.stack}-example.net.csv`);
    const container = running.containers.mailServer;
    const id = await docker("inspect", "--format", "{{.Id}}", container);
    const rows = await readFile(directory, "utf8");
    await writeFile(directory, `${rows}Eva,1 TiB,\n../eva,1 TiB,\neva,5 GB,{SHA512-CRYPT}$6$cut\n`);
    const { status, output } = await operate("up", ["--yes", "--skip-preview"]);
    expect(status).not.toBe(0);
    const reported = output.split("\n").filter((line) => line.includes(".csv:"));
    expect(reported.map((line) => line.replaceAll(`${lab.stack}-example.net.csv`, "csv").trim())).toEqual([
      'csv:28: name: "../eva" is not a valid local part: use letters, digits, "_", "-" and single dots, starting with a letter, a digit or "_" and not ending with a dot',
      "csv:29: passwordHash: is not a complete hash of the scheme SHA512-CRYPT: it may have been cut off",
      'csv:29: quota: "5 GB" is not a valid size: use a number and KiB, MiB, GiB or TiB, such as 1 GiB',
      'csv:29: name: "eva" is already declared as csv:27: remove one of the two',
    ]);
    expect(output).toContain("nothing has been changed");

    await writeFile(directory, `${rows}Eva,1 TiB,\n`);
    expect(await succeed("preview", ["--diff"])).toContain("::eva@example.net]");
    await succeed("up", ["--yes", "--skip-preview"]);
    running = await lab.settled();
    const password = running.passwords["eva@example.net"] ?? "";
    expect(await new MailClients(running, 1).inbox("eva@example.net", password)).toEqual([]);
    expect(await docker("inspect", "--format", "{{.Id}}", container)).toBe(id);
  });
});

function oldRecords(rsa: KeyObject, ed25519: KeyObject): Readonly<Record<string, string>> {
  const spki = rsa.export({ type: "spki", format: "der" }).toString("base64");
  const raw = Buffer.from(ed25519.export({ format: "jwk" }).x ?? "", "base64url").toString("base64");
  return {
    "mail._domainkey.example.org": `v=DKIM1; k=rsa; p=${spki}`,
    "2023-ed._domainkey.example.org": `v=DKIM1; k=ed25519; p=${raw}`,
  };
}

/** As `setup email add`, `setup alias add` and `setup config dkim` of docker-mailserver leave it, and people's hands. */
function oldFolder(rsa: KeyObject, ed25519: KeyObject): Readonly<Record<string, string>> {
  const { d = "", x = "" } = ed25519.export({ format: "jwk" });
  const many = Array.from({ length: 25 }, (_, n) => {
    const hash = execFileSync("openssl", ["passwd", "-6", "-stdin"], { input: `password of user${n}` });
    return `user${n}@example.net|{SHA512-CRYPT}${hash.toString().trim()}`;
  });
  return {
    "postfix-accounts.cf": [
      "# made by setup",
      `ana@example.org|${people.ana[1]}`,
      `Rui@Example.org|${people.rui[1]}|userdb_quota_rule=*:storage=2G`,
      "late@example.org|{MD5-CRYPT}$1$pSgiyPFU$pbiUyUmvNw/1G9nMt4jhs0\r",
      ...many,
      "",
    ].join("\n"),
    "postfix-virtual.cf": [
      "a.lima@example.org ana@example.org",
      "office@example.org ana@example.org,",
      "  rui@example.org",
      "gone@example.org nobody@example.org",
      "",
    ].join("\n"),
    "postfix-regexp.cf": "/^test[0-9]+@example\\.org/ ana@example.org\n",
    "postfix-send-access.cf": "rui@example.org REJECT\n",
    "dovecot-quotas.cf": "ana@example.org:5G\n",
    "postfix-main.cf": "message_size_limit = 1000\n",
    "opendkim/KeyTable":
      "mail._domainkey.example.org example.org:mail:/etc/opendkim/keys/example.org/mail.private\n",
    "opendkim/SigningTable": "*@example.org mail._domainkey.example.org\n",
    "opendkim/TrustedHosts": "127.0.0.1\nlocalhost\n",
    "opendkim/keys/example.org/mail.private": rsa.export({ type: "pkcs1", format: "pem" }).toString(),
    "opendkim/keys/example.org/mail.txt": "mail._domainkey IN TXT (…)\n",
    "rspamd/dkim/ed25519-2023-ed-example.org.private.txt": `${Buffer.concat(
      [d, x].map((part) => Buffer.from(part, "base64url")),
    ).toString("base64")}\n`,
  };
}

async function writeSource(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, { mode: 0o600 });
  }
}
