import { rm } from "node:fs/promises";
import { delimiter, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentSettings } from "../kit/document-lab.ts";
import { Lab, type Outcome, type Settings } from "../kit/lab.ts";
import { isWithoutPacks, makePolicyScripts, olderPack } from "../kit/older-policy-pack.ts";

const certificates = { certificates: { issuer: "private" } };

describe("the policy pack in the real engine", () => {
  let lab: Lab;
  let scripts: string;

  beforeAll(async () => {
    lab = await Lab.create(documentSettings());
    scripts = await makePolicyScripts();
  });

  afterAll(async () => {
    await rm(scripts, { recursive: true });
    await lab.takeDown();
  });

  async function previewOf(settings: Settings): Promise<Outcome> {
    await lab.configure(settings);
    const outcome = await lab.operate("preview", ["--policy-pack", "policy"]);
    if (!isWithoutPacks(outcome)) return outcome;
    const path = [scripts, resolve("node_modules/.bin"), process.env.PATH].join(delimiter);
    return lab.operate("preview", ["--policy-pack", olderPack], { PATH: path });
  }

  test("lets the course exercise's lab through", async () => {
    const { status, output } = await previewOf(documentSettings());
    expect(status, output).toBe(0);
    expect(output).toMatch(/✅ maildomain@v/);
    expect(output).not.toMatch(/advisory|mandatory/);
  });

  test("stops a company's stack that opens the old ports, before anything is made", async () => {
    const { status, output } = await previewOf({
      ...certificates,
      legacyPorts: true,
      domains: [{ name: "example.org", mailboxes: [{ name: "ana" }] }],
    });
    const found = [...output.matchAll(/\[(?:mandatory|advisory)\] +(\S+) +\((.*)\)/g)].map((match) =>
      match.slice(1).join(" "),
    );
    expect(new Set(found)).toEqual(
      new Set(["no-plain-text-port docker:index:Container: mail-server-container"]),
    );
    expect(output).toContain("POP3 is open on 110: set maildomain:legacyPorts to false");
    expect(status).not.toBe(0);
  });

  test("lets the same stack through without them", async () => {
    const { status, output } = await previewOf({
      ...certificates,
      domains: [{ name: "example.org", mailboxes: [{ name: "ana" }] }],
    });
    expect(status, output).toBe(0);
    expect(output).toMatch(/✅ maildomain@v/);
    expect(output).not.toMatch(/advisory|mandatory/);
  });
});
