import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomInt } from "node:crypto";
import { ImapFlow } from "imapflow";
import { createTransport } from "nodemailer";
import { issueAuthorityCertificate, keyPem, makeKey } from "../../provider/certificate.ts";
import { publicKeyOf } from "../../provider/dkim-key.ts";
import { describeKey } from "../../provider/dnssec-key.ts";
import { lifetime } from "../../provider/lifetime.ts";
import { hashPassword } from "../../provider/password-hash.ts";
import {
  type DmarcPolicy,
  formatDkim,
  formatTlsa,
  ownKey,
  planRecords,
  recordsOfZone,
  renderZoneFile,
  reverseZone,
  type ZoneRecord,
} from "../../records/index.ts";
import { renderKnot, zoneKeyFile } from "../../servers/dns-server/knot.ts";
import { type ConfigurationFile, unseal } from "../../servers/generation/configuration-file.ts";
import type {
  HostedAlias,
  HostedDomain,
  HostedMailbox,
  MailServerDescription,
  SealedResolver,
} from "../../servers/mail-server/description.ts";
import {
  accountFiles,
  dkimKeyFile,
  mailServerPair,
  renderMailServer,
  trustAnchorsFile,
} from "../../servers/mail-server/mail-server.ts";
import { type NameResolver, resolverAt } from "../../verify/probes/dns.ts";
import { docker } from "./engine.ts";
import { subjectsIn } from "./mail-clients.ts";
import { mailServerOptions, ServerContainer } from "./server-container.ts";

const ttl = 60;
/** Of everybody in the network. */
export const password = "only for this test";

/** A mail server of the network, with the one domain that it serves and the one user, `ana`. */
export interface Correspondent {
  readonly domain: string;
  readonly hostName: string;
  readonly user: string;
  readonly address: string;
  readonly policy: DmarcPolicy;
  /** Who and what is there in addition. */
  readonly also: Household;
  readonly server: ServerContainer;
  readonly keys: CorrespondentKeys;
}

/** Mailboxes by their name, and aliases; everybody's password is the same. */
interface Members {
  readonly mailboxes?: Readonly<Record<string, Partial<HostedMailbox>>>;
  readonly aliases?: Readonly<Record<string, readonly string[]>>;
}

/** Who is at a server in addition to its user. */
export interface Household extends Members {
  /** Further domains of the server, with its keys and its policy. */
  readonly domains?: Readonly<Record<string, Members>>;
}

interface CorrespondentKeys {
  readonly tls: KeyObject;
  readonly rsa: KeyObject;
  readonly ed25519: KeyObject;
  readonly hash: string;
  readonly certificate: string;
}

/** What a correspondent's server has in addition to its user. */
export interface CorrespondentChanges {
  /** Other trust anchors for some zones. */
  readonly anchors?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly mailboxes?: readonly HostedMailbox[] | undefined;
  readonly aliases?: readonly HostedAlias[] | undefined;
  /** Changes a rendered file, to be a server as others run one. */
  readonly edit?: ((file: ConfigurationFile) => ConfigurationFile) | undefined;
}

interface SignedZone {
  readonly name: string;
  readonly key: KeyObject;
}

/** A zone of somebody whose mail comes from outside of the network. */
export interface StrangerZone {
  readonly name: string;
  /** @param outside - the address that mail from outside comes from */
  readonly records: (outside: string) => readonly Pick<ZoneRecord, "name" | "type" | "content">[];
  /** Whether nobody answers for the zone. @default false */
  readonly silent?: boolean | undefined;
}

/** What is wrong with what the name server says. */
export interface ZoneDamage {
  /** Domains whose server's TLSA record is another key's. */
  readonly otherTlsKey?: readonly string[] | undefined;
  /** Zones that are served without signatures. */
  readonly unsigned?: readonly string[] | undefined;
}

/**
 * A network of its own with a name server and two mail servers whose resolvers know its zones and nothing else:
 * as much of the world as a message needs.
 */
export class MailNetwork {
  readonly #subnet: string;
  readonly #name: string;
  readonly #nameServer: ServerContainer;
  readonly #zones: readonly SignedZone[];
  readonly #strangers: readonly StrangerZone[];
  readonly one: Correspondent;
  readonly two: Correspondent;

  private constructor(
    subnet: string,
    nameServer: ServerContainer,
    one: Correspondent,
    two: Correspondent,
    strangers: readonly StrangerZone[],
  ) {
    this.#strangers = strangers;
    this.#subnet = subnet;
    this.#nameServer = nameServer;
    this.#name = networkName(subnet);
    this.one = one;
    this.two = two;
    const zones = [...domainsOf(one), ...domainsOf(two), reverseZone(`${subnet}.0`)];
    this.#zones = zones.map((name) => ({ name, key: makeKey() }));
  }

