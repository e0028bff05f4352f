import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { collectLess } from "../toolchain/environment.ts";

const run = promisify(execFile);
const checkout = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const modules = checkout("node_modules");

const files = (volume: string): Readonly<Record<string, string>> => ({
  "Pulumi.yaml": JSON.stringify({
    name: "floor",
    runtime: { name: "nodejs", options: { typescript: false } },
    main: "index.js",
    plugins: { providers: [{ name: "maildomain", path: checkout("provider") }] },
  }),
  "package.json": JSON.stringify({ name: "floor", main: "index.js" }),
  "index.js": `const pulumi = require("@pulumi/pulumi");
const { Volume } = require("@pulumi/docker/volume");
new Volume("volume", { name: "${volume}" });
new pulumi.CustomResource("maildomain:index:GeneratedSecret", "secret", { length: 32 });
`,
});

/** What no preview can be below: the same CLI, plugin and provider, with a resource each and a program of four lines. */
export class FloorProject {
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#environment = {
      ...process.env,
      PATH: `${join(modules, ".bin")}:${process.env.PATH}`,
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "only for this measurement",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      NODE_COMPILE_CACHE: join(folder, "compile-cache"),
      ...collectLess(process.env),
    };
  }

  /** @param volume - the name of the one that it makes */
  static async create(volume: string): Promise<FloorProject> {
    const folder = await mkdtemp(join(tmpdir(), "maildomain-bench-"));
    const project = new FloorProject(folder);
    await mkdir(join(folder, "state"));
    await symlink(modules, join(folder, "node_modules"));
    await Promise.all(
      Object.entries(files(volume)).map(([name, text]) => writeFile(join(folder, name), text)),
    );
    await project.#pulumi("stack", "init", "bench");
    await project.#pulumi("up", "--yes", "--skip-preview");
    await project.preview();
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
