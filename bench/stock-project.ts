import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const modules = fileURLToPath(new URL("../node_modules", import.meta.url));

/** The files of `pulumi new typescript`, with a program of resources that do nothing. */
const files = (resources: number): Readonly<Record<string, string>> => ({
  "Pulumi.yaml": "name: stock\nruntime: nodejs\ndescription: An empty project\n",
  "package.json": JSON.stringify({ name: "stock", main: "index.ts" }),
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      strict: true,
      outDir: "bin",
      target: "es2020",
      module: "commonjs",
      moduleResolution: "node",
      // The template's TypeScript 5 accepts this resolution silently.
      ignoreDeprecations: "6.0",
      sourceMap: true,
      experimentalDecorators: true,
      pretty: true,
      noFallthroughCasesInSwitch: true,
      noImplicitReturns: true,
      forceConsistentCasingInFileNames: true,
    },
    files: ["index.ts"],
  }),
  "index.ts": `import * as pulumi from "@pulumi/pulumi";

class Empty extends pulumi.ComponentResource {
    constructor(name: string) {
        super("stock:index:Empty", name);
        this.registerOutputs({});
    }
}

for (let index = 0; index < ${resources}; index++) {
    new Empty(\`resource-\${index}\`);
}
`,
});

/** A stock TypeScript Pulumi project (ts-node, as the CLI runs it by itself) in a folder of its own. */
export class StockProject {
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
    };
  }

  /** Makes the project and its stack, and creates the resources. */
  static async create(resources: number): Promise<StockProject> {
    const folder = await mkdtemp(join(tmpdir(), "maildomain-bench-"));
    const project = new StockProject(folder);
    await mkdir(join(folder, "state"));
    await symlink(modules, join(folder, "node_modules"));
    await Promise.all(
      Object.entries(files(resources)).map(([name, text]) => writeFile(join(folder, name), text)),
    );
    await project.#pulumi("stack", "init", "bench");
    await project.#pulumi("up", "--yes", "--skip-preview");
    return project;
  }

  /** A preview that finds nothing to do. */
  async preview(): Promise<void> {
    await this.#pulumi("preview", "--expect-no-changes");
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }

  async #pulumi(...args: string[]): Promise<void> {
    await run(join(modules, ".bin/pulumi"), [...args, "--non-interactive"], {
      cwd: this.#folder,
      env: this.#environment,
    });
  }
}
