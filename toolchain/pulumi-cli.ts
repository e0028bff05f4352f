import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { isProgram } from "./child-process.ts";
import { download } from "./download.ts";
import { goBuild, goModuleSources, requiredVersion } from "./go.ts";
import { pulumiHome } from "./pulumi-home.ts";
import type { Report } from "./report.ts";
import { type Step, ToolchainError } from "./step.ts";
import { projectFolder, versions } from "./versions.ts";

const CLI = "github.com/pulumi/pulumi/pkg/v3";
const SDK = "github.com/pulumi/pulumi/sdk/v3";
/** Scripts of the SDK that the CLI runs as programs; they lie beside it in an official installation. */
const SCRIPTS = ["pulumi-resource-pulumi-nodejs", "pulumi-analyzer-policy"];

/** Where the npm package `pulumi` looks for the CLI, and downloads it to. */
export function pulumiFolder(): string {
  return join(pulumiHome(), "versions", versions.pulumi, "bin");
}

/** The Pulumi CLI and its language host for Node, in the place where the npm package `pulumi` keeps them. */
export const pulumiCli: Step = {
  name: "Pulumi CLI",

  async inspect() {
    // The folder gets its name only when it is complete, so that looking for the programs is enough.
    const ready = ["pulumi", "pulumi-language-nodejs"].every((name) => isProgram(join(pulumiFolder(), name)));
    if (ready) return { ready, found: `Pulumi ${versions.pulumi}`, note: whatBuiltOnesLack() };
    return {
      ready,
      found: `no Pulumi ${versions.pulumi} in ${pulumiFolder()}`,
      remedy: "download it, or build it from Go modules where Pulumi's site cannot be reached",
    };
  },

  async ensure(report) {
    const before = await this.inspect();
    if (before.ready) return before;
    const target = dirname(pulumiFolder());
    mkdirSync(dirname(target), { recursive: true });
    const workFolder = mkdtempSync(join(dirname(target), ".maildomain-"));
    try {
      const complete = (await downloadCli(report, workFolder)) ?? (await buildCli(report, workFolder));
      rmSync(target, { recursive: true, force: true });
      renameSync(complete, target);
    } finally {
      rmSync(workFolder, { recursive: true, force: true });
    }
    return await this.inspect();
  },
};

/** A download brings more programs than {@link buildCli} makes, and a host for Node that runs policy packs. */
function whatBuiltOnesLack(): string | undefined {
  if (isProgram(join(pulumiFolder(), "pulumi-watch"))) return undefined;
  return "it was built on this machine, and runs no policy packs: docs/policy.md says which CLI does";
}

/** @returns the folder to move into place, or undefined where Pulumi's site cannot be reached */
async function downloadCli(report: Report, workFolder: string): Promise<string | undefined> {
  const installer = join(projectFolder, "node_modules/pulumi/run.js");
  const arrived = await download(report, {
    what: `Pulumi ${versions.pulumi}`,
    from: new URL("https://get.pulumi.com/install.sh"),
    program: process.execPath,
    args: [installer, "version"],
    // The installer writes its folder file by file: let it do so elsewhere, and move the whole into place.
    env: { ...process.env, PULUMI_HOME: workFolder, PULUMI_SKIP_UPDATE_CHECK: "true" },
    otherwise: "building it from Go modules, which takes some minutes",
  });
  return arrived ? join(workFolder, "versions", versions.pulumi) : undefined;
}

async function buildCli(report: Report, workFolder: string): Promise<string> {
  const buildable = requiredVersion("toolchain/go/pulumi-cli", CLI);
  if (versions.pulumi !== buildable) {
    throw new ToolchainError(
      `Pulumi ${versions.pulumi} can only be downloaded, and Pulumi's site cannot be reached. ` +
        `Use ${buildable}, which can be built here.`,
    );
  }
  const bin = join(workFolder, "build", "bin");
  mkdirSync(bin, { recursive: true });
  await report.during(`building Pulumi ${versions.pulumi}`, (onLine) =>
    goBuild({
      module: "toolchain/go/pulumi-cli",
      package: `${CLI}/cmd/pulumi`,
      variables: { [`${SDK}/go/common/version.Version`]: `v${versions.pulumi}` },
      output: join(bin, "pulumi"),
      onLine,
    }),
  );
  await report.during("building Pulumi's language host for Node", (onLine) =>
    goBuild({
      module: "toolchain/go/pulumi-language-nodejs",
      package: `${SDK}/nodejs/cmd/pulumi-language-nodejs`,
      variables: { [`${SDK}/go/common/version.Version`]: `v${versions.pulumi}` },
      output: join(bin, "pulumi-language-nodejs"),
      onLine,
    }),
  );
  const scripts = join(await goModuleSources("toolchain/go/pulumi-language-nodejs", SDK), "nodejs", "dist");
  for (const script of SCRIPTS) {
    copyFileSync(join(scripts, script), join(bin, script));
    chmodSync(join(bin, script), 0o755);
  }
  return dirname(bin);
}
