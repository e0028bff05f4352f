/** The configuration of a stack: every key of `stacks/Pulumi.<stack>.yaml`, typed, explained and checked. */
import * as z from "zod";
import { LARGEST_LOGO } from "../../clients/brand.ts";
import { passwordHashProblem } from "../../keys/password-scheme.ts";
import { certificateIssuers } from "../../outputs/certificate-issuer.ts";
import { defaultPublisher, publisherNames, publisherShape } from "../../publishers/declared-zone.ts";
import type { PublisherFacts } from "../../publishers/facts.ts";
import { publisherFacts } from "../../publishers/list.ts";
import {
  byService,
  DmarcPolicy,
  directoryProblem,
  formatIssuer,
  includeProblem,
  legacyServices,
  MtaStsMode,
  mailServices,
  nameServerProblem,
  parseCname,
  parseIssuer,
  relayProblem,
  type ServiceName,
  selectorForm,
  serviceNames,
  services,
  shortNameForm,
} from "../../records/index.ts";
import { defaultLimits } from "../../servers/container-limits.ts";
import { defaultLogs } from "../../servers/container-logs.ts";
import { releasedBuild } from "../../servers/image-build.ts";
import {
  DEFAULT_KEEP_REMOVED_MAIL_DAYS,
  loginProtocols,
  MOST_APP_PASSWORDS,
} from "../../servers/mail-server/description.ts";
import { DEFAULT_LOGIN_LIMITS } from "../../servers/mail-server/login-limits.ts";
import { crossCheck } from "./cross-check.ts";
import {
  anyText,
  day,
  domainName,
  encryptedValue,
  formatSize,
  furtherServerName,
  ipAddress,
  ipv4Address,
  ipv6Address,
  localPart,
  mailAddress,
  pemOrFile,
  port,
  refuse,
  resolverProblem,
  section,
  sendingAddress,
  size,
  subnetProblem,
  targetAddress,
  text,
  thrownBy,
  webhookProblem,
  wholeNumber,
} from "./fields.ts";
import { maxFurtherServers } from "./network-places.ts";

const password = anyText("the password").regex(/^\P{Cc}{1,256}$/u, {
  error: "write 1 to 256 characters without line breaks or other control characters",
});

const appPassword = section({
  name: text("a name such as phone")
    .regex(shortNameForm, {
      error: "write 1 to 32 lower-case letters, digits and hyphens, such as phone",
    })
    .meta({ description: "What it is for; unique within the mailbox.", example: "phone" }),
  expires: day.optional().meta({
    description: "The last day on which it is valid, in UTC; unlimited by default.",
    example: "2027-01-31",
  }),
  password: password.optional().meta({
    secret: true,
    description:
      "Same rules as a mailbox's password. Without it one is generated; `npm run password -- ADDRESS/NAME` shows it.",
    example: "correct horse battery staple",
  }),
});

const forward = section({
  to: z
    .array(targetAddress("an address such as ana@example.net"))
    .min(1, { error: "write at least one address" })
    .meta({
      description: "The addresses that receive its mail, here or elsewhere.",
      example: ["ana@example.net"],
    }),
  keepCopy: z.boolean({ error: "write true or false" }).default(true).meta({
    description: "Whether the mailbox keeps the mail as well.",
    example: false,
  }),
});

const flag = z.boolean({ error: "write true or false" });

