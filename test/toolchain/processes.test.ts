import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { findProgram, isProgram, run, runOrThrow, tail } from "../../toolchain/child-process.ts";

const project = new URL("../..", import.meta.url).pathname;
const node = process.execPath;

test("a program's status and output", async () => {
  const lines: string[] = [];
  const code = "console.log('out'); console.error('err'); process.exit(3)";
  const finished = await run(node, ["-e", code], { onLine: (line) => lines.push(line) });
  expect(finished).toMatchObject({ status: 3, stdout: "out\n" });
  expect(finished.output.split("\n").sort()).toEqual(["", "err", "out"]);
  expect(lines.sort()).toEqual(["err", "out"]);
});

test("a program that does not exist has the shell's status for that", async () => {
  expect(await run("no-such-program", [])).toMatchObject({ status: 127, stdout: "" });
});

test("a failure shows the end of the output", async () => {
  const code = "for (let i = 1; i <= 20; i++) console.log('line ' + i); process.exit(1)";
  const failing = runOrThrow("Counting", node, ["-e", code]);
  await expect(failing).rejects.toThrow(/^Counting failed \(exit status 1\)/);
  await expect(failing).rejects.toThrow("    line 20");
  await expect(failing).rejects.not.toThrow("    line 5\n");
});

test("the tail of little output is all of it", () => {
  expect(tail("a\nb\n")).toBe("    a\n    b");
});

test("a program is an executable file that is not empty", () => {
  const folder = mkdtempSync(join(tmpdir(), "maildomain-programs-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string, mode: number) => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mode);
    return join(folder, name);
  };
  expect(isProgram(file("good", "#!/bin/sh\n", 0o755))).toBe(true);
  expect(isProgram(file("empty", "", 0o755))).toBe(false);
  expect(isProgram(folder)).toBe(false);
  expect(isProgram(join(folder, "absent"))).toBe(false);
  expect(findProgram("good", [folder])).toBe(join(folder, "good"));
  expect(findProgram("absent", [folder])).toBe(undefined);
});

test("a signal that comes twice reaches the program once, and its exit status comes back", async () => {
  const child = `
    let count = 0;
    process.on("SIGINT", () => { count += 1; setTimeout(() => { console.log("got " + count); process.exit(7); }, 300); });
    console.log("ready"); setInterval(() => {}, 1000);`;
  const parent = `
    import { runInForeground } from ${JSON.stringify(`${project}toolchain/foreground.mjs`)};
    process.exit(await runInForeground(${JSON.stringify(node)}, ["-e", ${JSON.stringify(child)}], { exactlyOneSignal: true }));`;
  const running = spawn(node, ["--input-type=module", "-e", parent], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  running.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  while (!output.includes("ready")) await sleep(20);
  running.kill("SIGINT");
  await sleep(50);
  running.kill("SIGINT");
  const status = await new Promise((resolve) => running.once("close", resolve));
  expect({ status, output }).toEqual({ status: 7, output: "ready\ngot 1\n" });
});

const npmScript = (...args: string[]) => run(node, [`${project}toolchain/run.mjs`, ...args]);

test("help lists the commands without installing anything", async () => {
  const { status, stdout } = await npmScript("--help");
  expect(status).toBe(0);
  expect(stdout).toMatch(/\n {2}up +make this machine ready/);
});

test.each([
  [["pasword"], '✘ "pasword" is not a command. Did you mean password? `npm run help` lists them.\n'],
  [["xyzzyx"], '✘ "xyzzyx" is not a command. `npm run help` lists them.\n'],
  [
    ["doctor", "--jsn"],
    "✘ doctor has no option --jsn. Did you mean --json? `npm run doctor -- --help` lists its options.\n",
  ],
  [["password"], /✘ password needs one address/],
])("a mistake in %j ends with status 2", async (args, output) => {
  const finished = await npmScript(...args);
  expect(finished.status).toBe(2);
  if (typeof output === "string") expect(finished.output).toBe(output);
  else expect(finished.output).toMatch(output);
});

test("every command lists its options", { timeout: 600_000 }, async () => {
  const names = [
    "up",
    "preview",
    "down",
    "verify",
    "clients",
    "password",
    "doctor",
    "env",
    "check",
    "test",
    "bench",
  ];
  const helps = await Promise.all(names.map((name) => npmScript(name, "--help")));
  for (const [index, { status, stdout }] of helps.entries()) {
    expect(stdout).toContain(`Usage: npm ${names[index] === "test" ? "test" : `run ${names[index]}`} -- `);
    expect(status).toBe(0);
  }
});
