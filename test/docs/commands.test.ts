import { expect, test } from "vitest";
import { pages, readPage } from "./pages.ts";
import { mistakesOf, writtenCommands } from "./written-commands.ts";

function mistakes(page: string, text: string): string[] {
  return writtenCommands(text).flatMap(({ text: command, line }) =>
    mistakesOf(command).map((mistake) => `${page}:${line}: ${mistake}`),
  );
}

// What CHANGELOG.md says was so when it was written.
test.each(pages.filter((page) => page !== "CHANGELOG.md"))(
  "every command in %s exists, with its options",
  (page) => {
    expect(mistakes(page, readPage(page))).toEqual([]);
  },
);

test("there are commands in them", () => {
  const found = pages.flatMap((page) => writtenCommands(readPage(page)));
  expect(found.filter(({ text }) => text.startsWith("npm run")).length).toBeGreaterThan(100);
});

test("a command, option, value, program or name that does not exist is found, wherever it is written", () => {
  const text = [
    "`npm run deploy` and `npm run up -- --stack` and `npm run limits -- unlock ana@example.org`",
    "```sh",
    "npm run preview --stack=company   # npm would take it",
    "npm run verify -- --stack company \\",
    "  --jnuit verify.xml",
    'eval "$(npm run --silent enviroment)"',
    "npx vitset run && npx vitest run test/dcos --project labs",
    "PASSWORD=x npm run password -- ana@example.org --apply >password.txt",
    "npm run archive -- --stack company restore ana@example.org extra -- --refresh",
    "docker exec maildomain-company-mailserver maildomain-passwd --reset ana@example.org",
    "```",
    "```",
    "npm run printed",
    "```",
    "`npm run up -- --stack <name> -- --refresh` is fine, and so is `npm run archive -- export ana@example.org > ana.mbox`",
  ].join("\n");
  expect(mistakes("x.md", text)).toMatchInlineSnapshot(`
    [
      "x.md:3: npm takes --stack=company for itself: options come after --",
      "x.md:4: verify has no option --jnuit. Did you mean --junit? \`npm run verify -- --help\` lists its options.",
      "x.md:6: \`npm run enviroment\` does not exist",
      "x.md:7: npx vitset: no dependency has this program",
      "x.md:7: npx vitest: test/dcos does not exist",
      "x.md:7: npx vitest: labs does not exist",
      "x.md:8: password has no option --apply. \`npm run password -- --help\` lists its options.",
      "x.md:9: archive accepts nothing after \`--\`: --refresh",
      "x.md:10: no container or volume of a stack is called maildomain-company-mailserver",
      "x.md:10: no image has the program maildomain-passwd",
      "x.md:1: \`npm run deploy\` does not exist",
      "x.md:1: Option '-s, --stack <value>' argument missing. \`npm run up -- --help\` lists its options.",
      "x.md:1: limits knows list, free, not unlock",
    ]
  `);
});