  /**
   * Lays out a network inside of 198.18.0.0/15, which is for tests (RFC 2544), in the half that no stack's network is
   * in; nothing runs yet.
   */
  static async create(
    also: { readonly one?: Household; readonly two?: Household } = {},
    strangers: readonly StrangerZone[] = [],
  ): Promise<MailNetwork> {
    const subnet = `198.18.${randomInt(0, 256)}`;
    const network = (host: number) => ({ name: networkName(subnet), address: `${subnet}.${host}` });
    const nameServer = new ServerContainer({
      role: "dns-server",
      capabilities: [],
      ports: ["53/udp"],
      volumes: ["/var/lib/knot"],
      network: network(53),
    });
    const correspondent = async (
      domain: string,
      host: number,
      policy: DmarcPolicy,
      also: Household = {},
    ): Promise<Correspondent> => ({
      domain,
      hostName: `mail.${domain}`,
      user: `ana@${domain}`,
      address: `${subnet}.${host}`,
      policy,
      also,
      server: new ServerContainer({ ...mailServerOptions, network: network(host) }),
      keys: await makeKeys(domain),
    });
    const one = await correspondent("one.test", 10, "reject", also.one);
    const two = await correspondent("two.test", 20, "quarantine", also.two);
    return new MailNetwork(subnet, nameServer, one, two, strangers);
  }

  async run(): Promise<void> {
    const servers = [this.#nameServer, this.one.server, this.two.server];
    await docker("network", "create", "--subnet", `${this.#subnet}.0/24`, this.#name);
    await this.#nameServer.build();
    await this.one.server.build();
    await this.two.server.build();
    for (const server of servers) await server.run();
    await this.serveZones();
    await Promise.all([this.configure(this.one), this.configure(this.two)]);
  }

  async remove(): Promise<void> {
    for (const server of [this.#nameServer, this.one.server, this.two.server]) await server.remove();
    await docker("network", "rm", this.#name);
  }

  /** Has the name server publish both domains and the addresses' names. */
  async serveZones({ otherTlsKey = [], unsigned = [] }: ZoneDamage = {}): Promise<void> {
    const plan = planRecords({
      zones: this.#zones.map(({ name }) => ({ name, signed: true })),
      servers: [this.one, this.two].map(({ domain, hostName, address, keys }) => ({
        hostName,
        ttl,
        addresses: { ipv4: address },
        keys: [
          {
            name: "key1",
            stage: "serving",
            content: tlsa(otherTlsKey.includes(domain) ? makeKey() : keys.tls),
          },
        ],
      })),
      domains: [this.one, this.two].flatMap((correspondent) => {
        const { hostName, address, policy, keys } = correspondent;
        return domainsOf(correspondent).map((domain) => ({
          domain,
          ttl,
          exchanges: [{ host: hostName, preference: 10 }],
          addresses: { ipv4: address },
          clientLabels: [],
          services: {},
          spf: {},
          dkim: [
            { selector: "rsa1", content: dkim("rsa", keys.rsa) },
            { selector: "ed1", content: dkim("ed25519", keys.ed25519) },
          ],
          dmarc: { policy, reportAddresses: [] },
          delegations: [{ label: "outside", target: "www.example.com" }],
        }));
      }),
      parkedDomains: [],
    });
    const texts = this.#zones.map(({ name }) => {
      const authority = { domain: name, nameServer: `ns1.${name}`, nameServerAddress: `${this.#subnet}.53` };
      const zone = { ...authority, mailbox: `hostmaster@${name}`, ttl };
      return {
        origin: name,
        text: renderZoneFile(zone, recordsOfZone(plan, name)),
        signed: !unsigned.includes(name),
      };
    });
    const strangers = this.#strangers.map(({ name, records }) => {
      const authority = { domain: name, nameServer: `ns1.${name}`, nameServerAddress: `${this.#subnet}.53` };
      const lines = records(`${this.#subnet}.1`).map((record) => ({ ...record, ttl }));
      return {
        origin: name,
        text: renderZoneFile({ ...authority, mailbox: `hostmaster@${name}`, ttl }, lines),
        signed: false,
      };
    });
    const keys = this.#zones
      .filter(({ name }) => !unsigned.includes(name))
      .map(({ name, key }) => unseal(zoneKeyFile(name), keyPem(key)));
    await serve(this.#nameServer, [...renderKnot([...texts, ...strangers], "own network"), ...keys]);
  }

  /** Has a mail server take its configuration. */
  async configure(
    { domain, hostName, user, also, server, keys }: Correspondent,
    { anchors = {}, mailboxes = [], aliases = [], edit = (file) => file }: CorrespondentChanges = {},
  ): Promise<void> {
    const resolver: SealedResolver = {
      kind: "sealed",
      zones: [
        ...this.#zones.map(({ name }) => ({ name, nameServers: [`${this.#subnet}.53`], signed: true })),
        ...this.#strangers.map(({ name, silent = false }) => ({
          name,
          nameServers: [`${this.#subnet}.${silent ? 99 : 53}`],
          signed: false,
        })),
      ],
    };
    const [local = user] = user.split("@");
    const first: Members = {
      mailboxes: { [local]: {}, ...also.mailboxes },
      aliases: { postmaster: [user], ...also.aliases },
    };
    const own = hostedDomain([domain, first]);
    const domains = [
      { ...own, mailboxes: [...own.mailboxes, ...mailboxes], aliases: [...own.aliases, ...aliases] },
      ...Object.entries(also.domains ?? {}).map(hostedDomain),
    ];
    const description: MailServerDescription = {
      hostName,
      domains,
      messageSizeLimitBytes: 10_000_000,
      legacyPorts: false,
      resolver,
    };
    const declared = this.#zones.map(({ name, key }) => [name, [describeKey(name, key).ds]]);
    const hashes = Object.fromEntries(
      domains.flatMap((each) => each.mailboxes).map(({ address }) => [address, keys.hash]),
    );
    await serve(server, [
      ...renderMailServer(description).map(edit),
      ...accountFiles(description).map((file) => unseal(file, hashes)),
      ...domains.flatMap(({ name }) => [
        unseal(dkimKeyFile(name, "rsa1"), keyPem(keys.rsa)),
        unseal(dkimKeyFile(name, "ed1"), keyPem(keys.ed25519)),
      ]),
      unseal(mailServerPair, { privateKey: keyPem(keys.tls), certificate: keys.certificate, chain: "" }),
      unseal(trustAnchorsFile(resolver.zones), { ...Object.fromEntries(declared), ...anchors }),
    ]);
  }

  /** Asks the name server itself, as an uninvolved receiver would. */
  async nameServer(): Promise<NameResolver> {
    return resolverAt(`127.0.0.1:${await this.#nameServer.port("53/udp")}`);
  }
}

