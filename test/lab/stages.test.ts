import { execFile } from "node:child_process";
import { createHash, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";
import { promisify } from "node:util";
import type { ImapFlow } from "imapflow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseStages } from "../../commands/stages.ts";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { formatSteps, nextSteps } from "../../stages/next-steps.ts";
import { makeAuthority, makeKey, makeLeaf, pemOf, type TestAuthority } from "../kit/certificates.ts";
import { docker } from "../kit/engine.ts";
import { Lab, type Settings } from "../kit/lab.ts";
import { MailClients } from "../kit/mail-clients.ts";

const run = promisify(execFile);
const domain = "example.org";
const password = "123456";

interface Declared {
  readonly dkim?: readonly object[];
  readonly dmarc?: object;
  readonly mtaSts?: object;
  readonly serverKeys?: readonly object[];
  readonly certificates?: object;
  readonly hostName?: string;
}

function settings({ dkim, dmarc, mtaSts, ...stack }: Declared): Settings {
  const mailboxes = [{ name: "ana", password }];
  return {
    lab: true,
    ...stack,
    domains: [
      {
        name: domain,
        ttl: 60,
        mailboxes,
        ...(dkim && { dkim }),
        ...(dmarc && { dmarc }),
        ...(mtaSts && { mtaSts }),
      },
    ],
  };
}

const rsa = (selector: string, stage: string) => ({ selector, algorithm: "rsa-2048", stage });
const ed1 = { selector: "ed1", algorithm: "ed25519" };

/** Keys and policies that change while mail keeps flowing. The steps build on one another, in order. */
describe("stages", () => {
  let lab: Lab;
  let running: RunningStack;
  let signedByFirst: Buffer;
  let sent = 0;

  beforeAll(async () => {
    lab = await Lab.create(settings({}));
    await lab.up();
    running = await lab.settled();
  });

  afterAll(async () => {
    await lab.takeDown();
  });

  /** Declares, deploys, and waits until the servers have it. */
  async function deploy(declared: Declared): Promise<void> {
    await lab.configure(settings(declared));
    await lab.up();
    running = await lab.settled();
  }

  /**
   * What a preview says. It must refuse, and so must an `up` that nobody has previewed: of that, all that may be
   * left is a key that nothing uses.
   */
  async function refusal(declared: Declared): Promise<string> {
    await lab.configure(settings(declared));
    const before = await inForce();
    const preview = await lab.operate("preview");
    expect(preview.status, preview.output).not.toBe(0);
    const up = await lab.operate("up", ["--yes", "--skip-preview"]);
    expect(up.status, up.output).not.toBe(0);
    // A component is what the settings say: nothing exists of it but its line in the state.
    expect(up.output.replace(/^.* maildomain:index:MailDomain .*$/gm, "")).not.toMatch(
      / (updated|replaced|deleted) \(/,
    );
    expect(await inForce()).toEqual(before);
    return preview.output;
  }

  /** What the servers serve, and what the state has of the stages and zones. */
  async function inForce() {
    const { resources } = JSON.parse(await lab.exportState()).deployment;
    const watched = /::.*(DomainStages|ServerCertificate|LocalZone)::/;
    // A server's keys stay where they are when somebody else is to issue its certificate.
    const nameOf = (urn: string) => urn.replace(/(Lab|Own)Certificate\$/, "Certificate$");
    const inputs = (resources as { urn: string; inputs: Record<string, unknown> }[])
      .filter(({ urn }) => watched.test(urn))
      // Encrypted again at each export.
      .map(({ urn, inputs: { caPrivateKey: _, ownKeys: __, ...visible } }) => [nameOf(urn), visible]);
    const { generations } = await lab.settled();
    return { inputs: Object.fromEntries(inputs), generations };
  }

  async function send(subject: string): Promise<Buffer> {
    const clients = new MailClients(running);
    const transport = clients.smtp("submission", "ana", password);
    const address = `ana@${domain}`;
    await transport.sendMail({ from: address, to: address, subject, text: "x" });
    transport.close();
    const find = async () =>
      (await clients.inbox("ana", password)).find((message) => message.includes(`Subject: ${subject}`));
    await expect.poll(find).toBeDefined();
    return (await find()) ?? Buffer.alloc(0);
  }

  /** mailauth's verdicts by selector, against the stack's own DNS. */
  async function verdicts(message: Buffer): Promise<Record<string, string>> {
    const found = await new MailClients(running).dkim(message);
    return Object.fromEntries(Object.entries(found).map(([name, verdict]) => [name.split(".")[0], verdict]));
  }

  /** Which keys sign what is sent by now, with mailauth's verdicts; Rspamd's workers change over one by one. */
  async function signatures(): Promise<Record<string, string>> {
    sent += 1;
    return verdicts(await send(`message ${sent}`));
  }

  describe("a DKIM key", () => {
    const published = [rsa("rsa1", "signing"), rsa("rsa2", "published"), ed1];
    const taken = [rsa("rsa1", "retired"), rsa("rsa2", "signing"), ed1];

    test("that is new cannot sign at once", async () => {
      signedByFirst = await send("first");
      expect(await verdicts(signedByFirst)).toEqual({ rsa1: "pass", ed1: "pass" });
      const reported = await refusal({ dkim: [rsa("rsa1", "signing"), rsa("rsa2", "signing"), ed1] });
      expect(reported).toContain("maildomain:domains[0].dkim[1].stage: rsa2 is new here");
    });

    test("is published, and signs nothing yet", async () => {
      await deploy({ dkim: published });
      expect(await texts("rsa2._domainkey")).toHaveLength(1);
      expect(await signatures()).toEqual({ rsa1: "pass", ed1: "pass" });
    });

    test("cannot sign while no name server answers", async () => {
      const { dnsServer } = running.containers;
      await docker("stop", dnsServer ?? "");
      await lab.configure(settings({ dkim: taken }));
      const { status, output } = await lab.operate("preview");
      await docker("start", dnsServer ?? "");
      expect(status).not.toBe(0);
      expect(output).toMatch(
        /domains\[0\]\.dkim\[1\]\.stage: rsa2 cannot be used yet: no authoritative server of/,
      );
    });

    test("signs, while the one before it retires: mail of either passes", async () => {
      await expect.poll(() => texts("rsa2._domainkey").catch(() => [])).toHaveLength(1);
      await deploy({ dkim: taken });
      await expect.poll(signatures).toEqual({ rsa2: "pass", ed1: "pass" });
      expect(await verdicts(signedByFirst)).toEqual({ rsa1: "pass", ed1: "pass" });
    });

    test("what comes next is reported from the stack's outputs", async () => {
      const { output } = await lab.showOutputs();
      const reported = formatSteps(nextSteps(parseStages(JSON.parse(output))), new Date());
      expect(reported.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, "<time>")).toMatchInlineSnapshot(`
        "mail.example.org
          server key key1  serving since <time>

        example.org
          DKIM ed1         signing since <time>
          DKIM rsa1        retired since <time>; next: take it out (safe from <time>)
          DKIM rsa2        signing since <time>
          DMARC            quarantine since <time>; next: write policy: reject, where the reports name no sender of your own (safe from <time>)
          MTA-STS          testing since <time>; next: write mode: enforce, where the reports name no failure of your own (safe from <time>)
        "
      `);
    });

    test("stays as long as its mail may be under way, and not longer", async () => {
      const alone = [rsa("rsa2", "signing"), ed1];
      expect(await refusal({ dkim: alone })).toMatch(
        /domains\[0\]\.dkim: rsa1 has been retired since .* UTC$/m,
      );
      await lab.letPass(5 * 86_400 + 60);
      await deploy({ dkim: alone });
      expect(await texts("rsa1._domainkey").catch(({ code }) => code)).toBe("ENOTFOUND");
      expect(await verdicts(signedByFirst)).toEqual({ rsa1: "neutral", ed1: "pass" });
      await expect.poll(signatures).toEqual({ rsa2: "pass", ed1: "pass" });
    });
  });

  describe("the server's own key", () => {
    const dkim = [rsa("rsa2", "signing"), ed1];
    const keys = (...stages: string[]) => ({
      dkim,
      serverKeys: stages.map((stage, index) => ({ name: `key${index + 1}`, stage })),
    });

    test("is reported by its TLSA record before it is shown", async () => {
      const before = await shownKey();
      expect(await tlsa()).toEqual([before]);
      await deploy(keys("serving", "published"));
      expect(await shownKey()).toBe(before);
      expect(await tlsa()).toHaveLength(2);
    });

    test("is not shown before others can know of it", async () => {
      expect(await refusal(keys("retired", "serving"))).toMatch(
        /maildomain:serverKeys\[1\]\.stage: key2 has been published since .* UTC: servers that still hold the earlier TLSA records/,
      );
    });

    test("is shown then, and no record changes with it", async () => {
      const [before, records] = [await shownKey(), await tlsa()];
      await lab.letPass(60);
      await deploy(keys("retired", "serving"));
      const after = await shownKey();
      expect(after).not.toBe(before);
      expect(records).toContain(after);
      expect((await tlsa()).toSorted()).toEqual(records.toSorted());
    });

    test("is alone in the end", async () => {
      await lab.letPass(60);
      await deploy({ dkim, serverKeys: [{ name: "key2" }] });
      expect(await tlsa()).toEqual([await shownKey()]);
      await lab.up(["--expect-no-changes"]);
    });
  });

  test("DMARC becomes stricter by one step at a time, and weaker at once", async () => {
    const rest = { dkim: [rsa("rsa2", "signing"), ed1], serverKeys: [{ name: "key2" }] };
    await deploy({ ...rest, dmarc: { policy: "none" } });
    expect(await refusal({ ...rest, dmarc: { policy: "reject" } })).toContain(
      "maildomain:domains[0].dmarc.policy: none → reject skips quarantine",
    );
    await deploy({ ...rest, dmarc: { policy: "quarantine" } });
    await deploy({ ...rest, dmarc: { policy: "reject" } });
    expect((await texts("_dmarc")).join()).toContain("p=reject");
  });

  test("an enforced MTA-STS policy holds the MX where it is, also after a step back", async () => {
    const rest = {
      dkim: [rsa("rsa2", "signing"), ed1],
      serverKeys: [{ name: "key2" }],
      dmarc: { policy: "reject" },
    };
    await deploy({ ...rest, mtaSts: { mode: "enforce" } });
    expect(await refusal({ ...rest, mtaSts: { mode: "enforce" }, hostName: `mx.${domain}` })).toContain(
      "maildomain:hostName: the enforced policy names only mail.example.org",
    );
    await deploy({ ...rest, mtaSts: { mode: "testing" } });
    expect(await refusal({ ...rest, hostName: `mx.${domain}` })).toMatch(
      /maildomain:hostName: other servers may still hold an enforced policy .* Move the MX from .* UTC on/,
    );
  });

  describe("certificates from elsewhere", () => {
    const rest = { dkim: [rsa("rsa2", "signing"), ed1], dmarc: { policy: "reject" } };
    const names = [domain, `*.${domain}`];
    const [one, two] = [makeKey(), makeKey()];
    let root: TestAuthority;
    let between: TestAuthority;
    let file: string;
    let session: ImapFlow;
    let containers: string;

    beforeAll(async () => {
      root = await makeAuthority("Example root");
      between = await makeAuthority("Example R1", root);
      file = join(lab.stateFolder, "../chain.pem");
      await writeFile(file, await chainOf(one));
      session = new MailClients(running).imap("ana", password);
      await session.connect();
      containers = await containerIds();
    });

    afterAll(() => session.logout());

    const chainOf = async (key: KeyObject) => (await makeLeaf(names, between, { key })) + between.certificate;
    const entry = (name: string, key: KeyObject, chain: string, stage: string) => ({
      name,
      chain,
      key: pemOf(key),
      stage,
    });

    test("a different key is not shown before others can know of it", async () => {
      const files = [entry("own", one, file, "serving")];
      const reported = await refusal({ ...rest, certificates: { files, authority: root.certificate } });
      expect(reported).toContain("maildomain:certificates.files[0].stage: own is new here");
      expect(reported).toContain("key2 is in use and cannot be removed at once");

      const before = await shownKey();
      const published = [entry("own", one, file, "published")];
      await deploy({
        ...rest,
        serverKeys: [{ name: "key2" }],
        certificates: { issuer: "private", files: published, authority: root.certificate },
      });
      expect(await shownKey()).toBe(before);
      expect((await tlsa()).toSorted()).toEqual([before, digestOf(one)].toSorted());
    });

    test("is shown then by every server, and clients are given its authority", async () => {
      const records = await tlsa();
      await lab.letPass(60);
      await deploy({
        ...rest,
        serverKeys: [{ name: "key2", stage: "retired" }],
        certificates: { files: [entry("own", one, file, "serving")], authority: root.certificate },
      });
      expect(running.caCertificate).toBe(root.certificate);
      await servedEverywhere();
      expect((await tlsa()).toSorted()).toEqual(records.toSorted());
      expect(await lab.exportState()).not.toContain(pemOf(one).split("\n")[1]);
    });

    test("a renewed one with the same key is served after one `up`, and changes no record", async () => {
      await lab.letPass(60);
      await writeFile(file, await chainOf(one));
      const other = join(lab.stateFolder, "../chain-of-two.pem");
      await writeFile(other, await chainOf(two));
      await deploy({
        ...rest,
        certificates: {
          files: [entry("own", one, file, "serving"), entry("own2", two, other, "published")],
          authority: root.certificate,
        },
      });
      await servedEverywhere();
      expect((await tlsa()).toSorted()).toEqual([digestOf(one), digestOf(two)].toSorted());
      await lab.letPass(60);
      const records = await tlsa();
      await writeFile(file, await readFile(other));
      const files = [entry("own", one, await chainOf(one), "retired"), entry("own2", two, file, "serving")];
      await deploy({ ...rest, certificates: { files, authority: root.certificate } });
      await servedEverywhere();
      expect((await tlsa()).toSorted()).toEqual(records.toSorted());
      await lab.up(["--expect-no-changes"]);
    });

    const containerIds = () => docker("ps", "--no-trunc", "--quiet", "--filter", `name=${lab.prefix}`);

    /** Every port shows what the file holds; no server was replaced, and the session from before is still open. */
    async function servedEverywhere(): Promise<void> {
      const { fingerprint256 } = new X509Certificate(await readFile(file));
      const { imaps, submissions, https = 0 } = running.endpoint.ports;
      for (const port of [imaps, submissions, https]) {
        await expect.poll(() => fingerprintAt(port)).toBe(fingerprint256);
      }
      await expect.poll(shownKey).toBe(digestOf(await readFile(file, "utf8")));
      await session.noop();
      expect(session.usable).toBe(true);
      expect(await containerIds()).toBe(containers);
    }

    /** What a client that trusts the root alone is shown. */
    async function fingerprintAt(port: number): Promise<string> {
      const { address: host } = running.endpoint;
      const socket = connect({ host, port, servername: `mail.${domain}`, ca: root.certificate });
      try {
        await once(socket, "secureConnect");
        return socket.getPeerCertificate().fingerprint256;
      } catch (error) {
        return String(error);
      } finally {
        socket.destroy();
      }
    }

    function digestOf(key: KeyObject | string): string {
      const spki = createPublicKey(key).export({ type: "spki", format: "der" });
      return createHash("sha256").update(spki).digest("hex");
    }
  });

  const resolver = () => new MailClients(running).resolver();
  const texts = (label: string) => resolver().resolveTxt(`${label}.${domain}`);

  /** The digests of the server's TLSA records. */
  async function tlsa(): Promise<string[]> {
    const found = await resolver().resolveTlsa(`_25._tcp.mail.${domain}`);
    return found.map(({ data }) => Buffer.from(data).toString("hex"));
  }

  /** The digest of the key that the server shows on port 25. */
  async function shownKey(): Promise<string> {
    const { endpoint } = running;
    const place = `${endpoint.address}:${endpoint.ports.smtp}`;
    const handshake = run("openssl", ["s_client", "-connect", place, "-starttls", "smtp"]);
    handshake.child.stdin?.end("QUIT\r\n");
    const [pem = ""] =
      /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/s.exec((await handshake).stdout) ?? [];
    const spki = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
    return createHash("sha256").update(spki).digest("hex");
  }
});