/** One mailbox: an entry of `mailboxes`, and with the same keys a row of a domain's `directory`. */
export const mailboxSchema = section({
  name: localPart("the part of the address before the @").meta({
    description: "The part of the address before the @; case does not matter.",
    example: "ana",
  }),
  displayName: text("the person's name")
    .min(1)
    .max(200)
    .optional()
    .meta({ description: "The person's name, as clients show it.", example: "Ana Lima" }),
  password: password.optional().meta({
    secret: true,
    description:
      "The password to log in with: 12 to 256 characters and not a weak one (docs/mailboxes.md), anything where `lab` is true. " +
      "A secret (`secure:`) outside a lab. Without it one is generated; `npm run password -- ADDRESS` shows it.",
    example: "correct horse battery staple",
  }),
  passwordHash: text("a password's hash")
    .check(refuse(passwordHashProblem))
    .optional()
    .meta({
      description:
        "In place of `password`, its hash with Dovecot's scheme before it, such as `{ARGON2ID}` or " +
        "`{SHA512-CRYPT}`; it is used unchanged.",
      example: "{SHA512-CRYPT}$6$…",
    }),
  quota: size(2 ** 20, 2 ** 50)
    .prefault("1 GiB")
    .meta({ description: "How much mail the mailbox holds: 1 MiB to 1024 TiB.", example: "5 GiB" }),
  aliases: z
    .array(localPart("the part of an alias before the @"))
    .default([])
    .meta({
      description: "Further names of this mailbox in its domain, by which it may also send.",
      example: ["a.lima"],
    }),
  enabled: flag.default(true).meta({
    description:
      "`false` suspends the user: refused on every protocol at once, open sessions included. Mail is still accepted, see `receives`.",
    example: false,
  }),
  receives: flag.default(true).meta({
    description:
      "`false` refuses mail to it (550 5.2.1): for one that only sends, or a user who no longer works here.",
    example: false,
  }),
  protocols: z
    .array(z.enum(loginProtocols, { error: `write ${loginProtocols.map((name) => `"${name}"`).join(", ")}` }))
    .min(1, { error: "write at least one, or enabled: false" })
    .default([...loginProtocols])
    .meta({
      description: "What the user may log in to; `sieve` is ManageSieve (RFC 5804).",
      example: ["imap"],
    }),
  forward: forward.optional().meta({ description: "Where its mail is sent as well or instead." }),
  subAddressing: flag.default(true).meta({
    description: "Whether `ana+anything` also belongs to ana (RFC 5233); `false` refuses it as unknown.",
    example: false,
  }),
  sendAs: z
    .array(sendingAddress)
    .default([])
    .meta({
      description:
        "Addresses of the domains here that it may also send as, in addition to its own and those whose mail it receives; `@example.org` is every address without an owner.",
      example: ["billing@example.org"],
    }),
  recipientsPerHour: wholeNumber(1, 1_000_000).optional().meta({
    description:
      "The number of recipients per hour, by whatever way its mail leaves: 1 to 1000000; unlimited by default.",
    example: 200,
  }),
  sieve: text("a file such as sieve/ana.sieve")
    .regex(/^(?!.*\.\.)[\w.-]+(\/[\w.-]+)*\.sieve$/, {
      error: "write a file beside the stack file that ends in .sieve, such as sieve/ana.sieve",
    })
    .optional()
    .meta({
      description: "A file in `stacks/` with rules (Sieve, RFC 5228) that run before the user's own.",
      example: "sieve/ana.sieve",
    }),
  appPasswords: z
    .array(appPassword)
    .max(MOST_APP_PASSWORDS, { error: `write at most ${MOST_APP_PASSWORDS}` })
    .default([])
    .meta({ description: "Passwords for one program each, beside the user's own." }),
});

const alias = section({
  name: localPart("the part of the address before the @").meta({
    description: "The part of the address before the @.",
    example: "sales",
  }),
  to: z
    .array(targetAddress("an address such as ana@example.org"))
    .min(1, { error: "write at least one address" })
    .meta({
      description: "The addresses that receive its mail.",
      example: ["ana@example.org", "rui@example.org"],
    }),
  membersMaySend: z.boolean({ error: "write true or false" }).default(true).meta({
    description: "Whether the mailboxes that it reaches may also send as it.",
    example: false,
  }),
});

const dkimKey = section({
  selector: text("a selector such as rsa1")
    .regex(selectorForm, {
      error: "write letters, digits and hyphens, lower case, such as rsa1",
    })
    .meta({ description: "The name of the key in the DNS (RFC 6376 section 3.1).", example: "rsa1" }),
  algorithm: z
    .enum(["rsa-2048", "ed25519", "rsa"], { error: 'write "rsa-2048", "ed25519" or, with privateKey, "rsa"' })
    .meta({
      description:
        "The kind of key: `rsa-2048` for every receiver, `ed25519` (RFC 8463) for newer ones; `rsa` of another " +
        "length, 1024 to 4096 bits, only with `privateKey`.",
      example: "ed25519",
    }),
  privateKey: anyText("the private key in PEM")
    .optional()
    .meta({
      secret: true,
      description:
        "A key from elsewhere, PEM, instead of a generated one. A secret (`secure:`): " +
        "`pulumi config set --secret --path 'maildomain:domains[0].dkim[0].privateKey' < key.pem`.",
      example: "-----BEGIN PRIVATE KEY-----…",
    }),
  stage: z
    .enum(["published", "signing", "retired"], { error: 'write "published", "signing" or "retired"' })
    .default("signing")
    .meta({
      description:
        "The key's stage: its record is published, it signs, or its record outlives its use. A key added to a " +
        "domain in use starts with `published`: see keys.md.",
      example: "published",
    }),
});

const serverKeyName = text("a name such as key1").regex(shortNameForm, {
  error: "write letters, digits and hyphens, lower case, such as key1",
});
const serverKeyStage = z
  .enum(["published", "serving", "retired"], { error: 'write "published", "serving" or "retired"' })
  .default("serving");

const serverKey = section({
  name: serverKeyName.meta({ description: "Distinguishes it from the others.", example: "key2" }),
  stage: serverKeyStage.meta({
    description:
      "The key's stage: its TLSA record is published, the server shows it, or its record outlives its use. A key " +
      "added later starts with `published`: see keys.md.",
    example: "published",
  }),
  leaked: z
    .boolean({ error: "write true or false" })
    .optional()
    .meta({
      description:
        "Whether others may have the key. With certificates by ACME, that of a retired key is revoked in any case; with `true`, " +
        "written when the key is retired, for this reason. By default `false`.",
      example: true,
    }),
});

