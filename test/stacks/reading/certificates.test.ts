/** Certificates that a stack brings along: found, read and judged before anything changes. */
import { expect, test } from "vitest";
import { certificateWarnings } from "../../../stacks/preflight/certificates.ts";
import { expandCertificates } from "../../../stacks/reading/certificate-files.ts";
import { certificateProblems } from "../../../stacks/reading/certificate-problems.ts";
import { formatPlaced } from "../../../stacks/reading/problems.ts";
import { parseStackFile } from "../../../stacks/reading/stack-file.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";
import { makeAuthority, makeKey, makeLeaf, pemOf } from "../../kit/certificates.ts";

const now = new Date("2026-06-01T12:00:00Z");
const valid = { from: new Date("2026-05-15T00:00:00Z"), days: 90 };
const root = await makeAuthority("Example root", undefined, valid);
const [key, other] = [makeKey(), makeKey()];
const domains = [{ name: "example.org", mailboxes: [{ name: "ana" }] }];
const authority = root.certificate;
const mail = ["mail", "imap", "pop3", "smtp"].map((label) => `${label}.example.org`);
const web = ["mail", "autoconfig", "autodiscover", "mta-sts"].map((label) => `${label}.example.org`);
const pair = async (names: readonly string[], more: object = {}) => ({
  chain: await makeLeaf(names, root, { ...valid, key }),
  key: pemOf(key),
  ...more,
});

type Written = Parameters<typeof stackSchema.parse>[0];
const settingsOf = (certificates: Written, more: object = {}) =>
  stackSchema.parse({ domains, certificates, ...more });
const problemsOf = (certificates: Written, more: object = {}) =>
  lines(formatPlaced("file", certificateProblems(settingsOf(certificates, more), now)));
const lines = (text: string) =>
  text
    .split("\n")
    .slice(1)
    .map((line) => line.trim().replace("maildomain:certificates.", ""));

test.each<[string, object, object]>([
  [
    "one certificate for all",
    { authority, files: [await pair([...mail, ...web])] },
    { web: { enabled: true } },
  ],
  ["a wildcard", { authority, files: [await pair(["*.example.org"])] }, { web: { enabled: true } }],
  [
    "one for mail, one for the web",
    { authority, files: [await pair(mail), await pair(web, { name: "web" })] },
    { web: { enabled: true } },
  ],
  [
    "a server each",
    {
      authority,
      files: [await pair(mail), await pair(["mx2.example.net", "*.example.net"], { name: "two" })],
    },
    {
      domains: [...domains, { name: "example.net", mailboxes: [{ name: "rui" }] }],
      servers: [{ hostName: "mx2.example.net", domains: ["example.net"], address: "127.0.0.2" }],
    },
  ],
  [
    "one that only outlives its use",
    {
      issuer: "private",
      authority,
      files: [
        {
          ...(await pair(mail)),
          chain: await makeLeaf(mail, root, { from: valid.from, days: 1, key }),
          stage: "retired",
        },
      ],
    },
    { serverKeys: [{ name: "key1" }] },
  ],
])("right: %s", (_what, certificates, more) => {
  expect(problemsOf(certificates, more)).toEqual([]);
});

test("all problems at once, each where it is written", async () => {
  const files = [
    { ...(await pair(mail.slice(0, 2))), key: pemOf(other) },
    {
      name: "web",
      chain: await makeLeaf(web.slice(1), root, { from: valid.from, days: 1, key }),
      key: pemOf(key),
    },
    {
      name: "next",
      chain: await makeLeaf(mail, await makeAuthority("Stranger"), { ...valid, key }),
      key: pemOf(key),
      stage: "published",
    },
  ];
  expect(problemsOf({ authority, files }, { web: { enabled: true } })).toEqual([
    "files[0].key: does not belong to the certificate of mail.example.org: write the key that it was requested with",
    "files[1].chain: autoconfig.example.org expired on 2026-05-16: write the renewed one",
    "files[2].chain: leads to Stranger, which is not issued by certificates.authority: append the certificate of Stranger if it stands between, or write there the root that it leads to",
    "files[0].chain: lacks smtp.example.org, pop3.example.org of the mail server mail.example.org: have it issued for these as well, or add another with all of its names",
    "files[1].chain: lacks mail.example.org of the web server: have it issued for these as well, or add another with all of its names",
  ]);
});

