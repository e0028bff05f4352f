import { execFile } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseGeneration, renderGeneration } from "../../server/generation.ts";
import type { Result } from "../../verify/check.ts";
import { resolverAt } from "../../verify/probes/dns.ts";
import { formatReport } from "../../verify/report.ts";
import { reportSchema } from "../../verify/report-schema.ts";
import type { Target } from "../../verify/target.ts";
import { verify } from "../../verify/verify.ts";
import { Breakage, type Mend } from "./breakage.ts";
import { documentSettings, domain, password } from "./document-lab.ts";
import { docker } from "./engine.ts";
import { Lab } from "./lab.ts";

const run = promisify(execFile);

/** One thing that is wrong in the real lab, and what `verify` has to say of it. */
interface Row {
  readonly name: string;
  readonly break: (breakage: Breakage) => Promise<Mend>;
  /** The checks that turn red, and no others; `MAIL` and `DNS` stand for the containers' names. */
  readonly red: readonly string[];
  /** What the first of them says, and how to mend it. */
  readonly seen: RegExp;
  readonly advice: RegExp;
}

const rsa = (bits: number) =>
  generateKeyPairSync("rsa", { modulusLength: bits })
    .publicKey.export({ type: "spki", format: "der" })
    .toString("base64");
const rsaName = `rsa1._domainkey.${domain}`;
const authentication = ["submission", "submissions"].map((name) => `mail.authentication.${name}.${domain}`);
const days = (count: number) => new Date(Date.now() + count * 86_400_000);
const certificates = [
  `tls.smtp.mail.${domain}`,
  `tls.submission.smtp.${domain}`,
  `tls.submissions.smtp.${domain}`,
  `tls.imaps.imap.${domain}`,
  `tls.pop3s.pop3.${domain}`,
];

