import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { refusePlaceholders } from "../../../commands/pulumi.ts";
import { planRecords } from "../../../records/index.ts";
import { describeKnownRecords } from "../../../stacks/program/zones.ts";
import { parseStackFile, secret } from "../../../stacks/reading/stack-file.ts";

const folder = new URL("../../../stacks/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");

describe.each(files)("%s", (name) => {
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

test("what Cloudflare has of the examples", () => {
  const zonesOf = (name: string): string[] => {
    const { settings, provider } = parseStackFile(name, read(name));
    expect(provider["cloudflare:apiToken"]).toBe(secret);
    const groups = planRecords(describeKnownRecords(settings)).groups;
    return groups.map(({ zone, kind, owner }) => `${zone}: ${kind} ${owner}`);
  };
  expect(["Pulumi.production.yaml", "Pulumi.staging.yaml"].map(zonesOf)).toMatchInlineSnapshot(`
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
    /^stacks\/Pulumi\.x\.yaml is not valid YAML: /,
  );
  expect(() => parseStackFile("stacks/Pulumi.x.yaml", "config: { maildomain:domain: [] }")).toThrow(
    /has 2 problems; nothing has been changed\.\n.*maildomain:domains: .*\n.*maildomain:domain: /,
  );
});
