import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awaitCertificates, awaitShownCertificates } from "../../commands/await-certificates.ts";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { Report } from "../../toolchain/report.ts";
import { exitStatus, formatReport } from "../../verify/report.ts";
import { verify } from "../../verify/verify.ts";
import { AcmeAuthority, hasPebble } from "../kit/acme-authority.ts";
import { bridgeAddress } from "../kit/engine.ts";
import { Lab, type Settings } from "../kit/lab.ts";

/** A first `up` with certificates by ACME, and no web server: the agent answers on the host's port 80 itself. */
describe.skipIf(!hasPebble)(
  "a first up by ACME (skipped without Pebble, which Go or its proxy lacks)",
  () => {
    let lab: Lab;
    let authority: AcmeAuthority;

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
      authority = await AcmeAuthority.start({ address, names: [address], resolver: `${lab.address}:53` });
    });
    afterAll(async () => {
      await authority?.[Symbol.asyncDispose]();
      await lab.takeDown();
    });

    test("each name has its certificate when it ends, and the next one changes nothing", async () => {
      const acme = { directory: authority.directory, agreeToTerms: true, roots: authority.root };
      const certificates = { acme, authority: await authority.issuingRoot() };
      await lab.configure(settings({ certificates }));
      await lab.up();
      const running = await lab.settled();
      const report = new Report();
      const engine = new DockerEngine(undefined);
      await awaitCertificates(engine, running, report);
      await awaitShownCertificates(engine, running, report);
      const results = await verify(running);
      expect(formatReport(results)).toMatch(/All \d+ checks passed\./);
      expect(exitStatus(results)).toBe(0);
      await lab.up(["--expect-no-changes"]);
    });
  },
);
