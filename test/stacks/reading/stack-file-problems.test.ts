import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { stackFileProblems } from "../../../stacks/reading/stack-file-problems.ts";

const file = "stacks/Pulumi.company.yaml";
const problemsOf = (text: string) =>
  stackFileProblems(file, "company", text, () => {
    throw new Error("there is none");
  });

describe("YAML mistakes: the place, the line itself and the cause", () => {
  test.each<[string, string, string, RegExp]>([
    ["a tab", "config:\n\tmaildomain:lab: true\n", "line 2, column 1", /a tab/],
    ["a tab after blanks", "config:\n  maildomain:ports:\n  \timaps: 993\n", "line 3, column 3", /a tab/],
    [
      "a key to the left",
      "config:\n  maildomain:lab: true\n maildomain:web: {}\n",
      "line 3, column 2",
      /indentation/,
    ],
    [
      "a key between an item and its list",
      "config:\n  maildomain:domains:\n    - name: a.test\n     mailboxes: []\n",
      "line 4, column 6",
      /indentation/,
    ],
    ["no config", "maildomain:lab: true\n", "line 1, column 1", /`config:` is missing/],
    ["a text", "lab\n", "line 1, column 1", /`config:` is missing/],
    [
      "config, and nothing below it",
      "config:\nmaildomain:lab: true\n",
      "line 2, column 1",
      /outside of `config:`/,
    ],
    ["no namespace", "config:\n  lab: true\n", "line 2, column 3", /`maildomain:lab`/],
    [
      "an open bracket",
      "config:\n  maildomain:domains: [\n",
      "line 2, column 23",
      /bracket .* "]" is missing/,
    ],
    ["an open quote", "config:\n  maildomain:hostName: 'a\n", "line 2, column 25", /quote .* is not closed/],
    ["a colon in a text", "config:\n  maildomain:hostName: a: b\n", "line 2, column 24", /quotes around it/],
    [
      "a setting twice",
      "config:\n  maildomain:lab: true\n  maildomain:lab: true\n",
      "line 3, column 3",
      /twice/,
    ],
  ])("%s", (_, text, place, cause) => {
    const said = problemsOf(text) ?? "";
    const [, line = "0", column = "0"] = /line (\d+), column (\d+)/.exec(place) ?? [];
    expect(said).toContain(`  ${place}: `);
    expect(said).toMatch(cause);
    const lines = said.split("\n");
    expect(lines.at(-2)).toContain((text.split("\n")[Number(line) - 1] ?? "").replaceAll("\t", "→"));
    expect(lines.at(-1)?.indexOf("^")).toBe("      2 | ".length + Number(column) - 1);
  });
});

test("problems have their line, and a number in quotes its cause", () => {
  expect(
    problemsOf(`config:
  maildomain:lab: true
  maildomain:ports: { imaps: "993" }
  maildomain:legacyPorts: yes please
  maildomain:domains:
    - name: a.test
      mailboxes:
        - { name: ana, password: 123456 }
`),
  ).toMatchInlineSnapshot(`
    "stacks/Pulumi.company.yaml has 3 problems; nothing has been changed.
      maildomain:domains[0].mailboxes[0].password: write the password, in quotes if it is made of digits (line 8, column 34)
      maildomain:ports.imaps: write a whole number from 1 to 65535; the quotes make it a text: leave them out (line 3, column 30)
      maildomain:legacyPorts: write true or false (line 4, column 27)"
  `);
});

test("quotes are the cause only where a number or true or false is asked for", () => {
  const said = problemsOf(`config:
  maildomain:domains:
    - name: a.test
      mailboxes: [{ name: ana, password: "123456", enabled: "true" }]
`);
  expect(said).toContain("mailboxes[0].password: ");
  expect(said?.match(/the quotes make it a text/g)).toHaveLength(1);
});

test("what depends on an encrypted value is left to the program", () => {
  const secure = "{ secure: v1:AAAA:BBBB }";
  expect(
    problemsOf(`config:
  maildomain:domains:
    - name: a.test
      dkim: [{ selector: one, algorithm: rsa, privateKey: ${secure} }]
      mailboxes: [{ name: ana, password: ${secure} }]
`),
  ).toBeUndefined();
});

test("the stack files have no problems", () => {
  const folder = resolve("stacks");
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".yaml"))) {
    const stack = name.replace(/^Pulumi\.(.*)\.yaml$/, "$1");
    const text = readFileSync(resolve(folder, name), "utf8");
    const read = (path: string) => readFileSync(resolve(folder, path));
    expect(stackFileProblems(name, stack, text, read), name).toBeUndefined();
  }
});