const refused = (written: object): string[] => {
  const { error } = stackSchema.safeParse({ domains, ...written });
  return error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
};
const one = { chain: "a.pem", key: "a.key" };

test.each<[object, readonly string[]]>([
  [{ certificates: { issuer: "acne" } }, ['certificates.issuer: write "private", "files" or "acme"']],
  [
    { certificates: { issuer: "acme" } },
    [
      "certificates.acme: is missing: write acme: { agreeToTerms: true } once you have read the authority's terms",
    ],
  ],
  [
    { certificates: { acme: {} } },
    [
      "certificates.acme.agreeToTerms: write true once you have read the authority's terms: it opens no account without",
    ],
  ],
  [
    {
      certificates: {
        acme: {
          agreeToTerms: true,
          directory: "http://ca.example.org/acme",
          contact: ["nobody"],
          profile: "short lived",
          externalAccount: { keyId: "kid-1", hmacKey: "not base64url" },
          report: { webhook: "alerts" },
          resolver: "192.0.2.53:70000",
          roots: "ca",
        },
      },
    },
    [
      "certificates.acme.directory: is not reached over HTTPS (RFC 8555 section 6.1): use letsencrypt, staging, zerossl, google, or the URL of a directory such as https://ca.example.org/acme/acme/directory",
      'certificates.acme.contact.0: "nobody" is not a valid address: use an address such as hostmaster@example.org',
      "certificates.acme.externalAccount.hmacKey: is not a valid key: write it in base64url, as the authority shows it",
      "certificates.acme.profile: write a profile's name such as shortlived",
      "certificates.acme.roots: write the root of the directory's own certificate in PEM (-----BEGIN …), or the path of a file that ends in .pem, .crt, .cer or .key",
      'certificates.acme.resolver: "192.0.2.53:70000" is not a valid resolver: use an address, with a port if need be, such as 192.0.2.53 or [2001:db8::53]:5353',
      'certificates.acme.report.webhook: "alerts" is not a valid URL: use one such as https://alerts.example.org/hooks/certificates',
    ],
  ],
  [
    { certificates: { acme: { agreeToTerms: true, directory: "letsencript" } } },
    [
      'certificates.acme.directory: "letsencript" is not a valid directory: use letsencrypt, staging, zerossl, google, or the URL of a directory such as https://ca.example.org/acme/acme/directory',
    ],
  ],
  [
    { certificates: { acme: { agreeToTerms: true, directory: "zerossl" } } },
    [
      "certificates.acme.externalAccount: is needed with zerossl: write the keyId and hmacKey that the authority shows for your account there",
    ],
  ],
  [
    { lab: true, certificates: { acme: { agreeToTerms: true } } },
    [
      "certificates.acme.directory: is a public authority, which reaches no lab: write the URL of an authority of your own, such as Pebble's",
    ],
  ],
  [
    { certificates: { files: [one], acme: { agreeToTerms: true } } },
    [
      "certificates.acme: is beside a certificate in files that serves: write issuer: acme, or remove this section",
    ],
  ],
  [
    {
      certificates: {
        acme: {
          agreeToTerms: true,
          dns: {
            zone: "*.example.net",
            server: "ns1 example.net",
            tsig: { name: "agent.example.net", algorithm: "hmac-md5", secret: "not base64" },
            cloudflare: { token: "short" },
          },
        },
      },
    },
    [
      "certificates.acme.dns.zone: is not a valid host name: use labels of letters, digits and hyphens, joined by dots, such as example.org",
      'certificates.acme.dns.server: "ns1 example.net" is not a valid name server: use a name or an address such as ns1.example.net, 192.0.2.53:5353 or [2001:db8::53]:53',
      "certificates.acme.dns.tsig.algorithm: write hmac-sha256, hmac-sha384, hmac-sha512",
      "certificates.acme.dns.tsig.secret: is not a valid secret: write it in base64, as keymgr or tsig-keygen shows it",
      "certificates.acme.dns.cloudflare.token: is not a valid API token: write it as Cloudflare shows it once",
      "certificates.acme.dns.cloudflare: is beside server or tsig: write the one that the zone is changed by",
    ],
  ],
  [
    {
      certificates: { acme: { agreeToTerms: true, dns: { zone: "acme.example.org", server: "192.0.2.53" } } },
    },
    [
      "certificates.acme.dns.tsig: is needed with server: write the key that the server accepts",
      'certificates.acme.dns.zone: "acme.example.org" lies in example.org: write a zone of its own, so that its key opens nothing else',
    ],
  ],
  [
    { certificates: { acme: { agreeToTerms: true, dns: { zone: "example.org" } } } },
    [
      'certificates.acme.dns.zone: "example.org" holds example.org: write a zone of its own, so that its key opens nothing else',
    ],
  ],
  [
    { certificates: { acme: { agreeToTerms: true, report: { mail: "admin@elsewhere.example" } } } },
    [
      "certificates.acme.report.mail: is not an address of a domain here: the agent hands it to the stack's own mail server, which accepts nothing for others",
    ],
  ],
  [
    { certificates: { issuer: "private", acme: { agreeToTerms: true } } },
    ['certificates.acme: does nothing with issuer "private": write issuer: acme, or remove this section'],
  ],
  [
    { certificates: { issuer: "acme", files: [one], acme: { agreeToTerms: true } } },
    [
      'certificates.files.0.stage: is serving, and issuer is "acme": write stage: retired until its TLSA record may go, or issuer: files',
    ],
  ],
  [
    { certificates: { acme: { agreeToTerms: true } }, ports: { submissions: 80 } },
    ["ports.http: 80 is already used by ports.submissions: challenges need a port of their own"],
  ],
  [
    {
      certificates: { acme: { agreeToTerms: true, dns: { zone: "acme.example.net" } } },
      ports: { submissions: 80 },
    },
    [],
  ],
  [{ certificates: { acme: { agreeToTerms: true, dnsPersist: true } }, ports: { submissions: 80 } }, []],
  [
    {
      certificates: {
        acme: {
          agreeToTerms: true,
          dnsPersist: true,
          dns: { zone: "acme.example.net", cloudflare: { token: "0".repeat(40) } },
        },
      },
    },
    ["certificates.acme.dnsPersist: is beside dns: write the one by which names are to be proved"],
  ],
  [
    { certificates: { acme: { agreeToTerms: true, dnsPersist: "yes" } } },
    ["certificates.acme.dnsPersist: write true or false"],
  ],
  [
    { certificates: { issuer: "files" } },
    [
      "certificates.files: has no certificate that serves: add one with its chain and key, or write issuer: private",
    ],
  ],
  [
    { certificates: { issuer: "private", files: [one] } },
    [
      'certificates.files.0.stage: is serving, and issuer is "private": write stage: published until it serves, or issuer: files',
    ],
  ],
  [
    { certificates: { authority: "a.pem" } },
    ["certificates.authority: has issued nothing in files or acme: remove it, or add the certificates"],
  ],
  [
    { certificates: { files: [one, one] } },
    [
      'certificates.files.1.name: "own" is the name of certificates.files[0] as well: write another, such as own2',
    ],
  ],
  [
    { certificates: { files: [one] }, serverKeys: [{ name: "own", stage: "retired" }] },
    ['certificates.files.0.name: "own" is already the name of a key in serverKeys: use another name'],
  ],
  [
    { certificates: { files: [one] }, serverKeys: [{ name: "key1" }] },
    [
      "serverKeys: has a key that serves, and certificates.files has as well: write stage: retired here, or issuer: private",
    ],
  ],
  [
    { certificates: { files: [{ chain: "certificate", key: 5 }] } },
    [
      "certificates.files.0.chain: write the server's certificate and those between it and its root in PEM (-----BEGIN …), or the path of a file that ends in .pem, .crt, .cer or .key",
      "certificates.files.0.key: write the private key of the certificate, in PEM or as the path of a file, in quotes if it is made of digits",
    ],
  ],
])("refused by the schema: %o", (written, problems) => {
  expect(refused(written)).toEqual(problems);
});

