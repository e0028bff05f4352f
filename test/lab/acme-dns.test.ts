import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awaitCertificates, awaitShownCertificates } from "../../commands/await-certificates.ts";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { agentState } from "../../outputs/certificate-agent.ts";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { Report } from "../../toolchain/report.ts";
import { query, resolverAt } from "../../verify/probes/dns.ts";
import { exitStatus, formatReport } from "../../verify/report.ts";
import { verify } from "../../verify/verify.ts";
import { AcmeAuthority, hasPebble } from "../kit/acme-authority.ts";
import { AgentClock } from "../kit/agent-clock.ts";
import { fieldsOf } from "../kit/arrived-mail.ts";
import { bridgeAddress, docker } from "../kit/engine.ts";
import { FollowingResolver } from "../kit/following-resolver.ts";
import { Lab, type Settings } from "../kit/lab.ts";
import { MailClients } from "../kit/mail-clients.ts";
import { isOpen } from "../kit/open-port.ts";

const zone = "acme.example.com";
/** In days, like all that follows. */
const lifetime = 90;
/** By the agent's clock: after two thirds of it. */
const renewal = 70;
/** Each is another attempt of the renewal after that; less than half of the last third is left at the end. */
const laterAttempts = [72, 74, 76, 78, 80];

/** A first `up` whose names are proved in the DNS: no port is opened for it, and the stack's own name server has the zone. */
describe.skipIf(!hasPebble)(
  "certificates by ACME without port 80 (skipped without Pebble, which Go or its proxy lacks)",
  () => {
    let lab: Lab;
    let resolver: FollowingResolver;
    let authority: AcmeAuthority;
    let running: RunningStack;
    const engine = new DockerEngine(undefined);

    const settings = (more: Settings): Settings => ({
      lab: true,
      web: { enabled: false },
      domains: ["example.org", "example.net"].map((name) => ({
        name,
        mailboxes: [{ name: "ana", password: "123456" }],
      })),
      ...more,
    });

    beforeAll(async () => {
      lab = await Lab.create(settings({}));
      const address = await bridgeAddress();
      resolver = await FollowingResolver.start({ address: lab.address, port: 53 });
      authority = await AcmeAuthority.start({
        address,
        names: [address],
        resolver: resolver.address,
        // Nothing of the lab is asked over HTTP.
        httpPort: 1,
        profiles: { default: lifetime * 86_400 },
        reusedAuthorizations: 0,
      });
      const acme = {
        directory: authority.directory,
        agreeToTerms: true,
        roots: authority.root,
        dns: { zone },
      };
      await lab.configure(settings({ certificates: { acme, authority: await authority.issuingRoot() } }));
      await lab.up();
      running = await lab.settled();
    });
    afterAll(async () => {
      await authority?.[Symbol.asyncDispose]();
      await resolver?.[Symbol.asyncDispose]();
      await lab.takeDown();
    });

    test("each name has its certificate, and nothing answers on port 80", async () => {
      const report = new Report();
      await awaitCertificates(engine, running, report);
      await awaitShownCertificates(engine, running, report);
      expect(running.acme?.challengeZone).toBe(zone);
      expect(running.endpoint.ports.http).toBeUndefined();
      expect(await docker("port", String(running.containers.certificateAgent))).toBe("");
      expect(await isOpen(lab.address, 80)).toBe(false);
    });

    test("records say how names are proved, and where", async () => {
      const server = resolverAt(lab.address);
      const at = (name: string, type: string) =>
        query(server, name, type).then(({ records }) => records.map(({ content }) => content));
      expect(await at("_acme-challenge.imap.example.net", "CNAME")).toEqual([`imap.example.net.${zone}`]);
      expect(await at("_acme-challenge.mail.example.org", "CNAME")).toEqual([`mail.example.org.${zone}`]);
      expect(await at("example.org", "CAA")).toEqual([
        `0 issue "pebble.letsencrypt.org; accounturi=${running.acme?.account}; validationmethods=dns-01"`,
      ]);
    });

    test("all checks pass, and the next up changes nothing", async () => {
      const results = await verify(running);
      expect(formatReport(results)).toMatch(/All \d+ checks passed\./);
      expect(exitStatus(results)).toBe(0);
      await lab.up(["--expect-no-changes"]);
    });

    test("it renews so, too", async () => {
      const agent = String(running.containers.certificateAgent);
      const serials = async () =>
        [...(await agentState(engine, agent)).certificates.values()].map(({ name, serial, state }) => ({
          name,
          serial,
          state,
        }));
      const before = await serials();
      expect(before.map(({ name }) => name).toSorted()).toEqual([
        "domain-example.net",
        "domain-example.org",
        "mail-server",
      ]);
      await using clock = await AgentClock.of(agent);
      await clock.move(renewal);
      await expect
        .poll(
          async () => {
            const now = await serials();
            return before.map((former) => {
              const next = now.find(({ name }) => name === former.name);
              return next?.state === "valid" && next.serial !== former.serial;
            });
          },
          // One that fails on a busy machine is tried again after five minutes.
          { timeout: 420_000, interval: 500 },
        )
        .toEqual([true, true, true]);
    });

    test("an authority that is gone is reported by mail, once, before a certificate ends", async () => {
      await authority.end();
      const agent = String(running.containers.certificateAgent);
      const failures = async () =>
        [...(await agentState(engine, agent)).certificates.values()].map(({ failures: each }) => each ?? 0);
      await using clock = await AgentClock.of(agent);
      for (const [former, days] of laterAttempts.entries()) {
        await clock.move(days);
        await expect.poll(async () => Math.min(...(await failures()))).toBeGreaterThan(former);
      }
      const reports = async () => {
        const mails = await new MailClients(running).inbox("ana@example.org", "123456");
        return mails.filter((mail) => fieldsOf(mail, "From").join().includes("certificate-agent.internal"));
      };
      const subjects = async () => (await reports()).flatMap((mail) => fieldsOf(mail, "Subject"));
      const soon = "mail.example.org: a certificate expires soon, and there is no new one";
      await expect.poll(subjects, { timeout: 300_000, interval: 1000 }).toContain(soon);
      const report = (await reports()).find((mail) => fieldsOf(mail, "Subject").join() === soon);
      expect(fieldsOf(report ?? Buffer.alloc(0), "Auto-Submitted")).toEqual(["auto-generated"]);
      expect(String(report)).toMatch(
        /^Certificate: (mail-server|domain-example\.(org|net)), for \S+\.example\.(org|net)/m,
      );
      expect(String(report)).toMatch(/^What to do: {2}\S/m);
      const found = await subjects();
      // At most one of each kind for each certificate, after five attempts.
      for (const subject of new Set(found)) {
        expect(found.filter((each) => each === subject).length).toBeLessThanOrEqual(3);
      }
    });
  },
);
