import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  type DomainDescription,
  domainPolicy,
  parkedRecords,
  planRecords,
  renderZoneFile,
} from "../../records/index.ts";

const hasZoneChecker = spawnSync("named-checkzone", ["-v"]).status === 0;

const lab: DomainDescription = {
  domain: "vaamonde.pti",
  ttl: 3600,
  hostName: "mail.vaamonde.pti",
  addresses: { ipv4: "127.0.0.1" },
  clientLabels: ["mail", "smtp", "imap", "pop3"],
  services: {
    submission: { host: "smtp.vaamonde.pti", port: 587 },
    submissions: { host: "smtp.vaamonde.pti", port: 465 },
    imaps: { host: "imap.vaamonde.pti", port: 993 },
    pop3s: { host: "pop3.vaamonde.pti", port: 995 },
  },
  spf: domainPolicy([]),
  dkim: [{ selector: "rsa1", content: `v=DKIM1; k=rsa; p=${"A".repeat(392)}` }],
  dmarc: { policy: "quarantine", reportAddress: "postmaster@vaamonde.pti" },
  tlsReportAddress: "postmaster@vaamonde.pti",
};

const authority = {
  domain: "vaamonde.pti",
  nameServer: "ns1.vaamonde.pti",
  nameServerAddress: "127.0.0.1",
  mailbox: "host.master@vaamonde.pti",
  ttl: 3600,
};

test("the document's domain, as its zone file", () => {
  expect(renderZoneFile(authority, planRecords(lab))).toMatchInlineSnapshot(`
    "vaamonde.pti.	3600	IN	SOA	ns1.vaamonde.pti. host\\.master.vaamonde.pti. 1 7200 3600 1209600 300
    vaamonde.pti.	3600	IN	NS	ns1.vaamonde.pti.
    ns1.vaamonde.pti.	3600	IN	A	127.0.0.1
    mail.vaamonde.pti.	3600	IN	A	127.0.0.1
    mail.vaamonde.pti.	3600	IN	TXT	"v=spf1 a -all"
    smtp.vaamonde.pti.	3600	IN	A	127.0.0.1
    smtp.vaamonde.pti.	3600	IN	MX	0 .
    smtp.vaamonde.pti.	3600	IN	TXT	"v=spf1 -all"
    imap.vaamonde.pti.	3600	IN	A	127.0.0.1
    imap.vaamonde.pti.	3600	IN	MX	0 .
    imap.vaamonde.pti.	3600	IN	TXT	"v=spf1 -all"
    pop3.vaamonde.pti.	3600	IN	A	127.0.0.1
    pop3.vaamonde.pti.	3600	IN	MX	0 .
    pop3.vaamonde.pti.	3600	IN	TXT	"v=spf1 -all"
    vaamonde.pti.	3600	IN	MX	10 mail.vaamonde.pti.
    vaamonde.pti.	3600	IN	TXT	"v=spf1 mx -all"
    rsa1._domainkey.vaamonde.pti.	3600	IN	TXT	"v=DKIM1; k=rsa; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    _dmarc.vaamonde.pti.	3600	IN	TXT	"v=DMARC1; p=quarantine; rua=mailto:postmaster@vaamonde.pti"
    _smtp._tls.vaamonde.pti.	3600	IN	TXT	"v=TLSRPTv1; rua=mailto:postmaster@vaamonde.pti"
    _submissions._tcp.vaamonde.pti.	3600	IN	SRV	0 1 465 smtp.vaamonde.pti.
    _submission._tcp.vaamonde.pti.	3600	IN	SRV	0 1 587 smtp.vaamonde.pti.
    _imaps._tcp.vaamonde.pti.	3600	IN	SRV	0 1 993 imap.vaamonde.pti.
    _imap._tcp.vaamonde.pti.	3600	IN	SRV	0 0 0 .
    _pop3s._tcp.vaamonde.pti.	3600	IN	SRV	0 1 995 pop3.vaamonde.pti.
    _pop3._tcp.vaamonde.pti.	3600	IN	SRV	0 0 0 .
    "
  `);
});

