import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const modules = fileURLToPath(new URL("../node_modules", import.meta.url));

/** A Pulumi project to compare with, provisioned in a folder and a state of its own. */
export class TemporaryProject {
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(folder: string, environment: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#environment = {
      ...process.env,
      PATH: `${join(modules, ".bin")}:${process.env.PATH}`,
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "only for this measurement",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...environment,
    };
  }

  /**
   * Makes the project and its stack, and creates the resources.
   *
   * @param files - their texts, by their names
   * @param environment - what the CLI gets in addition, given the project's folder
   */
  static async create(
    files: Readonly<Record<string, string>>,
    environment: (folder: string) => NodeJS.ProcessEnv = () => ({}),
  ): Promise<TemporaryProject> {
    const folder = await mkdtemp(join(tmpdir(), "maildomain-bench-"));
    const project = new TemporaryProject(folder, environment(folder));
    await mkdir(join(folder, "state"));
    await symlink(modules, join(folder, "node_modules"));
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
    await project.#pulumi("stack", "init", "bench");
    await project.#pulumi("up", "--yes", "--skip-preview");
    return project;
  }

  /** A preview that finds nothing to do. */
  async preview(): Promise<void> {
    await this.#pulumi("preview", "--expect-no-changes");
  }

  async remove(): Promise<void> {
    await this.#pulumi("destroy", "--yes", "--skip-preview");
    await rm(this.#folder, { recursive: true });
  }

  async #pulumi(...args: string[]): Promise<void> {
    await run(join(modules, ".bin/pulumi"), [...args, "--non-interactive"], {
      cwd: this.#folder,
      env: this.#environment,
    });
  }
}
