/**
 * What a stack reports about itself: the one contract between the program that writes it (`stacks/program/outputs.ts`)
 * and everything that reads it, as `pulumi stack output --json --show-secrets` gives it. An output that has a default
 * here may be missing from a stack that an earlier version has provisioned.
 */
import * as z from "zod";
import { listIn, mapIn } from "../naming/large-map.ts";
import { publisherNames } from "../publishers/declared-zone.ts";
import {
  byService,
  DmarcPolicy,
  legacyServices,
  MtaStsMode,
  mailServices,
  serviceNames,
  standardMailServices,
  webServices,
} from "../records/index.ts";
import { certificateIssuers } from "./certificate-issuer.ts";

/** Of many a map as one text. */
const mapOrUndefined = (written: unknown) => (written === undefined ? undefined : mapIn(written));

const port = z.int().min(1).max(65535);

const record = z.object({
  name: z.string(),
  type: z.string(),
  ttl: z.number(),
  content: z.string(),
  why: z.string(),
});

/** A server as a mail client asks for it. */
const server = z.object({
  protocol: z.enum(["IMAP", "POP3", "SMTP"]),
  host: z.string(),
  port,
  security: z.enum(["TLS", "STARTTLS"]),
});

const mailbox = z.object({
  address: z.string(),
  displayName: z.string().nullish(),
  /** What its user may log in to; everything without it. */
  protocols: z.array(z.string()).readonly().nullish(),
  /** False where its mail is refused. */
  receives: z.boolean().nullish(),
  /** Whether declared rules or a forward may take its mail out of the inbox. */
  movesMail: z.boolean().nullish(),
  /** The addresses of others that it may send as. */
  sendAs: z.array(z.string()).readonly().nullish(),
});

const domain = z.object({
  name: z.string(),
  clientNames: z.object({
    incoming: z.object({ imap: z.string(), pop3: z.string() }),
    outgoing: z.string(),
  }),
  /** What the web server has for the domain; nothing without one. */
  web: z
    .object({
      /** The set-up page's URL. */
      page: z.string(),
      /** Webmail's URL; nothing without it. */
      webmail: z.string().nullish(),
      /** The names under which clients find their settings. */
      hostNames: z.array(z.string()),
      /** The settings that they find. */
      clients: z.object({
        domain: z.string(),
        incoming: z.array(server).readonly(),
        outgoing: z.array(server).readonly(),
      }),
      policy: z.object({ mode: z.enum(MtaStsMode), mx: z.array(z.string()), maxAge: z.number() }).nullish(),
    })
    .nullish(),
  /** Of many a list as one text: see `naming/large-map.ts`. */
  mailboxes: z.preprocess(listIn, z.array(mailbox)),
  /** Whether every address of the domain takes mail. */
  catchAll: z.boolean().nullish(),
});

const zone = z.object({
  name: z.string(),
  /** Who answers for it: the stack's own server, or one that the world knows. */
  publisher: z.enum(publisherNames).default("local"),
  records: z.array(record),
  /** What the parent zone has to publish, where the stack signs the zone. */
  ds: z.string().nullish(),
});

/** A text for each kind of server. There is no DNS server where all zones are published elsewhere. */
const servers = z.object({
  mailServer: z.string(),
  dnsServer: z.string().nullish(),
  /** It shows a lab's servers where they are for each other. */
  innerDnsServer: z.string().nullish(),
  webServer: z.string().nullish(),
  webmail: z.string().nullish(),
  /** It orders and renews certificates by ACME. */
  certificateAgent: z.string().nullish(),
});

/** Of services that are not all at `address`, where each of them is; at one address there are none. */
const addresses = z.partialRecord(z.enum(serviceNames), z.array(z.string()).min(1)).optional();

const mailPorts = {
  ...byService(standardMailServices, () => port),
  ...byService(legacyServices, () => port.optional()),
};

/** Further ports for load balancers, where each service is unless they have an address of their own. */
const proxyProtocol = z
  .object({ address: z.string().optional(), ports: z.object(byService(mailServices, () => port.optional())) })
  .optional();

/** A mail server in addition to the main one. */
const furtherServer = z.object({
  hostName: z.string(),
  address: z.string(),
  addresses,
  ports: z.object(mailPorts),
  proxyProtocol,
  container: z.string(),
  generation: z.string(),
  /** The names of the domains whose mail it has. */
  domains: z.array(z.string()).min(1),
});

const time = { since: z.iso.datetime(), nextFrom: z.iso.datetime() };
const keys = <InUse extends string>(inUse: InUse) =>
  z.record(z.string(), z.object({ stage: z.enum(["published", inUse, "retired"]), ...time }));