test("everything that a domain can have besides", () => {
  const full = planRecords({
    ...lab,
    dkim: [],
    spf: domainPolicy(["_spf.example.net"]),
    reportsFor: ["example.org"],
    mtaSts: { mode: "testing", mx: ["mail.vaamonde.pti"], maxAge: 86_400 },
    issuers: ["letsencrypt.org; accounturi=https://acme.example/1"],
    tlsa: { current: `3 1 1 ${"a".repeat(64)}`, next: `3 1 1 ${"b".repeat(64)}` },
  });
  const plain = new Set(planRecords(lab).map(({ role, content }) => `${role} ${content}`));
  const added = full.filter(({ role, content }) => !plain.has(`${role} ${content}`));
  expect(
    added.map(({ role, name, type, content }) => `${role}: ${name} ${type} ${content}`).join("\n"),
  ).toMatchInlineSnapshot(`
    "tlsa-current: _25._tcp.mail.vaamonde.pti TLSA 3 1 1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    tlsa-next: _25._tcp.mail.vaamonde.pti TLSA 3 1 1 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
    spf: vaamonde.pti TXT v=spf1 mx include:_spf.example.net -all
    dmarc-reports-example.org: example.org._report._dmarc.vaamonde.pti TXT v=DMARC1
    mta-sts: _mta-sts.vaamonde.pti TXT v=STSv1; id=a336738fe97acec6dae7
    caa-letsencrypt.org: vaamonde.pti CAA 0 issue "letsencrypt.org; accounturi=https://acme.example/1""
  `);
});

test("a parked domain, as its zone file", () => {
  expect(renderZoneFile(authority, parkedRecords("vaamonde.pti", 3600))).toMatchInlineSnapshot(`
    "vaamonde.pti.	3600	IN	SOA	ns1.vaamonde.pti. host\\.master.vaamonde.pti. 1 7200 3600 1209600 300
    vaamonde.pti.	3600	IN	NS	ns1.vaamonde.pti.
    ns1.vaamonde.pti.	3600	IN	A	127.0.0.1
    vaamonde.pti.	3600	IN	MX	0 .
    vaamonde.pti.	3600	IN	TXT	"v=spf1 -all"
    *._domainkey.vaamonde.pti.	3600	IN	TXT	"v=DKIM1; k=rsa; p="
    _dmarc.vaamonde.pti.	3600	IN	TXT	"v=DMARC1; p=reject"
    "
  `);
});

test.runIf(hasZoneChecker)("its zone file is well-formed to others: named-checkzone", () => {
  const zone = renderZoneFile(authority, planRecords({ ...lab, issuers: ["ca.example"] }));
  const folder = mkdtempSync(join(tmpdir(), "maildomain-"));
  try {
    writeFileSync(join(folder, "zone"), zone);
    const { status, stdout } = spawnSync("named-checkzone", ["-i", "local", "vaamonde.pti", "zone"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(status, stdout).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("roles are unique and do not depend on content", () => {
  const roles = planRecords(lab).map(({ role }) => role);
  expect(new Set(roles).size).toBe(roles.length);
  const moved = planRecords({ ...lab, addresses: { ipv4: "192.0.2.1" }, dmarc: { policy: "reject" } });
  expect(moved.map(({ role }) => role)).toEqual(roles);
});

test("a server of another domain keeps its address records there", () => {
  const records = planRecords({ ...lab, domain: "example.org" });
  expect(records.filter(({ type }) => type === "A").map(({ name }) => name)).toEqual([
    "mail.example.org",
    "smtp.example.org",
    "imap.example.org",
    "pop3.example.org",
  ]);
  expect(records.find(({ role }) => role === "mx")?.content).toBe("10 mail.vaamonde.pti");
});
