import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ImapFlow } from "imapflow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { openDialogue } from "../../verify/probes/dialogue.ts";
import { formatReport } from "../../verify/report.ts";
import { verify } from "../../verify/verify.ts";
import { authorityOf } from "../kit/authority-of.ts";
import { docker, incarnation, objectsOf } from "../kit/engine.ts";
import { Lab } from "../kit/lab.ts";
import { MailClients, refusalOf } from "../kit/mail-clients.ts";

const run = promisify(execFile);
const certificates = { certificates: { issuer: "private" } };
const declared = "correct horse battery staple";

/** Not a lab: two domains, an alias, the old ports open, and passwords declared and generated. */
describe("a company's stack", () => {
  let lab: Lab;
  let running: RunningStack;

  beforeAll(async () => {
    lab = await Lab.create({
      ...certificates,
      legacyPorts: true,
      backups: { maxAge: 26 },
      domains: [
        {
          name: "example.org",
          mailboxes: [{ name: "ana", displayName: "Ana Lima", password: declared }, { name: "rui" }],
          aliases: [{ name: "sales", to: ["ana@example.org", "rui@example.org"] }],
        },
        { name: "example.net", mailboxes: [{ name: "ana", aliases: ["office"] }, { name: "eva" }] },
      ],
    });
    await lab.up();
    running = await lab.settled();
  });

  afterAll(async () => {
    const mail = ["identity", "mail-server-mailboxes", "mail-server-queue"].map(
      (role) => `volume ${lab.prefix}-${role}`,
    );
    // What holds mail stays when the stack is removed; the harness removes it by its name.
    await lab.takeDown(mail);
  });

  test("verify finds nothing wrong, once a backup has been reported", async () => {
    await docker("exec", running.containers.mailServer, "touch", "/var/mail/v/.backed-up");
    expect(formatReport(await verify(running))).toMatch(/All \d+ checks passed\./);
  });

  test("passwords are generated where none is declared: long, and each its own", () => {
    const { "ana@example.org": own, ...generated } = running.passwords;
    expect(own ?? declared).toBe(declared);
    expect(Object.keys(generated).toSorted()).toEqual([
      "ana@example.net",
      "eva@example.net",
      "rui@example.org",
    ]);
    for (const password of Object.values(generated)) expect(password.length).toBeGreaterThanOrEqual(16);
    expect(new Set(Object.values(generated)).size).toBe(3);
  });

  test("they are not among the outputs that everybody sees", async () => {
    const { output } = await lab.showOutputs();
    expect(output).toContain('"passwords": "[secret]"');
    for (const password of Object.values(running.passwords)) expect(output).not.toContain(password);
  });

  test("the same user name in two domains is two people; the bare name is the first one's", async () => {
    const password = running.passwords["ana@example.net"] ?? "";
    const second = new MailClients(running, 1);
    const transport = second.smtp("submission", "ana@example.net", password);
    await transport.sendMail({
      from: "ana@example.net",
      to: "sales@example.org",
      subject: "a question",
      text: "How much?",
    });
    transport.close();
    const bare = second.smtp("submission", "ana", password);
    expect(await refusalOf(bare.verify())).toMatch(/^535 /);
    bare.close();

    const first = new MailClients(running);
    for (const [user, secret] of [
      ["ana", declared],
      ["rui", running.passwords["rui@example.org"] ?? ""],
    ] as const) {
      const inbox = () => first.inbox(user, secret);
      await expect.poll(inbox).toHaveLength(1);
      const [message] = await inbox();
      const verdicts = await first.dkim(message ?? Buffer.alloc(0));
      expect(Object.keys(verdicts)[0]).toMatch(/\._domainkey\.example\.net$/);
      expect(new Set(Object.values(verdicts))).toEqual(new Set(["pass"]));
    }
  });

  test("a user may send by an alias of its own", async () => {
    const password = running.passwords["ana@example.net"] ?? "";
    const transport = new MailClients(running, 1).smtp("submissions", "ana@example.net", password);
    const { accepted } = await transport.sendMail({
      from: "office@example.net",
      to: "eva@example.net",
      subject: "from the office",
      text: "x",
    });
    transport.close();
    expect(accepted).toEqual(["eva@example.net"]);
  });

  describe("the old ports", () => {
    const imap = (doSTARTTLS: boolean) =>
      new ImapFlow({
        host: running.endpoint.address,
        port: running.endpoint.ports.imap ?? 0,
        secure: false,
        doSTARTTLS,
        tls: { ca: running.caCertificate, servername: "imap.example.org" },
        auth: { user: "ana", pass: declared },
        logger: false,
      });

    test("143 takes a password after STARTTLS", async () => {
      const client = imap(true);
      await client.connect();
      await client.logout();
    });

    test("143 refuses one before", async () => {
      await expect(imap(false).connect()).rejects.toThrow();
      await using dialogue = await openDialogue("imap", {
        host: running.endpoint.address,
        port: running.endpoint.ports.imap ?? 0,
      });
      expect(await dialogue.ask("CAPABILITY")).toMatch(/LOGINDISABLED/);
      expect(await dialogue.ask(`LOGIN ana "${declared}"`)).toMatch(/verify NO \[PRIVACYREQUIRED\]/);
    });

    test("110 takes a password after STLS", async () => {
      const folder = await mkdtemp(join(tmpdir(), "maildomain-curl-"));
      try {
        // node-pop3 knows no STLS; curl does. The password is in a file, not among its arguments.
        await writeFile(join(folder, "ca.pem"), authorityOf(running));
        await writeFile(join(folder, "login"), `user = "ana:${declared}"\n`, { mode: 0o600 });
        const { address, ports } = running.endpoint;
        const host = `pop3.example.org:${ports.pop3}`;
        const { stdout } = await run("curl", [
          "--silent",
          "--show-error",
          "--ssl-reqd",
          "--config",
          join(folder, "login"),
          "--cacert",
          join(folder, "ca.pem"),
          "--connect-to",
          `${host}:${address}:${ports.pop3}`,
          `pop3://${host}/`,
        ]);
        expect(stdout).toMatch(/^1 \d+/);
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    test("110 refuses one before", async () => {
      await using dialogue = await openDialogue("pop3", {
        host: running.endpoint.address,
        port: running.endpoint.ports.pop3 ?? 0,
      });
      const capabilities = await dialogue.ask({ command: "CAPA", multiLine: true });
      expect(capabilities).toContain("STLS");
      expect(capabilities).not.toMatch(/^USER$/m);
      expect(await dialogue.ask("USER ana")).toMatch(/^-ERR /);
    });
  });

  describe("changes by `up`", () => {
    const domains = (ana: object, rui: object) => [
      {
        name: "example.org",
        mailboxes: [
          { name: "ana", displayName: "Ana Lima", password: declared, ...ana },
          { name: "rui", ...rui },
        ],
        aliases: [{ name: "sales", to: ["ana@example.org", "rui@example.org"] }],
      },
      { name: "example.net", mailboxes: [{ name: "ana", aliases: ["office"] }, { name: "eva" }] },
    ];
    const change = async (ana: object, rui: object): Promise<string> => {
      await lab.configure({
        ...certificates,
        legacyPorts: true,
        backups: { maxAge: 26 },
        domains: domains(ana, rui),
      });
      const preview = await lab.preview(["--diff"]);
      await lab.up();
      await lab.settled();
      return preview;
    };
    const logsIn = async (user: string, password: string): Promise<boolean> => {
      const client = new MailClients(running).imap(user, password);
      client.on("error", () => undefined);
      return client.connect().then(
        () => client.logout().then(() => true),
        () => false,
      );
    };
    const chosen = "chosen by rui himself";

    test("who is suspended is out, and a password that a user has chosen stays", async () => {
      const { mailServer } = running.containers;
      const before = await incarnation(mailServer);
      const given = running.passwords["rui@example.org"] ?? "";
      const line = `printf '%s\\n' '${given}' '${chosen}' | maildomain-password rui@example.org`;
      expect(await docker("exec", mailServer, "sh", "-c", line)).toBe("The new password is in force.");
      const preview = await change({ enabled: false }, { quota: "2 GiB" });
      expect(preview).toMatch(/enabled *: false/);
      expect(preview).toMatch(/quotaBytes *: 1073741824 => 2147483648/);
      expect(
        await Promise.all([logsIn("ana", declared), logsIn("rui", chosen), logsIn("rui", given)]),
      ).toEqual([false, true, false]);
      expect(await incarnation(mailServer)).toBe(before);
    });

    test("until another is declared, which the preview shows", async () => {
      const preview = await change({}, { password: "declared for rui" });
      expect(preview).toMatch(/changedAt[\s\S]*rui@example\.org/);
      expect(preview).not.toContain("declared for rui");
      expect(await Promise.all([logsIn("ana", declared), logsIn("rui", chosen)])).toEqual([true, false]);
      expect(await logsIn("rui", "declared for rui")).toBe(true);
    });
  });

  test("what was made is all there is, and the containers are the four of the plan", async () => {
    const things = (await objectsOf(lab.prefix)).map((thing) => thing.replace(lab.prefix, "…"));
    expect(things).toMatchInlineSnapshot(`
      [
        "container …-dns-server",
        "container …-mail-server",
        "network …-network",
        "volume …-certificates",
        "volume …-dns-server-configuration",
        "volume …-dns-server-journal",
        "volume …-dns-server-last-known-good",
        "volume …-identity",
        "volume …-mail-server-configuration",
        "volume …-mail-server-filter",
        "volume …-mail-server-last-known-good",
        "volume …-mail-server-mailboxes",
        "volume …-mail-server-queue",
      ]
    `);
  });
});