const serverKeys = z
  .array(serverKey)
  .optional()
  .meta({
    description:
      "The server's own keys; one of them serves, and the certificate is issued for it. By default `key1` alone, and " +
      "none where certificates come from `files`.",
    example: [{ name: "key1", stage: "serving" }],
  });

const certificateFile = section({
  name: serverKeyName.default("own").meta({
    description: "Distinguishes its key from the others, those of `serverKeys` included.",
    example: "own2",
  }),
  chain: pemOrFile("the server's certificate and those between it and its root").meta({
    description:
      "The server's certificate, and behind it those of its issuers up to the root: PEM, or a file that has it, " +
      "relative to `stacks/`.",
    example: "certificates/mx1.example.org.pem",
  }),
  key: pemOrFile("the private key of the certificate").meta({
    secret: true,
    description:
      "Its private key, PEM and not encrypted: a secret (`secure:`), set by `pulumi config set --secret --path " +
      "'maildomain:certificates.files[0].key' < key.pem`; or a file outside the repository that others cannot read.",
    example: "/etc/ssl/private/mx1.example.org.key",
  }),
  stage: serverKeyStage.meta({
    description:
      "The stage of its key, as in `serverKeys`. Where TLSA records are published, a certificate with a " +
      "different key is added to the one in use, and starts with `published`.",
    example: "published",
  }),
});

const acmeSecret = anyText("the key that the authority gives with it").check(
  refuse((written) =>
    written === encryptedValue || /^[\w-]{16,}=*$/.test(written)
      ? undefined
      : "is not a valid key: write it in base64url, as the authority shows it",
  ),
);

const tsigAlgorithms = ["hmac-sha256", "hmac-sha384", "hmac-sha512"] as const;

const challengeZone = section({
  zone: domainName("a zone such as acme.example.net").meta({
    description:
      "A zone that holds nothing but proofs: `_acme-challenge` of each name is an alias of a name in it, which the stack declares.",
    example: "acme.example.net",
  }),
  server: text("its primary name server")
    .check(refuse(nameServerProblem))
    .optional()
    .meta({
      description:
        "The zone's primary name server, which accepts changes (RFC 2136) that `tsig` signs: a name or an address, with a port " +
        "where that is not 53. Without it and `cloudflare`, the stack's own name server answers for the zone, with a key of " +
        "its own.",
      example: "ns1.example.net",
    }),
  tsig: section({
    name: domainName("the key's name").meta({
      description: "The name of the key, as the server knows it.",
      example: "agent.acme.example.net",
    }),
    algorithm: z
      .enum(tsigAlgorithms, { error: `write ${tsigAlgorithms.join(", ")}` })
      .default("hmac-sha256")
      .meta({ description: "Its algorithm.", example: "hmac-sha512" }),
    secret: anyText("the key's secret")
      .check(
        refuse((written) =>
          written === encryptedValue || (/^[A-Za-z0-9+/]+={0,2}$/.test(written) && written.length % 4 === 0)
            ? undefined
            : "is not a valid secret: write it in base64, as keymgr or tsig-keygen shows it",
        ),
      )
      .meta({
        secret: true,
        description: "The key itself, in base64: a secret (`secure:`). It must be good for this zone alone.",
        example: "rmJbw4IMpjTfMkFTDBpRlQVQSYhRl1m+NQeR7ZNmYuA=",
      }),
  })
    .optional()
    .meta({ description: "The key that signs changes of the zone (TSIG, RFC 8945)." }),
  cloudflare: section({
    token: anyText("an API token for the zone")
      .check(
        refuse((written) =>
          written === encryptedValue || /^[\w-]{40,80}$/.test(written)
            ? undefined
            : "is not a valid API token: write it as Cloudflare shows it once",
        ),
      )
      .meta({
        secret: true,
        description: "An API token with Zone: Read and DNS: Edit for this zone alone: a secret (`secure:`).",
        example: "v1r5tUalSx6mYs3cQ7ueXnKd0WfZb2gHjLpOiRtE",
      }),
  })
    .optional()
    .meta({ description: "Where Cloudflare publishes the zone: by what its API lets the agent change it." }),
});

