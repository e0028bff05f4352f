import { readFile } from "node:fs/promises";
import { test } from "vitest";
import { expectSection } from "./section.ts";

test("docs/review.md shows the review of a real preview", async () => {
  const golden = await readFile(new URL("../review/golden/mailboxes.md", import.meta.url), "utf8");
  // Down to the mailboxes: what a reader has to see is how a section and a risk look.
  const end = golden.indexOf("### Aliases");
  const quoted = golden
    .slice(0, end)
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? ">" : `> ${line}`));
  await expectSection("review.md", "example", `${quoted.join("\n")}\n>\n> …\n`);
});
