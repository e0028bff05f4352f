import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { adopt } from "../../commands/adopt.ts";
import { CloudflareStandIn } from "../cloudflare/stand-in.ts";

let standIn: CloudflareStandIn;
let zone: string;
let folder: string;
beforeEach(async () => {
  // The checkout's own state.
  vi.stubEnv("PULUMI_BACKEND_URL", "");
  standIn = await CloudflareStandIn.start();
  zone = standIn.addZone("example.org");
  folder = mkdtempSync(join(tmpdir(), "maildomain-adopt-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
  await standIn[Symbol.asyncDispose]();
});

/** No stack of this name is in any state. */
const stack = "not-provisioned";

function run(token: string | undefined, json = false) {
  const config = {
    ...(token === undefined ? {} : { "cloudflare:apiToken": token }),
    "cloudflare:baseUrl": standIn.baseUrl,
    "maildomain:publicAddresses": { ipv4: "192.0.2.25" },
    "maildomain:domains": [
      { name: "example.org", dns: "cloudflare", cloudflareZone: zone, mailboxes: [{ name: "ana" }] },
    ],
  };
  const file = { name: `stacks/Pulumi.${stack}.yaml`, text: JSON.stringify({ config }) };
  return adopt(stack, file, { takeOver: new Set(), out: join(folder, "a", "import.json"), json });
}

test("nothing to import: no file is written, and all of it is well", async () => {
  const { status, output } = await run(standIn.addToken());
  expect(status).toBe(0);
  expect(output).toMatch(
    /^example\.org \(Cloudflare zone [0-9a-f]{32}\): 0 to import, 0 in conflict, 2\d to create, 0 left alone/,
  );
  expect(output).toMatch(/\nThere is nothing to import\.\n$/);
  expect(existsSync(join(folder, "a"))).toBe(false);
});

test("a file for the import, and the words that use it; 1 where something conflicts", async () => {
  const records = standIn.records(zone);
  records.create({ type: "MX", name: "@", content: "mail.example.org", priority: 10 });
  const { status, output } = await run(standIn.addToken());
  expect(status).toBe(0);
  const [, file = ""] =
    /pulumi import --stack not-provisioned --file (\S+) --protect=false/.exec(output) ?? [];
  expect(file).toMatch(/import\.json$/);
  expect(readFileSync(join(folder, "a", "import.json"), "utf8")).toContain('"name": "example.org-zone-mx"');

  records.create({ type: "MX", name: "@", content: "mx.old.example", priority: 20 });
  const json = await run(standIn.addToken(), true);
  expect(json.status).toBe(1);
  const { version, importFile, zones } = JSON.parse(json.output);
  expect({ version, importFile }).toEqual({ version: 1, importFile: file });
  expect(zones[0].comparison.conflicts[0].live[0].content).toBe("20 mx.old.example");
});

test("a stack that has nothing at Cloudflare", async () => {
  const config = { "maildomain:domains": [{ name: "example.org", mailboxes: [{ name: "ana" }] }] };
  const file = { name: "x", text: JSON.stringify({ config }) };
  await expect(adopt(stack, file, { takeOver: new Set(), out: folder, json: false })).rejects.toThrow(
    "No domain of stack not-provisioned has dns: cloudflare; there is nothing to adopt.",
  );
});

test("a token comes from the stack file, then from the environment; without one that is the error", async () => {
  vi.stubEnv("CLOUDFLARE_API_TOKEN", standIn.addToken());
  expect((await run(undefined)).status).toBe(0);
  await expect(run("0".repeat(40))).rejects.toThrow(
    /^cloudflare:apiToken: Cloudflare does not know this token/,
  );
  vi.stubEnv("CLOUDFLARE_API_TOKEN", "");
  await expect(run(undefined)).rejects.toThrow(
    /^cloudflare:apiToken: is missing: .*pulumi config set --secret/,
  );
});
