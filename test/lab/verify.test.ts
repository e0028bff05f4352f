import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { parseGeneration, renderGeneration } from "../../servers/generation/generation.ts";
import { findProgram } from "../../toolchain/child-process.ts";
import type { Result } from "../../verify/check.ts";
import { planChecks } from "../../verify/plan.ts";
import { resolverAt } from "../../verify/probes/dns.ts";
import { exitStatus, formatReport } from "../../verify/report.ts";
import { reportSchema } from "../../verify/report-schema.ts";
import { verify } from "../../verify/verify.ts";
import { authorityOf } from "../kit/authority-of.ts";
import { Breakage, type Repair } from "../kit/breakage.ts";
import { bringGeneration, generationIn } from "../kit/configuration-volume.ts";
import { documentMailboxes, domain, password } from "../kit/document-lab.ts";
import { docker } from "../kit/engine.ts";
import { Lab } from "../kit/lab.ts";
import { canHaveOwnAddress, OwnAddress } from "../kit/own-address.ts";
import { roundsOf } from "./verify-rows/rounds.ts";
import { certificates, days, partner, type Row } from "./verify-rows/row.ts";

const run = promisify(execFile);

const leave = `${domain}._report._dmarc.${partner}`;

/** The course exercise's lab, with what its file leaves out and `verify` looks at. */
const settings = {
  lab: true,
  backups: { maxAge: 26 },
  domains: [
    {
      name: domain,
      mailboxes: documentMailboxes,
      certificates: { issuers: ["letsencrypt.org"] },
      dmarc: { reports: `dmarc@${partner}` },
    },
  ],
};

/** What a check asks, without whom: `dns.srv`, `tls.old`, `restarts` … */
const kindOf = (id: string) =>
  /^(?:(?:dns|mail|web|dnssec|auth|forged|others|closed)\.[a-z0-9-]+|spf\.strangers|tls\.old|relay\.own-sender|[a-z-]+)/.exec(
    id,
  )?.[0] ?? id;

