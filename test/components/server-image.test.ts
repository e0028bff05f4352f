import { chmod, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { digestFolders } from "../../components/server-image.ts";

test("an image's tag changes with whatever it is built from, and with nothing else", async () => {
  const folder = await mkdtemp(join(tmpdir(), "maildomain-"));
  const file = join(folder, "run");
  try {
    await writeFile(file, "one");
    const seen = [digestFolders([folder])];
    await writeFile(file, "one");
    expect(digestFolders([folder])).toBe(seen[0]);
    await writeFile(file, "two");
    seen.push(digestFolders([folder]));
    await chmod(file, 0o755);
    seen.push(digestFolders([folder]));
    await rename(file, `${file}2`);
    seen.push(digestFolders([folder]));
    seen.push(
      digestFolders([folder], { PACKAGES: "2026-11-28" }),
      digestFolders([folder], { PACKAGES: "2026-11-29" }),
    );
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen[0]).toMatch(/^[0-9a-f]{12}$/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
