import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { localState, pulumiVariables, stateAddress, stateFolder } from "../../toolchain/environment.ts";
import { pulumiFolder } from "../../toolchain/pulumi-cli.ts";
import { isQuietHomeMade, pulumiHome } from "../../toolchain/pulumi-home.ts";
import { Report } from "../../toolchain/report.ts";
import { stateStep } from "../../toolchain/state.ts";
import { projectFolder } from "../../toolchain/versions.ts";

let folder: string;
const silent = new Report({ write: () => undefined });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "maildomain-state-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Itself, without the npm package that looks for it. */
const cli = join(pulumiFolder(), "pulumi");
const place = () => localState({}, folder);
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("looking makes nothing", async () => {
  expect(await stateStep(place()).inspect()).toMatchObject({ ready: false });
  expect(existsSync(join(folder, "state"))).toBe(false);
  expect(existsSync(join(folder, "passphrase"))).toBe(false);
});

test("a passphrase is made once, for this user's eyes alone", async () => {
  const step = stateStep(place());
  expect(await step.ensure(silent)).toMatchObject({ ready: true });
  const passphrase = readFileSync(join(folder, "passphrase"), "utf8");
  expect(passphrase).toMatch(/^[\w-]{32}\n$/);
  expect(mode(join(folder, "passphrase"))).toBe("600");
  expect(mode(join(folder, "state"))).toBe("700");
  await step.ensure(silent);
  expect(readFileSync(join(folder, "passphrase"), "utf8")).toBe(passphrase);
});

