/** The configuration of a stack: every key of `stacks/Pulumi.<stack>.yaml`, typed, explained and checked. */
import * as z from "zod";
import { legacyServices, services } from "../../records/index.ts";
import { DEFAULT_KEEP_REMOVED_MAIL_DAYS } from "../../servers/mail-server/description.ts";
import { DEFAULT_ADDRESS } from "./bound-services.ts";
import { serverCertificates, serverKeys } from "./certificates.ts";
import { crossCheck } from "./cross-check.ts";
import { domain, parkedDomain } from "./domain.ts";
import { domainName, ipAddress, refuse, section, size, subnetProblem, text, wholeNumber } from "./fields.ts";
import { maxFurtherServers } from "./network-places.ts";
import {
  addresses,
  backups,
  deliverability,
  images,
  limits,
  loginLimits,
  logs,
  ports,
  proxyProtocol,
  publicAddresses,
  server,
  web,
} from "./server.ts";

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
  // Without a value where it is not written: beside `addresses` it is one too many.
  address: ipAddress.optional().meta({
    description:
      "The address of the Docker host on which ports are opened: one, `0.0.0.0` for every IPv4 address, or `::` for " +
      `every one of both families; \`${DEFAULT_ADDRESS}\` by default.`,
    example: "::",
  }),
  addresses,
  proxyProtocol,
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
