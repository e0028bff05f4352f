import { readFileSync } from "node:fs";
import { findProgram, run, runOrThrow } from "./child-process.ts";
import { ToolchainError } from "./step.ts";
import { projectFolder } from "./versions.ts";

/** Go's own installer and Debian's packages do not put it on everybody's PATH. */
const GO_FOLDERS = ["/usr/local/go/bin", "/usr/lib/go/bin"];

export interface GoBuild {
  /**
   * Folder of the project: a Go module with a committed go.sum, which is what verifies the sources.
   *
   * @example "toolchain/go/actionlint"
   */
  readonly module: string;
  /** The main package, an import path or ".". */
  readonly package: string;
  /** `-ldflags -X` settings. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The executable to write. */
  readonly output: string;
  /** What it runs on, in Go's words. @default this machine's @example "arm64" */
  readonly architecture?: string | undefined;
  readonly onLine?: (line: string) => void;
}

/** Builds one executable from Go modules. */
export async function goBuild(build: GoBuild): Promise<void> {
  const cwd = moduleFolder(build.module);
  const go = await findGo(build.module);
  const settings = Object.entries(build.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const ldflags = ["-s", "-w", ...settings].join(" ");
  await runOrThrow(
    `Building ${build.package}`,
    go,
    [
      "build",
      "-mod=readonly",
      "-trimpath",
      "-buildvcs=false",
      "-v",
      "-ldflags",
      ldflags,
      "-o",
      build.output,
      build.package,
    ],
    { cwd, env: goEnvironment(build.architecture), onLine: build.onLine },
  );
}

/** The folder with a module's sources in Go's module cache. */
export async function goModuleSources(module: string, path: string): Promise<string> {
  const cwd = moduleFolder(module);
  const go = await findGo(module);
  const { stdout } = await runOrThrow(`Finding ${path}`, go, ["list", "-m", "-f", "{{.Dir}}", path], {
    cwd,
    env: goEnvironment(),
  });
  return stdout.trim();
}

/** The version of `path` that a module's go.mod requires or, for "go", the Go it needs. */
export function requiredVersion(module: string, path: string): string {
  const text = readFileSync(`${moduleFolder(module)}/go.mod`, "utf8");
  const line = text.split("\n").find((candidate) =>
    candidate
      .trim()
      .replace(/^require /, "")
      .startsWith(`${path} `),
  );
  const version = line
    ?.trim()
    .split(" ")
    .filter((word) => word !== "require")[1];
  if (version === undefined) throw new Error(`${module}/go.mod does not require ${path}`);
  return version.replace(/^v/, "");
}

function moduleFolder(module: string): string {
  return `${projectFolder}/${module}`;
}

function goEnvironment(architecture?: string): NodeJS.ProcessEnv {
  const target = architecture === undefined ? {} : { GOOS: "linux", GOARCH: architecture };
  return { ...process.env, CGO_ENABLED: "0", GOWORK: "off", ...target };
}

/** The answer of `go version` inside the module, so that a Go that fetches the version go.mod asks for counts. */
async function findGo(module: string): Promise<string> {
  const cwd = moduleFolder(module);
  const go = findProgram("go", GO_FOLDERS);
  const { status, output } =
    go === undefined ? NO_GO : await run(go, ["version"], { cwd, env: goEnvironment() });
  if (go !== undefined && status === 0) return go;
  throw new ToolchainError(
    `Building from Go modules needs Go ${requiredVersion(module, "go")} or later, and ${
      go === undefined ? "there is none here" : `${go} is not that (${output.trim().split("\n").at(-1)})`
    }. Install it from https://go.dev/dl/ into /usr/local/go, then run this again.`,
  );
}

const NO_GO = { status: 127, output: "" };
