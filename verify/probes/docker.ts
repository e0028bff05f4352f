import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CannotCheckError } from "../check.ts";

const run = promisify(execFile);

/** The part of `docker inspect` that the checks read. */
export interface ContainerState {
  readonly Name: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Status: string;
    readonly StartedAt: string;
    readonly Health?: {
      readonly Status: string;
      readonly Log?: readonly { readonly Output: string }[];
    };
  };
  readonly NetworkSettings: {
    readonly Ports: Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>;
  };
}

/** @throws CannotCheckError when the engine does not answer; Error when it knows no such container. */
export async function inspectContainer(name: string): Promise<ContainerState> {
  const [state] = JSON.parse(await docker(["container", "inspect", name])) as ContainerState[];
  if (state === undefined) throw new Error(`There is no container ${name}.`);
  return state;
}

/** The id of the configuration in force, or the reason why a new one was refused. */
export async function generationInForce(name: string): Promise<{ id: string } | { refused: string }> {
  try {
    return { id: (await docker(["exec", name, "maildomain-generation"])).trim() };
  } catch (error) {
    if (error instanceof CannotCheckError) throw error;
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

async function docker(args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run("docker", args, { timeout: 15_000, maxBuffer: 16 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const stderr = "stderr" in error ? String(error.stderr).trim() : "";
    if (("code" in error && error.code === "ENOENT") || /docker daemon|permission denied/i.test(stderr))
      throw new CannotCheckError(
        stderr || "There is no `docker` command here.",
        "Run this where the Docker Engine of the stack answers (`docker ps`), with DOCKER_HOST set if it is remote.",
      );
    const stdout = "stdout" in error ? String(error.stdout).trim() : "";
    throw new Error(stdout || stderr || error.message);
  }
}
