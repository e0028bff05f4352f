import { expect, test } from "vitest";
import * as z from "zod";
import { plainSecrets } from "../../../stacks/reading/plain-secrets.ts";
import { formatPlaced } from "../../../stacks/reading/problems.ts";
import { readYaml } from "../../../stacks/reading/read-yaml.ts";
import { configIn, parseStackFile } from "../../../stacks/reading/stack-file.ts";
import { stackFileProblems } from "../../../stacks/reading/stack-file-problems.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";

const secure = "{ secure: AAABAJ8 }";

const secretsIn = (text: string) =>
  plainSecrets(parseStackFile("file", text).settings, "production", configIn(readYaml(text)));

const problemsIn = (mailboxes: string, rest = "") => {
  const text = `config:
  maildomain:domains:
    - name: example.org
      mailboxes: ${mailboxes}
${rest}`;
  return secretsIn(text);
};

test("each secret outside of a lab has a line that encrypts it", () => {
  const ana = "{ name: ana, password: correct horse battery }";
  const bia = `{ name: bia, password: ${secure}, appPasswords: [{ name: phone, password: "839201938475" }] }`;
  const problems = problemsIn(`[${ana}, ${bia}, { name: caio }]`);
  expect(formatPlaced("stacks/Pulumi.production.yaml", problems).split("\n").slice(1)).toEqual(
    ["domains[0].mailboxes[0].password", "domains[0].mailboxes[1].appPasswords[0].password"].map(
      (path) =>
        `  maildomain:${path}: is in plain text, which only a lab's file may hold: encrypt it with \`npx pulumi config set --secret --path 'maildomain:${path}' --stack production\``,
    ),
  );
});

test("a top key that is one text of JSON is looked into as well", () => {
  const text = `config:
  maildomain:domains: '[{"name":"example.org","mailboxes":[{"name":"ana","password":"correct horse battery"}]}]'
`;
  expect(secretsIn(text).map(({ path }) => path.join("."))).toEqual(["domains.0.mailboxes.0.password"]);
});

test.each([
  ["a lab's password", '[{ name: ana, password: "123456" }]', "  maildomain:lab: true\n"],
  [
    "a hash, which opens nothing by itself",
    "[{ name: ana, passwordHash: '{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$+X2s0mUhQ6PcC2M3ZL4oYHcR1m0b8Q0tL0xq1v2s3t4' }]",
    "",
  ],
  ["a generated password", "[{ name: ana }]", ""],
])("%s may be plain", (_what, mailboxes, rest) => {
  expect(problemsIn(mailboxes, rest)).toEqual([]);
});

test("a token or password of a provider's is refused as well, what it does not keep secret is not", () => {
  const text = `config:
  cloudflare:apiToken: v1r5tUalSx6mYs3cQ7ueXnKd0WfZb2gHjLpOiRtE
  cloudflare:baseUrl: https://api.example.org
  docker:registryAuth:
    - { address: registry.example.org, username: deploy, password: correct horse battery }
    - { address: other.example.org, username: deploy, password: ${secure} }
  maildomain:domains: [{ name: example.org, mailboxes: [{ name: ana }] }]
`;
  expect(formatPlaced("stacks/Pulumi.production.yaml", secretsIn(text))).toMatchInlineSnapshot(`
    "stacks/Pulumi.production.yaml has 2 problems; nothing has been changed.
      cloudflare:apiToken: is in plain text, which only a lab's file may hold: encrypt it with \`npx pulumi config set --secret cloudflare:apiToken --stack production\`
      docker:registryAuth[0].password: is in plain text, which only a lab's file may hold: encrypt it with \`npx pulumi config set --secret --path 'docker:registryAuth[0].password' --stack production\`"
  `);
  expect(
    stackFileProblems("stacks/Pulumi.production.yaml", "production", text, () => new Uint8Array()),
  ).toContain("(line 2, column 24)");
  expect(secretsIn(`${text}  maildomain:lab: true\n`)).toEqual([]);
});

interface Schema {
  readonly description?: string;
  readonly secret?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

function settingsIn(schema: Schema, path: string): { path: string; schema: Schema }[] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([key, property]) =>
    settingsIn(property, path === "" ? key : `${path}.${key}`),
  );
  const items = schema.items === undefined ? [] : settingsIn(schema.items, `${path}[]`);
  return [{ path, schema }, ...inner, ...items];
}

test("every setting that the reference calls a secret is one, and so is what is named like one", () => {
  const settings = settingsIn(z.toJSONSchema(stackSchema, { io: "input" }) as Schema, "");
  const named = settings.filter(
    ({ path, schema: { description = "" } }) =>
      /secret \(`secure:`\)/i.test(description) ||
      /(?:password|secret|token|privateKey|hmacKey)$/i.test(path),
  );
  const secrets = settings.filter(({ schema }) => schema.secret === true).map(({ path }) => path);
  expect(named.map(({ path }) => path)).toEqual(secrets);
  expect(secrets).toMatchInlineSnapshot(`
    [
      "domains[].mailboxes[].password",
      "domains[].mailboxes[].appPasswords[].password",
      "domains[].dkim[].privateKey",
      "certificates.acme.externalAccount.hmacKey",
      "certificates.acme.dns.tsig.secret",
      "certificates.acme.dns.cloudflare.token",
      "certificates.files[].key",
    ]
  `);
});
