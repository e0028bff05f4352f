import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Report } from "../../toolchain/report.ts";
import { previewSteps, stepsWith } from "../../toolchain/steps.ts";
import { FakeDocker } from "../engine/fake-docker.ts";

const host = "ssh://root@mx.example.org";
let docker: FakeDocker;
beforeAll(async () => {
  docker = await FakeDocker.install();
});
afterAll(() => docker.remove());

function step(name: string) {
  const found = stepsWith(host).find((each) => each.name === name);
  if (found === undefined) throw new Error(`There is no step ${name}.`);
  return found;
}

test("an engine elsewhere and its base image are looked for there, and not here", async () => {
  await docker.does(`case "$*" in *version*) echo 28.2.2 ;; *inspect*) echo 2026-11-01 amd64 ;; esac`);
  expect(await step("Docker Engine").inspect()).toEqual({
    ready: true,
    found: `Docker Engine 28.2.2 (${host})`,
  });
  expect(await step("base image").inspect()).toMatchObject({
    ready: true,
    found: expect.stringContaining(host),
  });
  expect((await docker.calls()).filter((call) => !call.startsWith(`--host ${host} `))).toEqual([]);
});

test("the base image is pulled by the engine that builds with it", async () => {
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  await docker.does(`folder=$(dirname "$0"); case "$*" in
    *pull*) touch "$folder/pulled" ;;
    *inspect*) test -e "$folder/pulled" && echo 2026-11-01 amd64 ;;
  esac`);
  expect((await step("base image").ensure(new Report())).ready).toBe(true);
  expect((await docker.calls()).filter((call) => call.includes("pull"))).toEqual([
    `--host ${host} pull debian:trixie-slim`,
  ]);
});

test("one that cannot be used ends the run before anything is made, with the cure", async () => {
  await docker.does(
    `echo 'error during connect: command [ssh] has exited with exit status 255: stderr=Host key verification failed.' >&2; exit 1`,
  );
  const refused = step("Docker Engine").ensure(new Report());
  await expect(refused).rejects.toThrow(
    /cannot be reached: Host key verification failed\.\nIts host key is not known here\. Run `ssh .*\nNothing was changed\.$/,
  );
});

test("a preview needs no login there", () => {
  expect(previewSteps(host).map(({ name }) => name)).not.toContain("Docker Engine");
  expect(previewSteps().map(({ name }) => name)).toContain("Docker Engine");
});