const acme = section({
  directory: text("letsencrypt, staging, or a directory's URL")
    .check(refuse(directoryProblem))
    .default("letsencrypt")
    .meta({
      description:
        "The authority: `letsencrypt`, `staging` (its rehearsal, which nobody trusts), `zerossl`, `google`, or the URL of " +
        "another one's directory.",
      example: "staging",
    }),
  agreeToTerms: z
    .literal(true, {
      error: "write true once you have read the authority's terms: it opens no account without",
    })
    .meta({
      description: "That you have read the authority's terms of service, and agree to them.",
      example: true,
    }),
  contact: z
    .array(mailAddress("an address such as hostmaster@example.org"))
    .default([])
    .meta({
      description: "The addresses at which the authority reaches you. Let's Encrypt no longer keeps any.",
      example: ["hostmaster@example.org"],
    }),
  externalAccount: section({
    keyId: text("the key's name that the authority shows").meta({
      description: "The name of the key.",
      example: "kid-1",
    }),
    hmacKey: acmeSecret.meta({
      secret: true,
      description: "The key, in base64url: a secret (`secure:`).",
      example: "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W",
    }),
  })
    .optional()
    .meta({
      description:
        "The account elsewhere that yours belongs to (RFC 8555 section 7.3.4), for authorities that want one: ZeroSSL, " +
        "Google, many within a company. Used once, when the account is opened.",
    }),
  profile: text("a profile such as shortlived")
    .regex(/^[a-z0-9][a-z0-9_-]*$/i, { error: "write a profile's name such as shortlived" })
    .optional()
    .meta({
      description: "The kind of certificate, where the authority offers several; its usual one by default.",
      example: "shortlived",
    }),
  roots: pemOrFile("the root of the directory's own certificate")
    .optional()
    .meta({
      description:
        "Further roots to trust when the directory itself is asked, for an authority within a company. PEM, or a file that " +
        "has it.",
      example: "certificates/ca-of-the-directory.pem",
    }),
  resolver: text("a resolver's address such as 192.0.2.53")
    .check(refuse(resolverProblem))
    .optional()
    .meta({
      description:
        "Who is asked where names lead before they are ordered, by the machine that deploys, and for CAA records, by the " +
        "agent: an address, with a port if need be, that both can reach. By default each asks its own resolver; in a lab, " +
        "whose names lead to it, only the agent asks.",
      example: "192.0.2.53:5353",
    }),
  dns: challengeZone.optional().meta({
    description:
      "Names are proved in the DNS (DNS-01) instead of on port 80, which is then not opened. See certificates.md.",
  }),
  dnsPersist: z
    .boolean({ error: "write true or false" })
    .default(false)
    .meta({
      description:
        "Whether names are proved by a record of each that stays in the DNS (DNS-PERSIST-01), instead of on port 80 or by `dns`: " +
        "no port is opened for it, and nobody needs a key to a zone. Few authorities offer it. See certificates.md.",
      example: true,
    }),
  report: section({
    mail: mailAddress("an address of a domain here, such as hostmaster@example.org")
      .optional()
      .meta({
        description:
          "Gets a mail, through the stack's own mail server, when an order fails, before it hurts, and when it works again: an " +
          "address of a domain here; `postmaster` of the first one by default.",
        example: "hostmaster@example.org",
      }),
    webhook: text("the URL to call").check(refuse(webhookProblem)).optional().meta({
      description:
        "Gets a POST with JSON on the same occasions, also where the mail server is in trouble itself.",
      example: "https://alerts.example.org/hooks/certificates",
    }),
  })
    .optional()
    .meta({ description: "Who hears of orders that fail; `verify` and `drift` show them in any case." }),
});

const serverCertificates = section({
  issuer: z
    .enum(certificateIssuers, { error: 'write "private", "files" or "acme"' })
    .optional()
    .meta({
      description:
        "Who issues the certificates of the servers: an authority of the stack's own, which clients have to be given " +
        "(`private`), an authority that is asked by ACME (`acme`), or somebody else (`files`). By default the one whose " +
        "section is there.",
      example: "private",
    }),
  acme: acme.optional().meta({
    description:
      "An authority that issues to whoever answers at the names (ACME, RFC 8555), on port 80 or in the DNS. An agent beside the " +
      "servers orders and renews. See certificates.md.",
  }),
  files: z
    .array(certificateFile)
    .default([])
    .meta({
      description:
        "Certificates from elsewhere. A server takes the first that holds all of its names; the web server needs one, " +
        "too. See certificates.md.",
    }),
  authority: pemOrFile("the certificate of your authority")
    .optional()
    .meta({
      description:
        "The root that has issued those of `files` or `acme`, where it is not a public one: clients are set up with it. " +
        "PEM, or a file that has it.",
      example: "certificates/example-org-root.pem",
    }),
});

const dmarc = section({
  policy: z
    .enum(Object.values(DmarcPolicy), { error: 'write "none", "quarantine" or "reject"' })
    .default("quarantine")
    .meta({
      description: "What receivers do with mail that falsely claims to be from the domain.",
      example: "reject",
    }),
  reports: mailAddress("an address such as dmarc@example.org").optional().meta({
    description: "Where aggregate reports are sent; `postmaster` of the domain by default.",
    example: "dmarc@example.org",
  }),
});

const spfDomain = text("the domain of a third party's SPF, such as _spf.example.net").check(
  refuse(includeProblem),
);

const spf = section({
  includes: z
    .array(spfDomain)
    .default([])
    .meta({
      description: "Third parties, by the domain of their SPF; merged into the one policy.",
      example: ["_spf.example.net"],
    }),
  relays: z
    .array(text("an address, a network or a host name").check(refuse(relayProblem)))
    .default([])
    .meta({
      description: "Hosts that send for the domain: addresses, networks or host names.",
      example: ["192.0.2.0/24", "relay.example.net"],
    }),
  lookups: wholeNumber(0, 10).default(0).meta({
    description:
      "DNS look-ups that the included policies cause themselves, where known; receivers stop at 10 in all.",
    example: 3,
  }),
  others: z.enum(["fail", "softfail"], { error: 'write "fail" or "softfail"' }).default("fail").meta({
    description: "The verdict on mail from anywhere else: `-all` or, while trying, `~all`.",
    example: "softfail",
  }),
});

