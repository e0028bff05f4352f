import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProgram, runOrThrow } from "./child-process.ts";
import { download } from "./download.ts";
import { goBuild } from "./go.ts";
import { pulumiFolder } from "./pulumi-cli.ts";
import { pulumiHome } from "./pulumi-home.ts";
import type { Report } from "./report.ts";
import type { Step } from "./step.ts";
import { versions } from "./versions.ts";

const INSTALL = ["plugin", "install", "resource", "docker", versions.dockerPlugin];

/** The plugin that `@pulumi/docker` needs, in the CLI's own plugin folder. */
export const dockerPlugin: Step = {
  name: "Docker plugin",

  async inspect() {
    const folder = join(pulumiHome(), "plugins", `resource-docker-v${versions.dockerPlugin}`);
    const ready = isProgram(join(folder, "pulumi-resource-docker"));
    if (ready) return { ready, found: `Docker plugin ${versions.dockerPlugin}` };
    return {
      ready,
      found: `no Docker plugin ${versions.dockerPlugin} in ${join(pulumiHome(), "plugins")}`,
      remedy: "download it, or build it from Go modules where Pulumi's site cannot be reached",
    };
  },

  async ensure(report) {
    const before = await this.inspect();
    if (before.ready) return before;
    const arrived = await download(report, {
      what: `the Docker plugin ${versions.dockerPlugin}`,
      from: new URL("https://get.pulumi.com/install.sh"),
      program: join(pulumiFolder(), "pulumi"),
      args: INSTALL,
      env: pluginEnvironment(),
      otherwise: "building it from Go modules, which takes some minutes",
    });
    if (!arrived) await buildPlugin(report);
    return await this.inspect();
  },
};

async function buildPlugin(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "maildomain-docker-plugin-"));
  try {
    const binary = join(folder, "pulumi-resource-docker");
    await report.during(`building the Docker plugin ${versions.dockerPlugin}`, (onLine) =>
      goBuild({
        module: "toolchain/go/docker-plugin",
        package: ".",
        variables: { "main.Version": versions.dockerPlugin },
        output: binary,
        onLine,
      }),
    );
    const program = join(pulumiFolder(), "pulumi");
    const args = [...INSTALL, "--file", binary];
    await runOrThrow("Installing the Docker plugin", program, args, { env: pluginEnvironment() });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The CLI takes the home of the user's account, which under sudo is not the HOME that is looked in here. */
function pluginEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, PULUMI_HOME: pulumiHome(), PULUMI_SKIP_UPDATE_CHECK: "true" };
}
