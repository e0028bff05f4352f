import { spawn } from "node:child_process";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { ImapFlow } from "imapflow";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { resolverAt } from "../../verify/probes/dns.ts";
import { formatReport } from "../../verify/report.ts";
import { verify } from "../../verify/verify.ts";
import { judge } from "../kit/arrived-mail.ts";
import { Checkouts } from "../kit/checkout.ts";
import { docker, incarnation } from "../kit/engine.ts";
import { Lab } from "../kit/lab.ts";
import { refusalOf } from "../kit/mail-clients.ts";

/** A domain of the stack with its one user, and where its server is reached from the host. */
interface Side {
  readonly domain: string;
  readonly user: string;
  readonly container: string;
  readonly ports: { readonly smtp: number; readonly submissions: number; readonly imaps: number };
}

const password = "123456";
const mailboxes = [{ name: "ana", password }];
const furtherPorts = {
  smtp: 2025,
  submission: 2587,
  submissions: 2465,
  imaps: 2993,
  pop3s: 2995,
  sieve: 5190,
};
const thirdPorts = { smtp: 3025, submission: 3587, submissions: 3465, imaps: 3993, pop3s: 3995, sieve: 6190 };
const domains = [
  {
    name: "one.test",
    mailboxes,
    dmarc: { policy: "reject" },
    // Whom nobody can ask from within a lab.
    spf: { includes: ["_spf.example.com"] },
  },
  {
    name: "two.test",
    mailboxes: [{ name: "eva", password }, ...mailboxes],
    catchAll: ["ana@two.test"],
    dmarc: { policy: "reject" },
  },
  { name: "three.test", mailboxes, dmarc: { policy: "reject" } },
];
const second = { hostName: "mx.two.test", domains: ["two.test"], ports: furtherPorts };
const third = { hostName: "mx.three.test", domains: ["three.test"], ports: thirdPorts };
const settings = { lab: true, domains, servers: [second, third] };

let lab: Lab;
let running: RunningStack;
let one: Side;
let two: Side;

beforeAll(async () => {
  lab = await Lab.create(settings);
  await lab.up();
  running = await lab.settled();
  const side = (domain: string, role: string, ports: Side["ports"]): Side => ({
    domain,
    user: `ana@${domain}`,
    container: `${lab.prefix}-${role}`,
    ports,
  });
  one = side("one.test", "mail-server", { smtp: 25, submissions: 465, imaps: 993 });
  two = side("two.test", "mail-server-mx.two.test", furtherPorts);
});
afterAll(() => lab?.takeDown());

describe.each([
  ["the main server's domain to the further one's", () => [one, two] as const],
  ["the further server's domain to the main one's", () => [two, one] as const],
])("a message from %s", (_, sides) => {
  let message: Buffer;
  beforeAll(async () => {
    const [from, to] = sides();
    await submit(from, to);
    message = await arrival(to, from);
  });

  test("goes to the key that DANE names, as the sender saw it and as posttls-finger does", async () => {
    const [from, to] = sides();
    expect(await docker("logs", from.container)).toMatch(
      new RegExp(`Verified TLS connection established to \\S+\\.${to.domain}\\[198\\.19\\.`),
    );
    const finger = ["posttls-finger", "-t", "10", "-l", "dane", "-c", to.domain];
    expect(await docker("exec", from.container, ...finger)).toContain("Verified TLS connection established");
  });

  test("passes SPF, DKIM and DMARC at the receiver", () => {
    const [results = ""] =
      /^Authentication-Results: (?:.*\r?\n)(?:[ \t].*\r?\n)*/m.exec(message.toString()) ?? [];
    expect(results.match(/\b(?:spf|dkim|dmarc)=\w+/g)?.toSorted()).toEqual([
      "dkim=pass",
      "dkim=pass",
      "dmarc=pass",
      "spf=pass",
    ]);
  });

  test("passes them as mailauth judges it, by what the receiver sees of the DNS", async () => {
    const [from] = sides();
    const server = {
      address: await insideAddress(from.container),
      hostName: from === two ? "mx.two.test" : "mail.one.test",
    };
    const names = resolverAt(await insideAddress(`${lab.prefix}-dns-server-inside`));
    const { spf, dkim, dmarc } = await judge(message, server, names);
    expect([spf, ...dkim.map((signature) => signature.split(" ")[1]), dmarc]).toEqual(Array(4).fill("pass"));
  });

  test("is refused when somebody else sends it", async () => {
    const [from, to] = sides();
    const stranger = createTransport({
      host: lab.address,
      port: to.ports.smtp,
      name: "stranger.test",
      tls: { rejectUnauthorized: false },
    });
    const forged = { from: from.user, to: to.user, subject: "forged", text: "Send me your password." };
    expect(await refusalOf(stranger.sendMail(forged))).toMatch(/^55\d 5\.7\.1 .*DMARC policy/);
  });
});