const issuer = text("an authority's domain such as letsencrypt.org").check(
  refuse((value) => thrownBy(() => formatIssuer(parseIssuer(value)))),
);

const certificates = section({
  issuers: z
    .array(issuer)
    .default([])
    .meta({
      description:
        "The authorities that may issue certificates, and no others unless somebody else's CAA record allows them; any " +
        "by default.",
      example: ["letsencrypt.org"],
    }),
  wildcardIssuers: z.array(issuer).optional().meta({
    description: "Who may issue wildcard certificates: `[]` for nobody; same as `issuers` by default.",
    example: [],
  }),
  reports: mailAddress("an address such as security@example.org").optional().meta({
    description: "Where authorities report requests that they refused (`iodef`).",
    example: "security@example.org",
  }),
});

const delegation = section({
  label: text("the name below the domain, such as s1._domainkey")
    .regex(/^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i, {
      error: "write the name below the domain, such as s1._domainkey",
    })
    .meta({ description: "The part before the domain.", example: "s1._domainkey" }),
  target: text("the name that decides")
    .check(refuse((value) => thrownBy(() => parseCname(value))))
    .meta({
      description: "The name that the third party controls (CNAME).",
      example: "s1.domainkey.u42.example.net",
    }),
});

const mtaSts = section({
  mode: z
    .enum(Object.values(MtaStsMode), { error: 'write "none", "testing" or "enforce"' })
    .default("testing")
    .meta({
      description:
        "What other servers do when they cannot deliver over TLS: report it (`testing`), not deliver (`enforce`), or " +
        "forget the policy that they know (`none`, before `web` is turned off).",
      example: "enforce",
    }),
  maxAge: wholeNumber(86_400, 31_557_600).default(604_800).meta({
    description: "How long other servers keep the policy, in seconds: 86400 (a day) to 31557600 (a year).",
    example: 2_592_000,
  }),
});

/** How zones are signed that the stack's own name server does not serve. */
const signing = publisherFacts.flatMap((facts: PublisherFacts) => facts.signing ?? []);

/** Who publishes a domain's records. */
const zone = {
  dns: z
    .enum(publisherNames, { error: `write ${publisherNames.map((name) => `"${name}"`).join(" or ")}` })
    .default(defaultPublisher)
    .meta({
      description: `Who publishes the records: ${publisherFacts.map(({ description }) => description).join(", or ")}.`,
      example: "cloudflare",
    }),
  ...publisherShape,
  zone: domainName("the zone's name")
    .optional()
    .meta({
      description:
        "The zone that holds the domain. By default the domain itself, or the domain of this stack above it that " +
        "is published in the same place.",
      example: "example.org",
    }),
  dnssec: z
    .boolean({ error: "write true or false" })
    .default(true)
    .meta({
      description: `Whether the stack's own name server signs the zone (DNSSEC)${signing.map((how) => `; ${how}`).join("")}.`,
      example: false,
    }),
  ds: z
    .boolean({ error: "write true or false" })
    .default(true)
    .meta({
      description:
        "Whether the parent zone has, or is to have, the DS record of a zone that is signed here; `false` a day before " +
        "`dnssec: false`: see keys.md.",
      example: false,
    }),
  ttl: wholeNumber(60, 86_400).default(3600).meta({
    description: "How long others may cache a record (its TTL), in seconds: 60 to 86400.",
    example: 300,
  }),
};

const parkedDomain = section({
  name: domainName("the domain's name").meta({ description: "The domain.", example: "example.net" }),
  reports: mailAddress("an address such as dmarc@example.org").optional().meta({
    description: "Where reports on mail forged in its name are sent (DMARC); nowhere by default.",
    example: "dmarc@example.org",
  }),
  ...zone,
});

