import { execFile } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
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
import { Breakage, type Mend } from "../kit/breakage.ts";
import { documentMailboxes, domain, password } from "../kit/document-lab.ts";
import { docker } from "../kit/engine.ts";
import { Lab } from "../kit/lab.ts";

const run = promisify(execFile);

/** One thing that is wrong in the real lab, and what `verify` has to say of it. */
interface Row {
  readonly name: string;
  readonly break: (breakage: Breakage) => Promise<Mend>;
  /** The checks that turn red, and no others; `MAIL`, `WEB` and `REVERSE` stand for the lab's names. */
  readonly red: readonly string[];
  /** What the first of them says, and how to mend it. */
  readonly seen: RegExp;
  readonly advice: RegExp;
}

const rsa = (bits: number) =>
  generateKeyPairSync("rsa", { modulusLength: bits })
    .publicKey.export({ type: "spki", format: "der" })
    .toString("base64");
/** Another company, to which the reports on this domain go. */
const partner = "parceiro.pti";
const leave = `${domain}._report._dmarc.${partner}`;
const rsaName = `rsa1._domainkey.${domain}`;
const authentication = ["submission", "submissions"].map((name) => `mail.authentication.${name}.${domain}`);
const days = (count: number) => new Date(Date.now() + count * 86_400_000);
const certificates = [
  `tls.smtp.mail.${domain}`,
  `tls.submission.smtp.${domain}`,
  `tls.submissions.smtp.${domain}`,
  `tls.imaps.imap.${domain}`,
  `tls.pop3s.pop3.${domain}`,
  `tls.sieve.imap.${domain}`,
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
    name: "no name by which Thunderbird finds its settings",
    break: (b) => b.records(`autoconfig.${domain}`, "A", []),
    red: [`dns.a.autoconfig.${domain}`],
    seen: /no such record/,
    advice: /npm run up.*publish `127\./,
  },
  {
    name: "another name of the address",
    break: (b) => b.records(b.reverseName, "PTR", ["host.example.net"]),
    red: ["dns.ptr.REVERSE"],
    seen: /host\.example\.net/,
    advice: /publish `mail\.vaamonde\.pti/,
  },
  {
    name: "an SRV record that leads nowhere",
    break: (b) => b.records(`_imaps._tcp.${domain}`, "SRV", [`0 1 993 old.${domain}`]),
    red: [`dns.srv._imaps._tcp.${domain}`],
    seen: /0 1 993 old/,
    advice: /publish `0 1 993 imap\..*remove `0 1 993 old/,
  },
  {
    name: "another authority that may issue certificates",
    break: (b) => b.records(domain, "CAA", ['0 issue "letsencrypt.org"', '0 issue "ca.example.net"']),
    red: [`dns.caa.${domain}`],
    seen: /ca\.example\.net/,
    advice: /remove `0 issue "ca\.example\.net"/,
  },
  {
    name: "reports on TLS that go elsewhere",
    break: (b) => b.records(`_smtp._tls.${domain}`, "TXT", ["v=TLSRPTv1; rua=mailto:x@example.net"]),
    red: [`dns.txt._smtp._tls.${domain}`],
    seen: /x@example\.net/,
    advice: /publish `v=TLSRPTv1; rua=mailto:postmaster@/,
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
    name: "no check of the envelope's sender",
    break: (b) => b.postfix("mua_sender = reject_non_fqdn_sender"),
    red: [`forged.envelope.${domain}`],
    seen: /robsonvaamonde@.* could send as leandroramos@/,
    advice: /smtpd_sender_login_maps/,
  },
  {
    name: "no check of the From line",
    break: (b) => b.filterRule((rule) => rule.replace("elseif not owned(", "elseif false and owned(")),
    red: [`forged.header.${domain}`, `forged.null.${domain}`],
    seen: /robsonvaamonde@.* could send as leandroramos@/,
    advice: /rule on the From header/,
  },
  {
    name: "mail that is not signed",
    break: (b) => b.file("rspamd/signing-keys", () => ""),
    red: authentication,
    seen: /^DKIM none, SPF pass, DMARC pass$/,
    advice: /Rspamd has a key for vaamonde\.pti/,
  },
  {
    name: "a user who is kept out of POP3",
    break: (b) => b.file("dovecot/refused-pop3", (users) => `${users}\nrobsonvaamonde@${domain}:`),
    red: [`login.pop3s.robsonvaamonde@${domain}`, "login.pop3s.robsonvaamonde"],
    seen: /[Aa]uthentication failed/,
    advice: /npm run up|password/,
  },
  {
    name: "a user who is kept out of ManageSieve",
    break: (b) => b.file("dovecot/refused-sieve", (users) => `${users}\nrobsonvaamonde@${domain}:`),
    red: [`login.sieve.robsonvaamonde@${domain}`, "login.sieve.robsonvaamonde"],
    seen: /^NO .*[Aa]uthentication failed/,
    advice: /npm run up|password/,
  },
  {
    name: "POP3 that reads another mailbox than IMAP",
    break: (b) =>
      b.dovecot((text) => text.replace("protocol pop3 {", "protocol pop3 {\n  mail_path = ~/Elsewhere")),
    red: ["submission", "submissions"].map((name) => `mail.pop3.${name}.${domain}`),
    seen: /not in the maildrop/,
    advice: /POP3 and IMAP read the same mailbox/,
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
    name: "the same for POP3",
    break: (b) => b.listener(110),
    red: ["closed.pop3"],
    seen: /:110 is open/,
    advice: /ss -ltnp/,
  },
  {
    name: "another MTA-STS policy than the declared one",
    break: (b) => b.document("mta-sts.txt", (text) => text.replace("testing", "enforce")),
    red: [`web.mta-sts.${domain}`],
    seen: /not as declared: mode: enforce/,
    advice: /npm run up/,
  },
  {
    name: "settings for Thunderbird that are old",
    break: (b) => b.document("config-v1.1.xml", (text) => text.replaceAll("imap.", "old.")),
    red: ["https://autoconfig.", "http://autoconfig.", "https://"].map(
      (place) => `web.autoconfig.${place.replace("://", ".")}${domain}`,
    ),
    seen: /not as declared: .*old\.vaamonde/,
    advice: /npm run up/,
  },
  {
    name: "settings for Outlook that are old",
    break: (b) => b.document("autodiscover-login.xml", (text) => text.replaceAll("imap.", "old.")),
    red: [`web.autodiscover.${domain}`, `web.autodiscover.autodiscover.${domain}`],
    seen: /not as declared: .*old\.vaamonde/,
    advice: /npm run up/,
  },
  {
    name: "a set-up page that is another's",
    break: (b) => b.document("en.html", () => "<h1>It works!</h1>"),
    red: [`web.page.${domain}`],
    seen: /another page/,
    advice: /npm run up/,
  },
  {
    // Postfix believes what it is told of its own version, and tells it on.
    name: "a version with a hole that everybody knows",
    break: (b) => b.postfix("mail_version = 3.8.3"),
    red: ["versions.MAIL"],
    seen: /Postfix 3\.8\.3, .*: SMTP smuggling, CVE-2023-51764/,
    advice: /Build the image anew with Postfix 3\.8\.4 or later/,
  },
  {
    name: "an account that somebody has taken out by hand",
    break: (b) => b.file("dovecot/passwd", (users) => users.replace(/^rogeriosampaio@.*\n/m, "")),
    red: ["files.MAIL"],
    seen: /^dovecot\/passwd in the running server$/,
    advice: /npm run up.*as declared/,
  },
  {
    name: "a port that nobody declared",
    break: (b) => b.surplusPort(8_081),
    red: ["ports.published"],
    seen: /^also 8081$/,
    advice: /Remove the port from the container/,
  },
  {
    name: "a backup that has not been made for days",
    break: async (b) => {
      await b.inMailServer("touch --date='3 days ago' /var/mail/v/.backed-up");
      return () => b.inMailServer("touch /var/mail/v/.backed-up");
    },
    red: ["backup.MAIL"],
    seen: /^3 days ago, 26 h are allowed$/,
    advice: /why the job no longer runs.*docker exec .*-mail-server touch \/var\/mail\/v\/\.backed-up/,
  },
  {
    name: "no backup at all",
    break: async (b) => {
      await b.inMailServer("rm /var/mail/v/.backed-up");
      return () => b.inMailServer("touch /var/mail/v/.backed-up");
    },
    red: ["backup.MAIL"],
    seen: /none has been told/,
    advice: /docker exec .*-mail-server touch/,
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

const dmarc = `v=DMARC1; p=quarantine; rua=mailto:dmarc@${partner}`;

/** The document's lab, with what its file leaves out and `verify` looks at. */
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
  let target: RunningStack;
  let breakage: Breakage;

  beforeAll(async () => {
    lab = await Lab.create(settings);
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
    await breakage.inMailServer("touch /var/mail/v/.backed-up");
  });

  afterAll(async () => {
    await lab.takeDown();
  });

  const withNames = (ids: readonly string[]) =>
    ids.map((id) =>
      id
        .replace("MAIL", breakage.mailServer)
        .replace("WEB", breakage.webServer)
        .replace("REVERSE", breakage.reverseName),
    );

  // Many rows break a server by hand, in its files, which one check sees in all of them; it has a row of its own.
  const redIn = (results: readonly Result[], files = false) =>
    results.filter(({ id, outcome }) => outcome.status !== "ok" && (files || !id.startsWith("files.")));

  /** The kinds of checks that have been seen red, with their advice. */
  const shown = new Set<string>();

  async function expectRed(results: readonly Result[], { red, seen, advice }: Omit<Row, "break" | "name">) {
    const expected = withNames(red);
    const found = redIn(results, expected[0]?.startsWith("files."));
    expect(found.map(({ id }) => id).toSorted(), formatReport(found)).toEqual(expected.toSorted());
    for (const id of expected) shown.add(kindOf(id));
    const outcome = found.find(({ id }) => id === expected[0])?.outcome;
    expect(outcome?.seen).toMatch(seen);
    expect(outcome && "remedy" in outcome && outcome.remedy).toMatch(advice);
  }

  test("all is well before", async () => {
    expect(formatReport(redIn(await verify(target), true))).toMatch(/^\n?All 0 checks/);
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
      shown.add("container");
      // Without the filter no mail is taken, and none is lost: senders are told to try again.
      expect(red.find(({ id }) => id === `receive.${domain}`)?.outcome.seen).toMatch(/ 4[0-9][0-9] /);
      expect(red.filter(({ id }) => /imaps|pop3s|^dns|^disk|^generation/.test(id))).toEqual([]);
    } finally {
      await mend();
    }
  });

  test("a server that is slow to answer", async () => {
    const { port, mend } = await breakage.way({ port: 993, milliseconds: 3_200 });
    try {
      const endpoint = { ...target.endpoint, ports: { ...target.endpoint.ports, imaps: port } };
      await expectRed(await verify({ ...target, endpoint }), {
        // The way in between is a port that the container does not publish, and 993 one that nobody declares.
        red: ["latency.imaps", "ports.published"],
        seen: /TLS only after 3\.\d s/,
        advice: /docker stats/,
      });
    } finally {
      await mend();
    }
  });

  test("a key of DKIM that is old, and a DS record that the parent lacks", async () => {
    const keys = [{ name: `${domain}-dkim-rsa1`, created: days(-400).toISOString() }];
    const mend = await breakage.foreignZone(partner, { [leave]: "v=DMARC1" });
    try {
      await expectRed(await verify({ ...target, keys }, { resolver: resolverAt(lab.address) }), {
        red: [`age.${domain}-dkim-rsa1`, `others.ds.${domain}`],
        seen: /^400 days$/,
        advice: /new selector/,
      });
    } finally {
      await mend();
    }
  });

  test("a company that gives no leave for the reports that it gets", async () => {
    const mend = await breakage.foreignZone(partner, {});
    try {
      await expectRed(await verify(target, { resolver: resolverAt(lab.address) }), {
        red: [`others.txt.${leave}`, `others.ds.${domain}`],
        seen: /no such record/,
        advice: /parceiro\.pti.*: v=DMARC1$/,
      });
    } finally {
      await mend();
    }
  });

  describe("zones that are published elsewhere: the name servers are asked to which a resolver sends", () => {
    // Of the stack's own server nobody knows: the world's resolver alone leads to it.
    const verifyElsewhere = () => {
      const endpoint = { ...target.endpoint, ports: { ...target.endpoint.ports, dns: 9 } };
      const zones = target.zones.map((zone) => ({ ...zone, publisher: "cloudflare" as const }));
      return verify({ ...target, endpoint, zones }, { resolver: resolverAt(lab.address) });
    };
    // The lab has neither a parent nor partners.
    const withoutOthers = (results: readonly Result[]) =>
      results.filter(({ id }) => !/^(others|ports)\./.test(id));

    test("a record that is gone there, and so for resolvers", async () => {
      expect(redIn(withoutOthers(await verifyElsewhere()))).toEqual([]);
      const mend = await breakage.records(`pop3.${domain}`, "A", []);
      try {
        await expectRed(withoutOthers(await verifyElsewhere()), {
          red: [`resolver.${domain}`, `dns.a.pop3.${domain}`],
          seen: /^1 of \d+ record sets differ: A pop3\.vaamonde\.pti$/,
          advice: /It is sent to ns1\.vaamonde\.pti: .*have the registrar change them/,
        });
      } finally {
        await mend();
      }
    });

    test("name servers that nobody finds", async () => {
      const mend = await breakage.records(domain, "NS", [`gone.${domain}`]);
      try {
        const found = (await verifyElsewhere()).filter(({ id }) => id === `dns.mx.${domain}`);
        expect(found.map(({ outcome }) => [outcome.status, outcome.seen])).toEqual([
          ["skipped", "no name server of vaamonde.pti is found"],
        ]);
      } finally {
        await mend();
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
      // This machine's clock, and not the engine's: the check cannot tell which of the two is wrong.
      const { stdout } = await run(
        "faketime",
        ["-f", "+600s", process.execPath, "--input-type=module", "--eval", program],
        {
          env: { ...process.env, TARGET: JSON.stringify(target), DONT_FAKE_MONOTONIC: "1" },
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
    const mend = await breakage.dovecot((text) =>
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
      const ports = { ...target.endpoint.ports, imap, pop3 };
      const results = await verify({ ...target, endpoint: { ...target.endpoint, ports } });
      await expectRed(results, {
        red: ["auth.imap.plain", "auth.pop3.plain", "auth.sieve.plain"],
        seen: /^answered NO \[AUTHENTICATIONFAILED\]/,
        advice: /auth_allow_cleartext to no and ssl to required/,
      });
      const sieve = results.find(({ id }) => id === "auth.sieve.plain")?.outcome;
      expect(sieve?.seen).toBe("SASL PLAIN LOGIN is offered before STARTTLS");
    } finally {
      for (const way of ways) await way.mend();
      await mend();
    }
  });

  test("somebody on the way who takes STARTTLS out of the answers gets no password", async () => {
    const way = await breakage.way({
      port: 587,
      change: (text) => text.replaceAll("STARTTLS", "XSTRIPPD"),
    });
    try {
      const endpoint = { ...target.endpoint, ports: { ...target.endpoint.ports, submission: way.port } };
      const red = redIn(await verify({ ...target, endpoint }));
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
      await way.mend();
    }
  });

  test("no password that is known: what needs one is said not to be checked", async () => {
    const results = await verify({ ...target, passwords: {} });
    await expectRed(results, {
      red: [`mail.${domain}`],
      seen: /no password of the domain is known/,
      advice: /Declare one mailbox for tests/,
    });
    expect(exitStatus(results)).toBe(2);
  });

  test("a configuration that the server refuses", async () => {
    const inVolume = `${lab.prefix}-mail-server-configuration:/configuration/generation`;
    const [whole, bad] = ["generation", "bad-generation"].map((name) => join(lab.stateFolder, name)) as [
      string,
      string,
    ];
    await docker("cp", inVolume, whole);
    // One line that Postfix does not understand, in a generation that is whole otherwise.
    const files = parseGeneration(await readFile(whole)).map(({ path, content }) => ({
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
      shown.add("generation");
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
    const mend = await breakage.foreignZone(partner, { [leave]: "v=DMARC1" });
    const { code, report } = await call(password, domain);
    expect(report.checks.filter(({ status }) => status !== "ok")).toEqual([]);
    expect([code, report.status]).toEqual([0, 0]);
    expect(report.checks.map(({ id }) => id)).toEqual(
      expect.arrayContaining([`mx.${domain}`, `reverse.${lab.address}`, `mail.imap.submissions.${domain}`]),
    );

    const wrong = await call("not the password", domain);
    await mend();
    const red = wrong.report.checks.filter(({ status }) => status === "failed").map(({ id }) => id);
    expect(wrong.code).toBe(1);
    expect(red.filter((id) => !/^(login|mail)\./.test(id))).toEqual([]);
    expect(red).toContain(`login.imaps.vaamonde@${domain}`);

    // The lab's server refuses to speak of other zones: nothing of it could be checked.
    expect((await call(password, "example.org")).code).toBe(2);
  });

  test("containers that have just been restarted", async () => {
    await breakage.inMailServer("kill -TERM 1").catch(() => {});
    await docker("exec", breakage.webServer, "bash", "-c", "kill -TERM 1").catch(() => {});
    await sleep(3_000);
    target = await lab.settled();
    // This lab's mail lies in memory.
    await breakage.inMailServer("touch /var/mail/v/.backed-up");
    await expectRed(await verify(target), {
      red: ["restarts.MAIL", "restarts.WEB"],
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

  test("every kind of check that a stack has was seen red above, with its advice", () => {
    const kinds = new Set(
      planChecks(target, { resolver: resolverAt(lab.address) })
        .flat()
        .map(({ id }) => kindOf(id)),
    );
    expect([...kinds].filter((kind) => !shown.has(kind))).toEqual([]);
  });
});