const acme = { agreeToTerms: true };

test("outside a lab a stack says where its certificates come from", () => {
  const unsaid = [
    "maildomain:certificates: is missing: write acme: { agreeToTerms: true } for certificates that everybody trusts, files for those that you have, or issuer: private for those of an authority of the stack's own, which phones and Outlook refuse (docs/certificates.md)",
  ];
  expect(problemsOf({})).toEqual(unsaid);
  expect(problemsOf({}, { lab: true })).toEqual([]);
  for (const said of [{ issuer: "private" }, { acme }]) expect(problemsOf(said)).toEqual([]);
});

test("a domain's CAA records allow whoever is to issue", () => {
  const withIssuers = (...issuers: string[]) =>
    problemsOf({ acme }, { domains: [{ ...domains[0], certificates: { issuers } }] });
  for (const right of ["letsencrypt.org", "LetsEncrypt.org; validationmethods=dns-01,http-01"]) {
    expect(withIssuers("sectigo.com", right)).toEqual([]);
  }
  expect(withIssuers("sectigo.com")).toEqual([
    "maildomain:domains[0].certificates.issuers: forbids letsencrypt.org, which is to issue the certificates: add it, or leave this out to have its record made",
  ]);
  expect(withIssuers("letsencrypt.org; validationmethods=dns-01")).toEqual([
    "maildomain:domains[0].certificates.issuers: allows letsencrypt.org by other methods than http-01, by which names are proved: add http-01",
  ]);
  const byDns = (methods: string) => {
    const dns = { zone: "acme.example.net", cloudflare: { token: "0".repeat(40) } };
    const issuers = [`letsencrypt.org; validationmethods=${methods}`];
    return problemsOf(
      { acme: { ...acme, dns } },
      { domains: [{ ...domains[0], certificates: { issuers } }] },
    ).filter((problem) => problem.includes("issuers"));
  };
  expect(
    problemsOf(
      { acme: { ...acme, dnsPersist: true } },
      {
        domains: [
          { ...domains[0], certificates: { issuers: ["letsencrypt.org; validationmethods=dns-01"] } },
        ],
      },
    ),
  ).toEqual([
    "maildomain:domains[0].certificates.issuers: allows letsencrypt.org by other methods than dns-persist-01, by which names are proved: add dns-persist-01",
  ]);
  expect(byDns("dns-01")).toEqual([]);
  expect(byDns("http-01")).toEqual([
    "maildomain:domains[0].certificates.issuers: allows letsencrypt.org by other methods than dns-01, by which names are proved: add dns-01",
  ]);
});