const domain = section({
  name: domainName("the domain's name").meta({
    description:
      "The domain, as it stands after the @ of its addresses. Internationalized names are accepted.",
    example: "example.org",
  }),
  ...zone,
  mailboxes: z
    .array(mailboxSchema)
    .default([])
    .meta({
      description:
        "The people (or machines) that have mail here; at least one, counting those of `directory`. The first receives " +
        "mail to postmaster and abuse, unless these are declared.",
    }),
  directory: text("the path of a file such as users.csv")
    .regex(/\.(csv|json)$/, { error: "write the path of a file that ends in .csv or .json" })
    .optional()
    .meta({
      description:
        "A file of further mailboxes, for many: CSV with a line of column names, or a JSON list. Columns are the " +
        "keys of a mailbox; lists are separated by spaces. Relative to `stacks/`.",
      example: "users.csv",
    }),
  aliases: z
    .array(alias)
    .default([])
    .meta({ description: "Addresses whose mail is delivered to other addresses." }),
  catchAll: z
    .array(targetAddress("an address such as ana@example.org"))
    .default([])
    .meta({
      description:
        "Who receives mail to every address of the domain that no mailbox or alias owns; nobody by default.",
      example: ["ana@example.org"],
    }),
  dkim: z
    .array(dkimKey)
    .default([
      { selector: "rsa1", algorithm: "rsa-2048", stage: "signing" },
      { selector: "ed1", algorithm: "ed25519", stage: "signing" },
    ])
    .meta({ description: "The keys that sign outgoing mail; each message gets one signature per key." }),
  spf: spf.prefault({}).meta({
    description: "Who sends in the domain's name in addition to its server; always one policy (RFC 7208).",
  }),
  tlsReports: mailAddress("an address such as tls@example.org").optional().meta({
    description: "Where TLS reports are sent (RFC 8460); `postmaster` of the domain by default.",
    example: "tls@example.org",
  }),
  certificates: certificates
    .prefault({})
    .meta({ description: "Who may issue certificates for the domain and all below it (CAA, RFC 8659)." }),
  mtaSts: mtaSts.prefault({}).meta({
    description:
      "The policy by which other servers deliver over TLS only (RFC 8461); served if there is a web server.",
  }),
  delegations: z
    .array(delegation)
    .default([])
    .meta({ description: "Names below the domain that a third party controls, such as its DKIM key." }),
  dmarc: dmarc.prefault({}).meta({ description: "The domain's policy against forged senders (RFC 9989)." }),
});