/** How far each key and policy is. */
const stages = z.object({
  servers: z.array(
    z.object({
      hostName: z.string(),
      /** Names that it had before, whose records stay. */
      formerNames: z.array(z.object({ name: z.string(), until: z.iso.datetime() })).optional(),
      keys: keys("serving"),
    }),
  ),
  domains: z.array(
    z.object({
      domain: z.string(),
      dkim: keys("signing"),
      dmarc: z.object({ stage: z.enum(DmarcPolicy), ...time }),
      mtaSts: z
        .object({
          stage: z.enum(MtaStsMode),
          ...time,
          mx: z.array(z.string()).readonly(),
          maxAge: z.number(),
          bound: z.object({ until: z.string(), mx: z.array(z.string()).readonly() }).optional(),
        })
        .nullish()
        .transform((policy) => policy ?? undefined),
    }),
  ),
});

export const outputsSchema = z.object({
  endpoint: z.object({
    /** Where all its services are, unless there are `addresses`: then the first of them. */
    address: z.string(),
    addresses,
    /** The Docker Engine that runs the containers; the environment's by default. */
    engine: z.string().optional(),
    /** What that engine carries, and no other. */
    identity: z.string().optional(),
    ports: z.object({
      dns: port,
      ...mailPorts,
      ...byService(webServices, () => port.optional()),
    }),
    proxyProtocol,
  }),
  /** Their names on the engine. */
  containers: servers,
  /** What each container is to serve: the id of its configuration. */
  generations: servers,
  /** The main mail server's own name. */
  hostName: z.string(),
  furtherServers: z.array(furtherServer).default([]),
  /** The authority that clients must be configured to trust, PEM; nothing where they know it already. */
  caCertificate: z
    .string()
    .nullish()
    .transform((pem) => pem ?? undefined),
  /** Whether `up` renews the servers' certificates, an agent beside them, or somebody brings the next ones along. */
  certificateIssuer: z.enum(certificateIssuers).default("private"),
  /** What is ordered by ACME, from whom and in whose name; nothing where somebody else issues. */
  acme: z
    .object({
      /** The URL of the directory. */
      directory: z.string(),
      /** The account's URL. */
      account: z.string(),
      /** The domain by which CAA records allow the authority; empty where it names none. */
      caaDomain: z.string(),
      /** The zone in which names are proved (DNS-01); nothing where they are proved otherwise. */
      challengeZone: z.string().nullish(),
      /** Whether names are proved by records that stay (DNS-PERSIST-01). */
      dnsPersist: z.boolean().optional(),
      /** By the name of the pair that shows each. */
      orders: z.array(z.object({ name: z.string(), hostNames: z.array(z.string()) })),
      /** Names that led elsewhere when `up` ran, in no certificate, and where they have to lead. */
      leftOut: z.array(z.object({ name: z.string(), addresses: z.array(z.string()) })).optional(),
      /** Domains whose MTA-STS record waits for the certificate with which the policy is served. */
      awaited: z.array(z.string()).optional(),
      /** Who was asked where they lead, `address:port`; the resolver of the machine without it. */
      resolver: z.string().optional(),
    })
    .nullish()
    .transform((acme) => acme ?? undefined),
  domains: z.array(domain).min(1),
  zones: z.array(zone),
  /** What has to be asked of those who hold other zones. */
  instructions: z.array(z.object({ text: z.string(), record })),
  stages,
  /** Only those that the program knows: declared in a lab, or generated. */
  passwords: z.preprocess(mapOrUndefined, z.record(z.string(), z.string()).default({})),
  /** How many hours old the last backup may be; nobody watches without it. */
  backups: z.object({ maxAge: z.number().nullish() }).default({}),
  /** Whom `verify` asks whether mail from here is accepted; nobody by default in a lab. */
  deliverability: z
    .object({ tryDomains: z.array(z.string()), blockLists: z.array(z.string()) })
    .nullish()
    .transform((asked) => asked ?? undefined),
});

/** A list or map that is written as one text where it is long. */
type Written<Value> = Value | string;

/** Every output of a stack as the program writes it. */
export type WrittenOutputs = Omit<StackOutputs, "domains" | "passwords"> & {
  readonly domains: readonly (Omit<StackOutputs["domains"][number], "mailboxes"> & {
    readonly mailboxes: Written<StackOutputs["domains"][number]["mailboxes"]>;
  })[];
  readonly passwords: Written<StackOutputs["passwords"]>;
};

/** Every output of a stack, read. */
export type StackOutputs = z.output<typeof outputsSchema>;
