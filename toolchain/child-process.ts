import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ToolchainError } from "./step.ts";

export interface Finished {
  /** 127 when the program does not exist, 128 + n when signal n ended it. */
  readonly status: number;
  readonly stdout: string;
  /** Standard output and standard error, interleaved. */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** What the program reads on standard input; nothing by default. */
  readonly input?: string | undefined;
  /** Called with each line of output: progress for people. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Ends the program when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs a program without a shell and collects what it prints. Never rejects: see {@link Finished.status}. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["pipe", "pipe", "pipe"],
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    // A program that ends before it has read all of it says why itself.
    child.stdin.on("error", () => undefined).end(options.input);
    let stdout = "";
    let output = "";
    const collect = (text: string) => {
      output += text;
      const line = text
        .trimEnd()
        .split(/[\r\n]+/)
        .at(-1);
      if (line !== undefined && line !== "") options.onLine?.(line);
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      collect(text);
    });
    child.stderr.setEncoding("utf8").on("data", collect);
    child.on("error", (error: NodeJS.ErrnoException) => {
      const missing = error.code === "ENOENT";
      resolve({ status: missing ? 127 : 126, stdout, output: `${output}${error.message}\n` });
    });
    child.on("close", (code, signal) => {
      resolve({ status: code ?? (signal === "SIGINT" ? 130 : 143), stdout, output });
    });
  });
}

/** Like {@link run}, but a status other than 0 is an error that shows the end of the output. */
export async function runOrThrow(
  what: string,
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const finished = await run(program, args, options);
  if (finished.status === 0) return finished;
  throw new ToolchainError(
    `${what} failed (exit status ${finished.status}): ${program} ${args.join(" ")}\n${tail(finished.output)}`,
  );
}

/** The last lines of a program's output, indented, for an error message. */
export function tail(output: string, lines = 15): string {
  return output
    .trimEnd()
    .split("\n")
    .slice(-lines)
    .map((line) => `    ${line}`)
    .join("\n");
}

/** The full path of a program on the PATH (or in `more` folders after it), or undefined. */
export function findProgram(name: string, more: readonly string[] = []): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...more];
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isProgram);
}

/** Whether the path is an executable file with something in it. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    const status = statSync(path);
    return status.isFile() && status.size > 0;
  } catch {
    return false;
  }
}