const rows: readonly Row[] = [
  {
    name: "a record that is gone",
    break: (b) => b.records(`pop3.${domain}`, "A", []),
    red: [`dns.a.pop3.${domain}`],
    seen: /no such record/,
    advice: /npm run up.*publish `127\./,
  },
  {
    name: "a record too many",
    break: (b) => b.records(domain, "MX", [`10 mail.${domain}`, `20 old.${domain}`]),
    red: [`dns.mx.${domain}`],
    seen: /20 old/,
    advice: /remove `20 old/,
  },
  {
    name: "a record that others keep for too long",
    break: (b) => b.records(`_dmarc.${domain}`, "TXT", [dmarc], 86_400),
    red: [`dns.txt._dmarc.${domain}`],
    seen: /86400 s instead of 3600 s/,
    advice: /set the TTL/,
  },
  {
    name: "no DMARC",
    break: (b) => b.records(`_dmarc.${domain}`, "TXT", []),
    red: [`dns.txt._dmarc.${domain}`, ...authentication],
    seen: /no such record/,
    advice: /publish `v=DMARC1/,
  },
  {
    name: "another DKIM key than the one that signs",
    break: (b) => b.records(rsaName, "TXT", [`v=DKIM1; k=rsa; p=${rsa(2048)}`]),
    red: [`dns.txt.${rsaName}`, ...authentication],
    seen: /v=DKIM1/,
    advice: /publish `v=DKIM1/,
  },
  {
    name: "a DKIM key that is too short",
    break: (b) => b.records(rsaName, "TXT", [`v=DKIM1; k=rsa; p=${rsa(1024)}`]),
    red: [`dkim.key.${rsaName}`, `dns.txt.${rsaName}`, ...authentication],
    seen: /1024 bits/,
    advice: /new selector/,
  },
  {
    name: "an SPF policy without the server",
    break: (b) => b.records(domain, "TXT", ["v=spf1 ip4:192.0.2.1 -all"]),
    red: [`spf.${domain}`, `dns.txt.${domain}`, ...authentication],
    seen: /127\..* gets fail/,
    advice: /Name the address in the SPF record/,
  },
  {
    name: "an SPF policy for everybody",
    break: (b) => b.records(domain, "TXT", ["v=spf1 mx +all"]),
    red: [`spf.strangers.${domain}`, `dns.txt.${domain}`],
    seen: /nobody's gets pass/,
    advice: /-all/,
  },
  {
    name: "an SPF policy of too many look-ups",
    break: (b) =>
      b.records(domain, "TXT", [
        `v=spf1 mx ${`a:smtp.${domain} `.repeat(6)}${`mx:${domain} `.repeat(5)}-all`,
      ]),
    red: [`spf.strangers.${domain}`, `dns.txt.${domain}`],
    seen: /12 look-ups; receivers stop at 10/,
    advice: /Leave out an include/,
  },
  {
    name: "a TLSA record of another key",
    break: (b) => b.records(`_25._tcp.mail.${domain}`, "TLSA", [`3 1 1 ${randomBytes(32).toString("hex")}`]),
    red: [`tlsa.mail.${domain}`, `dns.tlsa._25._tcp.mail.${domain}`],
    seen: /none of 1 records fits/,
    advice: /Publish the TLSA record of the key that is served/,
  },
  {
    name: "another key that signs the zone",
    break: (b) => b.signingKey(domain),
    red: [`dnssec.key.${domain}`, `dnssec.signatures.${domain}`],
    seen: /instead of/,
    advice: /the parent needs the new DS/,
  },
  {
    name: "signatures that end soon",
    break: (b) => b.signatureLifetime(domain),
    red: [`dnssec.signatures.${domain}`],
    seen: /a signature ends within 1 days/,
    advice: /why it does not sign/,
  },
  {
    name: "an open relay",
    break: (b) =>
      b.postfix(
        "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination",
        "mynetworks = 0.0.0.0/0",
      ),
    red: [`relay.${domain}`, `relay.own-sender.${domain}`],
    seen: /is relayed/,
    advice: /smtpd_relay_restrictions/,
  },
  {
    name: "mail for anybody taken",
    break: (b) => b.postfix("virtual_mailbox_maps = static:all"),
    red: [`unknown-user.${domain}`],
    seen: /verify-nobody@.* is accepted/,
    advice: /smtpd_recipient_restrictions/,
  },
  {
    name: "mail from elsewhere refused",
    break: (b) => b.postfix("smtpd_recipient_restrictions = reject"),
    red: [`receive.${domain}`, `reports.postmaster@${domain}`],
    seen: /^554/,
    advice: /names the rule/,
  },
  {
    name: "an address for reports that is none",
    break: (b) =>
      b.postfix(
        `smtpd_recipient_restrictions = check_recipient_access inline:{{postmaster@${domain} = 550 5.1.1 nobody}}`,
      ),
    red: [`reports.postmaster@${domain}`],
    seen: /^550 5\.1\.1/,
    advice: /Declare a mailbox or an alias postmaster@/,
  },
  {
    name: "passwords on port 25",
    break: (b) => b.postfix("smtpd_sasl_auth_enable = yes"),
    red: ["auth.smtp"],
    seen: /AUTH is offered under TLS/,
    advice: /smtpd_sasl_auth_enable to no/,
  },
  {
    name: "submission without TLS",
    break: (b) =>
      b.postfixServices("/^submission /,/^submissions/s/tls_security_level=encrypt/tls_security_level=may/"),
    red: ["starttls.submission"],
    seen: /MAIL before STARTTLS: /,
    advice: /smtpd_tls_security_level=encrypt/,
  },
  {
    name: "passwords without TLS",
    break: (b) =>
      b.postfixServices(
        "/^submission /,/^submissions/s/smtpd_tls_security_level=encrypt/smtpd_tls_security_level=may\\n    -o smtpd_tls_auth_only=no\\n    -o smtpd_sasl_security_options=noanonymous/",
      ),
    red: ["auth.submission.plain", "starttls.submission"],
    seen: /AUTH is offered before STARTTLS/,
    advice: /smtpd_tls_auth_only=yes/,
  },
  {
    name: "another name in the greeting",
    break: (b) => b.postfix("smtpd_banner = localhost.localdomain ESMTP"),
    red: ["greeting.smtp", "greeting.submission"],
    seen: /localhost\.localdomain and, after EHLO, mail/,
    advice: /myhostname, smtpd_banner/,
  },
  {
    name: "TLS of the nineties",
    break: (b) =>
      b.postfix(
        "smtpd_tls_protocols = >=TLSv1",
        "smtpd_tls_mandatory_protocols = >=TLSv1",
        "tls_medium_cipherlist = DEFAULT@SECLEVEL=0",
      ),
    red: ["tls.old.smtp", "tls.old.submission", "tls.old.submissions"],
    seen: /TLS 1\.1 was accepted/,
    advice: /TLS 1\.2/,
  },
  {
    name: "a certificate whose time is running out",
    break: (b) => b.certificate(days(-364), days(1)),
    red: certificates,
    seen: /^[01] days left of 365/,
    advice: /npm run up.*renews/,
  },
  {
    name: "something else on a port that is to be closed",
    break: (b) => b.listener(143),
    red: ["closed.imap"],
    seen: /:143 is open/,
    advice: /ss -ltnp/,
  },
  {
    name: "a full disk",
    break: async (b) => {
      await b.inMailServer("head -c 60M /dev/zero >/var/mail/v/full");
      return () => b.inMailServer("rm /var/mail/v/full");
    },
    red: ["disk.MAIL"],
    seen: /\/var\/mail\/v has \d MiB left/,
    advice: /Remove what is not needed/,
  },
  {
    name: "a disk without room for another file",
    break: async (b) => {
      await b.inMailServer("mkdir /var/mail/v/many; cd /var/mail/v/many; touch $(seq 1 1900)");
      return () => b.inMailServer("rm -r /var/mail/v/many");
    },
    red: ["disk.MAIL"],
    seen: /room for \d+ files only/,
    advice: /Remove what is not needed/,
  },
  {
    name: "webmail without its database",
    break: (b) => b.webmailDatabase(),
    red: [`web.webmail.${domain}`],
    seen: /status 5\d\d|another page/,
    advice: /docker logs.*webmail/,
  },
  {
    name: "mail that was put off days ago",
    break: (b) => b.oldMessage(3),
    red: ["queue"],
    seen: /1 messages put off, the oldest for 72\.\d h: .*refused/,
    advice: /postqueue -i [0-9A-Za-z]+/,
  },
  {
    name: "deliveries that are stuck",
    break: async (b) => {
      // Rspamd without its socket would put mail off already; LMTP comes after the server has taken it.
      const mend = await b.postfix("virtual_transport = lmtp:unix:/run/nowhere");
      return mend;
    },
    red: ["submission", "submissions"].flatMap((name) =>
      ["imap", "pop3", "authentication"].map((what) => `mail.${what}.${name}.${domain}`),
    ),
    seen: /accepted, but not in the inbox/,
    advice: /postqueue -p/,
  },
];

