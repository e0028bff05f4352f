import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { pendingUpdates } from "../../engine/pending-updates.ts";
import { PACKAGES_LABEL } from "../../servers/image-build.ts";
import { docker } from "../kit/engine.ts";
import { LocalArchive } from "../kit/local-archive.ts";
import { buildImage } from "../kit/server-container.ts";

const engine = new DockerEngine();
const archive = new LocalArchive(`maildomain-test-base:${randomBytes(4).toString("hex")}`);
/** In every image, and of no use to a name server. */
const name = "tzdata";
const changelog = `${name} (9999.2-1) trixie-security; urgency=high

  * Fix CVE-2026-99902 and CVE-2026-99901.

${name} (0.1-1) unstable; urgency=low

  * Fix CVE-2001-0001, long ago.
`;
const made: string[] = [];

const build = async (packages: string): Promise<string> => {
  const tag = await buildImage("dns-server", { packages, base: archive.base });
  made.push(tag);
  return docker("image", "inspect", "--format", "{{.Id}}", tag);
};

beforeAll(() => archive.start());
afterAll(async () => {
  if (made.length > 0) await docker("image", "rm", "--force", ...new Set(made));
  await archive.stop();
});

test("an update is reported with what it fixes, reaches the images of a later day alone, and can be taken back", async () => {
  const former = await build("2026-11-28");
  const before = await pendingUpdates(engine, former);
  expect(before.map((update) => update.name)).not.toContain(name);

  await archive.publish({ name, version: "9999.2-1", changelog });
  const pending = await pendingUpdates(engine, former);
  expect(pending.find((update) => update.name === name)).toEqual({
    name,
    from: expect.stringMatching(/^20\d\d/),
    to: "9999.2-1",
    isSecurity: true,
    cves: ["CVE-2026-99901", "CVE-2026-99902"],
  });
  expect(await build("2026-11-28")).toBe(former);

  const next = await build("2026-11-29");
  expect(next).not.toBe(former);
  expect((await pendingUpdates(engine, next)).map((update) => update.name)).not.toContain(name);
  expect(await engine.imageLabels(PACKAGES_LABEL)).toEqual(
    expect.arrayContaining(["2026-11-28", "2026-11-29"]),
  );

  expect(await build("2026-11-28")).toBe(former);
});
