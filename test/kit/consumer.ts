import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPackage } from "../../package/build.ts";
import { type Finished, run, runOrThrow } from "../../toolchain/child-process.ts";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));
const projectPrograms = join(projectFolder, "node_modules/.bin");

/** The package, packed as a registry would have it, and projects that have it installed. */
export class PackedPackage {
  readonly folder: string;
  /** The tarball. */
  readonly file: string;

  private constructor(folder: string, file: string) {
    this.folder = folder;
    this.file = file;
  }

  static async make(): Promise<PackedPackage> {
    const folder = await mkdtemp(join(tmpdir(), "maildomain-package-"));
    await buildPackage(join(folder, "package"));
    const packed = await npm(folder, "pack", "./package", "--json");
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    return new PackedPackage(folder, join(folder, filename));
  }

  /** The files in the tarball, without the folder that npm puts before them. */
  async files(): Promise<string[]> {
    const { stdout } = await runOrThrow("tar", "tar", ["--list", "--file", this.file]);
    return stdout
      .trim()
      .split("\n")
      .map((path) => path.replace(/^package\//, ""));
  }

  /** A folder with the package and its peers in `node_modules`. */
  async install(name: string, peers: Readonly<Record<string, string>>): Promise<Consumer> {
    const folder = join(this.folder, name);
    await mkdir(folder);
    await writeFile(join(folder, "package.json"), JSON.stringify({ name, private: true }));
    const versions = Object.entries(peers).map(([each, version]) => `${each}@${version}`);
    await npm(
      folder,
      "install",
      "--prefer-offline",
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      this.file,
      ...versions,
    );
    return new Consumer(folder);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

function npm(folder: string, ...args: string[]) {
  return runOrThrow("npm", "npm", args, { cwd: folder });
}

/** What a program in another language needs. */
export interface LanguageTools {
  /** Folders with language hosts. */
  readonly programs: readonly string[];
  /** Where Python finds modules. */
  readonly pythonPath?: string | undefined;
}

/** A project that uses the package: nothing of the checkout is in its reach but Node and the Pulumi CLI. */
export class Consumer {
  readonly folder: string;
  readonly #tools: LanguageTools;

  constructor(folder: string, tools: LanguageTools = { programs: [] }) {
    this.folder = folder;
    this.#tools = tools;
  }

  /** A further project with the same packages, for programs in another language where it says by which tools. */
  async copy(name: string, tools?: LanguageTools): Promise<Consumer> {
    const folder = join(this.folder, "..", name);
    // Linked, since hundreds of megabytes would have to be written.
    await runOrThrow("cp", "cp", ["-al", this.folder, folder]);
    return new Consumer(folder, tools);
  }

  async write(files: Readonly<Record<string, string | object>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      const text = typeof content === "string" ? content : JSON.stringify(content, undefined, 2);
      // Not into a file that another project has, too.
      await rm(join(this.folder, path), { force: true });
      await writeFile(join(this.folder, path), text);
    }
  }

  /** Runs a program of its `node_modules`, or Node, or the Pulumi CLI as npx does. Never throws. */
  run(program: string, ...args: string[]): Promise<Finished> {
    return this.#run([join(this.folder, "node_modules/.bin")], program, args);
  }

  /** The same as a shell does, which does not look into `node_modules`. */
  runByName(program: string, ...args: string[]): Promise<Finished> {
    return this.#run([], program, args);
  }

  /** Beside it, where no copy takes it along. */
  get #state(): string {
    return `${this.folder}.state`;
  }

  #run(programs: readonly string[], program: string, args: readonly string[]): Promise<Finished> {
    const env = {
      ...process.env,
      PATH: [...programs, projectPrograms, ...this.#tools.programs, process.env.PATH].join(delimiter),
      PYTHONPATH: this.#tools.pythonPath,
      PULUMI_BACKEND_URL: `file://${this.#state}`,
      PULUMI_CONFIG_PASSPHRASE: "only for this test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    return run(program, args, { cwd: this.folder, env });
  }

  /** @returns what it prints on standard output; throws where it fails. */
  async pulumi(...args: string[]): Promise<string> {
    const words = [...args, "--non-interactive", "--color=never"];
    const { status, stdout, output } = await this.run("pulumi", ...words);
    if (status !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${status}:\n${output}`);
    return stdout;
  }

  async initialise(stack: string): Promise<void> {
    await mkdir(this.#state);
    await this.pulumi("stack", "init", stack);
  }

  /** Has the stack as an earlier version left it; previews need no engine, and nothing of it runs. */
  async restore({ stack, deployment }: { stack: string; deployment: unknown }): Promise<void> {
    await this.initialise(stack);
    await this.write({ "saved.json": { version: 3, deployment } });
    await this.pulumi("stack", "import", "--file", "saved.json");
  }

  /** The types of the resources that a preview would create. */
  async created(): Promise<string[]> {
    const { steps } = JSON.parse(await this.pulumi("preview", "--json")) as {
      steps: { op: string; newState: { type: string } }[];
    };
    return steps
      .filter(({ op }) => op === "create")
      .map(({ newState }) => newState.type)
      .toSorted();
  }

  /** What of its `node_modules` is there for the package alone, and not for Pulumi's own or a tool's sake, in bytes. */
  async ownSize(): Promise<number> {
    const lock = JSON.parse(await readFile(join(this.folder, "package-lock.json"), "utf8")) as Lock;
    const folderOf = (name: string) => `node_modules/${name}`;
    const reach = (roots: readonly string[]) => {
      const reached = new Set<string>();
      const queue = [...roots];
      for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
        const found = lock.packages[folderOf(name)];
        if (found === undefined || reached.has(name)) continue;
        reached.add(name);
        queue.push(...Object.keys({ ...found.dependencies, ...found.optionalDependencies }));
      }
      return reached;
    };
    const shared = reach(
      Object.keys(lock.packages[""]?.dependencies ?? {}).filter((name) => name !== "maildomain"),
    );
    const own = [...reach(["maildomain"])].filter((name) => !shared.has(name));
    const { stdout } = await runOrThrow("du", "du", ["-sk", "--", ...own.map(folderOf)], {
      cwd: this.folder,
    });
    const sizes = stdout
      .trim()
      .split("\n")
      .map((line) => Number.parseInt(line, 10));
    return sizes.reduce((sum, size) => sum + size * 1024, 0);
  }
}

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly dependencies?: Readonly<Record<string, string>>;
        readonly optionalDependencies?: Readonly<Record<string, string>>;
      }
    >
  >;
}
