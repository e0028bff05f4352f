import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { expect, test } from "vitest";
import {
  authorityProblem,
  chainProblems,
  isNearItsEnd,
  keyProblem,
  namesMissing,
  readChain,
} from "../../keys/certificate-chain.ts";
import { issueTemporaryCertificate } from "../../provider/certificate.ts";
import { makeAuthority, makeKey, makeLeaf, pemOf } from "../kit/certificates.ts";

const now = new Date("2026-06-01T12:00:00Z");
const from = new Date("2026-05-01T00:00:00Z");
const valid = { from, days: 90 };
const root = await makeAuthority("Example root", undefined, { from, days: 3650 });
const between = await makeAuthority("Example R1", root, { from, days: 365 });
const below = await makeAuthority("Example R2", between, { from, days: 365 });
const stranger = await makeAuthority("Stranger", undefined, valid);
const key = makeKey();
const names = ["mail.example.org", "*.example.org"];
const leaf = await makeLeaf(names, below, { ...valid, key });
const direct = await makeLeaf(names, root, { ...valid, key });
const chain = [leaf, below.certificate, between.certificate];
const of = (pem: string) => readChain(pem) ?? expect.fail("unreadable");

test.each<[string, readonly string[]]>([
  ["whole", chain],
  ["with its root", [...chain, root.certificate]],
  ["with a text above each certificate", chain.map((pem) => `subject=CN = somebody\n${pem}`)],
  ["issued by the root itself", [direct]],
])("a chain that is %s", (_what, pems) => {
  expect(chainProblems(pems.join("\n"), root.certificate, now)).toEqual([]);
  // A server does not send the root.
  expect(of(pems.join("\n")).intermediates).toHaveLength(pems.length === 1 ? 0 : 2);
});

const expired = await makeLeaf(names, root, { from, days: 20 });
const early = await makeLeaf(names, root, { from: new Date("2026-06-02T00:00:00Z"), days: 90 });
const forClients = await makeLeaf(names, root, { ...valid, use: "clients" });
const nameless = await makeLeaf([], root, valid);
const oldBetween = await makeAuthority("Example R3", root, { from, days: 10 });
const underOld = await makeLeaf(names, oldBetween, valid);
const authority = "certificates.authority";

test.each<[string, string, string | undefined, readonly string[]]>([
  [
    "nothing",
    "",
    root.certificate,
    ["holds no certificate: write PEM (-----BEGIN CERTIFICATE-----), the server's own certificate first"],
  ],
  [
    "a damaged one",
    leaf.replace(/\n.{20}/, "\n"),
    root.certificate,
    ["has a certificate that cannot be read: write each in PEM, whole, as the authority has sent it"],
  ],
  [
    "the key as well",
    leaf + pemOf(key),
    root.certificate,
    ["holds a private key, which belongs into key alone: write the certificates without it"],
  ],
  [
    "the wrong order",
    [leaf, between.certificate, below.certificate].join(""),
    root.certificate,
    ["is in the wrong order: write mail.example.org, then Example R2, then Example R1"],
  ],
  [
    "the server's last",
    [below.certificate, leaf].join(""),
    root.certificate,
    ["is in the wrong order: write mail.example.org, then Example R2"],
  ],
  [
    "an authority alone",
    below.certificate,
    between.certificate,
    ["begins with the authority Example R2: write the server's own certificate before it"],
  ],
  [
    "a gap",
    [leaf, between.certificate].join(""),
    root.certificate,
    [
      "breaks off after mail.example.org: Example R1 has not issued it; write the certificate of Example R2 behind it",
    ],
  ],
  [
    "two servers",
    [direct, expired].join(""),
    root.certificate,
    ["has two servers' certificates, mail.example.org and mail.example.org: write one in each chain"],
  ],
  [
    "no intermediate",
    leaf,
    root.certificate,
    [
      `leads to Example R2, which is not issued by ${authority}: append the certificate of Example R2 if it stands between, or write there the root that it leads to`,
    ],
  ],
  [
    "a private root without its authority",
    chain.join(""),
    undefined,
    [
      `leads to Example root, which is not a public root: append the certificate of Example root if it stands between, or write that authority's certificate as ${authority}, which every client then has to trust`,
    ],
  ],
  [
    "another authority",
    chain.join(""),
    stranger.certificate,
    [
      `leads to Example root, which is not issued by ${authority}: append the certificate of Example root if it stands between, or write there the root that it leads to`,
    ],
  ],
  [
    "one of last month",
    expired,
    root.certificate,
    ["mail.example.org expired on 2026-05-21: write the renewed one"],
  ],
  [
    "one of tomorrow",
    early,
    root.certificate,
    ["mail.example.org is not valid before 2026-06-02 00:00 UTC: write one that is, or wait"],
  ],
  [
    "an expired intermediate",
    underOld + oldBetween.certificate,
    root.certificate,
    ["Example R3 expired on 2026-05-11: write the renewed one"],
  ],
  [
    "one for clients",
    forClients,
    root.certificate,
    ["is not for servers (extended key usage serverAuth): have one issued for a TLS server"],
  ],
  [
    "one without names",
    nameless,
    root.certificate,
    [
      "names no host as a subject alternative name, where clients look for it (RFC 9525): have it issued again",
    ],
  ],
])("refuses %s", (_what, pem, trusted, problems) => {
  expect(chainProblems(pem, trusted, now)).toEqual(problems);
});

