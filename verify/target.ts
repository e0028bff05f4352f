import { z } from "zod";
import {
  byService,
  connectableAddress,
  legacyServices,
  MtaStsMode,
  standardMailServices,
  webServices,
} from "../records/index.ts";

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
  mailboxes: z.array(z.object({ address: z.string(), displayName: z.string().nullish() })),
});

const zone = z.object({
  name: z.string(),
  /** Who answers for it: the stack's own server, or one that the world knows. */
  publisher: z.enum(["local", "cloudflare"]).default("local"),
  records: z.array(record),
  /** What the parent zone has to publish, where the stack signs the zone. */
  ds: z.string().nullish(),
});

/** What has to be asked of those who hold other zones. */
const instruction = z.object({ text: z.string(), record });

/** No DNS server where all of the stack's zones are published elsewhere; no web server or webmail where it is off. */
const servers = z.object({
  mailServer: z.string(),
  dnsServer: z.string().nullish(),
  /** The DNS server by which a lab's servers find each other. */
  innerDnsServer: z.string().nullish(),
  webServer: z.string().nullish(),
  webmail: z.string().nullish(),
});

const mailPorts = {
  ...byService(standardMailServices, () => port),
  ...byService(legacyServices, () => port.optional()),
};

/** A mail server in addition to the main one. */
const furtherServer = z.object({
  hostName: z.string(),
  address: z.string(),
  ports: z.object(mailPorts),
  container: z.string(),
  generation: z.string(),
  /** The names of the domains whose mail it has. */
  domains: z.array(z.string()).min(1),
});

const target = z.object({
  endpoint: z.object({
    address: z.string(),
    /** The Docker Engine that runs the containers; the environment's by default. */
    engine: z.string().optional(),
    ports: z.object({
      dns: port,
      ...mailPorts,
      ...byService(webServices, () => port.optional()),
    }),
  }),
  containers: servers,
  generations: servers,
  /** The main mail server's own name. */
  hostName: z.string(),
  furtherServers: z.array(furtherServer).default([]),
  caCertificate: z.string(),
  domains: z.array(domain).min(1),
  zones: z.array(zone),
  instructions: z.array(instruction),
  /** When each DKIM key was made (ISO 8601), from the stack's state; not an output of the program. */
  keys: z.array(z.object({ name: z.string(), created: z.string() })).default([]),
  passwords: z.record(z.string(), z.string()).default({}),
  /** How many hours old the last backup may be; nobody watches without it. */
  backups: z.object({ maxAge: z.number().nullish() }).default({}),
});

/**
 * What a stack says of itself, as `pulumi stack output --json --show-secrets` gives it: where the servers
 * answer, and what they should answer. Everything in `verify/` knows a domain by this value alone.
 *
 * `passwords` holds only the ones that the program knows (declared in a lab, or generated).
 */
export type Target = z.infer<typeof target>;
export type TargetDomain = Target["domains"][number];
export type TargetZone = Target["zones"][number];
export type ExpectedRecord = TargetZone["records"][number];
export type ContainerRole = keyof Target["containers"];

/** The containers that the stack has, in the order of reports. */
export function containersOf({
  containers,
}: Target): { readonly role: ContainerRole; readonly name: string }[] {
  return (["mailServer", "dnsServer", "innerDnsServer", "webServer", "webmail"] as const).flatMap((role) => {
    const name = containers[role];
    return name ? [{ role, name }] : [];
  });
}

/**
 * Where this machine reaches the stack's ports. `0.0.0.0` and `::` stand for all addresses of the engine's host and
 * cannot be connected to: this machine itself, unless the engine is reached over the network.
 */
export function reachableAddress({ endpoint: { address, engine } }: Target): string {
  const local = connectableAddress(address);
  if (local === address) return address;
  const remote = /^(?:ssh|tcp):\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/.exec(engine ?? "")?.[1];
  return remote?.replace(/^\[|\]$/g, "") ?? local;
}

/** The outputs of a stack are not what a check can start from. */
export class TargetError extends Error {
  override readonly name = "TargetError";
}

/**
 * Reads the outputs of a stack.
 *
 * @throws TargetError that names every output that is missing or of another shape.
 */
export function parseTarget(outputs: unknown): Target {
  const parsed = target.safeParse(outputs);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`);
  throw new TargetError(
    ["The outputs of the stack do not describe a mail domain. Run `npm run up` first.", ...problems].join(
      "\n",
    ),
  );
}
