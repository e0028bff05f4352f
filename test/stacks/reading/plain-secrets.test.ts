import { expect, test } from "vitest";
import { plainSecrets } from "../../../stacks/reading/plain-secrets.ts";
import { formatPlaced } from "../../../stacks/reading/problems.ts";
import { parseStackFile } from "../../../stacks/reading/stack-file.ts";

const secure = "{ secure: AAABAJ8 }";

const problemsIn = (mailboxes: string, rest = "") => {
  const text = `config:
  maildomain:domains:
    - name: example.org
      mailboxes: ${mailboxes}
${rest}`;
  return plainSecrets(parseStackFile("file", text).settings, "production", text);
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
  const { settings } = parseStackFile("file", text);
  expect(plainSecrets(settings, "production", text).map(({ path }) => path.join("."))).toEqual([
    "domains.0.mailboxes.0.password",
  ]);
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