test("nothing leaves the lab: a name outside is refused at submission", async () => {
  const message = { from: one.user, to: "somebody@example.com", subject: "x", text: "x" };
  expect(await refusalOf(submission(one).sendMail(message))).toMatch(/^550 5\.1\.2 .*Domain not found/);
});

test("verify finds nothing wrong with what is declared, nor with who has chosen a password", async () => {
  await docker(
    "exec",
    two.container,
    "sh",
    "-c",
    `printf '%s\\n%s\\n' ${password} "eva's own password" | /usr/lib/maildomain/server/maildomain-password eva@two.test`,
  );
  const results = await verify(running);
  expect(formatReport(results)).toMatch(/All \d+ checks passed\./);
  const seen = (id: string) => results.find((result) => result.id === id)?.outcome.seen;
  expect(seen("spf.strangers.one.test")).toMatch(/^not checked: _spf\.example\.com/);
  expect(seen("unknown-user.two.test@mx.two.test")).toMatch(/^250 /);
  const logins = results.flatMap(({ id }) => /^login\.imaps\.(\S+@two\.test)@mx/.exec(id)?.[1] ?? []);
  expect(logins).toEqual(["ana@two.test"]);
});

/** The state of a lab with two further servers, of which the first is removed and the other gets another host name. */
describe("further servers that change", () => {
  let checkout: string;
  let three: Side;
  const withoutSecond = domains.filter(({ name }) => name !== "two.test");
  beforeAll(async () => {
    checkout = await Checkouts.without(lab).make();
    const ports = { smtp: thirdPorts.smtp, submissions: thirdPorts.submissions, imaps: thirdPorts.imaps };
    three = {
      domain: "three.test",
      user: "ana@three.test",
      container: `${lab.prefix}-mail-server-mx.three.test`,
      ports,
    };
    await submit(three, three);
    await arrival(three, three);
  });
  afterAll(() => rm(checkout, { recursive: true, force: true }));

  test("a server that would lose its mail to another name, and a domain that would leave its own, are refused", async () => {
    await lab.configure({
      ...settings,
      servers: [
        { ...second, hostName: "mx2.two.test" },
        { ...third, domains: ["one.test"], ports: thirdPorts },
      ],
    });
    const { status, output } = await lab.operate("preview");
    expect(status).not.toBe(0);
    expect(output).toMatch(/servers\[0\]\.hostName: .*add the line `name: mx\.two\.test`/);
    expect(output).toMatch(
      /servers\[1\]\.domains\[0\]: one\.test would move from the main server to server mx\.three\.test/,
    );
    expect(output).toMatch(
      /domains\[2\]\.name: three\.test would move from server mx\.three\.test to the main server/,
    );
  });

  test("the first is removed, the other has its ports and another name: it keeps its place, its mail and its volumes", async () => {
    const before = await insideAddress(three.container);
    await lab.configure({
      ...settings,
      domains: withoutSecond,
      servers: [{ ...third, name: "mx.three.test", hostName: "mail3.three.test", ports: furtherPorts }],
    });
    const refused = await lab.operate("up", ["--yes", "--skip-preview"]);
    expect(refused.status).not.toBe(0);
    expect(refused.output).toMatch(
      /servers\[0\]\.ports\.smtp: mail-server-mx\.two\.test still has port 2025 .*`npm run up`/,
    );
    expect(await insideAddress(two.container)).not.toBe("");

    const { status, output } = await lab.script(["up", "--stack", lab.stack], checkout);
    expect(status, output).toBe(0);
    expect(output).toMatch(/Removed the container of mail-server-mx\.two\.test/);
    await lab.up(["--expect-no-changes"]);
    running = await lab.settled();
    const now = { ...three, ports: furtherPorts };
    expect(await insideAddress(now.container)).toBe(before);
    expect(String(await arrival(now, three))).toContain("Hello");
    const host = "mail3.three.test";
    const socket = connect({
      host: lab.address,
      port: now.ports.submissions,
      servername: host,
      ca: running.caCertificate,
    });
    const [greeting] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    expect(String(greeting)).toMatch(new RegExp(`^220 ${host} `));
  });

  test("whoever still holds the MX record from before, or that the new name is none, finds the former name, and the key that it had, until the TTL has passed", async () => {
    const finger = ["posttls-finger", "-t", "10", "-l", "dane", "-c", "[mx.three.test]"];
    expect(await docker("exec", one.container, ...finger)).toContain("Verified TLS connection established");
    const { output: steps } = await lab.script(["stages", "--stack", lab.stack], checkout);
    expect(steps).toMatch(/former name mx\.three\.test +kept; next: run `npm run up`, .* \(safe from 2/);

    const names = new Resolver();
    names.setServers([await insideAddress(`${lab.prefix}-dns-server-inside`)]);
    expect(await exchangesOf(names, "three.test")).toEqual(["10 mail3.three.test", "20 mx.three.test"]);

    await lab.letPass(3600);
    await lab.up();
    await lab.settled();
    expect(await exchangesOf(names, "three.test")).toEqual(["10 mail3.three.test"]);
    expect(await names.resolve4("mail3.three.test")).toEqual([await insideAddress(three.container)]);
    await expect(names.resolve4("mx.three.test")).rejects.toMatchObject({ code: "ENOTFOUND" });
    await lab.up(["--expect-no-changes"]);
  });

  test("rules that do not compile are refused before anything changes, with what is wrong", async () => {
    const before = await docker("exec", one.container, "maildomain-generation");
    await writeFile(join(checkout, "stacks/broken.sieve"), 'require "fileinto";\nfileint "Junk";\n');
    await writeFile(join(checkout, "stacks/whole.sieve"), 'require "fileinto";\nfileinto "Junk";\n');
    const withRules = (sieve: string) =>
      lab.configure({
        ...settings,
        domains: [{ ...domains[0], mailboxes: [{ ...mailboxes[0], sieve }] }, domains[2]],
        servers: [{ ...third, name: "mx.three.test", hostName: "mail3.three.test", ports: furtherPorts }],
      });
    await withRules("broken.sieve");
    for (const command of ["preview", "up"]) {
      const { status, output } = await lab.script([command, "--stack", lab.stack], checkout);
      expect(status).not.toBe(0);
      expect(output).toMatch(
        /domains\[0\]\.mailboxes\[0\]\.sieve: stacks\/broken\.sieve does not compile: line 2: error: unknown command 'fileint'/,
      );
    }
    expect(await docker("exec", one.container, "maildomain-generation")).toBe(before);
    await withRules("whole.sieve");
    const { status, output } = await lab.script(["preview", "--stack", lab.stack], checkout);
    expect(status, output).toBe(0);
  });

  /** Another image of the mail servers, in whose check of a configuration this comes first. */
  const changeImage = async (check: string) => {
    const path = "images/mail-server/rehearse";
    const rest = await readFile(new URL(`../../${path}`, import.meta.url), "utf8");
    await writeFile(join(checkout, path), `#!/bin/bash\n${check}\n${rest}`);
  };
  const kept = () => [one, { ...three, ports: furtherPorts }];

  test("an image that does not serve what its servers have is refused by plain pulumi, with each server and reason; no session ends", async () => {
    const before = await Promise.all(kept().map(({ container }) => incarnation(container)));
    const sessions = await Promise.all(kept().map(imap));
    await changeImage('echo "postfix/main.cf: made up"; exit 1');
    const { status, output } = await lab.operate("up", ["--yes", "--skip-preview"], {}, checkout);
    expect(status).not.toBe(0);
    for (const server of ["mail-server", "mail-server-mx.three.test"]) {
      expect(output).toMatch(
        new RegExp(
          `${server}: its new image does not serve its configuration: generation \\w+: postfix/main.cf: made up\n`,
        ),
      );
    }
    expect(output).toContain("No server has been stopped.");
    expect(await Promise.all(kept().map(({ container }) => incarnation(container)))).toEqual(before);
    for (const session of sessions) {
      await session.noop();
      await session.logout();
    }
  });

  test("an image that does replaces one server after another, each asked to stop, and healthy before the next one stops", async () => {
    await changeImage("echo once >>/run/rehearsals");
    const containers = kept().map(({ container }) => container);
    const events = spawn("docker", [
      "events",
      ...containers.flatMap((container) => ["--filter", `container=${container}`]),
      ...["kill", "die", "start", "health_status"].flatMap((event) => ["--filter", `event=${event}`]),
      ...["--format", "{{.Actor.Attributes.name}} {{.Action}} {{.Actor.Attributes.signal}}"],
    ]);
    let seen = "";
    events.stdout.on("data", (text) => {
      seen += String(text);
    });
    const { status, output } = await lab.script(["up", "--stack", lab.stack], checkout);
    expect(status, output).toBe(0);
    const expected = containers.flatMap((container) =>
      ["kill 15", "die", "start", "health_status: healthy"].map((event) => `${container} ${event}`),
    );
    await expect.poll(() => expected.filter((event) => !seen.includes(event))).toEqual([]);
    events.kill();
    expect(expected.toSorted((a, b) => seen.indexOf(a) - seen.indexOf(b))).toEqual(expected);
    // Nobody waits for the check twice.
    for (const container of containers) await docker("exec", container, "test", "!", "-e", "/run/rehearsals");
  });

  test("an up that repeats the last one, but for a password, is not previewed first; any other is", async () => {
    const up = async (mailbox: object = {}) => {
      const changed = { ...domains[0], mailboxes: [{ ...mailboxes[0], sieve: "whole.sieve", ...mailbox }] };
      const servers = [
        { ...third, name: "mx.three.test", hostName: "mail3.three.test", ports: furtherPorts },
      ];
      await lab.configure({ ...settings, domains: [changed, domains[2]], servers });
      const { status, output } = await lab.script(["up", "--all", "--stack", lab.stack], checkout);
      expect(status, output).toBe(0);
      return output.match(/^(?:Previewing update|Updating)(?= \()/gm);
    };
    expect(await up()).toEqual(["Updating"]);
    expect(await up({ password: "another one" })).toEqual(["Updating"]);
    expect(await up({ password: "another one", displayName: "Ana Lima" })).toEqual([
      "Previewing update",
      "Updating",
    ]);
  });

  test("down says on a terminal what it would delete, and deletes nothing until the stack's name is typed", async () => {
    const containers = () => docker("ps", "--quiet", "--filter", `name=${lab.prefix}`);
    const before = await containers();
    const { status, output } = await lab.scriptOnTerminal(["down", "--stack", lab.stack], "yes", checkout);
    const sentence = `Stack ${lab.stack}: 2 mailboxes, [\\d.]+ KiB of mail will be deleted\\.`;
    expect(output).toMatch(
      new RegExp(`${sentence}[^]*Type its name to remove it: [^]*Nothing was changed\\.`),
    );
    expect(status).toBe(1);
    // A script has nobody to ask, and has to say that it is sure.
    const silent = await lab.script(["down", "--stack", lab.stack], checkout);
    expect(silent).toMatchObject({ status: 2, output: expect.stringContaining("elsewhere add --yes") });
    expect(await containers()).toBe(before);
  });
});

function submission({ user, ports, domain }: Side) {
  const tls = { ca: running.caCertificate, servername: `smtp.${domain}` };
  return createTransport({
    host: lab.address,
    port: ports.submissions,
    secure: true,
    tls,
    auth: { user, pass: password },
  });
}

async function submit(from: Side, to: Side): Promise<void> {
  await submission(from).sendMail({
    from: from.user,
    to: to.user,
    subject: `from ${from.domain}`,
    text: "Hello",
  });
}

async function imap({ domain, user, ports }: Side): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: lab.address,
    port: ports.imaps,
    secure: true,
    tls: { ca: running.caCertificate, servername: `imap.${domain}` },
    auth: { user, pass: password },
    logger: false,
  });
  await client.connect();
  return client;
}

/** The message in the receiver's inbox, once it has arrived. */
async function arrival(to: Side, from: Side): Promise<Buffer> {
  const client = await imap(to);
  try {
    await client.mailboxOpen("INBOX");
    const deadline = performance.now() + 120_000;
    for (;;) {
      await client.noop();
      const found = await client.fetchOne("*", { source: true });
      const source = found ? found.source : undefined;
      if (source?.includes(`Subject: from ${from.domain}`)) return source;
      if (performance.now() > deadline) throw new Error(`${to.user} got nothing from ${from.domain}.`);
      await sleep(300);
    }
  } finally {
    await client.logout();
  }
}

async function exchangesOf(resolver: Resolver, domain: string): Promise<string[]> {
  const exchanges = await resolver.resolveMx(domain);
  return exchanges.map(({ priority, exchange }) => `${priority} ${exchange}`).toSorted();
}

function insideAddress(container: string): Promise<string> {
  const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  return docker("container", "inspect", "--format", format, container);
}
