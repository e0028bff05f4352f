import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Checkouts } from "../kit/checkout.ts";
import { documentMailboxes, documentSettings } from "../kit/document-lab.ts";
import { objectsOf } from "../kit/engine.ts";
import { Lab } from "../kit/lab.ts";

/** Through the real CLI: one clear error, and nothing made. The schema's own tests have the rest of the table. */
describe("bad input", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create(documentSettings());
  });
  afterAll(async () => {
    await lab.takeDown();
  });

  /** What a command says, without what differs from run to run. */
  async function refusal(command: "preview" | "up", environment: NodeJS.ProcessEnv = {}): Promise<string> {
    const args = command === "up" ? ["--yes", "--skip-preview"] : [];
    const { status, output } = await lab.operate(command, args, environment);
    expect(status, output).not.toBe(0);
    expect(await objectsOf(lab.prefix)).toEqual([]);
    expect(output).not.toMatch(/^\s+at .*:\d+:\d+/m);
    return output;
  }

  test("all problems of a stack file at once, each with its path", async () => {
    await lab.configure({
      lab: true,
      legacyPort: true,
      hostName: "not a name",
      ports: { imaps: 70_000, smtp: 465 },
      domains: [
        {
          name: "vaamonde..pti",
          mailboxes: [...documentMailboxes, { name: "Vaamonde", quota: "5 GB" }, { name: "a b" }],
          aliases: [{ name: "denisnovais", to: ["vaamonde@vaamonde.pti"] }],
        },
      ],
    });
    const output = await refusal("preview");
    for (const expected of [
      /legacyPort: .*did you mean "legacyPorts"/,
      /hostName: /,
      /ports\.imaps: .*65535/,
      /ports\.(smtp|submissions): .*465/,
      /domains\[0\]\.name: /,
      /domains\[0\]\.mailboxes\[8\](\.name)?: .*vaamonde/i,
      /domains\[0\]\.mailboxes\[8\]\.quota: .*5 GB/,
      /domains\[0\]\.mailboxes\[9\]\.name: .*a b/,
      /domains\[0\]\.aliases\[0\](\.name)?: .*denisnovais/,
      /nothing has been changed/,
    ]) {
      expect(output).toMatch(expected);
    }
  });

  test("a weak password outside of a lab, and `up` makes nothing", async () => {
    await lab.configure({ ...documentSettings([{ name: "ana", password: "123456" }]), lab: false });
    const output = await refusal("up");
    expect(output).toMatch(/domains\[0\]\.mailboxes\[0\]\.password: /);
    expect(output).not.toContain("123456");
  });

  test("a password in plain text outside of a lab, with the line that encrypts it", async () => {
    const settings = {
      ...documentSettings([{ name: "ana", password: "correct horse battery" }]),
      lab: false,
      certificates: { issuer: "private" },
    };
    await lab.configure({ ...settings, lab: true });
    const file = JSON.parse(await readFile(lab.file, "utf8"));
    file.config["maildomain:lab"] = false;
    await lab.writeConfigFile(JSON.stringify(file));
    const output = await refusal("up");
    expect(output).toContain(
      `domains[0].mailboxes[0].password: is in plain text, which only a lab's file may hold: encrypt it with \`npx pulumi config set --secret --path 'maildomain:domains[0].mailboxes[0].password' --stack ${lab.stack}\``,
    );
    expect(output).not.toContain("correct horse");
    await lab.configure(settings);
    const encrypted = await lab.operate("preview");
    expect(encrypted.status, encrypted.output).toBe(0);
  });

  test("no command changes the stack file, whatever opens the state", async () => {
    const checkout = await Checkouts.without(lab).make();
    try {
      const file = join(checkout, `stacks/Pulumi.${lab.stack}.yaml`);
      const text = `# As a person writes it.
config:
  maildomain:lab: true
  maildomain:address: ${lab.address}
  maildomain:domains:
    - { name: vaamonde.pti,   mailboxes: [{name: ana}] }   # one mailbox
`;
      await rm(file);
      await writeFile(file, text);
      const { status, output } = await lab.script(["preview", "--stack", lab.stack], checkout);
      expect(status, output).toBe(0);
      expect(await readFile(file, "utf8")).toBe(text);
    } finally {
      await rm(checkout, { recursive: true });
    }
  });

  test("YAML that does not parse", async () => {
    await lab.writeConfigFile("config:\n  maildomain:domains: [\n");
    expect(await refusal("preview")).toMatch(/yaml|could not .*(parse|unmarshal|decode)/i);
  });

  test("a port in use, with the setting that moves it", async () => {
    await lab.configure(documentSettings());
    const other = createServer().listen(993, lab.address);
    await once(other, "listening");
    try {
      const output = await refusal("up");
      expect(output).toContain(`maildomain:ports.imaps: port 993 on ${lab.address} is already used`);
    } finally {
      other.close();
    }
  });

  test("a passphrase that does not open the state", async () => {
    await lab.configure(documentSettings());
    expect(await refusal("preview", { PULUMI_CONFIG_PASSPHRASE: "another one" })).toMatch(
      /incorrect passphrase/i,
    );
  });
});
