import { expect, test } from "vitest";
import { type DomainDescription, ownServersOnly, planRecords, renderZoneFile } from "../../records/index.ts";

const lab: DomainDescription = {
  domain: "vaamonde.pti",
  ttl: 3600,
  hostName: "mail.vaamonde.pti",
  addresses: { ipv4: "127.0.0.1" },
  clientLabels: ["mail", "smtp", "imap", "pop3"],
  spf: ownServersOnly,
  dkim: [{ selector: "rsa1", content: `v=DKIM1; k=rsa; p=${"A".repeat(392)}` }],
  dmarc: { policy: "quarantine", reportAddress: "postmaster@vaamonde.pti" },
};

test("the document's domain, as its zone file", () => {
  const authority = {
    domain: "vaamonde.pti",
    nameServer: "ns1.vaamonde.pti",
    nameServerAddress: "127.0.0.1",
    mailbox: "host.master@vaamonde.pti",
    ttl: 3600,
  };
  expect(renderZoneFile(authority, planRecords(lab))).toMatchInlineSnapshot(`
    "vaamonde.pti.	3600	IN	SOA	ns1.vaamonde.pti. host\\.master.vaamonde.pti. 1 7200 3600 1209600 300
    vaamonde.pti.	3600	IN	NS	ns1.vaamonde.pti.
    ns1.vaamonde.pti.	3600	IN	A	127.0.0.1
    mail.vaamonde.pti.	3600	IN	A	127.0.0.1
    smtp.vaamonde.pti.	3600	IN	A	127.0.0.1
    imap.vaamonde.pti.	3600	IN	A	127.0.0.1
    pop3.vaamonde.pti.	3600	IN	A	127.0.0.1
    vaamonde.pti.	3600	IN	MX	10 mail.vaamonde.pti.
    vaamonde.pti.	3600	IN	TXT	"v=spf1 mx -all"
    rsa1._domainkey.vaamonde.pti.	3600	IN	TXT	"v=DKIM1; k=rsa; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    _dmarc.vaamonde.pti.	3600	IN	TXT	"v=DMARC1; p=quarantine; rua=mailto:postmaster@vaamonde.pti"
    "
  `);
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