describe("what verify sees", () => {
  let lab: Lab;
  let running: RunningStack;
  let breakage: Breakage;
  let own: OwnAddress | undefined;

  beforeAll(async () => {
    if (canHaveOwnAddress) own = await OwnAddress.add();
    lab = await Lab.create({ ...settings, ...(own && { address: own.address }) });
    // A small disk that can be filled: the engine takes a volume of this name as it finds it.
    const options = ["type=tmpfs", "device=tmpfs", "o=size=64m,nr_inodes=2000,uid=5000,gid=5000,mode=0700"];
    await docker(
      "volume",
      "create",
      ...options.flatMap((option) => ["--opt", option]),
      `${lab.prefix}-mail-server-mailboxes`,
    );
    await lab.up();
    running = await lab.settled();
    breakage = new Breakage(lab, running, own);
    await breakage.inMailServer("touch /var/mail/v/.backed-up");
  });

  afterAll(async () => {
    await lab.takeDown();
    await own?.[Symbol.asyncDispose]();
  });

  const withNames = (ids: readonly string[]) =>
    ids.map((id) =>
      id
        .replace("MAIL", breakage.mailServer)
        .replace("WEB", breakage.webServer)
        .replace("REVERSE", breakage.reverseName)
        .replace("ADDRESS", lab.address),
    );

  // Many rows break a server by hand, in its files, which one check sees in all of them; it has a row of its own. The server
  // notices it itself after a while.
  const redIn = (results: readonly Result[], files = false) =>
    results.filter(
      ({ id, outcome }) =>
        outcome.status !== "ok" &&
        (files || !id.startsWith("files.")) &&
        !/damaged or changed by hand/.test(outcome.seen),
    );

  /** The kinds of checks that have been seen red, with their advice. */
  const shown = new Set<string>();

  type Expected = Omit<Row, "break" | "name">;

  /** The first check of each says what is wrong, and how to repair it. */
  function expectSeen(found: readonly Result[], { red, seen, advice }: Expected) {
    const expected = withNames(red);
    const byId = new Map(found.map(({ id, outcome }) => [id, outcome]));
    expect(
      expected.filter((id) => !byId.has(id)),
      formatReport(found),
    ).toEqual([]);
    for (const id of expected) shown.add(kindOf(id));
    const outcome = byId.get(expected[0] ?? "");
    expect(outcome?.seen).toMatch(seen);
    expect(outcome && "remedy" in outcome && outcome.remedy).toMatch(advice);
  }

  async function expectRed(results: readonly Result[], expected: Expected) {
    const found = redIn(results);
    expectSeen(found, expected);
    expect(found.map(({ id }) => id).toSorted(), formatReport(found)).toEqual(
      withNames(expected.red).toSorted(),
    );
  }

  test("all checks pass before", async () => {
    expect(formatReport(redIn(await verify(running), true))).toMatch(/^\n?All 0 checks/);
  });

  describe.for(roundsOf().map((round, index) => [index + 1, round] as const))("round %i", ([, round]) => {
    const repairs: Repair[] = [];
    const red = round.flatMap((row) => row.red);
    let found: Result[];

    beforeAll(async () => {
      // Each is in another place.
      const broken = await Promise.allSettled(round.map((row) => row.break(breakage)));
      for (const one of broken) if (one.status === "fulfilled") repairs.push(one.value);
      for (const one of broken) if (one.status === "rejected") throw one.reason;
      found = redIn(
        await verify(running),
        red.some((id) => id.startsWith("files.")),
      );
    });
    afterAll(async () => {
      for (const repaired of await Promise.allSettled(repairs.map((repair) => repair())))
        if (repaired.status === "rejected") throw repaired.reason;
    });

    test.for(round)("$name", (row) => expectSeen(found, row));

    test("and no other check is red", () => {
      expect(found.map(({ id }) => id).toSorted(), formatReport(found)).toEqual(withNames(red).toSorted());
    });
  });

  test("a certificate that has expired: nobody connects any more, and DNS and host are well", async () => {
    const repair = await breakage.certificate(days(-30), days(-1));
    try {
      const red = redIn(await verify(running));
      for (const id of certificates) {
        const outcome = red.find((result) => result.id === id)?.outcome;
        expect(outcome?.seen).toMatch(/certificate has expired/);
        expect(outcome && "remedy" in outcome && outcome.remedy).toMatch(/npm run up/);
      }
      // What connects as clients do, fails for the same reason; what looks at the server alone does not.
      expect(red.filter(({ group }) => !/^(Service|Mail of)/.test(group))).toEqual([]);
      expect(red.map(({ id }) => id)).not.toContain(`tlsa.mail.${domain}`);
    } finally {
      await repair();
    }
  });

  test("a daemon that is stopped: the container says which, and what does without it is well", async () => {
    const repair = await breakage.stoppedDaemon("rspamd");
    try {
      const red = redIn(await verify(running));
      const outcome = red.find(({ id }) => id === `container.${breakage.mailServer}`)?.outcome;
      expect(outcome?.seen).toMatch(
        /unhealthy.*(?:nothing listens on: unix \/run\/rspamd|no answer comes from: rspamd)/,
      );
      expect(outcome && "remedy" in outcome && outcome.remedy).toMatch(/docker logs/);
      shown.add("container");
      // Without the filter no mail is accepted, and none is lost: senders try again.
      expect(red.find(({ id }) => id === `receive.${domain}`)?.outcome.seen).toMatch(/ 4[0-9][0-9] /);
      expect(red.filter(({ id }) => /imaps|pop3s|^dns|^disk|^generation/.test(id))).toEqual([]);
    } finally {
      await repair();
    }
  });

  test("a server that is slow to answer", async () => {
    const { port, repair } = await breakage.way({ port: 993, milliseconds: 3_200 });
    try {
      const endpoint = { ...running.endpoint, ports: { ...running.endpoint.ports, imaps: port } };
      await expectRed(await verify({ ...running, endpoint }), {
        // The way in between is a port that the container does not publish, and 993 one that nobody declares.
        red: ["latency.imaps", "ports.published"],
        seen: /TLS only after 3\.\d s/,
        advice: /docker stats/,
      });
    } finally {
      await repair();
    }
  });

  test("a key of DKIM that is old, and a DS record that the parent lacks", async () => {
    const keys = [{ name: `${domain}-dkim-rsa1`, created: days(-400).toISOString() }];
    const repair = await breakage.foreignZone(partner, { [leave]: "v=DMARC1" });
    try {
      await expectRed(await verify({ ...running, keys }, { resolver: resolverAt(lab.address) }), {
        red: [`age.${domain}-dkim-rsa1`, `others.ds.${domain}`],
        seen: /^400 days$/,
        advice: /new selector/,
      });
    } finally {
      await repair();
    }
  });

  test("a company that gives no authorization for the reports that it gets", async () => {
    const repair = await breakage.foreignZone(partner, {});
    try {
      await expectRed(await verify(running, { resolver: resolverAt(lab.address) }), {
        red: [`others.txt.${leave}`, `others.ds.${domain}`],
        seen: /no such record/,
        advice: /parceiro\.pti.*: v=DMARC1$/,
      });
    } finally {
      await repair();
    }
  });

  describe("zones that are published elsewhere: the name servers are asked to which a resolver sends", () => {
    // Of the stack's own server nobody knows: the world's resolver alone leads to it.
    const verifyElsewhere = () => {
      const endpoint = { ...running.endpoint, ports: { ...running.endpoint.ports, dns: 9 } };
      const zones = running.zones.map((zone) => ({ ...zone, publisher: "cloudflare" as const }));
      return verify({ ...running, endpoint, zones }, { resolver: resolverAt(lab.address) });
    };
    // The lab has neither a parent nor partners.
    const withoutOthers = (results: readonly Result[]) =>
      results.filter(({ id }) => !/^(others|ports)\./.test(id));

    test("a record that is gone there, and so for resolvers", async () => {
      expect(redIn(withoutOthers(await verifyElsewhere()))).toEqual([]);
      const repair = await breakage.records(`pop3.${domain}`, "A", []);
      try {
        await expectRed(withoutOthers(await verifyElsewhere()), {
          red: [`resolver.${domain}`, `dns.a.pop3.${domain}`],
          seen: /^1 of \d+ record sets differ: A pop3\.vaamonde\.pti$/,
          advice: /It is sent to ns1\.vaamonde\.pti: .*have the registrar change them/,
        });
      } finally {
        await repair();
      }
    });

    test("name servers that nobody finds", async () => {
      const repair = await breakage.records(domain, "NS", [`gone.${domain}`]);
      try {
        const found = (await verifyElsewhere()).filter(({ id }) => id === `dns.mx.${domain}`);
        expect(found.map(({ outcome }) => [outcome.status, outcome.seen])).toEqual([
          ["skipped", "no name server of vaamonde.pti was found"],
        ]);
      } finally {
        await repair();
        await breakage.records(domain, "NS", [`ns1.${domain}`]);
      }
    });
  });

  test.skipIf(findProgram("faketime") === undefined)(
    "a clock that is ten minutes off (skipped without faketime)",
    async () => {
      const module = JSON.stringify(new URL("../../verify/verify.ts", import.meta.url).href);
      const program = `import { verify } from ${module};
        process.stdout.write(JSON.stringify(await verify(JSON.parse(process.env.TARGET))));`;
      // This machine's clock, and not the engine's: the check does not know which of the two is wrong.
      const { stdout } = await run(
        "faketime",
        ["-f", "+600s", process.execPath, "--input-type=module", "--eval", program],
        {
          env: { ...process.env, TARGET: JSON.stringify(running), DONT_FAKE_MONOTONIC: "1" },
          maxBuffer: 2 ** 26,
        },
      );
      await expectRed(JSON.parse(stdout), {
        red: ["clock"],
        seen: /^it is (599|60[01]) s behind$/,
        advice: /timedatectl set-ntp true/,
      });
    },
  );

  test("passwords in clear by IMAP, POP3 and ManageSieve", async () => {
    const repair = await breakage.dovecot((text) =>
      text
        .replace("ssl = required", "ssl = yes")
        .replace("auth_allow_cleartext = no", "auth_allow_cleartext = yes")
        .replace(/(inet_listener imap \{\s+port = )0/, "$1143")
        .replace(/(inet_listener pop3 \{\s+port = )0/, "$1110"),
    );
    const host = await breakage.innerAddress();
    const ways = [await breakage.way({ host, port: 143 }), await breakage.way({ host, port: 110 })] as const;
    try {
      const [imap, pop3] = ways.map(({ port }) => port);
      const ports = { ...running.endpoint.ports, imap, pop3 };
      const results = await verify({ ...running, endpoint: { ...running.endpoint, ports } });
      await expectRed(results, {
        red: ["auth.imap.plain", "auth.pop3.plain", "auth.sieve.plain"],
        seen: /^answered NO \[AUTHENTICATIONFAILED\]/,
        advice: /auth_allow_cleartext to no and ssl to required/,
      });
      const sieve = results.find(({ id }) => id === "auth.sieve.plain")?.outcome;
      expect(sieve?.seen).toBe("SASL PLAIN LOGIN is offered before STARTTLS");
    } finally {
      for (const way of ways) await way.repair();
      await repair();
    }
  });

  test("somebody on the way who takes STARTTLS out of the answers gets no password", async () => {
    const way = await breakage.way({
      port: 587,
      change: (text) => text.replaceAll("STARTTLS", "XSTRIPPD"),
    });
    try {
      const endpoint = { ...running.endpoint, ports: { ...running.endpoint.ports, submission: way.port } };
      const red = redIn(await verify({ ...running, endpoint }));
      const outcome = red.find(({ id }) => id === "starttls.submission")?.outcome;
      expect(outcome?.seen).toBe("STARTTLS is not offered");
      expect(outcome && "remedy" in outcome && outcome.remedy).toMatch(/smtpd_tls_security_level=encrypt/);
      // All that goes through 587 stops there, and nothing else does.
      expect(red.filter(({ id }) => !/\.submission\b|^forged\.|^ports\.published$/.test(id))).toEqual([]);
      expect(red.map(({ id }) => id)).toContain(`mail.imap.submission.${domain}`);
      expect(way.heard()).toMatch(/EHLO/);
      expect(way.heard()).not.toMatch(
        new RegExp(`${password}|${btoa(`\0robsonvaamonde\0${password}`)}|${btoa(password)}`),
      );
      shown.add("starttls");
    } finally {
      await way.repair();
    }
  });

  test("no password that is known: what needs one is said not to be checked", async () => {
    const results = await verify({ ...running, passwords: {} });
    await expectRed(results, {
      red: [`mail.${domain}`],
      seen: /the program has no password for the domain/,
      advice: /Declare one mailbox for tests/,
    });
    expect(exitStatus(results)).toBe(2);
  });

  test("a configuration that the server refuses", async () => {
    const whole = await generationIn(breakage.mailServer);
    // One line that Postfix does not understand, in a generation that is whole otherwise.
    const files = parseGeneration(whole).map((file) =>
      file.path === "postfix/master.cf" ? { ...file, content: " nonsense\n" } : file,
    );
    await bringGeneration(breakage.mailServer, renderGeneration(files));
    const state = () => breakage.inMailServer("maildomain-generation || true");
    await expect.poll(state).toMatch(/^generation .*master\.cf/);
    try {
      const red = redIn(await verify(running));
      const refused = red.find(({ id }) => id === `generation.${breakage.mailServer}`)?.outcome;
      expect(refused?.seen).toMatch(/master\.cf/);
      expect(refused && "remedy" in refused && refused.remedy).toMatch(/docker logs/);
      shown.add("generation");
      // The one before keeps serving.
      expect(red.filter(({ group }) => group !== "Containers")).toEqual([]);
    } finally {
      await bringGeneration(breakage.mailServer, whole);
      running = await lab.settled();
    }
  });

  test("a domain by its name alone, by the command", async () => {
    const authority = join(lab.stateFolder, "authority.pem");
    await writeFile(authority, authorityOf(running));
    const call = async (secret: string, name: string) => {
      const words = ["--domain", name, "--user", `vaamonde@${domain}`, "--resolver", lab.address, "--json"];
      const env = { ...process.env, NODE_EXTRA_CA_CERTS: authority, MAILDOMAIN_PASSWORD: secret };
      const main = ["commands/main.ts", "verify", ...words];
      const { stdout, code } = await run(process.execPath, main, { env }).then(
        (done) => ({ ...done, code: 0 }),
        (error: { readonly code: number; readonly stdout: string }) => error,
      );
      return { code, report: reportSchema.parse(JSON.parse(stdout)) };
    };
    const repair = await breakage.foreignZone(partner, { [leave]: "v=DMARC1" });
    const { code, report } = await call(password, domain);
    expect(report.checks.filter(({ status }) => status !== "ok")).toEqual([]);
    expect([code, report.status]).toEqual([0, 0]);
    expect(report.checks.map(({ id }) => id)).toEqual(
      expect.arrayContaining([`mx.${domain}`, `reverse.${lab.address}`, `mail.imap.submissions.${domain}`]),
    );

    const wrong = await call("not the password", domain);
    await repair();
    const red = wrong.report.checks.filter(({ status }) => status === "failed").map(({ id }) => id);
    expect(wrong.code).toBe(1);
    expect(red.filter((id) => !/^(login|mail)\./.test(id))).toEqual([]);
    expect(red).toContain(`login.imaps.vaamonde@${domain}`);

    // The lab's server refuses to speak of other zones: nothing of it could be checked.
    expect((await call(password, "example.org")).code).toBe(2);
  });

  test("containers that have just been restarted", async () => {
    const restarted = [breakage.mailServer, breakage.webServer];
    for (const name of restarted) await docker("exec", name, "bash", "-c", "kill -TERM 1").catch(() => {});
    const counts = () => docker("inspect", "--format", "{{.RestartCount}} {{.State.Running}}", ...restarted);
    await expect.poll(counts).toBe("1 true\n1 true");
    running = await lab.settled();
    // This lab's mail lies in memory.
    await breakage.inMailServer("touch /var/mail/v/.backed-up");
    await expectRed(await verify(running), {
      red: ["restarts.MAIL", "restarts.WEB"],
      seen: /restarted 1 times/,
      advice: /docker logs/,
    });
  });

  test("a name server that is gone", async () => {
    await docker("stop", breakage.dnsServer);
    const red = redIn(await verify(running));
    const outcome = red.find(({ id }) => id === `container.${breakage.dnsServer}`)?.outcome;
    expect(outcome?.seen).toMatch(/^exited/);
    expect(red.find(({ id }) => id === `dns.mx.${domain}`)?.outcome.seen).toMatch(/ECONNREFUSED/);
    // The servers are well all the same, and are said to be.
    expect(red.filter(({ id }) => /^(tls\.|login\.|relay|closed\.|latency)/.test(id))).toEqual([]);
  });

  test.skipIf(!canHaveOwnAddress)(
    "an engine that hides who connects is among the rounds (skipped where this machine cannot have another address)",
    () => expect(shown).toContain("clients"),
  );

  test("every kind of check that a stack has was seen red above, with its advice", () => {
    const kinds = new Set(
      planChecks(running, { resolver: resolverAt(lab.address) })
        .flat()
        .map(({ id }) => kindOf(id)),
    );
    const unseen = new Set(canHaveOwnAddress ? [] : ["clients"]);
    expect([...kinds].filter((kind) => !shown.has(kind) && !unseen.has(kind))).toEqual([]);
  });
});
