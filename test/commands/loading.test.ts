import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { projectFolder } from "../../toolchain/versions.ts";

/** The packages that a command loads before it does anything. */
function packagesOf(command: string): string[] {
  const code = `
    const { registerHooks } = await import("node:module");
    const loaded = new Set();
    registerHooks({ load(url, context, next) { loaded.add(url); return next(url, context); } });
    await import(${JSON.stringify(new URL(`../../commands/${command}.ts`, import.meta.url).href)});
    process.stdout.write(JSON.stringify([...loaded]));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: projectFolder,
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(stderr);
  const files = (JSON.parse(stdout) as string[])
    .filter((url) => url.startsWith("file:"))
    .map((url) => fileURLToPath(url));
  const packages = files.flatMap((file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
  return [...new Set(packages)].sort();
}

test.each(["preview", "up", "down", "review"])(
  "%s loads neither Pulumi's SDK nor what checks mail and writes PDFs, each as much work as all the rest",
  (command) => {
    const packages = packagesOf(command);
    expect(packages).toContain("yaml");
    const heavy = ["@pulumi/pulumi", "@grpc/grpc-js", "imapflow", "mailauth", "nodemailer", "pdfkit"];
    expect(packages.filter((name) => heavy.includes(name))).toEqual([]);
  },
);
