/** Servers with a pair for each domain, whose chains are renewed under them. */
import { createHash, type KeyObject } from "node:crypto";
import type { ImapFlow } from "imapflow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeClients } from "../../clients/description.ts";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { awaitedChains } from "../../engine/generation.ts";
import { issueTemporaryCertificate, keyPem } from "../../provider/certificate.ts";
import { type ConfigurationFile, unseal } from "../../servers/generation/configuration-file.ts";
import type { NamedPair, TlsPairs } from "../../servers/generation/tls-pairs.ts";
import { mailServerNamedPair, mailServerPair } from "../../servers/mail-server/mail-server.ts";
import { namesOf, renderWebSite, webServerNamedPair } from "../../servers/web-server/web-site.ts";
import { handshake } from "../../verify/probes/tls.ts";
import type { TlsPort } from "../../verify/services.ts";
import { makeAuthority, makeKey, makeLeaf, type TestAuthority, type Wanted } from "../kit/certificates.ts";
import { docker } from "../kit/engine.ts";
import { domainOf, MailServerLab } from "../kit/mail-server-lab.ts";
import { ServerContainer } from "../kit/server-container.ts";

const domain = "vaamonde.pti";
const hostName = `mx1.${domain}`;
const own: NamedPair = { name: "mail-server", hostNames: [hostName] };
const named: readonly NamedPair[] = [domain, "example.org"].map((name) => ({
  name,
  hostNames: ["mail", "imap", "pop3", "smtp"].map((label) => `${label}.${name}`),
}));
const pairs: TlsPairs = { byDefault: own, named, areRenewed: true };

const root = await makeAuthority("root");
const issuer: TestAuthority = await makeAuthority("issuer", root);
const keys = new Map<string, KeyObject>([own, ...named].map(({ name }) => [name, makeKey()]));
const keyOf = (name: string) => keys.get(name) ?? makeKey();

/** A chain as an authority gives it: the server's certificate, and who has issued it. */
async function chainFor({ name, hostNames }: NamedPair, wanted: Wanted = {}): Promise<string> {
  return (await makeLeaf(hostNames, issuer, { key: keyOf(name), ...wanted })) + issuer.certificate;
}

/** What a server shows until there is a chain. */
async function temporary({ name, hostNames }: NamedPair) {
  const key = keyOf(name);
  const certificate = await makeLeaf(hostNames, await makeAuthority("temporary"), { key });
  return { privateKey: keyPem(key), certificate, chain: "" };
}

const leafOf = (pem: string) => createHash("sha256").update(derOf(pem)).digest("hex");
const derOf = (pem: string) =>
  Buffer.from(/-----BEGIN CERTIFICATE-----([^-]*)/.exec(pem)?.[1] ?? "", "base64");

const day = 86_400_000;
const engine = new DockerEngine(undefined);

