import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { runOrThrow } from "./child-process.ts";
import { localFolder } from "./environment.ts";
import { goBuild, goModuleSources } from "./go.ts";
import type { Report } from "./report.ts";
import type { Step } from "./step.ts";
import { projectFolder } from "./versions.ts";

const SDK = "github.com/pulumi/pulumi/sdk/v3";
/** What is built from Go modules, by the module's folder: also the program's name. */
const packages: Readonly<Record<string, string>> = {
  "pulumi-language-yaml": "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
  "pulumi-language-python": `${SDK}/python/cmd/pulumi-language-python`,
  "sdk-generators": ".",
};
const requirements = join(projectFolder, "test/kit/python/requirements.txt");

/** The folder of the programs by which tests use the components in other languages; its name contains their versions. */
export function languageToolsFolder(): string {
  const digest = createHash("sha256");
  for (const module of Object.keys(packages)) {
    digest.update(readFileSync(join(projectFolder, "toolchain/go", module, "go.sum")));
  }
  digest.update(readFileSync(join(projectFolder, "toolchain/go/sdk-generators/main.go")));
  digest.update(readFileSync(requirements));
  return join(localFolder, `languages-${digest.digest("hex").slice(0, 12)}`);
}

/** Pulumi's SDK for Python and what a generated SDK needs of PyPI. */
export function pythonFolder(): string {
  return join(languageToolsFolder(), "python");
}

/** Language hosts and generators of SDKs; where they cannot be had, the tests that need them are skipped by name. */
export const languageTools: Step = {
  name: "language tools",

  async inspect() {
    if (existsSync(languageToolsFolder()))
      return { ready: true, found: "language tools (YAML, Python, generators of SDKs)" };
    return { ready: false, found: "no language tools", remedy: "build them from Go modules" };
  },

  async ensure(report) {
    const folder = languageToolsFolder();
    if (existsSync(folder)) return this.inspect();
    const unfinished = `${folder}.unfinished`;
    try {
      await rm(unfinished, { recursive: true, force: true });
      await mkdir(unfinished, { recursive: true });
      await makeIn(unfinished, report);
      await rename(unfinished, folder);
    } catch (error) {
      report.note(`Without language tools the tests in YAML and Python are skipped: ${String(error)}`);
    }
    return this.inspect();
  },
};

async function makeIn(folder: string, report: Report): Promise<void> {
  for (const [module, path] of Object.entries(packages)) {
    await report.during(`building ${module}`, (onLine) =>
      goBuild({ module: `toolchain/go/${module}`, package: path, output: join(folder, module), onLine }),
    );
  }
  const program = "pulumi-language-python-exec";
  const sources = await goModuleSources("toolchain/go/pulumi-language-python", SDK);
  copyFileSync(join(sources, "python/cmd", program), join(folder, program));
  chmodSync(join(folder, program), 0o755);
  await report.during("installing Pulumi's SDK for Python with pip", async (onLine) => {
    const options = ["--quiet", "--disable-pip-version-check", "--no-warn-script-location"];
    const target = ["--target", join(folder, "python"), "--requirement", requirements];
    await runOrThrow("pip", "python3", ["-m", "pip", "install", ...options, ...target], { onLine });
  });
}
