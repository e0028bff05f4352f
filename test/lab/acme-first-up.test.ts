import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awaitCertificates, awaitShownCertificates } from "../../commands/await-certificates.ts";
import { DockerEngine } from "../../engine/docker-engine.ts";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { Report } from "../../toolchain/report.ts";
import type { Result } from "../../verify/check.ts";
import { query, resolverAt } from "../../verify/probes/dns.ts";
import { openTls } from "../../verify/probes/tls.ts";
import { exitStatus, formatReport } from "../../verify/report.ts";
import { verify } from "../../verify/verify.ts";
import { AcmeAuthority, hasPebble } from "../kit/acme-authority.ts";
import { AgentClock } from "../kit/agent-clock.ts";
import { bridgeAddress, docker } from "../kit/engine.ts";
import { Lab, type Settings } from "../kit/lab.ts";
import { MailClients } from "../kit/mail-clients.ts";
import { isOpen } from "../kit/open-port.ts";

/** Of the stack's records, in seconds. */
const ttl = 3600;
/** RFC 5280 section 5.3.1. */
const keyCompromise = 1;

/**
 * A first `up` with certificates by ACME, and no web server: the agent answers on the host's port 80 itself. Then that port is
 * closed, a further domain is proved by records that stay, and the server's key leaks.
 */
describe.skipIf(!hasPebble)(
  "a first up by ACME (skipped without Pebble, which Go or its proxy lacks)",
  () => {
    let lab: Lab;
    let authority: AcmeAuthority;
    const engine = new DockerEngine(undefined);

    const settings = (domains: readonly string[], more: Settings): Settings => ({
      lab: true,
      web: { enabled: false },
      domains: domains.map((name) => ({ name, mailboxes: [{ name: "ana", password: "123456" }] })),
      ...more,
    });

    beforeAll(async () => {
      lab = await Lab.create(settings(["example.org"], {}));
      const address = await bridgeAddress();
      authority = await AcmeAuthority.start({ address, names: [address], resolver: `${lab.address}:53` });
    });
    afterAll(async () => {
      await authority?.[Symbol.asyncDispose]();
      await lab.takeDown();
    });

    /** An `up`, until each certificate is there and shown. */
    async function up(
      domains: readonly string[],
      method: object,
      more: Settings = {},
    ): Promise<RunningStack> {
      const { directory, root: roots } = authority;
      const acme = { directory, agreeToTerms: true, roots, ...method };
      const certificates = { acme, authority: await authority.issuingRoot() };
      await lab.configure(settings(domains, { certificates, ...more }));
      await lab.up();
      const running = await lab.settled();
      const report = new Report();
      await awaitCertificates(engine, running, report);
      await awaitShownCertificates(engine, running, report);
      return running;
    }

    async function allChecksPass(running: RunningStack): Promise<readonly Result[]> {
      const results = await verify(running);
      expect(formatReport(results)).toMatch(/All \d+ checks passed\./);
      expect(exitStatus(results)).toBe(0);
      return results;
    }

    test("each name has its certificate when it ends, and the next one changes nothing", async () => {
      await allChecksPass(await up(["example.org", "example.net"], {}));
      await lab.up(["--expect-no-changes"]);
    });

    test("by records that stay, a further domain has its certificate without port 80 and without a key to a zone", async () => {
      const running = await up(["example.org", "example.net", "example.edu"], { dnsPersist: true });
      expect(running.endpoint.ports.http).toBeUndefined();
      const agent = String(running.containers.certificateAgent);
      expect(await docker("port", agent)).toBe("");
      expect(await isOpen(lab.address, 80)).toBe(false);
      const files = await docker("exec", agent, "ls", "/run/maildomain/current/certificate-agent");
      // Requests, and the account's key: nothing that changes a zone.
      expect(files.split("\n").filter((name) => !name.endsWith(".csr"))).toEqual([
        "account.pem",
        "orders.json",
        "roots.pem",
      ]);

      const account = `pebble.letsencrypt.org; accounturi=${running.acme?.account}`;
      const at = async (name: string, type: string): Promise<string[]> => {
        const { records } = await query(resolverAt(lab.address), name, type);
        return records.map(({ content }) => content);
      };
      for (const name of ["imap.example.edu", "mail.example.org", "smtp.example.net"]) {
        expect(await at(`_validation-persist.${name}`, "TXT")).toEqual([account]);
      }
      expect(await at("example.edu", "CAA")).toEqual([
        `0 issue "${account}; validationmethods=dns-persist-01"`,
      ]);
      expect((await allChecksPass(running)).map(({ outcome }) => outcome)).toContainEqual(
        expect.objectContaining({ seen: expect.stringContaining("(DNS-PERSIST-01)") }),
      );
      await lab.up(["--expect-no-changes"]);
    });

    test("a server's key that has leaked is followed by another one, whose TLSA record others know; its certificate is revoked", async () => {
      const domains = ["example.org", "example.net", "example.edu"];
      const withKeys = (...serverKeys: object[]) => up(domains, { dnsPersist: true }, { serverKeys });
      let running = await withKeys({ name: "key1" }, { name: "key2", stage: "published" });
      const former = await shown(running);
      const records = await tlsa(running);
      expect(records).toHaveLength(2);
      expect(records).toContain(former.key);

      await lab.letPass(ttl);
      running = await withKeys(
        { name: "key1", stage: "retired", leaked: true },
        { name: "key2", stage: "serving" },
      );
      const next = await shown(running);
      expect(records.toSorted()).toEqual([former.key, next.key].toSorted());
      expect((await tlsa(running)).toSorted()).toEqual(records.toSorted());
      expect(await authority.statusOf(next.serial)).toMatchObject({ status: "Valid" });
      {
        // Servers are left a minute to take the next one.
        await using clock = await AgentClock.of(String(running.containers.certificateAgent));
        await clock.move(2 / (24 * 60));
        await expect
          .poll(() => authority.statusOf(former.serial), { timeout: 120_000, interval: 500 })
          .toEqual({ status: "Revoked", reason: keyCompromise });
      }
      expect(await shown(running)).toEqual(next);
      await allChecksPass(running);

      await lab.letPass(ttl);
      running = await withKeys({ name: "key2" });
      expect(await tlsa(running)).toEqual([next.key]);
      expect(await shown(running)).toEqual(next);
    });

    /** What a client that trusts the authority alone is shown, and a sending server that knows the key by DANE. */
    async function shown({ endpoint, caCertificate }: RunningStack) {
      const place = { host: lab.address, port: endpoint.ports.imaps, serverName: "mail.example.org" };
      const socket = await openTls({ ...place, security: "implicit", caCertificate });
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      if (certificate === undefined) throw new Error("no certificate is shown");
      const spki = certificate.publicKey.export({ type: "spki", format: "der" });
      return {
        key: createHash("sha256").update(spki).digest("hex"),
        serial: certificate.serialNumber.toLowerCase(),
      };
    }

    async function tlsa(running: RunningStack): Promise<string[]> {
      const found = await new MailClients(running).resolver().resolveTlsa("_25._tcp.mail.example.org");
      return found.map(({ data }) => Buffer.from(data).toString("hex"));
    }
  },
);