test("files are read from where the stack's file is", () => {
  const texts: Record<string, { text: string; isPublic: boolean }> = {
    "a.pem": { text: authority, isPublic: true },
    "/etc/a.key": { text: pemOf(key), isPublic: false },
    "open.key": { text: pemOf(key), isPublic: true },
    "a.crt": { text: "\u{30}\u{82}", isPublic: true },
  };
  const read = (path: string) => texts[path] ?? fail(path);
  const fail = (path: string) => {
    throw Object.assign(new Error(path), { code: path === "secret.key" ? "EACCES" : "ENOENT" });
  };
  const files = [
    { chain: "a.pem", key: "/etc/a.key" },
    { chain: "a.crt", key: "open.key" },
    { chain: "none.pem", key: "secret.key" },
    { chain: authority, key: pemOf(key) },
  ];
  const { written, problems } = expandCertificates({ certificates: { files, authority: "a.pem" } }, read);
  expect(written).toMatchObject({
    certificates: {
      authority,
      files: [{ chain: authority, key: pemOf(key) }, { key: pemOf(key) }, {}, files[3]],
    },
  });
  expect(lines(formatPlaced("file", problems))).toEqual([
    "files[1].chain: file a.crt holds no PEM (-----BEGIN …): convert it with openssl",
    "files[1].key: file open.key can be read by everybody: run `chmod 600` on it",
    "files[2].chain: file none.pem does not exist: write a path from stacks/, or a whole one",
    "files[2].key: file secret.key cannot be read (EACCES): write a path from stacks/, or a whole one",
  ]);
  const lab = expandCertificates(
    { lab: true, certificates: { files: [{ chain: "a.pem", key: "open.key" }] } },
    read,
  );
  expect(lab.problems).toEqual([]);
});

test("a stack file is read without its secrets and its files", () => {
  const text = `config:
  maildomain:certificates: { files: [{ chain: certificates/a.pem, key: { secure: v1:x } }] }
  maildomain:domains:
    - name: example.org
      mailboxes: [{ name: ana }]
      dkim: [{ selector: a, algorithm: rsa, privateKey: { secure: v1:x } }]
`;
  const { settings } = parseStackFile("file", text);
  expect(certificateProblems(settings, now)).toEqual([]);
});