test("Pulumi's CLI has a home in which it keeps no log, unless the user has chosen one", async () => {
  vi.stubEnv("HOME", folder);
  try {
    expect(pulumiVariables({}, folder)).not.toHaveProperty("PULUMI_HOME");
    await stateStep(place()).ensure(silent);
    const home = join(folder, "pulumi");
    expect(pulumiVariables({}, folder).PULUMI_HOME).toBe(home);
    // A command that another one starts has it in its environment.
    expect(pulumiVariables({ PULUMI_HOME: home }, folder).PULUMI_HOME).toBe(home);
    expect(pulumiHome({ PULUMI_HOME: home })).toBe(join(folder, ".pulumi"));
    expect(pulumiVariables({ PULUMI_HOME: "/mine" }, folder)).not.toHaveProperty("PULUMI_HOME");
    expect(pulumiVariables({ PULUMI_BACKEND_URL: "s3://x" }, folder)).not.toHaveProperty("PULUMI_HOME");
    const { status } = spawnSync(cli, ["plugin", "ls"], {
      env: { PATH: process.env.PATH, HOME: folder, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    expect(status).toBe(0);
    expect(statSync(join(home, "logs")).isFile()).toBe(true);
    expect(existsSync(join(folder, ".pulumi/logs"))).toBe(false);
    rmSync(join(home, "plugins"));
    expect(isQuietHomeMade(folder)).toBe(false);
    await stateStep(place()).ensure(silent);
    expect(isQuietHomeMade(folder)).toBe(true);
  } finally {
    vi.unstubAllEnvs();
  }
});

test("a passphrase that others can read is reported and put right", async () => {
  const step = stateStep(place());
  await step.ensure(silent);
  chmodSync(join(folder, "passphrase"), 0o644);
  expect(await step.inspect()).toMatchObject({ ready: false, remedy: "set its mode to 600" });
  await step.ensure(silent);
  expect(mode(join(folder, "passphrase"))).toBe("600");
});

test("a lost passphrase is not replaced by one that opens nothing", async () => {
  const step = stateStep(place());
  await step.ensure(silent);
  mkdirSync(join(folder, "state/.pulumi/stacks/maildomain"), { recursive: true });
  writeFileSync(join(folder, "state/.pulumi/stacks/maildomain/lab.json"), "{}");
  rmSync(join(folder, "passphrase"));
  await expect(step.ensure(silent)).rejects.toThrow("the passphrase that opens them is gone");
  expect(existsSync(join(folder, "passphrase"))).toBe(false);
});

test("backups of removed stacks need no passphrase", async () => {
  mkdirSync(join(folder, "state/.pulumi/stacks/maildomain"), { recursive: true });
  writeFileSync(join(folder, "state/.pulumi/stacks/maildomain/lab.json.bak"), "{}");
  expect(await stateStep(place()).ensure(silent)).toMatchObject({ ready: true });
});

test.each([
  [{}, { folder: true, passphraseFile: true }],
  [{ PULUMI_BACKEND_URL: "s3://states" }, { folder: false, passphraseFile: true }],
  [{ PULUMI_CONFIG_PASSPHRASE: "mine" }, { folder: true, passphraseFile: false }],
  // Pulumi takes the empty passphrase for one.
  [{ PULUMI_CONFIG_PASSPHRASE: "" }, { folder: true, passphraseFile: false }],
  [{ PULUMI_CONFIG_PASSPHRASE_FILE: "/run/secret" }, { folder: true, passphraseFile: false }],
  [{ PULUMI_CONFIG_PASSPHRASE_FILE: "" }, { folder: true, passphraseFile: true }],
])("what the user's environment %j leaves to us", (env, ours) => {
  const { folder: state, passphraseFile } = localState(env, folder);
  expect({ folder: state !== undefined, passphraseFile: passphraseFile !== undefined }).toEqual(ours);
});

test("the variables for pulumi leave the user's choices alone, and put our Node first", () => {
  const ours = pulumiVariables({ PATH: "/usr/bin:/bin" }, "/data");
  expect(ours).toMatchObject({
    PULUMI_BACKEND_URL: "file:///data/state?metadata=skip",
    PULUMI_CONFIG_PASSPHRASE_FILE: "/data/passphrase",
    NODE_COMPILE_CACHE: "/data/compile-cache",
  });
  expect(ours.PATH).toMatch(/^[^:]+\/language-host:[^:]+\/node_modules\/\.bin:[^:]+:\/usr\/bin:\/bin$/);
  const theirs = pulumiVariables({ PULUMI_BACKEND_URL: "s3://x", PULUMI_CONFIG_PASSPHRASE: "" }, "/data");
  expect(theirs).not.toHaveProperty("PULUMI_BACKEND_URL");
  expect(theirs).not.toHaveProperty("PULUMI_CONFIG_PASSPHRASE_FILE");
});

test("our own variables are not mistaken for the user's choice", () => {
  const ours = localState({}, "/data");
  expect(localState(pulumiVariables({}, "/data"), "/data")).toEqual(ours);
  const earlier = { PULUMI_BACKEND_URL: "file:///data/state" };
  expect(localState(earlier, "/data")).toEqual(ours);
  expect(pulumiVariables(earlier, "/data").PULUMI_BACKEND_URL).toBe("file:///data/state?metadata=skip");
});

test.each(["file:///data/state", stateAddress("/data/state")])("the folder of a state at %s", (address) => {
  expect(stateFolder({ PULUMI_BACKEND_URL: address })).toBe("/data/state");
});

test.each<[string, NodeJS.ProcessEnv, string, Record<string, string>]>([
  ["none is chosen", {}, "ssh://far", {}],
  ["an address is chosen", { DOCKER_HOST: "tcp://x" }, "ssh://far", {}],
  [
    "an address and a context are",
    { DOCKER_HOST: "tcp://x", DOCKER_CONTEXT: "far" },
    "ssh://far",
    { DOCKER_CONTEXT: "" },
  ],
  [
    "a context over SSH is, wherever it is filed",
    { DOCKER_CONTEXT: "far" },
    "ssh://far",
    { DOCKER_HOST: "ssh://far", DOCKER_CONTEXT: "" },
  ],
  ["a context with certificates is", { DOCKER_CONTEXT: "far" }, "tcp://far:2376", { DOCKER_CONTEXT: "far" }],
])("pulumi asks the engine that docker asks, where %s", (_, chosen, address, expected) => {
  const meta = join(folder, "contexts", "meta", createHash("sha256").update("far").digest("hex"));
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(meta, "meta.json"), JSON.stringify({ Endpoints: { docker: { Host: address } } }));
  try {
    const environment = { DOCKER_HOST: "", DOCKER_CONTEXT: "", DOCKER_CONFIG: folder, ...chosen };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const { DOCKER_HOST, DOCKER_CONTEXT } = pulumiVariables(process.env, "/data");
    const set = {
      ...(DOCKER_HOST !== undefined && { DOCKER_HOST }),
      ...(DOCKER_CONTEXT !== undefined && { DOCKER_CONTEXT }),
    };
    expect(set).toEqual(expected);
  } finally {
    vi.unstubAllEnvs();
  }
});

test("what npm puts before the PATH of its scripts is none of the shell's", () => {
  const above = [1, 2, 3].map((levels) =>
    join(projectFolder, ...Array(levels).fill(".."), "node_modules/.bin"),
  );
  const gyp = "/usr/lib/node_modules/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin";
  const theirs = "/home/ana/tools/node_modules/.bin:/usr/bin";
  const PATH = [join(projectFolder, "node_modules/.bin"), ...above, "/node_modules/.bin", gyp, theirs].join(
    ":",
  );
  expect(pulumiVariables({ PATH }, "/data").PATH).toBe(pulumiVariables({ PATH: theirs }, "/data").PATH);
});

test("the PATH does not grow when the variables are set twice", () => {
  const once = pulumiVariables({ PATH: "/usr/bin" }, "/data");
  expect(pulumiVariables(once, "/data").PATH).toBe(once.PATH);
});
