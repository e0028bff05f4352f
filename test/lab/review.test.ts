import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toMarkdown } from "../../review/markdown.ts";
import { previewFromEvents } from "../../review/preview-events.ts";
import { reviewPreview } from "../../review/review.ts";
import { Lab, type Settings } from "../kit/lab.ts";
import { savePreview } from "../kit/saved-preview.ts";
import { declared, provisioned, scenarios, transitions } from "../review/scenarios.ts";

const run = promisify(execFile);
const main = fileURLToPath(new URL("../../commands/main.ts", import.meta.url));

/** Outside a lab a stack says which certificates it wants: otherwise each preview has a warning. */
const inWorld = (settings: Settings): Settings => ({ certificates: { issuer: "private" }, ...settings });

/** Real previews: `-u` saves them again for the tests of `review/`. */
describe("review", () => {
  let lab: Lab;
  let secrets: readonly string[];
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "maildomain-review-"));
    lab = await Lab.create(inWorld(provisioned));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    // What holds mail stays when the stack is removed; the harness removes it by its name.
    await lab.takeDown([
      ...["identity", "mail-server-mailboxes", "mail-server-queue", "webmail-database"].map(
        (role) => `volume ${lab.prefix}-${role}`,
      ),
    ]);
  });

  async function preview(): Promise<string> {
    const log = join(folder, "events.json");
    const environment = { PULUMI_DEBUG_COMMANDS: "true" };
    const { status, output } = await lab.operate("preview", ["--json", "--event-log", log], environment);
    expect(status, output).toBe(0);
    // `npm run preview` reads the events of a preview for people.
    expect(reviewPreview(previewFromEvents(await readFile(log, "utf8")))).toEqual(reviewPreview(output));
    return output;
  }

  const saved = (text: string) => savePreview(text, { [lab.stack]: "company", [lab.address]: "192.0.2.25" });

  test("a stack that is not there yet: all of it comes, and whom nobody trusts is a risk", async () => {
    const text = await preview();
    await lab.up();
    const { passwords } = await lab.outputs();
    secrets = [...Object.values(passwords), declared.before, declared.after];
    expect(reviewPreview(text).risks.map(({ id }) => id)).toEqual(["private-authority"]);
    await expect(saved(text)).toMatchFileSnapshot("../review/previews/first.json");
  });

  async function reviewed(name: string, settings: Settings): Promise<void> {
    await lab.configure(inWorld(settings));
    const text = await preview();
    await expect(saved(text)).toMatchFileSnapshot(`../review/previews/${name}.json`);

    for (const password of Object.values(declared)) expect(text).not.toContain(password);
    const review = reviewPreview(text);
    for (const output of [toMarkdown(review, lab.stack), JSON.stringify(review)]) {
      for (const secret of secrets) expect(output).not.toContain(secret);
      expect(output).not.toMatch(/\$argon2|PRIVATE KEY|BEGIN CERTIFICATE|encryptionsalt|ciphertext/);
    }
  }

  test.each(Object.entries(scenarios))("%s: as saved, and without a secret", reviewed);

  test("the command: exit status 1 for a risk that is there, 0 for one that is not", async () => {
    await lab.configure(inWorld(scenarios.mailboxes));
    const file = join(folder, "preview.json");
    await writeFile(file, await preview());
    const call = (gate: string) =>
      run(process.execPath, [main, "review", "--preview", file, "--fail-on", gate]).then(
        () => 0,
        ({ code }: { code: number }) => code,
      );
    expect(await call("mailbox-removed")).toBe(1);
    expect(await call("volume-deleted,port-changed")).toBe(0);
    expect(await call("no-such-risk")).toBe(2);
    await writeFile(file, "{");
    expect(await call("volume-deleted")).toBe(2);
  });

  test("the command asks the DNS whether somebody else's record stands where a new one is to come", async () => {
    const { endpoint } = await lab.outputs();
    const parts = (type: string) => `urn:pulumi:company::maildomain::${type}::example.org`;
    const record = { name: "example.org", type: "MX", ttl: 3600, content: "mx.example.net", priority: 5 };
    const steps = [
      {
        op: "same",
        urn: parts("maildomain:index:CloudflareZone"),
        newState: { inputs: { domain: "example.org" } },
      },
      { op: "create", urn: parts("cloudflare:index/dnsRecord:DnsRecord"), newState: { inputs: record } },
    ];
    const file = join(folder, "preview.json");
    await writeFile(file, JSON.stringify({ steps }));
    const review = (resolver: string) =>
      run(process.execPath, [main, "review", "--preview", file, "--json", "--resolver", resolver]).then(
        ({ stdout }) => JSON.parse(stdout) as ReturnType<typeof reviewPreview>,
      );
    const { risks, unknown } = await review(`${lab.address}:${endpoint.ports.dns}`);
    expect(risks).toEqual([
      {
        id: "record-not-ours",
        name: "example.org MX",
        reason:
          "10 mail.example.org exists, is not this stack's, and stays: mail would be delivered to either server. npm run adopt shows what to do.",
      },
    ]);
    expect(unknown).toEqual([]);
    // Where nobody answers, that is reported, and nothing counts as passed.
    const deaf = await review(`${lab.address}:1`);
    expect(deaf.risks).toEqual([]);
    expect(deaf.unknown).toEqual([expect.stringContaining("the DNS did not answer")]);
  });

  // The last ones: they bring the stack further.
  test.each(Object.entries(transitions))(
    "%s: as saved, and without a secret",
    async (name, { before, after }) => {
      await lab.configure(inWorld(before));
      await lab.up();
      await reviewed(name, after);
    },
  );
});
