import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formerImages } from "../../commands/updates.ts";
import { imageOf } from "../../components/server-image.ts";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { pendingUpdates } from "../../engine/pending-updates.ts";
import { PACKAGES_LABEL } from "../../servers/image-build.ts";
import { keptName, refreshBaseImage, restoreBaseImage } from "../../toolchain/base-image.ts";
import { Report } from "../../toolchain/report.ts";
import { docker } from "../kit/engine.ts";
import { LocalArchive } from "../kit/local-archive.ts";
import { LocalRegistry } from "../kit/local-registry.ts";
import { buildImage } from "../kit/server-container.ts";

const engine = new DockerEngine();
const registry = new LocalRegistry();
let archive: LocalArchive;
/** In every image, and of no use to a name server. */
const name = "tzdata";
const changelog = `${name} (9999.2-1) trixie-security; urgency=high

  * Fix CVE-2026-99902 and CVE-2026-99901.

${name} (0.1-1) unstable; urgency=low

  * Fix CVE-2001-0001, long ago.
`;
const made = new Set<string>();
const idOf = (tag: string) => docker("image", "inspect", "--format", "{{.Id}}", tag);

const build = async (packages: string): Promise<string> => {
  const from = { packages, base: archive.base };
  const built = await buildImage("dns-server", from);
  const { tag } = imageOf("dns-server", from);
  await docker("tag", built, tag);
  made.add(built).add(tag);
  return idOf(tag);
};

beforeAll(async () => {
  const host = await registry.start();
  archive = new LocalArchive(`${host}/maildomain-test-base:${randomBytes(4).toString("hex")}`);
  await archive.start();
});
afterAll(async () => {
  await archive.stop();
  // Newest first: none that another is built on can be removed before it.
  if (made.size > 0) await docker("image", "rm", "--force", ...[...made].reverse());
  registry.stop();
});

/** Has the registry's base image be a newer one than the engine's. */
async function renewBase(): Promise<string> {
  const before = await idOf(archive.base);
  const container = await docker("create", archive.base, "true");
  await docker("commit", "--change", "LABEL renewed=yes", container, archive.base);
  await docker("rm", container);
  const renewed = await idOf(archive.base);
  await docker("push", "--quiet", archive.base);
  await docker("tag", before, archive.base);
  return renewed;
}

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

  const image = { base: archive.base, packages: "2026-11-28", host: undefined };
  const base = await idOf(archive.base);
  const renewed = await renewBase();
  await refreshBaseImage(image, new Report());
  made.add(keptName(image)).add(renewed);
  expect(await idOf(archive.base)).toBe(renewed);
  const next = await build("2026-11-29");
  expect(next).not.toBe(former);
  expect((await pendingUpdates(engine, next)).map((update) => update.name)).not.toContain(name);
  expect(await engine.imageLabels(PACKAGES_LABEL)).toEqual(
    expect.arrayContaining(["2026-11-28", "2026-11-29"]),
  );

  const back = () => formerImages(engine, ["dns-server"], { base: archive.base, packages: "2026-11-29" });
  expect(await back()).toEqual({ packages: "2026-11-28", ids: [former] });
  await restoreBaseImage(image);
  expect(await idOf(archive.base)).toBe(base);
  expect(await build("2026-11-28")).toBe(former);
  await docker("image", "rm", "--force", imageOf("dns-server", image).tag);
  expect(await back()).toBeUndefined();
});
