/**
 * A lab whose certificates come from an authority by ACME (Pebble), over port 80 and its own DNS server: the way that
 * production goes.
 */
import type { X509Certificate } from "node:crypto";
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { ImapFlow } from "imapflow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awaitCertificates, awaitShownCertificates } from "../../commands/await-certificates.ts";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { agentState } from "../../outputs/certificate-agent.ts";
import { containersOf, type RunningStack } from "../../outputs/running-stack.ts";
import { reviewPreview } from "../../review/review.ts";
import { Report } from "../../toolchain/report.ts";
import { openTls } from "../../verify/probes/tls.ts";
import { exitStatus, formatReport } from "../../verify/report.ts";
import { servicesOf, type TlsPort } from "../../verify/services.ts";
import { verify } from "../../verify/verify.ts";
import { AcmeAuthority, hasPebble } from "../kit/acme-authority.ts";
import { AgentClock } from "../kit/agent-clock.ts";
import { Checkouts } from "../kit/checkout.ts";
import { bridgeAddress, incarnation } from "../kit/engine.ts";
import { Lab, type Settings } from "../kit/lab.ts";
import { MailClients } from "../kit/mail-clients.ts";
import { WorldResolver } from "../kit/world-resolver.ts";

const domain = "example.org";
const other = "example.net";
/** One that comes later. */
const added = "example.com";
const password = "123456";
/** In days, like all that follows. */
const lifetime = 90;
/** By the agent's clock: after two thirds of it, and when the one after is due. */
const renewal = 70;
const nextRenewal = 75;
/** A little more than after the first failed validation. */
const pause = 6 / (24 * 60);

