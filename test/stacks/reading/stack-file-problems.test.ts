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
    [
      "a tab after a dash",
      "config:\n  maildomain:domains:\n    -\tname: a.test\n",
      "line 3, column 6",
      /a tab/,
    ],
    [
      "a key to the right of one with a value",
      "config:\n  maildomain:lab: true\n   maildomain:web: {}\n",
      "line 3, column 4",
      /line 2 has its value already/,
    ],
    [
      "settings below what the CLI has written",
      "config:\n  maildomain:lab: true\nencryptionsalt: v1:abc=\n  maildomain:web: {}\n",
      "line 4, column 3",
      /line 3 has its value already/,
    ],
    [
      "no blank after a dash",
      "config:\n  maildomain:domains:\n    -name: a.test\n      web: {}\n",
      "line 3, column 5",
      /after the dash/,
    ],
    ["no blank after a colon", "config:\n  maildomain:lab:true\n", "line 2, column 3", /a colon and a blank/],
    [
      "no blank after a colon in braces",
      "config:\n  maildomain:ports: { imaps:993 }\n",
      "line 2, column 23",
      /after the colon/,
    ],
    [
      "no blank after a colon, and more below",
      "config:\n  maildomain:lab:true\n  maildomain:web: {}\n",
      "line 2, column 3",
      /a colon and a blank/,
    ],
    [
      "a blank that does not break lines",
      "config:\n  maildomain:lab:\u00a0true\n  maildomain:web: {}\n",
      "line 2, column 18",
      /U\+00A0.* a blank/,
    ],
    [
      "a colon of another script",
      "config:\n  maildomain:lab\uff1a true\n  maildomain:web: {}\n",
      "line 2, column 17",
      /U\+FF1A.* a colon/,
    ],
    [
      "quotes of a word processor",
      "config:\n  maildomain:hostName: \u201ca.test\u201d\n",
      "line 2, column 24",
      /part of the text/,
    ],
    ["an alias", "config:\n  maildomain:hostName: *a\n", "line 2, column 24", /begins with \* needs quotes/],
    ["an anchor", "config:\n  maildomain:hostName: &a\n", "line 2, column 26", /begins with & needs quotes/],
    ["a tag", "config:\n  maildomain:hostName: !a\n", "line 2, column 24", /begins with ! needs quotes/],
    ["a reserved sign", "config:\n  maildomain:hostName: @a\n", "line 2, column 24", /begins with @ needs/],
    [
      "a comment in braces",
      "config:\n  maildomain:ports: { imaps: 993 #x }\n",
      "line 2, column 37",
      /# begins a comment/,
    ],
    ["a backslash", 'config:\n  maildomain:hostName: "a\\d"\n', "line 2, column 26", /backslash/],
    ["a second document", "config:\n  maildomain:lab: true\n---\n", "line 3, column 1", /second document/],
    ["a misspelt section", "confg:\n  maildomain:lab: true\n", "line 1, column 1", /did you mean `config:`/],
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

test("line ends of Windows, a mark of the byte order, and signs between quotes are accepted", () => {
  const text = `config:
  maildomain:lab: true
  maildomain:domains:
    - name: a.test
      mailboxes:
        - { name: ana, password: "\u201c*&!@\u00a0\uff1a\u201d", displayName: Ana \u201cA\u201d Lima }
`;
  for (const written of [text, text.replaceAll("\n", "\r\n"), `\u{feff}${text}`])
    expect(problemsOf(written)).toBeUndefined();
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