const dmarc = `v=DMARC1; p=quarantine; rua=mailto:postmaster@${domain}`;

describe("what verify sees", () => {
  let lab: Lab;
  let target: Target;
  let breakage: Breakage;

  beforeAll(async () => {
    lab = await Lab.create(documentSettings());
    // A small disk that can be filled: the engine takes a volume of this name as it finds it.
    const options = ["type=tmpfs", "device=tmpfs", "o=size=64m,nr_inodes=2000,uid=5000,gid=5000,mode=0700"];
    await docker(
      "volume",
      "create",
      ...options.flatMap((option) => ["--opt", option]),
      `${lab.prefix}-mail-server-mailboxes`,
    );
    await lab.up();
    target = await lab.settled();
    breakage = new Breakage(lab, target);
  });

  afterAll(async () => {
    await lab.takeDown();
  });

  const withNames = (ids: readonly string[]) =>
    ids.map((id) => id.replace("MAIL", breakage.mailServer).replace("DNS", breakage.dnsServer));

  const redIn = (results: readonly Result[]) => results.filter(({ outcome }) => outcome.status !== "ok");

  async function expectRed(results: readonly Result[], { red, seen, advice }: Omit<Row, "break" | "name">) {
    const found = redIn(results);
    const expected = withNames(red);
    expect(found.map(({ id }) => id).toSorted(), formatReport(found)).toEqual(expected.toSorted());
    const outcome = found.find(({ id }) => id === expected[0])?.outcome;
    expect(outcome?.seen).toMatch(seen);
    expect(outcome && "remedy" in outcome && outcome.remedy).toMatch(advice);
  }

  test("all is well before", async () => {
    expect(formatReport(redIn(await verify(target)))).toMatch(/^\n?All 0 checks/);
  });

  test.for(rows)("$name", async (row) => {
    const mend = await row.break(breakage);
    try {
      await expectRed(await verify(target), row);
    } finally {
      await mend();
    }
  });

  test("a certificate that has expired: nobody connects any more, and DNS and host are well", async () => {
    const mend = await breakage.certificate(days(-30), days(-1));
    try {
      const red = redIn(await verify(target));
      for (const id of certificates) {
        const outcome = red.find((result) => result.id === id)?.outcome;
        expect(outcome?.seen).toMatch(/certificate has expired/);
        expect(outcome && "remedy" in outcome && outcome.remedy).toMatch(/npm run up/);
      }
      // What connects as clients do, fails for the same reason; what looks at the server alone does not.
      expect(red.filter(({ group }) => !/^(Service|Mail of)/.test(group))).toEqual([]);
      expect(red.map(({ id }) => id)).not.toContain(`tlsa.mail.${domain}`);
    } finally {
      await mend();
    }
  });

  test("a daemon that is stopped: the container says which, and what does without it is well", async () => {
    const mend = await breakage.stoppedDaemon("rspamd");
    try {
      const red = redIn(await verify(target));
      const outcome = red.find(({ id }) => id === `container.${breakage.mailServer}`)?.outcome;
      expect(outcome?.seen).toMatch(/unhealthy.*nothing listens on: unix \/run\/rspamd/);
      expect(outcome && "remedy" in outcome && outcome.remedy).toMatch(/docker logs/);
      // Without the filter no mail is taken, and none is lost: senders are told to try again.
      expect(red.find(({ id }) => id === `receive.${domain}`)?.outcome.seen).toMatch(/ 4[0-9][0-9] /);
      expect(red.filter(({ id }) => /imaps|pop3s|^dns|^disk|^generation/.test(id))).toEqual([]);
    } finally {
      await mend();
    }
  });

  test("a server that is slow to answer", async () => {
    const { port, mend } = await breakage.slowWay(993, 3_200);
    try {
      const endpoint = { ...target.endpoint, ports: { ...target.endpoint.ports, imaps: port } };
      const red = redIn(await verify({ ...target, endpoint }));
      // The way in between is a port that the container does not publish, and 993 one that nobody declares.
      expect(red.map(({ id }) => id)).toEqual(["ports.published", "latency.imaps"]);
      expect(red[1]?.outcome.seen).toMatch(/TLS only after 3\.\d s/);
    } finally {
      await mend();
    }
  });

  test("a key of DKIM that is old, and a DS record that the parent lacks", async () => {
    const keys = [{ name: `${domain}-dkim-rsa1`, created: days(-400).toISOString() }];
    const results = await verify({ ...target, keys }, { resolver: resolverAt(lab.address) });
    await expectRed(results, {
      red: [`age.${domain}-dkim-rsa1`, `others.ds.${domain}`],
      seen: /^400 days$/,
      advice: /new selector/,
    });
  });

  test("a configuration that the server refuses", async () => {
    const inVolume = `${lab.prefix}-mail-server-configuration:/configuration/generation`;
    const [whole, bad] = ["generation", "bad-generation"].map((name) => join(lab.stateFolder, name)) as [
      string,
      string,
    ];
    await docker("cp", inVolume, whole);
    // One line that Postfix does not understand, in a generation that is whole otherwise.
    const files = parseGeneration(await readFile(whole, "utf8")).map(({ path, content }) => ({
      path,
      content: path === "postfix/master.cf" ? " nonsense\n" : content,
    }));
    await writeFile(bad, renderGeneration(files));
    await docker("cp", bad, inVolume);
    await sleep(4_000);
    try {
      const red = redIn(await verify(target));
      const refused = red.find(({ id }) => id === `generation.${breakage.mailServer}`)?.outcome;
      expect(refused?.seen).toMatch(/master\.cf/);
      expect(refused && "remedy" in refused && refused.remedy).toMatch(/docker logs/);
      // The one before goes on serving.
      expect(red.filter(({ group }) => group !== "Containers")).toEqual([]);
    } finally {
      await docker("cp", whole, inVolume);
      target = await lab.settled();
    }
  });

  test("a domain by its name alone, by the command", async () => {
    const authority = join(lab.stateFolder, "authority.pem");
    await writeFile(authority, target.caCertificate);
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
    const { code, report } = await call(password, domain);
    expect(report.checks.filter(({ status }) => status !== "ok")).toEqual([]);
    expect([code, report.status]).toEqual([0, 0]);
    expect(report.checks.map(({ id }) => id)).toEqual(
      expect.arrayContaining([`mx.${domain}`, `reverse.${lab.address}`, `mail.imap.submissions.${domain}`]),
    );

    const wrong = await call("not the password", domain);
    const red = wrong.report.checks.filter(({ status }) => status === "failed").map(({ id }) => id);
    expect(wrong.code).toBe(1);
    expect(red.filter((id) => !/^(login|mail)\./.test(id))).toEqual([]);
    expect(red).toContain(`login.imaps.vaamonde@${domain}`);

    // The lab's server refuses to speak of other zones: nothing of it could be checked.
    expect((await call(password, "example.org")).code).toBe(2);
  });

  test("a container that has just been restarted", async () => {
    await breakage.inMailServer("kill -TERM 1").catch(() => {});
    await sleep(3_000);
    target = await lab.settled();
    await expectRed(await verify(target), {
      red: ["restarts.MAIL"],
      seen: /restarted 1 times/,
      advice: /docker logs/,
    });
  });

  test("a name server that is gone", async () => {
    await docker("stop", breakage.dnsServer);
    const red = redIn(await verify(target));
    const outcome = red.find(({ id }) => id === `container.${breakage.dnsServer}`)?.outcome;
    expect(outcome?.seen).toMatch(/^exited/);
    expect(red.find(({ id }) => id === `dns.mx.${domain}`)?.outcome.seen).toMatch(/ECONNREFUSED/);
    // The servers are well all the same, and are said to be.
    expect(red.filter(({ id }) => /^(tls\.|login\.|relay|closed\.|latency)/.test(id))).toEqual([]);
  });
});