describe.skipIf(!hasPebble)(
  "certificates by ACME (skipped without Pebble, which Go or its proxy lacks)",
  () => {
    let lab: Lab;
    let running: RunningStack;
    let authority: AcmeAuthority;
    let world: WorldResolver;
    let acme: Settings;
    let records: string[];
    const engine = new DockerEngine(undefined);

    const declared = (name: string) => ({ name, ttl: 60, mailboxes: [{ name: "ana", password }] });
    const withAdded = [domain, other, added].map(declared);
    const settings = (more: Settings): Settings => ({
      lab: true,
      domains: [domain, other].map(declared),
      ...more,
    });

    beforeAll(async () => {
      lab = await Lab.create(settings({}));
      await lab.up();
      running = await lab.settled();
      records = await tlsa();
      // Containers and this machine reach it under one name: this machine's address on the engine's bridge.
      const address = await bridgeAddress();
      world = await WorldResolver.start(address, lab.address);
      authority = await AcmeAuthority.start({
        address,
        names: [address],
        resolver: world.address,
        profiles: { default: lifetime * 86_400 },
      });
      acme = {
        directory: authority.directory,
        agreeToTerms: true,
        roots: authority.root,
        resolver: world.address,
      };
    });

    afterAll(async () => {
      await authority?.[Symbol.asyncDispose]();
      await world?.[Symbol.asyncDispose]();
      await lab.takeDown();
    });

    async function refusal(certificates: Settings): Promise<string> {
      await lab.configure(settings({ certificates }));
      const { status, output } = await lab.operate("up", ["--yes", "--skip-preview"]);
      expect(status).not.toBe(0);
      return output;
    }

    test("a directory that does not answer, or that nobody can trust, changes nothing", async () => {
      const { hostname } = new URL(authority.directory);
      expect(await refusal({ acme: { ...acme, directory: `https://${hostname}:1/dir` } })).toMatch(
        /maildomain:certificates\.acme\.directory: https:\/\/.*:1 cannot be used: connect ECONNREFUSED/,
      );
      expect(await refusal({ acme: { directory: acme.directory, agreeToTerms: true } })).toMatch(
        /maildomain:certificates\.acme\.directory: .* cannot be used: .*certificate.*roots/,
      );
      await lab.configure(settings({}));
      await lab.up(["--expect-no-changes"]);
    });

    test("a stack of the private authority moves: the same keys, sessions and containers, other certificates on every port", async () => {
      const root = await authority.issuingRoot();
      await lab.configure(settings({ certificates: { acme, authority: root } }));
      const sessions = await openSessions();
      const containers = await serverContainers();
      const { imaps: port } = running.endpoint.ports;
      const seen = watchIssuers({
        host: lab.address,
        port,
        security: "implicit",
        serverName: `imap.${other}`,
      });
      await lab.up();
      running = await lab.settled();
      await awaitCertificates(engine, running, new Report());
      // Never the temporary one of its new key, which nobody trusts.
      for (const issuer of await seen.end())
        expect(issuer).toMatch(/^CN=(example\.org authority|Pebble Intermediate .*)$/);
      expect(await serverContainers()).toEqual(containers);
      for (const session of sessions) await stillOpen(session);
      expect(running.certificateIssuer).toBe("acme");
      expect(running.acme?.account).toMatch(/^https:\/\/.*\/my-account\//);
      expect(await tlsa()).toEqual(records);
      for (const place of places()) {
        await expect.poll(() => issuerAt(place), polling).toMatch(/Pebble Intermediate/);
      }
    });

    test("its own account alone may have certificates issued", async () => {
      const found = await new MailClients(running).resolver().resolveCaa(domain);
      expect(found.map(({ issue }) => issue)).toEqual([
        `pebble.letsencrypt.org; accounturi=${running.acme?.account}; validationmethods=http-01`,
      ]);
    });

    test("nothing is wrong, and nothing is left to do", async () => {
      const results = await verify(running);
      expect(formatReport(results)).toMatch(/All \d+ checks passed\./);
      expect(exitStatus(results)).toBe(0);
      await lab.configure(settings({ certificates: { acme, authority: await authority.issuingRoot() } }));
      await lab.up(["--expect-no-changes"]);
    });

    test("a name that leads elsewhere costs itself alone, and is added once it leads here", async () => {
      const name = `imap.${other}`;
      const notes = () => verify(running).then((results) => wrongIn(results));
      try {
        world.lead(name, "203.0.113.9");
        const { output } = await lab.operate("preview", []);
        expect(output).toContain(
          `maildomain:domains[1]: ${name}: the DNS says 203.0.113.9: removed from the certificates until it says ${lab.address} and \`up\` runs again`,
        );
        await lab.up();
        running = await lab.settled();
        await awaitCertificates(engine, running, new Report());
        expect(running.acme?.leftOut).toEqual([{ name, addresses: [lab.address] }]);
        expect(await namesOf("domain-example.net")).toEqual(names(other).filter((each) => each !== name));
        expect(await namesOf("domain-example.org")).toEqual(
          names(domain).filter((each) => each !== `mail.${domain}`),
        );
        expect((await notes()).get(`certificates.left-out.${name}`)).toBe("it leads to 203.0.113.9");
        // Nobody knows now, and nothing changes.
        world.isSilent = true;
        await lab.up(["--expect-no-changes"]);
        world.isSilent = false;
        world.forget(name);
        expect((await notes()).get(`certificates.left-out.${name}`)).toMatch(/^it leads here now/);
      } finally {
        world.isSilent = false;
        world.forget(name);
        await lab.up();
        running = await lab.settled();
        await awaitCertificates(engine, running, new Report());
      }
      expect(running.acme?.leftOut).toBeUndefined();
      expect(await namesOf("domain-example.net")).toEqual(names(other));
      await awaitShownCertificates(engine, running, new Report());
      // What else is wrong on a machine that is busy is not about names.
      const wrong = [...(await notes()).keys()].filter((id) => id.startsWith("certificates."));
      expect(wrong).toEqual([]);
    });

    test("a domain that is added: its MTA-STS policy is announced once its certificate is there", async () => {
      const certificates = { acme, authority: await authority.issuingRoot() };
      await lab.configure({ ...settings({ certificates }), domains: withAdded });
      const { output: preview } = await lab.operate("preview", ["--json"]);
      const ordered = reviewPreview(preview.slice(preview.indexOf("{"))).changes.filter(({ name }) =>
        name.endsWith(`${added} certificate`),
      );
      expect(ordered.map(({ name, kind, effect }) => `${kind} ${name}: ${effect}`)).toEqual(
        [`domain-${added}`, `web-${added}`].map((pair) =>
          expect.stringMatching(new RegExp(`^added ${pair} certificate: Ordered from .* for .*\\.${added}`)),
        ),
      );
      const checkout = await Checkouts.without(lab).make();
      try {
        const { status, output } = await lab.script(["up", "--stack", lab.stack], checkout);
        expect(unwrapped(output)).toContain(
          `domains[2].mtaSts: the record that announces the policy waits for the certificate of mta-sts.${added}`,
        );
        // On a busy machine the authority may have asked before the lab's name server had the domain: up says so, and ends.
        if (status !== 0) await afterPauses();
        await expect
          .poll(() => namesOf(`web-${added}`, "valid"), { ...polling, timeout: 420_000 })
          .toContain(`mta-sts.${added}`);
        const announced = "Publishing the records that were waiting for a certificate";
        if (status === 0) expect(output).toContain(announced);
        else if (!output.includes(announced)) await lab.up();
      } finally {
        await rm(checkout, { recursive: true, force: true });
        running = await lab.settled();
      }
      expect(running.acme?.awaited).toBeUndefined();
      const resolver = new MailClients(running).resolver();
      for (const each of [domain, added]) {
        expect((await resolver.resolveTxt(`_mta-sts.${each}`)).flat().join("")).toMatch(/^v=STSv1;/);
      }
      await lab.up(["--expect-no-changes"]);
    });

    test("the authority gets other contacts under the same account", async () => {
      const certificates = {
        acme: { ...acme, contact: ["hostmaster@example.org"] },
        authority: await authority.issuingRoot(),
      };
      const account = running.acme?.account;
      await lab.configure({ ...settings({ certificates }), domains: withAdded });
      await lab.up();
      running = await lab.settled();
      expect(running.acme?.account).toBe(account);
      await lab.up(["--expect-no-changes"]);
    });

    test("a renewal reaches every port; sessions stay open, keys and their records stay", async () => {
      const sessions = await openSessions();
      const before = new Map<TlsPort, X509Certificate>();
      for (const place of places()) before.set(place, await shownAt(place));
      const containers = await serverContainers();
      await using clock = await AgentClock.of(String(running.containers.certificateAgent));
      await clock.move(renewal);
      for (const [place, former] of before) {
        await expect
          // One that fails on a busy machine is tried again after five minutes.
          .poll(async () => (await shownAt(place)).serialNumber, { ...polling, timeout: 420_000 })
          .not.toBe(former.serialNumber);
        const renewed = await shownAt(place);
        expect(renewed.publicKey.equals(former.publicKey)).toBe(true);
        expect(renewed.subjectAltName).toBe(former.subjectAltName);
      }
      for (const session of sessions) await stillOpen(session);
      expect(await tlsa()).toEqual(records);
      expect(await serverContainers()).toEqual(containers);
    });

    test("an authority that is gone costs nothing until the certificate ends, and shows", async () => {
      await authority.end();
      const { certificateAgent } = running.containers;
      await using clock = await AgentClock.of(String(certificateAgent));
      await clock.move(nextRenewal);
      await expect
        .poll(async () => {
          const { certificates } = await agentState(engine, String(certificateAgent));
          return certificates.get("mail-server")?.state;
        }, polling)
        .toBe("failing");
      const results = await verify(running);
      const failed = results.filter(({ outcome }) => outcome.status === "failed").map(({ id }) => id);
      expect(failed).toContain("certificates.order.mail-server");
      const { outcome } = results.find(({ id }) => id === "certificates.order.mail-server") ?? {};
      expect(outcome?.seen).toMatch(/refused|network|next attempt/);
    });

    test("it moves back to the private authority, with the same keys, sessions and containers", async () => {
      const sessions = await openSessions();
      const containers = await serverContainers();
      await lab.configure({ ...settings({}), domains: withAdded });
      await lab.up();
      running = await lab.settled();
      expect(running.certificateIssuer).toBe("private");
      // What was ordered is still on the volume, and shown by nobody.
      for (const place of places()) {
        await expect.poll(() => issuerAt(place), polling).toMatch(`${domain} authority`);
      }
      expect(await serverContainers()).toEqual(containers);
      for (const session of sessions) await stillOpen(session);
      expect(await tlsa()).toEqual(records);
      await lab.up(["--expect-no-changes"]);
    });

    /** The agent pauses after a failure; its clock does not wait for that. */
    async function afterPauses(): Promise<void> {
      await using clock = await AgentClock.of(String(running.containers.certificateAgent));
      let passed = 0;
      const failingNow = async () => {
        passed += pause;
        await clock.move(passed);
        return failing();
      };
      await expect.poll(failingNow, { ...polling, interval: 2_000 }).toEqual([]);
    }

    /** The certificates whose last attempt has failed. */
    async function failing(): Promise<string[]> {
      const { certificates } = await agentState(engine, String(running.containers.certificateAgent));
      return [...certificates.values()].filter(({ state }) => state === "failing").map(({ name }) => name);
    }

    const names = (of: string) =>
      ["mail", "imap", "pop3", "smtp"].map((label) => `${label}.${of}`).toSorted();

    /** The names in the certificate that a pair has now. */
    async function namesOf(pair: string, state?: "valid"): Promise<string[] | undefined> {
      const { certificates } = await agentState(engine, String(running.containers.certificateAgent));
      const found = certificates.get(pair);
      return state === undefined || found?.state === state ? found?.names.toSorted() : undefined;
    }

    function wrongIn(results: Awaited<ReturnType<typeof verify>>): Map<string, string> {
      const wrong = results.filter(({ outcome }) => outcome.status !== "ok");
      return new Map(wrong.map(({ id, outcome }) => [id, outcome.seen]));
    }

    /** Lines are wrapped at the terminal's width. */
    const unwrapped = (output: string) => output.replaceAll(/\s+/g, " ");

    const polling = { timeout: 120_000, interval: 500 };

    /** Every port, under each name that clients use there. */
    function places(): TlsPort[] {
      const { https: port = 0 } = running.endpoint.ports;
      const { caCertificate } = running;
      const web = running.domains.flatMap(({ name }) =>
        ["mail", "autoconfig", "autodiscover", "mta-sts", "webmail"].map((label) => ({
          host: lab.address,
          port,
          security: "implicit" as const,
          serverName: `${label}.${name}`,
          caCertificate,
        })),
      );
      return [...running.domains.flatMap((each) => servicesOf(running, each)), ...web];
    }

    /** What a client that trusts the authority's root alone is shown. */
    async function shownAt(place: TlsPort): Promise<X509Certificate> {
      const socket = await openTls(place);
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      if (certificate === undefined) throw new Error(`nothing is shown on ${place.port}`);
      return certificate;
    }

    const issuerAt = (place: TlsPort) => shownAt(place).then(({ issuer }) => issuer, String);

    /** Connects again and again; one that fails has seen nobody. */
    function watchIssuers(place: TlsPort) {
      const issuers = new Set<string>();
      let isOver = false;
      const look = async () => {
        const socket = await openTls(place, { rejectUnauthorized: false });
        issuers.add(socket.getPeerX509Certificate()?.issuer ?? "");
        socket.destroy();
      };
      const done = (async () => {
        while (!isOver || issuers.size === 0) {
          await look().catch(() => undefined);
          await sleep(100);
        }
      })();
      return {
        async end(): Promise<ReadonlySet<string>> {
          isOver = true;
          await done;
          return issuers;
        },
      };
    }

    async function openSessions(): Promise<ImapFlow[]> {
      const clients = new MailClients(running);
      const sessions = Array.from({ length: 3 }, () => clients.imap(`ana@${domain}`, password));
      await Promise.all(sessions.map((session) => session.connect()));
      return sessions;
    }

    async function stillOpen(session: ImapFlow): Promise<void> {
      await session.noop();
      expect(session.usable).toBe(true);
      await session.logout();
    }

    /** Those that run, with the moment of their start: all but the agent, which exists with an authority alone. */
    async function serverContainers(): Promise<string[]> {
      const servers = containersOf(running).filter(({ role }) => role !== "certificateAgent");
      return Promise.all(servers.map(({ name }) => incarnation(name)));
    }

    /** The digests of the server's TLSA records. */
    async function tlsa(): Promise<string[]> {
      const found = await new MailClients(running).resolver().resolveTlsa(`_25._tcp.mail.${domain}`);
      return found.map(({ data }) => Buffer.from(data).toString("hex"));
    }
  },
);
