import { generateKeyPairSync } from "node:crypto";
import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { runtime } from "@pulumi/pulumi";
import { afterEach, describe, expect, test } from "vitest";
import { fixedImages, noSecretInEnvironment, plainTextPorts } from "../../policy/containers.ts";
import { dmarcAsDeclared, noProxiedMailRecord } from "../../policy/dns.ts";
import { keyLengths } from "../../policy/keys.ts";
import { noOpenRelay, relayProblems } from "../../policy/relay.ts";
import { keptMailVolumes } from "../../policy/volumes.ts";
import { renderGeneration } from "../../servers/generation/generation.ts";
import { renderMailServer } from "../../servers/mail-server/mail-server.ts";

const CONTAINER = "docker:index/container:Container";
const IMAGE = "docker:index/remoteImage:RemoteImage";
const VOLUME = "docker:index/volume:Volume";
const RECORD = "cloudflare:index/dnsRecord:DnsRecord";
const id = `sha256:${"0".repeat(64)}`;

type Props = Readonly<Record<string, unknown>>;

/** What a policy reports on one resource, in a stack with these settings. */
function violations(
  policy: ResourceValidationPolicy,
  type: string,
  props: Props,
  {
    name = "mail-server-container",
    opts = {},
    settings = {},
  }: { name?: string; opts?: Props; settings?: Props } = {},
): string[] {
  const entries = Object.entries(settings).map(([key, value]) => [
    `maildomain:${key}`,
    JSON.stringify(value),
  ]);
  runtime.setAllConfig(Object.fromEntries(entries));
  const reported: string[] = [];
  const args = { type, name, props, opts } as unknown as ResourceValidationArgs;
  const validate = policy.validateResource;
  if (typeof validate !== "function") throw new Error("The policy has no single rule.");
  void validate(args, (message) => reported.push(message));
  return reported;
}

afterEach(() => runtime.setAllConfig({}));

const lab = { lab: true };
const rsa = (bits: number) =>
  generateKeyPairSync("rsa", { modulusLength: bits })
    .publicKey.export({ type: "spki", format: "der" })
    .toString("base64");
const [long, short] = [rsa(2048), rsa(1024)];
const zone = (records: Props) => ({ domain: "example.org", records });
const reject = { domains: [{ name: "example.org", dmarc: { policy: "reject" } }] };

type Row = readonly [
  what: string,
  policy: ResourceValidationPolicy,
  type: string,
  props: Props,
  context: { name?: string; opts?: Props; settings?: Props },
  reported: readonly string[],
];

