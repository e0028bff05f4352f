import { generateKeyPairSync, randomBytes } from "node:crypto";
import { domain } from "../../kit/document-lab.ts";
import { authentication, partner, type Row } from "./row.ts";

const rsa = (bits: number) =>
  generateKeyPairSync("rsa", { modulusLength: bits })
    .publicKey.export({ type: "spki", format: "der" })
    .toString("base64");
const rsaName = `rsa1._domainkey.${domain}`;
const dmarc = `v=DMARC1; p=quarantine; rua=mailto:dmarc@${partner}`;

/** What the name server says of names, keys and signatures. */
export const nameRows: readonly Row[] = [
  {
    name: "a record that is gone",
    break: (b) => b.records(`pop3.${domain}`, "A", []),
    red: [`dns.a.pop3.${domain}`],
    seen: /no such record/,
    advice: /npm run up.*publish `(?:127|10)\./,
  },
  {
    name: "a record that others keep for too long",
    break: (b) => b.records(`_dmarc.${domain}`, "TXT", [dmarc], 86_400),
    red: [`dns.txt._dmarc.${domain}`],
    seen: /86400 s instead of 3600 s/,
    advice: /set the TTL/,
  },
  {
    name: "no name by which Thunderbird finds its settings",
    break: (b) => b.records(`autoconfig.${domain}`, "A", []),
    red: [`dns.a.autoconfig.${domain}`],
    seen: /no such record/,
    advice: /npm run up.*publish `(?:127|10)\./,
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
    name: "a TLSA record of another key",
    break: (b) => b.records(`_25._tcp.mail.${domain}`, "TLSA", [`3 1 1 ${randomBytes(32).toString("hex")}`]),
    red: [`tlsa.mail.${domain}`, `dns.tlsa._25._tcp.mail.${domain}`],
    seen: /none of 1 records matches the key/,
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
];

/** What it says of how mail is sent and received. */
export const policyRows: readonly Row[] = [
  {
    name: "a record too many",
    break: (b) => b.records(domain, "MX", [`10 mail.${domain}`, `20 old.${domain}`]),
    red: [`dns.mx.${domain}`],
    seen: /20 old/,
    advice: /remove `20 old/,
  },
  {
    name: "no DMARC",
    break: (b) => b.records(`_dmarc.${domain}`, "TXT", []),
    red: [`dns.txt._dmarc.${domain}`, ...authentication],
    seen: /no such record/,
    advice: /publish `v=DMARC1/,
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
    name: "an SPF policy without the server",
    break: (b) => b.records(domain, "TXT", ["v=spf1 ip4:192.0.2.1 -all"]),
    red: [`spf.${domain}`, `dns.txt.${domain}`, ...authentication],
    seen: /(?:127|10)\..* gets fail/,
    advice: /Name the address in the SPF record/,
  },
  {
    name: "an SPF policy for everybody",
    break: (b) => b.records(domain, "TXT", ["v=spf1 mx +all"]),
    red: [`spf.strangers.${domain}`, `dns.txt.${domain}`],
    seen: /an unrelated address gets pass/,
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
];
