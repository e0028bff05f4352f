import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { toMarkdown } from "../../review/markdown.ts";
import { type Review, reviewPreview } from "../../review/review.ts";
import { formatReport } from "../../verify/report.ts";
import { verify } from "../../verify/verify.ts";
import { domain, password } from "../kit/document-lab.ts";
import { Lab } from "../kit/lab.ts";

const stacks = fileURLToPath(new URL("../../stacks", import.meta.url));
const names = Array.from({ length: 1000 }, (_, n) => `user-${n}`);

describe("a domain of a thousand mailboxes", () => {
  let lab: Lab;
  let running: RunningStack;

  beforeAll(async () => {
    lab = await Lab.create({});
    const directory = relative(stacks, join(lab.stateFolder, "..", "users.csv"));
    await lab.configure({ lab: true, domains: [{ name: domain, directory }] });
    await write(names);
    await lab.up();
    running = await lab.settled();
  });
  afterAll(async () => {
    await lab.takeDown();
  });

  async function write(users: readonly string[], quota = "1 GiB"): Promise<void> {
    const rows = users.map((name) => `${name},${password},${quota}\n`);
    await writeFile(join(lab.stateFolder, "..", "users.csv"), `name,password,quota\n${rows.join("")}`);
  }

  async function review(): Promise<Review> {
    const { status, output } = await lab.operate("preview", ["--json"]);
    expect(status, output.slice(-2000)).toBe(0);
    return reviewPreview(output);
  }

  test("is verified like any other", async () => {
    expect(formatReport(await verify(running))).toMatch(/All \d+ checks passed\./);
  });

  test("the review of one added and one removed mailbox shows these two", async () => {
    // Not the first, who is postmaster: that would be shown as well.
    await write([...names.filter((name) => name !== "user-1"), "ana"]);
    const { changes } = await review();
    expect(changes.map(({ subject, kind, name }) => `${subject} ${kind}: ${name}`)).toMatchInlineSnapshot(`
      [
        "mailbox added: ana@vaamonde.pti",
        "mailbox removed: user-1@vaamonde.pti",
        "server changed: mail-server",
      ]
    `);
  });

  test("the review of a thousand changes fits into a comment, folded", async () => {
    await write(names, "512 MiB");
    const found = await review();
    expect(found.changes.filter(({ subject }) => subject === "mailbox")).toHaveLength(1000);
    const text = toMarkdown(found, "lab");
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain("1000 mailboxes changed");
    expect(text).toContain("<summary>quota of 1000 mailboxes</summary>user-0&#64;");
    expect(text).toContain("<summary>and 999 more</summary>");
  });
});
