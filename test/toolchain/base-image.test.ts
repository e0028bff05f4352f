import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { refreshBaseImage, restoreBaseImage } from "../../toolchain/base-image.ts";
import { Report } from "../../toolchain/report.ts";
import { FakeDocker } from "../engine/fake-docker.ts";

const host = "ssh://root@mail.example.org";
const image = { base: "registry.example:5000/debian:trixie", packages: "2026-11-28", host };
const kept = "maildomain/base:2026-11-28-registry.example-5000-debian-trixie";

let docker: FakeDocker;
beforeEach(async () => {
  docker = await FakeDocker.install();
});
afterEach(() => docker.remove());

test("the base image is pulled again, and the one before keeps a name to return to", async () => {
  await refreshBaseImage(image, new Report());
  await restoreBaseImage(image);
  expect(await docker.calls()).toEqual([
    `--host ${host} tag ${image.base} ${kept}`,
    `--host ${host} pull ${image.base}`,
    `--host ${host} tag ${kept} ${image.base}`,
  ]);
});

test("one that cannot be pulled stays, and stops nothing", async () => {
  const note = vi.spyOn(Report.prototype, "note").mockReturnValue(undefined);
  await docker.does('case "$*" in *pull*) echo "manifest unknown" >&2; exit 1 ;; esac');
  await refreshBaseImage(image, new Report());
  expect(note.mock.calls).toEqual([[`${image.base} is unchanged: manifest unknown`]]);
});
