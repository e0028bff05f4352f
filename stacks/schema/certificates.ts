/** Keys of servers, and where their certificates come from. */
import * as z from "zod";
import { certificateIssuers } from "../../outputs/certificate-issuer.ts";
import { directoryProblem, nameServerProblem, shortNameForm } from "../../records/index.ts";
import {
  anyText,
  domainName,
  encryptedValue,
  mailAddress,
  pemOrFile,
  refuse,
  resolverProblem,
  section,
  text,
  webhookProblem,
} from "./fields.ts";

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

export const serverKeys = z
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

export const serverCertificates = section({
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
