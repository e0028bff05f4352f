import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awaitCertificates, awaitShownCertificates } from "../../commands/await-certificates.ts";
import { DockerEngine } from "../../engine/docker-engine.ts";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { Report } from "../../toolchain/report.ts";
import type { Result } from "../../verify/check.ts";
import { query, resolverAt } from "../../verify/probes/dns.ts";
import { exitStatus, formatReport } from "../../verify/report.ts";
import { verify } from "../../verify/verify.ts";
import { AcmeAuthority, hasPebble } from "../kit/acme-authority.ts";
import { bridgeAddress, docker } from "../kit/engine.ts";
import { Lab, type Settings } from "../kit/lab.ts";
import { isOpen } from "../kit/open-port.ts";

/**
 * A first `up` with certificates by ACME, and no web server: the agent answers on the host's port 80 itself. Then that port is
 * closed, and a further domain is proved by records that stay.
 */
describe.skipIf(!hasPebble)(
  "a first up by ACME (skipped without Pebble, which Go or its proxy lacks)",
  () => {
    let lab: Lab;
    let authority: AcmeAuthority;

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
    async function up(domains: readonly string[], method: object): Promise<RunningStack> {
      const { directory, root: roots } = authority;
      const acme = { directory, agreeToTerms: true, roots, ...method };
      const certificates = { acme, authority: await authority.issuingRoot() };
      await lab.configure(settings(domains, { certificates }));
      await lab.up();
      const running = await lab.settled();
      const report = new Report();
      const engine = new DockerEngine(undefined);
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
  },
);