test("warnings before an update", async () => {
  const warnings = (certificates: Written, more: object = {}) =>
    certificateWarnings(settingsOf(certificates, more), now).map((line) => line.replace(/ \(docs.*/, ""));
  const enforce = { web: { enabled: true }, domains: [{ ...domains[0], mtaSts: { mode: "enforce" } }] };
  const policy = expect.stringMatching(
    /^certificates\.issuer: .*, and example\.org enforces MTA-STS \(RFC 8461\): no sender accepts its policy/,
  );
  expect(warnings({}, { lab: true })).toEqual([]);
  expect(warnings({ issuer: "private" })).toEqual([]);
  expect(warnings({ acme: { agreeToTerms: true } }, enforce)).toEqual([]);
  expect(warnings({ acme: { agreeToTerms: true, directory: "staging" } })).toEqual([
    "certificates.acme.directory: nobody trusts the certificates of staging. Once `npm run verify` fails for that reason alone, write directory: letsencrypt",
  ]);
  expect(warnings({ issuer: "private" }, enforce)).toEqual([policy]);
  const nearEnd = await makeLeaf(["*.example.org"], root, {
    from: new Date("2026-04-01T00:00:00Z"),
    days: 90,
    key,
  });
  expect(
    warnings(
      { files: [{ chain: nearEnd, key: "a.key" }, await pair(["mail.example.net"], { name: "b" })] },
      enforce,
    ),
  ).toEqual([
    "certificates.files[0].chain: ends on 2026-06-30, in 28 days, a third of its life or less: write the renewed one, and run `npm run up`",
    "certificates.files[1]: is used by no server: it holds the names of none, or an earlier one does as well",
  ]);
});

test("CAA records that do not allow whoever issues", async () => {
  const of = async (organization: string, names: readonly string[]) => ({
    chain: await makeLeaf(names, await makeAuthority("R1", undefined, { organization }), { ...valid, key }),
    key: pemOf(key),
  });
  const warnings = (certificates: Written, caa: object, more: object = {}) =>
    certificateWarnings(
      settingsOf(certificates, { domains: [{ ...domains[0], certificates: caa }], ...more }),
      now,
    ).filter((line) => line.includes("ssuers:"));
  const [ours, wild] = [["mail.example.org"], ["*.example.org"]];
  const letsEncrypt = await of("Let's Encrypt", ours);
  const issuers = ["letsencrypt.org; validationmethods=http-01"];

  expect(warnings({ issuer: "private" }, { issuers }, { lab: true })).toEqual([]);
  expect(warnings({ issuer: "private" }, { wildcardIssuers: [] })).toEqual([]);
  expect(warnings({ files: [letsEncrypt] }, { issuers })).toEqual([]);
  expect(warnings({ files: [letsEncrypt] }, { wildcardIssuers: [] })).toEqual([]);
  expect(warnings({ files: [await of("Somebody new", ours)] }, { issuers })).toEqual([]);
  expect(
    warnings({ files: [await of("Let's Encrypt", ["mail.example.com"])] }, { issuers: ["pki.goog"] }),
  ).toEqual([]);

  expect([
    ...warnings({ issuer: "private" }, { issuers }),
    ...warnings({ issuer: "private" }, { wildcardIssuers: issuers }),
    ...warnings({ files: [letsEncrypt] }, { issuers: ["pki.goog", "sectigo.com"] }),
    ...warnings({ files: [await of("Let's Encrypt", wild)] }, { issuers, wildcardIssuers: [] }),
    ...warnings({ files: [letsEncrypt], authority }, { issuers }),
  ]).toMatchInlineSnapshot(`
    [
      "domains[0].certificates.issuers: allows letsencrypt.org, and the certificates of example.org are from the private authority, which no CAA record names: leave issuers out, or have the certificates issued by an authority that it names (certificates.files, docs/certificates.md)",
      "domains[0].certificates.wildcardIssuers: allows letsencrypt.org, and the certificates of example.org are from the private authority, which no CAA record names: leave wildcardIssuers out, or have the certificates issued by an authority that it names (certificates.files, docs/certificates.md)",
      "domains[0].certificates.issuers: allows pki.goog and sectigo.com, and certificates.files[0] is issued by R1, which would refuse to renew it (RFC 8659): add letsencrypt.org, or have it issued by an authority that it names",
      "domains[0].certificates.wildcardIssuers: allows nobody, and certificates.files[0] is issued by R1, which would refuse to renew it (RFC 8659): add letsencrypt.org, or have it issued by an authority that it names",
      "domains[0].certificates.issuers: allows letsencrypt.org, and certificates.files[0] is issued by R1, which no CAA record names: leave issuers out",
    ]
  `);
});
