import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "rolldown";
import { runOrThrow } from "./child-process.ts";
import { languageHostFolder, pulumiVariables } from "./environment.ts";
import compiled from "./language-host/compiled-program.cjs";
import type { Step } from "./step.ts";
import { projectFolder } from "./versions.ts";

const leanSdk = "stacks/lean-sdk.ts";

/** Loaded as itself: the SDK, of which the language host has loaded a part already, and what it shares with the program. */
const external = [/^@pulumi\//, /^@grpc\//, /^google-protobuf(?:\/|$)/, /^node:/];

/**
 * The program as one file, and all that a preview loads in Node's compile cache, so that a checkout's first preview is as fast
 * as the next. Nothing needs it: without it, the sources run.
 */
export const compiledProgram: Step = {
  name: "compiled program",
  isCache: true,

  async inspect() {
    // One that is older than its sources is made again beside the next operation: no step for people.
    if (existsSync(compiled.list)) return { ready: true, found: "compiled program" };
    return {
      ready: false,
      found: "no compiled program",
      remedy: "compile it, so that previews start faster",
    };
  },

  async ensure(report) {
    const before = await this.inspect();
    if (before.ready) return before;
    return await report.during("compiling the program", async () => {
      try {
        await compileProgram();
        await warmUp();
        return await this.inspect();
      } catch (error) {
        // Not again at each command.
        replace(compiled.list, "[]");
        const note = `it cannot be compiled: ${(error as Error).message}`;
        return { ready: true, found: "the program runs from its sources", note };
      }
    });
  },
};

/** Compiles it again if a source has changed. It never fails: an operation runs from the sources meanwhile. */
export async function refreshCompiledProgram(): Promise<void> {
  if (!compiled.isCurrent()) await compileProgram().catch(() => undefined);
}

/** @throws Error where something is imported that does not become part of one file, or a source changes meanwhile */
async function compileProgram(): Promise<void> {
  const started = Date.now();
  // What the SDK is not to load has to be known before the first import of the SDK, which one file has at its top.
  const lean = await bundle(leanSdk);
  const whole = await bundle("index.ts", `(() => {\n${lean.code}})();`);
  if (whole.code.includes("import.meta")) throw new Error("import.meta means another file there");
  if (whole.exported.join() !== "default") throw new Error("index.ts exports more than the stack");
  replace(compiled.program, whole.code);
  const packages = join(projectFolder, "node_modules");
  const files = [
    compiled.program,
    import.meta.filename,
    // What npm writes last. It gives each file of a package the same time of change, whatever the version.
    join(packages, ".package-lock.json"),
    ...new Set([...lean.files, ...whole.files].filter((file) => !file.startsWith(packages))),
  ];
  const sources = files.flatMap((file) => compiled.sourceOf(file) ?? []);
  const isLate = ({ modified }: (typeof sources)[number]) => modified >= started && modified <= Date.now();
  if (sources.slice(1).some(isLate)) throw new Error("a source has just changed");
  // Last: it says that the rest is there.
  replace(compiled.list, JSON.stringify(sources));
}

interface Bundle {
  readonly code: string;
  /** The names that it exports. */
  readonly exported: readonly string[];
  /** Paths of all that it is made of. */
  readonly files: readonly string[];
}

async function bundle(input: string, banner = ""): Promise<Bundle> {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({
    input: join(projectFolder, input),
    cwd: projectFolder,
    platform: "node",
    external,
    plugins: [placesOfSources, ...(banner === "" ? [] : [leanAlready])],
  });
  try {
    const { output } = await build.generate({
      format: "cjs",
      exports: "named",
      codeSplitting: false,
      banner,
    });
    const [{ code, exports: exported }] = output;
    return { code, exported, files: await build.watchFiles };
  } finally {
    await build.close();
  }
}

/** What a module reads beside itself is beside the source, not beside the one file. */
const placesOfSources: Plugin = {
  name: "places of sources",
  transform(code, file) {
    if (!code.includes("import.meta")) return undefined;
    return code
      .replaceAll("import.meta.dirname", JSON.stringify(dirname(file)))
      .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(file).href));
  },
};

/** The banner has it. */
const leanAlready: Plugin = {
  name: "lean SDK already",
  load: (file) => (file === join(projectFolder, leanSdk) ? "" : undefined),
};

/** Whoever reads it meanwhile gets the former one. */
function replace(file: string, content: string): void {
  const made = join(dirname(file), `.made-by-${process.pid}`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(made, content);
  renameSync(made, file);
}

/**
 * Loads, in processes of their own, what the language host's Node and the provider load in a preview, so that it is in Node's compile
 * cache.
 *
 * @param cache - its folder
 */
export async function warmUp(cache = pulumiVariables().NODE_COMPILE_CACHE): Promise<void> {
  const node = join(projectFolder, "node_modules/.bin/node");
  const before = ["program.cjs", "warm-up.cjs"].flatMap((name) => [
    "--require",
    join(languageHostFolder, name),
  ]);
  const words = [join(projectFolder, "node_modules/@pulumi/pulumi/cmd/run/index.js"), "--pwd", projectFolder];
  const load = ["provider/grpc.ts", "provider/provider.ts"].map(
    (file) => `await import(${JSON.stringify(pathToFileURL(join(projectFolder, file)).href)});`,
  );
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  await Promise.all([
    runOrThrow("Loading the program", node, [...before, ...words, "index.ts"], { env }),
    runOrThrow("Loading the provider", node, ["--input-type=module", "--eval", load.join("")], { env }),
  ]);
}
