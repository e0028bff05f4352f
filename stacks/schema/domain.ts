/** A mail domain, and a parked one: who publishes it, and what its records say. */
import * as z from "zod";
import { defaultPublisher, publisherNames, publisherShape } from "../../publishers/declared-zone.ts";
import type { PublisherFacts } from "../../publishers/facts.ts";
import { publisherFacts } from "../../publishers/list.ts";
import {
  DmarcPolicy,
  formatIssuer,
  includeProblem,
  MtaStsMode,
  parseCname,
  parseIssuer,
  relayProblem,
  selectorForm,
} from "../../records/index.ts";
import {
  anyText,
  domainName,
  mailAddress,
  refuse,
  section,
  targetAddress,
  text,
  thrownBy,
  wholeNumber,
} from "./fields.ts";
import { alias, mailboxSchema } from "./mailbox.ts";

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

export const parkedDomain = section({
  name: domainName("the domain's name").meta({ description: "The domain.", example: "example.net" }),
  reports: mailAddress("an address such as dmarc@example.org").optional().meta({
    description: "Where reports on mail forged in its name are sent (DMARC); nowhere by default.",
    example: "dmarc@example.org",
  }),
  ...zone,
});

export const domain = section({
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
