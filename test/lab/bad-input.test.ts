import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