const life = { issuedAt: from, notAfter: new Date("2026-08-01T00:00:00Z") };
const own = makeKey();

test.each([
  [
    "says nothing of what it may sign",
    await makeLeaf(names, { certificate: "", key: own }, { ...valid, key: own }),
  ],
  [
    "may sign no certificate, not even itself",
    await issueTemporaryCertificate(["mail.example.org"], life, own),
  ],
])("refuses one that is signed by itself, and %s", (_what, self) => {
  const [problem] = chainProblems(self, undefined, now);
  expect(problem).toMatch(/^is signed by itself, so that nobody trusts it: /);
});

test("a public root is one that Node.js knows", () => {
  const known = rootCertificates.find((pem) => new X509Certificate(pem).validToDate > now) ?? "";
  expect(chainProblems(known, undefined, now)).toEqual([
    expect.stringMatching(/^begins with the authority /),
  ]);
});

test("reports everything at once", async () => {
  const pem = await makeLeaf([], root, { from, days: 5, use: "clients" });
  expect(chainProblems(pem, stranger.certificate, now)).toHaveLength(4);
});

const rsa = (modulusLength: number) => generateKeyPairSync("rsa", { modulusLength }).privateKey;
const [rsa2048, rsa1024, ed25519] = [rsa(2048), rsa(1024), generateKeyPairSync("ed25519").privateKey];
const p521 = generateKeyPairSync("ec", { namedCurve: "secp521r1" }).privateKey;
const instead = "have a certificate issued for an ECDSA key on P-256, or an RSA key of 2048 bits or more";
const encrypted = String(
  key.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" }),
);

test.each<[string, string, string | undefined]>([
  ["its own", pemOf(key), undefined],
  ["its own in OpenSSL's older form", String(key.export({ type: "sec1", format: "pem" })), undefined],
  ["its own in one file with its certificate", leaf + pemOf(key), undefined],
  [
    "another's",
    pemOf(makeKey()),
    "does not belong to the certificate of mail.example.org: write the key that it was requested with",
  ],
  ["an encrypted one", encrypted, "is encrypted: write the key without its passphrase"],
  ["a certificate", leaf, "is not a private key in PEM (-----BEGIN PRIVATE KEY-----)"],
])("a key: %s", (_what, pem, problem) => {
  expect(keyProblem(pem, of(direct))).toBe(problem);
});

test.each([
  [rsa2048, undefined],
  [rsa1024, `is an RSA key of 1024 bits: ${instead}`],
  [ed25519, `is a key of the kind ed25519, which many clients refuse: ${instead}`],
  [p521, `is an ECDSA key on secp521r1, which many clients refuse: ${instead}`],
])("a certificate's key of each kind", async (kind, problem) => {
  expect(keyProblem(pemOf(kind), of(await makeLeaf(names, root, { key: kind })))).toBe(problem);
});

test.each<[string, boolean]>([
  ["mail.example.org", true],
  ["imap.example.org", true],
  ["example.org", false],
  ["a.imap.example.org", false],
  ["mail.example.net", false],
])("the name %s", (name, isHeld) => {
  expect(namesMissing(of(leaf), [name])).toEqual(isHeld ? [] : [name]);
});

test("a name in the subject alone counts for nothing, nor does a part of a label", async () => {
  const partial = of(await makeLeaf(["im*.example.org"], root));
  expect(namesMissing(partial, ["imap.example.org"])).toEqual(["imap.example.org"]);
  expect(namesMissing(of(nameless), ["nameless"])).toEqual(["nameless"]);
});

test.each<[string, string | undefined]>([
  [root.certificate, undefined],
  ["", "is not a certificate: write the authority's own in PEM (-----BEGIN CERTIFICATE-----), and no other"],
  [direct, "mail.example.org is not an authority (CA:true is missing): write the root's"],
  [oldBetween.certificate, "Example R3 expired on 2026-05-11: write the renewed one"],
])("an authority", (pem, problem) => {
  expect(authorityProblem(pem, now)).toBe(problem);
});

test.each<[string, boolean]>([
  ["2026-06-29T23:59:59Z", false],
  ["2026-06-30T00:00:00Z", true],
])("at %s a third of 90 days is left: %s", (time, isNear) => {
  expect(isNearItsEnd(of(direct).leaf, new Date(time))).toBe(isNear);
});