describe("a mail server", () => {
  const lab = new MailServerLab({ readsCertificates: true });
  const domains = [domainOf(domain, { ana: {}, bia: {} })];
  const serve = () => lab.serve(domains, { hostName, pairs });
  /** What each pair is to show. */
  const shown = new Map<string, string>();

  beforeAll(async () => {
    await lab.start();
    const pair = await temporary(own);
    lab.pair = unseal(mailServerPair, pair);
    shown.set(own.name, pair.certificate);
    lab.namedPairs = await Promise.all(
      named.map(async (each) => {
        const temporaryPair = await temporary(each);
        shown.set(each.name, temporaryPair.certificate);
        return unseal(mailServerNamedPair(each.name), temporaryPair);
      }),
    );
    await serve();
  });
  afterAll(() => lab.server.remove());

  const services: readonly (readonly [number, Pick<TlsPort, "security" | "protocol">])[] = [
    [25, { security: "starttls", protocol: "smtp" }],
    [587, { security: "starttls", protocol: "smtp" }],
    [465, { security: "implicit" }],
    [993, { security: "implicit" }],
    [995, { security: "implicit" }],
    [4190, { security: "starttls", protocol: "managesieve" }],
  ];

  /** @returns the digest of the certificate, and how many certificates come with it. */
  async function showsOn(inside: number, serverName: string) {
    const service = services.find(([port]) => port === inside)?.[1];
    if (service === undefined) throw new Error(`${inside} is not a port of it`);
    const port = { host: "127.0.0.1", port: lab.port(inside), serverName, ...service };
    const { chain } = await handshake(port, { rejectUnauthorized: false, servername: serverName });
    return {
      leaf: createHash("sha256")
        .update(chain[0] ?? "")
        .digest("hex"),
      length: chain.length,
    };
  }

  /** Who is asked for, and whose pair is expected. */
  const asked: readonly (readonly [string, string])[] = [
    ["", own.name],
    [hostName, own.name],
    ["unknown.example", own.name],
    [`unknown.${domain}`, own.name],
    ...named.flatMap(({ name, hostNames }) => hostNames.map((host) => [host, name] as const)),
  ];

  async function everythingIsShown(): Promise<void> {
    for (const [inside] of services) {
      for (const [serverName, pair] of asked) {
        const expected = leafOf(shown.get(pair) ?? "");
        const where = `${serverName || "no name"} on ${inside}`;
        // A login process from before a reload may take one more connection.
        await expect
          .poll(async () => [where, (await showsOn(inside, serverName)).leaf])
          .toEqual([where, expected]);
      }
    }
  }

  const log = () => docker("logs", lab.server.name);
  const logged = async (pattern: RegExp) => ((await log()).match(pattern) ?? []).length;

  test(
    "shows each name its own certificate on every port, and the default one to all others",
    everythingIsShown,
  );

  test("puts a chain that arrives into service: no session, login, handshake or delivery fails", async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, () => lab.imap(`ana@${domain}`)));
    const others = await lab.everySession(`ana@${domain}`);
    const work = constantWork(lab);
    for (const pair of [own, ...named]) {
      const chain = await chainFor(pair);
      shown.set(pair.name, chain);
      await lab.server.writeChain(pair.name, chain);
    }
    await everythingIsShown();
    expect(await showsOn(25, hostName)).toMatchObject({ length: 2 });
    expect(await showsOn(993, `imap.${domain}`)).toMatchObject({ length: 2 });
    const { letters, problems } = await work.end();
    expect(problems).toEqual([]);
    expect(letters).toBeGreaterThan(3);
    for (const session of sessions) {
      await session.noop();
      expect(session.usable).toBe(true);
    }
    expect(others.every((session) => session.isOpen())).toBe(true);
    await expect.poll(async () => (await lab.subjects(`bia@${domain}`)).length).toBe(letters);
    await Promise.all(sessions.map((session: ImapFlow) => session.logout()));
    for (const session of others) session.close();
    expect(await logged(/^certificates: .* is in service, valid until /gm)).toBeGreaterThanOrEqual(3);
  });

  test("renews one domain's, and no other's", async () => {
    const [first] = named;
    if (first === undefined) throw new Error("there is no pair");
    const chain = await chainFor(first);
    shown.set(first.name, chain);
    const postfix = () => logged(/reload -- version/g);
    const before = await postfix();
    await lab.server.writeChain(first.name, chain);
    await everythingIsShown();
    // It looks such a pair up at each handshake.
    expect(await postfix()).toBe(before);
    expect(await awaitedChains(engine, lab.server.name)).toEqual([]);
  });

  test.each<[string, (pair: NamedPair) => Promise<string>, RegExp]>([
    ["half of it", async (pair) => (await chainFor(pair)).slice(0, -200), /it is not whole/],
    ["for another key", (pair) => chainFor(pair, { key: makeKey() }), /it is for another key/],
    ["expired", (pair) => chainFor(pair, { from: new Date(Date.now() - 9 * day), days: 3 }), /has expired/],
    ["not valid yet", (pair) => chainFor(pair, { from: new Date(Date.now() + day) }), /not yet valid/],
    [
      "for other names",
      (pair) => chainFor({ ...pair, hostNames: ["mail.example.net"] }),
      /for other names: mail\.example\.net/,
    ],
    [
      "without its issuer",
      async (pair) => (await chainFor(pair)).replace(issuer.certificate, root.certificate),
      /do not follow one another/,
    ],
  ])("refuses a chain that is %s, once, and shows the one before", async (_, make, reason) => {
    const [first] = named;
    if (first === undefined) throw new Error("there is no pair");
    const words = new RegExp(`^certificates: ${first.name}: .* is refused, .*${reason.source}.*$`, "gm");
    const before = await logged(words);
    await lab.server.writeChain(first.name, await make(first));
    await expect.poll(() => logged(words)).toBe(before + 1);
    await everythingIsShown();
    expect(await logged(words)).toBe(before + 1);
    expect(await awaitedChains(engine, lab.server.name)).toEqual([
      { pair: first.name, refused: expect.stringMatching(reason) },
    ]);
  });

  test("after a start with a bad chain in the volume, or none, shows the last good one", async () => {
    await lab.server.writeChain(domain, "half");
    await lab.server.writeChain("example.org", undefined);
    await docker("restart", lab.server.name);
    expect(await lab.server.becomes(/^healthy/)).toMatch(/^healthy/);
    await lab.findPorts();
    await everythingIsShown();
  });

  test("a domain that is removed takes its names along, and touches no other", async () => {
    const remaining = named.filter(({ name }) => name === domain);
    const all = lab.namedPairs;
    lab.namedPairs = all.filter(({ path }) => path.includes(domain));
    await lab.serve(domains, { hostName, pairs: { ...pairs, named: remaining } });
    for (const [inside] of services) {
      await expect
        .poll(async () => (await showsOn(inside, "imap.example.org")).leaf)
        .toBe(leafOf(shown.get(own.name) ?? ""));
      expect((await showsOn(inside, `imap.${domain}`)).leaf).toBe(leafOf(shown.get(domain) ?? ""));
    }
    expect(await lab.server.exec("ls /run/maildomain/pairs /run/maildomain/accepted")).not.toContain(
      "example.org",
    );
    lab.namedPairs = all;
    await lab.server.writeChain("example.org", shown.get("example.org"));
    await serve();
    await everythingIsShown();
  });

  test("until a domain's first chain, clients are shown the default certificate where it holds their names", async () => {
    const added: NamedPair = { name: "example.net", hostNames: ["imap.example.net", "smtp.example.net"] };
    const [ownKey, key] = [keyOf(own.name), makeKey()];
    keys.set(added.name, key);
    const standIn = await makeLeaf([hostName, ...added.hostNames], issuer, { key: ownKey });
    const life = { issuedAt: new Date(), notAfter: new Date(Date.now() + day) };
    const certificate = await issueTemporaryCertificate(["imap.example.net", "smtp.example.net"], life, key);
    const former = { pair: lab.pair, namedPairs: lab.namedPairs };
    const shownEverywhere = async (pem: string) => {
      for (const [inside] of services) {
        const shownOn = async () => [inside, (await showsOn(inside, "imap.example.net")).leaf];
        await expect.poll(shownOn).toEqual([inside, leafOf(pem)]);
      }
    };
    try {
      lab.pair = unseal(mailServerPair, {
        privateKey: keyPem(ownKey),
        certificate: standIn,
        chain: issuer.certificate,
      });
      const addedPair = { privateKey: keyPem(key), certificate, chain: "" };
      lab.namedPairs = [...lab.namedPairs, unseal(mailServerNamedPair(added.name), addedPair)];
      await lab.serve(domains, { hostName, pairs: { ...pairs, named: [...named, added] } });
      await shownEverywhere(standIn);
      const chain = await chainFor(added);
      await lab.server.writeChain(added.name, chain);
      await shownEverywhere(chain);
    } finally {
      lab.pair = former.pair;
      lab.namedPairs = former.namedPairs;
      await lab.server.writeChain(added.name, undefined);
      await serve();
    }
  });

  test("a pair that is changed by hand is noticed, and a private key is root's alone", async () => {
    expect(await lab.server.exec("find /run/maildomain/pairs /run/maildomain/accepted -perm /077")).toBe("");
    await lab.server.exec(`echo >>/run/maildomain/pairs/${domain}.pem`);
    expect(await lab.server.becomes(/changed by hand: pairs/)).toContain(`pairs/${domain}.pem`);
  });
});

