import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { changes } from "../lab/catalogue/changes/index.ts";
import type { Measurements } from "../lab/catalogue/measurements.ts";
import { changesPage } from "../lab/catalogue/page.ts";

test("docs/changes.md shows every change of the catalogue, as it was last measured", async () => {
  const file = new URL("../lab/catalogue/measured.json", import.meta.url);
  const measured = JSON.parse(await readFile(file, "utf8")) as Measurements;
  await expect(changesPage(changes, measured)).toMatchFileSnapshot("../../docs/changes.md");
});
