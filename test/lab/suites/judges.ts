import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { judgesFolder } from "../../../toolchain/judges.ts";
import { domain } from "../../kit/document-lab.ts";
import type { Current } from "./current.ts";

const folder = judgesFolder();
const validator = fileURLToPath(new URL("../../kit/judges/dnssec.py", import.meta.url));

/** The published zone, as others' programs judge it. */
export function judgesSuite(current: Current): void {
  describe.skipIf(!existsSync(folder))(
    "dnspython validates from the DS output (skipped without PyPI)",
    () => {
      const validate = async (ds: string, questions: readonly [string, string][]) => {
        const { address, ports } = current().running.endpoint;
        const place = [address, String(ports.dns), domain, ds];
        return JSON.parse(await python([validator, ...place], JSON.stringify(questions)));
      };
      const signed = () => {
        const [zone] = current().running.zones;
        if (zone?.ds == null) throw new Error("the first zone has no DS output");
        return { records: zone.records, ds: zone.ds };
      };

      test("every record of the plan", async () => {
        const { records, ds } = signed();
        const questions = records.map(({ name, type }): [string, string] => [name, type]);
        const verdicts: [string, string, string][] = await validate(ds, questions);
        expect(verdicts).toEqual(questions.map((question) => [...question, "valid"]));
      });

      test("nothing, from another DS", async () => {
        const other = signed().ds.replace(/.{8}$/, "00000000");
        expect(await validate(other, [[domain, "MX"]])).toEqual([
          [domain, "DNSKEY", "no key of the zone is the one of the DS"],
        ]);
      });
    },
  );

  test.skipIf(!existsSync(folder))(
    "checkdmarc finds nothing to complain of (skipped without PyPI)",
    async () => {
      const { endpoint } = current().running;
      // It knows no port of a name server but 53.
      expect(endpoint.ports.dns).toBe(53);
      const program = join(folder, "bin/checkdmarc");
      const found = JSON.parse(
        await python([program, domain, "--nameserver", endpoint.address, "--skip-tls"]),
      );
      const { spf, dmarc, mx, smtp_tls_reporting: reporting } = found;
      expect({
        spf: spf.warnings,
        dmarc: dmarc.warnings,
        mx: mx.warnings,
        reporting: reporting.warnings,
      }).toEqual({
        spf: [],
        dmarc: [],
        mx: [],
        reporting: [],
      });
      expect([spf.valid, dmarc.valid, reporting.valid]).toEqual([true, true, true]);
      expect(spf.dns_lookups).toBeLessThanOrEqual(10);
      expect(mx.hosts.map(({ tlsa }: { tlsa: string[] }) => tlsa.length)).toEqual([1]);
    },
  );
}

async function python(args: readonly string[], input = ""): Promise<string> {
  const child = spawn("python3", args, { env: { ...process.env, PYTHONPATH: folder } });
  child.stdin.end(input);
  const [output, errors, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  if (status !== 0) throw new Error(`python3 ${args[0]} ended with ${status}:\n${errors}`);
  return output;
}