/** Deliveries, submissions and logins, one after another, until they are ended. */
function constantWork(lab: MailServerLab) {
  const problems: string[] = [];
  let letters = 0;
  let isEnding = false;
  const repeat = async (what: string, once: () => Promise<unknown>) => {
    while (!isEnding) await once().catch((error: unknown) => problems.push(`${what}: ${error}`));
  };
  const transport = lab.submission(`ana@${domain}`);
  const send = (subject: string) =>
    transport.sendMail({ from: `ana@${domain}`, to: `bia@${domain}`, subject, text: "x" });
  const done = Promise.all([
    repeat("delivery", async () => {
      await lab.receive(`bia@${domain}`, `in ${letters}`);
      letters += 1;
    }),
    repeat("submission", async () => {
      await send(`out ${letters}`);
      letters += 1;
    }),
    repeat("login", async () => (await lab.imap(`bia@${domain}`)).logout()),
  ]);
  return {
    async end() {
      isEnding = true;
      await done;
      transport.close();
      return { letters, problems };
    },
  };
}

describe("a web server", () => {
  const server = new ServerContainer({
    role: "web-server",
    capabilities: [],
    ports: ["80/tcp", "443/tcp"],
    volumes: [],
    readsCertificates: true,
  });
  const site = (name: string) => ({
    clients: describeClients(
      name,
      { incoming: { imap: `imap.${name}`, pop3: `pop3.${name}` }, outgoing: `smtp.${name}` },
      { submissions: 465, submission: 587, imaps: 993, pop3s: 995 },
    ),
    hostNames: [`mail.${name}`, `autoconfig.${name}`, `autodiscover.${name}`],
    pageHost: `mail.${name}`,
    autodiscoverHost: `autodiscover.${name}`,
    policy: { mode: "enforce", mx: [hostName], maxAge: 86_400 } as const,
  });
  const domains = [domain, "example.org"].map(site);
  const webPairs = domains.map(
    (each): NamedPair => ({ name: each.clients.domain, hostNames: namesOf(each) }),
  );
  const shown = new Map<string, string>();
  let port: number;

  async function generation(): Promise<ConfigurationFile[]> {
    const files = await Promise.all(
      webPairs.map(async (each) => {
        const pair = await temporary(each);
        shown.set(each.name, pair.certificate);
        return unseal(webServerNamedPair(each.name), pair);
      }),
    );
    const all = { domains, httpsPort: 443, ownAuthority: false };
    return [...renderWebSite({ ...all, pairs: { named: webPairs, areRenewed: true } }), ...files];
  }

  beforeAll(async () => {
    await server.build();
    await server.upload(await generation());
    await server.run();
    port = await server.port("443/tcp");
    expect(await server.becomes(/^healthy/)).toMatch(/^healthy/);
  });
  afterAll(() => server.remove());

  async function leafFor(servername: string): Promise<string> {
    const service = { host: "127.0.0.1", port, serverName: servername, security: "implicit" } as const;
    const { chain } = await handshake(service, { rejectUnauthorized: false, servername });
    return createHash("sha256")
      .update(chain[0] ?? "")
      .digest("hex");
  }

  async function everythingIsShown(): Promise<void> {
    for (const { name, hostNames } of webPairs) {
      for (const host of hostNames) {
        await expect
          .poll(async () => [host, await leafFor(host)])
          .toEqual([host, leafOf(shown.get(name) ?? "")]);
      }
    }
  }

  test("shows each name its own certificate, and none to anybody else", async () => {
    await everythingIsShown();
    for (const name of ["", "unknown.example", `unknown.${domain}`]) {
      await expect(leafFor(name)).rejects.toThrow(/unrecognized name/);
    }
  });

  test("puts a chain that arrives into service, and fails nobody", async () => {
    const problems: string[] = [];
    let isEnding = false;
    const visits = (async () => {
      while (!isEnding) await leafFor(`mail.${domain}`).catch((error) => problems.push(`${error}`));
    })();
    for (const pair of webPairs) {
      const chain = await chainFor(pair);
      shown.set(pair.name, chain);
      await server.writeChain(pair.name, chain);
      await everythingIsShown();
    }
    isEnding = true;
    await visits;
    expect(problems).toEqual([]);
  });

  test("refuses a bad chain of one domain, and takes a good one of another", async () => {
    const [first, second] = webPairs;
    if (first === undefined || second === undefined) throw new Error("there are no pairs");
    await server.writeChain(first.name, await chainFor(first, { key: makeKey() }));
    const chain = await chainFor(second);
    shown.set(second.name, chain);
    await server.writeChain(second.name, chain);
    await everythingIsShown();
    await expect
      .poll(() => docker("logs", server.name))
      .toMatch(/^certificates: \S+: .* is refused, .* another key$/m);
    expect(await awaitedChains(engine, server.name)).toEqual([
      { pair: first.name, refused: "it is for another key" },
    ]);
    expect(await server.exec("find /run/maildomain/pairs /run/maildomain/accepted -perm /077")).toBe("");
  });
});