const brand = section({
  name: text("the name of a company or school")
    .min(1, { error: "write a name, or leave this out" })
    .max(60, { error: "write at most 60 characters" })
    .optional()
    .meta({
      description: "Whose mail it is, in place of the domain's own name: at most 60 characters.",
      example: "Padaria do Bairro",
    }),
  color: text('a color in quotes, such as "#8a1c1c"')
    .regex(/^#[0-9a-f]{6}$/i, { error: 'write six hexadecimal digits in quotes, such as "#8a1c1c"' })
    .optional()
    .meta({
      description:
        "The color of the band at the top and of buttons. Text on it is black or white, as reads best.",
      example: "#8a1c1c",
    }),
  logo: text("a file such as brand/logo.svg")
    .regex(/^(?!.*\.\.)[\w.-]+(\/[\w.-]+)*\.(svg|png|jpe?g|webp)$/, {
      error:
        "write a file beside the stack file that ends in .svg, .png, .jpg or .webp, such as brand/logo.svg",
    })
    .optional()
    .meta({
      description: `A picture in \`stacks/\`: at most ${LARGEST_LOGO} bytes, which every page carries.`,
      example: "brand/logo.svg",
    }),
});

const web = section({
  enabled: z
    .boolean({ error: "write true or false" })
    .optional()
    .meta({
      description:
        "Whether there is a web server: settings for mail clients, a set-up page, the MTA-STS policy. The same as " +
        "`lab` by default.",
      example: true,
    }),
  bareNames: z
    .boolean({ error: "write true or false" })
    .optional()
    .meta({
      description:
        "Whether the domains' own names lead to it as well, where no other web site has them. The same as `lab` by " +
        "default.",
      example: false,
    }),
  webmail: z.boolean({ error: "write true or false" }).optional().meta({
    description:
      "Whether there is webmail (Roundcube) behind it, at `webmail.` and each domain. The same as `lab` by default.",
    example: true,
  }),
  hsts: z
    .boolean({ error: "write true or false" })
    .default(true)
    .meta({
      description:
        "Whether browsers are to insist on HTTPS for a year (`Strict-Transport-Security`, RFC 6797). It is sent with a " +
        "certificate that public roots trust alone, and on port 443.",
      example: false,
    }),
  brand: brand.prefault({}).meta({ description: "How the set-up page and its error pages look." }),
});

/** The host's port of each service. */
const portsOf = <Name extends ServiceName>(names: readonly Name[]) =>
  section(
    byService(names, (name) => {
      const { description, port: usual, alternative: example } = services[name];
      return port.default(usual).meta({ description, example });
    }),
  );
const ports = portsOf(serviceNames);
const mailPorts = portsOf(mailServices);

/** The addresses under which a server is reached. */
const publicAddresses = section({
  ipv4: ipv4Address.optional().meta({ description: "What the A records say.", example: "192.0.2.25" }),
  ipv6: ipv6Address.optional().meta({ description: "What the AAAA records say.", example: "2001:db8::25" }),
});

const server = section({
  name: furtherServerName("the server's name in this stack, such as partner")
    .optional()
    .meta({
      description:
        "What the stack knows it by: its volumes, containers and resources are named so. It stays when `hostName` " +
        "changes; `hostName` by default. A server that has run without it is named by its host name of then.",
      example: "partner",
    }),
  hostName: domainName("the server's name").meta({
    description: "Its own name, to which the MX records of its domains point.",
    example: "mx2.example.net",
  }),
  domains: z
    .array(domainName("a domain of this stack"))
    .min(1, { error: "write at least one of the stack's domains" })
    .meta({ description: "Domains this server hosts.", example: ["example.net"] }),
  address: ipAddress.optional().meta({
    description: "The address of the Docker host on which its ports are opened; `address` by default.",
    example: "192.0.2.26",
  }),
  publicAddresses: publicAddresses
    .optional()
    .meta({ description: "The addresses under which it is reached; those of its `address` by default." }),
  ports: mailPorts
    .prefault({})
    .meta({ description: "The ports that are opened; each different from others' on the same address." }),
  serverKeys,
});

const backups = section({
  maxAge: wholeNumber(1, 8760)
    .optional()
    .meta({
      description:
        "How many hours old the last backup of the mail may be before `verify` reports a failure: 1 to 8760. " +
        "Without it `verify` says that nothing here watches the backups.",
      example: 26,
    }),
});

const deliverability = section({
  tryDomains: z
    .array(domainName("a domain that others have mail at"))
    .optional()
    .meta({
      description:
        "Domains whose mail servers are greeted on port 25, to see whether it is open outwards; nothing is sent. " +
        "gmail.com and outlook.com by default, `[]` for none; none in a lab.",
      example: ["gmail.com"],
    }),
  blockLists: z
    .array(domainName("the zone of a block list"))
    .optional()
    .meta({
      description:
        "Block lists that are asked for the server's public addresses (RFC 5782): zen.spamhaus.org, bl.spamcop.net and " +
        "psbl.surriel.com by default, `[]` for none; none in a lab.",
      example: ["zen.spamhaus.org"],
    }),
});

const logs = section({
  driver: text("a logging driver such as local")
    .regex(/^[a-z0-9][a-z0-9/._:-]*$/, {
      error: "write the name of a logging driver, such as local or journald",
    })
    .default(defaultLogs.driver)
    .meta({ description: "The engine's logging driver.", example: "journald" }),
  options: z
    .record(
      text("an option such as max-size").regex(/^[a-z0-9][a-z0-9._-]*$/i, {
        error: "write the name of an option, such as max-size",
      }),
      text("the option's value, in quotation marks"),
      { error: 'write options of the driver, such as max-size: "50m"' },
    )
    .optional()
    .meta({
      description:
        "The driver's own options. By default those of `local` are 5 files of 20 MB for each container, and another " +
        "driver has none.",
      example: { "max-size": "50m", "max-file": "3" },
    }),
});

const loginLimit = wholeNumber(4, 10_000);

const loginLimits = section({
  perLogin: loginLimit.default(DEFAULT_LOGIN_LIMITS.perLogin).meta({
    description: "For one login, from all addresses: 4 to 10000.",
    example: 60,
  }),
  perAddress: loginLimit.default(DEFAULT_LOGIN_LIMITS.perAddress).meta({
    description: "From one address (IPv6: a /64), at all logins: 4 to 10000.",
    example: 200,
  }),
});

const images = section({
  packages: day.prefault(releasedBuild.packages).meta({
    description:
      "The day as of which the images have Debian's packages: a later one builds them with today's, and replaces the " +
      "containers. `npm run updates` says when that is worth it.",
    example: "2027-01-31",
  }),
  base: text("an image such as debian:trixie-slim")
    .regex(/^[a-z0-9][a-z0-9._/:@-]{0,254}$/, { error: "write an image such as debian:trixie-slim" })
    .default(releasedBuild.base)
    .meta({
      description: "The image that they are built on, Debian 13; one of your own may name another archive.",
      example: "registry.example.org/debian:trixie-slim",
    }),
});

/** What one kind of container may use. */
function limitsOf(kind: keyof typeof defaultLimits) {
  const { memoryBytes, cpus } = defaultLimits[kind];
  return section({
    memory: size(64 * 2 ** 20, 2 ** 42)
      .prefault(formatSize(memoryBytes))
      .meta({
        description: "Memory, 64 MiB to 4 TiB. Beyond it the kernel ends a process.",
        example: "2 GiB",
      }),
    cpus: wholeNumber(1, 256).default(cpus).meta({
      description: "Of how many processors it may use the time: 1 to 256.",
      example: 4,
    }),
  }).transform(({ memory, cpus }) => ({ memoryBytes: memory, cpus }));
}

const limits = section({
  mailServer: limitsOf("mailServer").prefault({}).meta({ description: "Each mail server." }),
  dnsServer: limitsOf("dnsServer").prefault({}).meta({ description: "Each DNS server." }),
  webServer: limitsOf("webServer").prefault({}).meta({ description: "The web server." }),
  webmail: limitsOf("webmail").prefault({}).meta({ description: "Webmail." }),
  certificateAgent: limitsOf("certificateAgent")
    .prefault({})
    .meta({ description: "The agent that renews certificates by ACME." }),
});

const legacyPorts = legacyServices.map((name) => services[name].port).join(" and ");

export const stackSchema = section({
  lab: z.boolean({ error: "write true or false" }).default(false).meta({
    description: "Whether this is a lab: weak passwords are allowed, and `down` removes the mail as well.",
    example: true,
  }),
  domains: z
    .array(domain, {
      error: ({ input }) => (input === undefined ? "is missing: write the list of domains" : undefined),
    })
    .min(1, { error: "write at least one domain" })
    .meta({ description: "The mail domains. Users of the first one may log in with their bare user name." }),
  parkedDomains: z
    .array(parkedDomain)
    .default([])
    .meta({ description: "Domains without mail, locked down so that nobody can send in their name." }),
  hostName: domainName("the server's name").optional().meta({
    description: "The mail server's own name; `mail.` and the first domain by default.",
    example: "mx1.example.org",
  }),
  address: ipAddress.prefault("127.0.0.1").meta({
    description:
      "The address of the Docker host on which ports are opened: one, `0.0.0.0` for every IPv4 address, or `::` for " +
      "every one of both families.",
    example: "::",
  }),
  publicAddresses: publicAddresses
    .optional()
    .meta({ description: "The addresses under which the server is reached; `address` by default." }),
  subnet: text("the lab's network such as 198.19.4.32/27")
    .check(refuse(subnetProblem))
    .optional()
    .meta({
      description:
        "The network of the containers of a lab, or of a stack with webmail, a private /27; by default one of " +
        "198.19.0.0/16, made from the stack's name.",
      example: "198.19.4.32/27",
    }),
  ports: ports
    .prefault({})
    .meta({ description: "The ports that are opened. Change one that is already in use on the host." }),
  web: web.prefault({}).meta({ description: "What is served for mail clients over HTTPS." }),
  servers: z
    .array(server)
    .default([])
    .meta({
      description:
        "Further mail servers, each with domains of its own; the others are the main server's. At most " +
        `${maxFurtherServers} in a lab or with webmail.`,
    }),
  legacyPorts: z
    .boolean({ error: "write true or false" })
    .default(false)
    .meta({
      description: `Opens ${legacyPorts} too, with STARTTLS required before a password.`,
      example: true,
    }),
  messageSizeLimit: size(2 ** 10, 2 ** 30)
    .prefault("50 MiB")
    .meta({ description: "Maximum message size: 1 KiB to 1 GiB.", example: "25 MiB" }),
  limits: limits.prefault({}).meta({ description: "What each kind of container may use of its host." }),
  keepRemovedMail: wholeNumber(0, 3650).default(DEFAULT_KEEP_REMOVED_MAIL_DAYS).meta({
    description:
      "How many days the mail of a removed mailbox is kept: 0 to 3650. `npm run archive` lists, restores and exports it.",
    example: 365,
  }),
  logs: logs.prefault({}).meta({
    description: "What the engine does with what containers print. A change replaces the containers.",
  }),
  loginLimits: loginLimits.prefault({}).meta({
    description:
      "The number of wrong passwords per hour beyond which attempts to log in are refused: see security.md. " +
      "`npm run limits` lists who is limited, and frees them.",
  }),
  backups: backups.prefault({}).meta({
    description: "What `npm run verify` expects of the backups, which something else makes: see verify.md.",
  }),
  deliverability: deliverability.prefault({}).meta({
    description: "What `npm run verify` asks others, to see whether they take mail from here: see verify.md.",
  }),
  certificateDays: wholeNumber(1, 825).default(365).meta({
    description:
      "How long a certificate of the private authority is valid, in days: 1 to 825. `up` renews it when a third is left.",
    example: 90,
  }),
  serverKeys,
  certificates: serverCertificates.prefault({}).meta({
    description:
      "Where the servers' certificates come from: required outside a lab, where the private authority is the default.",
  }),
  askNameServers: z
    .boolean({ error: "write true or false" })
    .default(true)
    .meta({
      description:
        "Query the authoritative name servers before a key goes into use, and the resolver before a name's certificate is " +
        "ordered. If `false`, for a machine that cannot reach them, one TTL must elapse instead, and every name is ordered.",
      example: false,
    }),
  images: images.prefault({}).meta({ description: "What the servers' images are built from." }),
  dockerHost: text("the engine's address")
    .regex(/^(unix|tcp|ssh|npipe):\/\/\S+$/, {
      error: "write an address such as ssh://root@mail.example.org",
    })
    .optional()
    .meta({
      description: "The Docker Engine to use; the local one by default.",
      example: "ssh://root@mail.example.org",
    }),
}).superRefine(crossCheck, { when: () => true });

/** A stack's configuration as written, and as checked with defaults filled in. */
export type StackSettings = z.output<typeof stackSchema>;
export type DomainSettings = StackSettings["domains"][number];
export type AcmeSettings = NonNullable<StackSettings["certificates"]["acme"]>;
export type CertificateFileSettings = StackSettings["certificates"]["files"][number];
export type ParkedSettings = StackSettings["parkedDomains"][number];