describe("what is refused, and what is not", () => {
  test.each<Row>([
    [
      "ports as they should be",
      plainTextPorts,
      CONTAINER,
      { ports: [{ internal: 993, external: 993 }] },
      {},
      [],
    ],
    [
      "the old ports",
      plainTextPorts,
      CONTAINER,
      {
        ports: [{ internal: 143, external: 2143 }, { internal: 110 }, { internal: 20_143, external: 10_143 }],
      },
      {},
      [
        "IMAP is open on 2143: set maildomain:legacyPorts to false",
        "POP3 is open on 110: set maildomain:legacyPorts to false",
        "IMAP is open on 10143: set maildomain:legacyPorts to false",
      ],
    ],
    [
      "the old ports of a lab",
      plainTextPorts,
      CONTAINER,
      { ports: [{ internal: 143 }] },
      { settings: lab },
      [],
    ],
    [
      "ports of which it knows no service",
      plainTextPorts,
      CONTAINER,
      { ports: [{ internal: 9100 }, { internal: 8143, external: 143 }, { internal: 143, protocol: "udp" }] },
      {},
      [],
    ],

    [
      "a time zone in the environment",
      noSecretInEnvironment,
      CONTAINER,
      { envs: ["TZ=UTC"] },
      { settings: lab },
      [],
    ],
    [
      "a password in the environment, also in a lab",
      noSecretInEnvironment,
      CONTAINER,
      { envs: ["DB_PASSWORD=hunter2"] },
      { settings: lab },
      ["DB_PASSWORD is in the environment: put it into a file of the configuration volume"],
    ],
    [
      "a key in the environment, under any name",
      noSecretInEnvironment,
      CONTAINER,
      { envs: ["DKIM=-----BEGIN PRIVATE KEY-----\nMC4=\n"] },
      {},
      ["DKIM is in the environment: put it into a file of the configuration volume"],
    ],

    ["an image that is built here", fixedImages, IMAGE, { name: "maildomain/x:1", build: {} }, {}, []],
    ["an image by its digest", fixedImages, IMAGE, { name: `debian@${id}` }, {}, []],
    ["a container of an image's id", fixedImages, CONTAINER, { image: id }, {}, []],
    [
      "an image by its tag",
      fixedImages,
      IMAGE,
      { name: "debian:trixie-slim" },
      {},
      ["debian:trixie-slim may be another image tomorrow: name it with its digest, …@sha256:…"],
    ],
    [
      "a container of a tag",
      fixedImages,
      CONTAINER,
      { image: "redis:8" },
      {},
      ["redis:8 may be another image tomorrow: use the image's id or its digest"],
    ],
    ["a container of a tag in a lab", fixedImages, CONTAINER, { image: "redis:8" }, { settings: lab }, []],

    [
      "a server that keeps its mail",
      keptMailVolumes,
      "maildomain:index:MailServer",
      { keepMail: true },
      {},
      [],
    ],
    [
      "a server whose mail is deleted with the stack",
      keptMailVolumes,
      "maildomain:index:MailServer",
      { keepMail: false },
      {},
      ["the mail is deleted with the stack: keep keepMail true outside a lab"],
    ],
    [
      "the same in a lab",
      keptMailVolumes,
      "maildomain:index:MailServer",
      { keepMail: false },
      { settings: lab },
      [],
    ],
    [
      "a volume in memory, that is deleted first",
      keptMailVolumes,
      VOLUME,
      { driverOpts: { type: "tmpfs" } },
      { name: "mail-server-mailboxes", opts: { deleteBeforeReplace: true } },
      [
        "mail-server-mailboxes is in memory: mail is lost when the host restarts",
        "mail-server-mailboxes is deleted before it is replaced: remove deleteBeforeReplace",
      ],
    ],
    [
      "webmail whose address books go with the stack",
      keptMailVolumes,
      "maildomain:index:Webmail",
      { keepData: false },
      {},
      ["address books are deleted with the stack: keep keepData true outside a lab"],
    ],
    [
      "the same in a lab",
      keptMailVolumes,
      "maildomain:index:Webmail",
      { keepData: false },
      { settings: lab },
      [],
    ],
    [
      "its database, that is deleted first",
      keptMailVolumes,
      VOLUME,
      {},
      { name: "webmail-database", opts: { deleteBeforeReplace: true } },
      ["webmail-database is deleted before it is replaced: remove deleteBeforeReplace"],
    ],
    [
      "a volume without mail",
      keptMailVolumes,
      VOLUME,
      { driverOpts: { type: "tmpfs" } },
      { name: "mail-server-filter" },
      [],
    ],

    [
      "a record that is not proxied",
      noProxiedMailRecord,
      RECORD,
      { name: "a", type: "A", proxied: false },
      {},
      [],
    ],
    [
      "a record that is proxied",
      noProxiedMailRecord,
      RECORD,
      { name: "mail.example.org", type: "A", proxied: true },
      {},
      ["A mail.example.org is proxied: set proxied to false"],
    ],

    [
      "DMARC as declared, and stricter",
      dmarcAsDeclared,
      "maildomain:index:LocalZone",
      zone({ dmarc: "_dmarc.example.org 3600 TXT v=DMARC1; p=reject; rua=mailto:x@example.org" }),
      { settings: { domains: [{ name: "example.org" }] } },
      [],
    ],
    [
      "DMARC weaker than declared",
      dmarcAsDeclared,
      "maildomain:index:LocalZone",
      zone({
        mx: "example.org 3600 MX 10 a.example.org",
        dmarc: "_dmarc.example.org 3600 TXT v=DMARC1; p=none",
      }),
      { settings: reject },
      ["_dmarc.example.org says p=none, sp=none; the stack's file declares reject"],
    ],
    [
      "DMARC weaker than declared, with white space",
      dmarcAsDeclared,
      RECORD,
      { name: "_dmarc.example.org", type: "TXT", content: '"v = DMARC1 ; p = none"' },
      { settings: reject },
      ["_dmarc.example.org says p=none, sp=none; the stack's file declares reject"],
    ],
    [
      "DMARC that receivers read as none",
      dmarcAsDeclared,
      RECORD,
      { name: "_dmarc.example.org", type: "TXT", content: '"v=DMARC1; P=reject"' },
      { settings: reject },
      ["_dmarc.example.org says p=none, sp=none; the stack's file declares reject"],
    ],
    [
      "DMARC weaker for subdomains, at Cloudflare",
      dmarcAsDeclared,
      RECORD,
      { name: "_dmarc.example.org", type: "TXT", content: '"v=DMARC1; p=reject;" " sp=none"' },
      { settings: reject },
      ["_dmarc.example.org says p=reject, sp=none; the stack's file declares reject"],
    ],
    [
      "DMARC that is only tried",
      dmarcAsDeclared,
      RECORD,
      { name: "_dmarc.example.org", type: "TXT", content: '"v=DMARC1; p=reject; t=y"' },
      { settings: reject },
      ["_dmarc.example.org asks for one level less than reject (t=y)"],
    ],
    [
      "DMARC weaker than declared, of a domain written in Unicode",
      dmarcAsDeclared,
      RECORD,
      { name: "_dmarc.xn--mller-kva.example", type: "TXT", content: '"v=DMARC1; p=none"' },
      { settings: { domains: [{ name: "Müller.example.", dmarc: { policy: "reject" } }] } },
      ["_dmarc.xn--mller-kva.example says p=none, sp=none; the stack's file declares reject"],
    ],
    [
      "DMARC of a domain that the file does not name",
      dmarcAsDeclared,
      RECORD,
      { name: "_dmarc.example.net", type: "TXT", content: '"v=DMARC1; p=none"' },
      { settings: reject },
      [],
    ],

    ["an RSA key of 2048 bits", keyLengths, "maildomain:index:DkimKey", { algorithm: "rsa-2048" }, {}, []],
    [
      "an RSA key of 1024 bits",
      keyLengths,
      "maildomain:index:DkimKey",
      { algorithm: "rsa-1024" },
      {},
      ["rsa-1024 is too short: make it rsa-2048 or ed25519"],
    ],
    [
      "a key of @pulumi/tls",
      keyLengths,
      "tls:index/privateKey:PrivateKey",
      { algorithm: "RSA", rsaBits: 1024 },
      {},
      ["rsaBits is 1024: make it at least 2048"],
    ],
    [
      "published keys",
      keyLengths,
      "maildomain:index:LocalZone",
      zone({
        old: `old._domainkey.example.org 3600 TXT v=DKIM1; k=rsa; p=${short}`,
        now: `now._domainkey.example.org 3600 TXT v=DKIM1; k=rsa; p=${long}`,
        ed: "ed._domainkey.example.org 3600 TXT v=DKIM1; k=ed25519; p=vUUQi7sY31u8TTT0tylXkLjyDBhtdLKHa2o5GVypo3g=",
        gone: "gone._domainkey.example.org 3600 TXT v=DKIM1; p=",
      }),
      {},
      ["the key at old._domainkey.example.org has 1024 bits: make one of 2048 under a new selector"],
    ],
  ])("%s", (_, policy, type, props, context, reported) => {
    expect(violations(policy, type, props, context)).toEqual(reported);
  });
});

