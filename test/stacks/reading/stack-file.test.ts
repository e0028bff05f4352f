import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { refusePlaceholders } from "../../../commands/pulumi.ts";
import { planRecords } from "../../../records/index.ts";
import { describeKnownRecords } from "../../../stacks/program/zones.ts";
import { parseStackFile, secret } from "../../../stacks/reading/stack-file.ts";

const folder = new URL("../../../stacks/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");
/** As they are delivered: one that somebody has made their own, with a secret of theirs, is nobody else's to judge. */
const examples = readdirSync(folder).filter((name) => name.endsWith(".yaml") && isExample(read(name)));

function isExample(text: string): boolean {
  const secrets = text.match(/secure: "?\S+/g) ?? [];
  return secrets.length > 0 && secrets.every((each) => each.includes("placeholder:"));
}

test("a stack file that is somebody's own is none of the examples", () => {
  expect(isExample("config:\n  cloudflare:apiToken:\n    secure: v1:abc:def\n")).toBe(false);
  expect(isExample("config:\n  maildomain:lab: true\n")).toBe(false);
});

describe.skipIf(examples.length === 0).each(examples)("%s", (name) => {
  test("is a stack, and its records can be published", () => {
    const { settings } = parseStackFile(name, read(name));
    expect(planRecords(describeKnownRecords(settings)).groups.length).toBeGreaterThan(0);
  });

  test("has no secret in it, and says so before the CLI stumbles over what stands for one", () => {
    const secrets = [...read(name).matchAll(/secure: "?(.*?)"?$/gm)].map(([, value = ""]) => value);
    const stack = name.split(".")[1];
    const commands = secrets.map((value) => {
      expect(value).toMatch(new RegExp(`^placeholder: npx pulumi config set --secret .* --stack ${stack}$`));
      return value.replace("placeholder: ", "");
    });
    let refusal = "";
    try {
      refusePlaceholders(name, read(name));
    } catch (error) {
      refusal = (error as Error).message;
    }
    expect(refusal.split("\n").slice(1)).toEqual(commands.map((command) => `  ${command}`));
  });
});

const worked = ["Pulumi.production.yaml", "Pulumi.staging.yaml"];
test.skipIf(!worked.every((name) => examples.includes(name)))("what Cloudflare has of the examples", () => {
  const zonesOf = (name: string): string[] => {
    const { settings, provider } = parseStackFile(name, read(name));
    expect(provider["cloudflare:apiToken"]).toBe(secret);
    const groups = planRecords(describeKnownRecords(settings)).groups;
    return groups.map(({ zone, kind, owner }) => `${zone}: ${kind} ${owner}`);
  };
  expect(worked.map(zonesOf)).toMatchInlineSnapshot(`
    [
      [
        "example.org: server mx1.example.org",
        "example.org: domain example.org",
        "example.net: domain shop.example.net",
        "example.com: parked example.com",
      ],
      [
        "example.org: server mx.staging.example.org",
        "example.org: domain staging.example.org",
      ],
    ]
  `);
});

test("what pulumi config set writes: true, false and numbers as text", () => {
  const text =
    'config: { maildomain:lab: "true", maildomain:certificateDays: "90", maildomain:domains: [{ name: a.example, mailboxes: [{ name: ana, password: "123456" }] }] }';
  const { settings } = parseStackFile("x", text);
  expect([settings.lab, settings.certificateDays]).toEqual([true, 90]);
  expect(settings.domains[0]?.mailboxes[0]?.password).toBe("123456");
});

test("encrypted values are not part of what a zone is compared with", () => {
  const text = `
config:
  cloudflare:apiToken: { secure: v1:abc }
  cloudflare:baseUrl: http://127.0.0.1:1/client/v4
  maildomain:domains:
    - name: example.org
      mailboxes: [{ name: ana, password: { secure: v1:abc } }]
`;
  const { settings, provider } = parseStackFile("x", text);
  expect(settings.domains[0]?.mailboxes[0]?.password).not.toContain("v1");
  expect(provider).toEqual({
    "cloudflare:apiToken": secret,
    "cloudflare:baseUrl": "http://127.0.0.1:1/client/v4",
  });
});

test("what is wrong with a file is reported as the program reports it", () => {
  expect(() => parseStackFile("stacks/Pulumi.x.yaml", "config: [")).toThrow(
    /^stacks\/Pulumi\.x\.yaml is not valid YAML; /,
  );
  expect(() => parseStackFile("stacks/Pulumi.x.yaml", "config: { maildomain:domain: [] }")).toThrow(
    /has 2 problems; nothing has been changed\.\n.*maildomain:domains: .*\n.*maildomain:domain: /,
  );
});