/** Submits mail as the server's user, or another of its mailboxes, over TLS. */
export async function submission({ server, user }: Pick<Correspondent, "server" | "user">) {
  return createTransport({
    host: "127.0.0.1",
    port: await server.port("465/tcp"),
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user, pass: password },
  });
}

/** Hands mail to the server as a stranger. */
export async function strangerTo({ server }: Correspondent) {
  return createTransport({
    host: "127.0.0.1",
    port: await server.port("25/tcp"),
    name: "stranger.example.com",
    tls: { rejectUnauthorized: false },
  });
}

/** A session of one of the server's users, by default of its own user. */
export async function imapSession(
  { server, user }: Pick<Correspondent, "server" | "user">,
  login = user,
): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: "127.0.0.1",
    port: await server.port("993/tcp"),
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: login, pass: password },
    logger: false,
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** The message of that subject in a folder of the user, as stored; none if it is not there (yet). */
export async function messageIn(
  at: Pick<Correspondent, "server" | "user">,
  folder: string,
  subject: string,
): Promise<Buffer | undefined> {
  return (await messagesIn(at, folder)).find((message) => message.subject === subject)?.source;
}

/** All messages in a folder of a user, as stored. */
export async function messagesIn(
  at: Pick<Correspondent, "server" | "user">,
  folder: string,
): Promise<{ readonly subject: string; readonly source: Buffer }[]> {
  const client = await imapSession(at);
  try {
    await client.mailboxOpen(folder);
    const messages = await client.fetchAll("1:*", { source: true, envelope: true });
    return messages.flatMap(({ source, envelope }) =>
      source ? [{ subject: envelope?.subject ?? "", source }] : [],
    );
  } finally {
    await client.logout();
  }
}

/** The subjects in a folder of the user. */
export async function subjectsOf(receiver: Correspondent, folder: string): Promise<string[]> {
  return subjectsIn(await imapSession(receiver), folder);
}

function domainsOf({ domain, also }: Correspondent): string[] {
  return [domain, ...Object.keys(also.domains ?? {})];
}

function hostedDomain([name, { mailboxes = {}, aliases = {} }]: [string, Members]): HostedDomain {
  return {
    name,
    mailboxes: Object.entries(mailboxes).map(([user, mailbox]) => ({
      address: `${user}@${name}`,
      quotaBytes: 0,
      ...mailbox,
    })),
    aliases: Object.entries(aliases).map(([alias, targets]) => ({ address: `${alias}@${name}`, targets })),
    dkimSelectors: ["rsa1", "ed1"],
  };
}

async function makeKeys(domain: string): Promise<CorrespondentKeys> {
  const tls = makeKey();
  return {
    tls,
    rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
    ed25519: generateKeyPairSync("ed25519").privateKey,
    hash: await hashPassword(password),
    // Nobody vouches for it but the TLSA record.
    certificate: await issueAuthorityCertificate(`mail.${domain}`, lifetime(new Date(), 30), tls),
  };
}

async function serve(server: ServerContainer, files: readonly ConfigurationFile[]): Promise<void> {
  const id = await server.upload(files);
  const report = await server.settles(new RegExp(id));
  if (report !== id) throw new Error(report);
}

function tlsa(key: KeyObject): string {
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  return formatTlsa(ownKey(createHash("sha256").update(spki).digest("hex")));
}

function dkim(keyType: "rsa" | "ed25519", key: KeyObject): string {
  return formatDkim({ keyType, publicKey: publicKeyOf(createPublicKey(key)).toString("base64") });
}

function networkName(subnet: string): string {
  return `maildomain-test-${subnet.replaceAll(".", "-")}-network`;
}