describe("relaying", () => {
  const mainCf =
    renderMailServer({
      hostName: "mail.example.org",
      domains: [{ name: "example.org", mailboxes: [], aliases: [], dkimSelectors: [] }],
      messageSizeLimitBytes: 2 ** 20,
      legacyPorts: false,
      resolver: { kind: "recursive" },
    }).find(({ path }) => path === "postfix/main.cf")?.content ?? "";
  const open = "smtpd_relay_restrictions lets strangers relay: end it with reject_unauth_destination";

  test.each([
    ["", []],
    ["smtpd_relay_restrictions = permit", [open]],
    ["smtpd_relay_restrictions =", [open]],
    ["smtpd_relay_restrictions = permit_sasl_authenticated,\n    permit, reject_unauth_destination", [open]],
    [
      "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\nmynetworks = 127.0.0.0/8, 0.0.0.0/0",
      ["mynetworks lets 0.0.0.0/0 relay: leave them out, and let people log in"],
    ],
    ["mynetworks = 10.0.0.0/8", []],
  ])("our configuration and %j", (lines, problems) => {
    expect(mainCf).toContain("smtpd_relay_restrictions");
    expect(relayProblems(`${mainCf}${lines}\n`)).toEqual(problems);
  });

  test("is looked for in what is carried into a server's volume", () => {
    const uploads = [
      { file: "/configuration/dovecot/passwd", content: "smtpd_relay_restrictions = permit" },
      { file: "/configuration/postfix/main.cf", content: "smtpd_relay_restrictions = permit" },
      {
        file: "/etc/postfix/main.cf",
        contentBase64: Buffer.from("smtpd_relay_restrictions = permit").toString("base64"),
      },
    ];
    expect(violations(noOpenRelay, CONTAINER, { uploads })).toEqual([
      `/configuration/postfix/main.cf: ${open}`,
      `/etc/postfix/main.cf: ${open}`,
    ]);
    const plain = renderGeneration([
      { path: "dovecot/passwd", content: "smtpd_relay_restrictions = permit" },
      { path: "postfix/main.cf", content: "smtpd_relay_restrictions = permit" },
    ]).toString("base64");
    expect(violations(noOpenRelay, "maildomain:index:ServedGeneration", { plain })).toEqual([
      `postfix/main.cf: ${open}`,
    ]);
  });
});
