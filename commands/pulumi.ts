import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { suggest } from "../naming/suggestion.mjs";
import { run } from "../toolchain/child-process.ts";
import { refreshCompiledProgram } from "../toolchain/compiled-program.ts";
import { localFolder, localState, pulumiEnvironment, stateFolder } from "../toolchain/environment.ts";
import { runInForeground } from "../toolchain/foreground.mjs";
import { print, printError } from "../toolchain/print.mjs";
import { pulumiFolder } from "../toolchain/pulumi-cli.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { projectFolder } from "../toolchain/versions.ts";
import { describeRunning, removeStaleLocks } from "./locks.ts";
import { project } from "./project.ts";
import { isStored, lastUpdate, storedDeployment } from "./stored-state.ts";

const STACK_FILE = /^Pulumi\.(.+)\.yaml$/;

/** Where what the CLI prints is shown. */
export interface Shown {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/**
 * Runs an operation on a stack for people, on this process' own streams. Ctrl-C reaches it once, and it stops in
 * good order.
 *
 * @param args - `up`, `preview` or `destroy`, and its options
 * @param shown - where its output is shown in place of this process' own streams
 * @param environment - what it gets in addition to the variables of the stack's state
 * @returns its exit status
 * @throws ToolchainError for what the CLI does not explain well: see {@link explain}
 */
export async function pulumi(
  stack: string,
  args: readonly string[],
  { shown, environment }: { readonly shown?: Shown; readonly environment?: NodeJS.ProcessEnv } = {},
): Promise<number> {
  const folder = stateFolder();
  if (folder !== undefined) removeStaleLocks(folder, stack);
  const file = copyOfStackFile(stack);
  let errors = "";
  const running = runInForeground(
    join(pulumiFolder(), "pulumi"),
    [...args, "--stack", stack, "--config-file", file],
    {
      cwd: projectFolder,
      env: { ...pulumiEnvironment(), ...environment },
      // Only a terminal is its own: a pipe whose reader goes away would end the CLI, but none of its plugins.
      stdio: ["inherit", process.stdout.isTTY && shown === undefined ? "inherit" : "pipe", "pipe"],
      exactlyOneSignal: true,
      onSpawn: (child) => {
        child.stdout?.setEncoding("utf8").on("data", shown?.stdout ?? print);
        child.stderr?.setEncoding("utf8").on("data", (text: string) => {
          errors += text;
          if (explain(text, stack) !== undefined) return;
          const said = stripVTControlCharacters(text.replaceAll(file, stackFileName(stack)));
          (shown?.stderr ?? printError)(said);
        });
      },
    },
  );
  const [status] = await Promise.all([running, refreshCompiledProgram()]);
  const explanation = status === 0 ? undefined : explain(errors, stack);
  if (explanation !== undefined) throw new ToolchainError(explanation);
  return status;
}

/**
 * The CLI rewrites a whole stack file to note the salt of the state's passphrase in it: `true` becomes `"true"`, and
 * lists are laid out otherwise. It finds the salt in the state as well, so it gets a copy, and people's file stays as they
 * wrote it.
 */
function copyOfStackFile(stack: string): string {
  const copy = join(localFolder, "stacks", basename(stackFile(stack)));
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(stackFile(stack), copy);
  return copy;
}

/** The CLI's commands that read the stack file. */
const readers: readonly (string | undefined)[] = ["config", "preview", "refresh"];

/**
 * Runs the CLI for its result.
 *
 * @returns what it prints on standard output
 */
export async function askPulumi(
  stack: string,
  args: readonly string[],
  cwd = projectFolder,
  input?: string,
): Promise<string> {
  const needsCopy = cwd === projectFolder && readers.includes(args[0]);
  const { status, stdout, output } = await run(
    join(pulumiFolder(), "pulumi"),
    [
      ...args,
      "--non-interactive",
      "--stack",
      stack,
      ...(needsCopy ? ["--config-file", copyOfStackFile(stack)] : []),
    ],
    { cwd, input, env: pulumiEnvironment() },
  );
  if (status === 0) return stdout;
  const explanation = explain(output, stack);
  if (explanation !== undefined) throw new ToolchainError(explanation);
  throw new ToolchainError(`pulumi ${args.join(" ")} failed:\n${output.trimEnd()}`);
}

/**
 * What `pulumi stack export` prints, secrets encrypted. A state in local files is read without the CLI, for which this takes
 * most of a second; whoever is about to remove something first calls {@link provePassphrase}.
 */
export async function exportedState(stack: string): Promise<string> {
  const folder = stateFolder();
  const stored = folder === undefined ? undefined : storedDeployment(folder, stack);
  return stored ?? (await askPulumi(stack, ["stack", "export"]));
}

/**
 * Has the CLI open the state.
 *
 * @throws ToolchainError where the passphrase is another one
 */
export async function provePassphrase(stack: string): Promise<void> {
  await askPulumi(stack, ["stack", "export"]);
}

/** The last update of a stack, as `pulumi stack history --json` gives it; undefined where there was none. */
export async function lastUpdateOf(stack: string): Promise<unknown> {
  const stored = lastStoredUpdate(stack);
  if (stored !== undefined) return stored;
  const history = await askPulumi(stack, ["stack", "history", "--json", "--page-size", "1"]);
  return (JSON.parse(history) as readonly unknown[])[0];
}

/** The same without the CLI; undefined also where the state is not in local files. */
export function lastStoredUpdate(stack: string): unknown {
  const folder = stateFolder();
  return folder === undefined ? undefined : lastUpdate(folder, stack);
}

/**
 * Runs a preview for people, as {@link pulumi} does, and keeps the log of its events: more than a second preview would say,
 * without its time.
 *
 * @returns its exit status, and the events, one per line. They hold state and the stack file: not for people's eyes.
 */
export async function pulumiWithEvents(
  stack: string,
  args: readonly string[],
): Promise<{ readonly status: number; readonly events: string }> {
  const folder = mkdtempSync(join(tmpdir(), "maildomain-events-"));
  try {
    const log = join(folder, "events.json");
    // The CLI accepts the option together with this variable alone, as Pulumi's Automation API uses it.
    const debugging = { PULUMI_DEBUG_COMMANDS: "true" };
    const status = await pulumi(stack, [...args, "--event-log", log], { environment: debugging });
    return { status, events: existsSync(log) ? readFileSync(log, "utf8") : "" };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `pulumi preview --json` prints. It holds state and the stack file: not for people's eyes. */
export async function previewJson(stack: string, options: readonly string[] = []): Promise<string> {
  return await askPulumi(stack, ["preview", "--json", ...options]);
}

/**
 * The stack's outputs, secrets in plain text.
 *
 * @throws ToolchainError when the stack is not there or has not been provisioned
 */
export async function stackOutputs(stack: string): Promise<Record<string, unknown>> {
  checkStackFile(stack);
  const provision = `Run \`npm run up${stack === "lab" ? "" : ` -- --stack ${stack}`}\` first.`;
  if (!stackExists(stack)) throw new ToolchainError(`Stack ${stack} has not been provisioned. ${provision}`);
  const text = await askPulumi(stack, ["stack", "output", "--json", "--show-secrets"]);
  const outputs = JSON.parse(text) as Record<string, unknown>;
  if (Object.keys(outputs).length > 0) return outputs;
  throw new ToolchainError(
    `Stack ${stack} has no outputs: it has not been provisioned, or not completely. ${provision}`,
  );
}

/** A value of the stack's configuration in plain text, which only the passphrase of its state opens. */
export async function secretConfig(stack: string, key: string): Promise<string> {
  await ensureStack(stack);
  return (await askPulumi(stack, ["config", "get", key])).trimEnd();
}

/**
 * Whether the stack is in the local state; taken for granted in a state of the user's own.
 *
 * @throws ToolchainError where the local state is damaged or lost
 */
export function stackExists(stack: string): boolean {
  const { folder } = localState();
  return folder === undefined || isStored(folder, stack);
}

/** Makes the stack in the state if it is not there. */
export async function ensureStack(stack: string): Promise<void> {
  const { name, text } = readStackFile(stack);
  refusePlaceholders(name, text);
  if (localState().folder !== undefined && stackExists(stack)) return;
  await besideCopy(stack, text, async () => {});
}

/**
 * Makes the stack in the state if it is not there, with a folder of its own in which the CLI may write the stack file:
 * some of its commands take no other.
 */
async function besideCopy<Result>(
  stack: string,
  text: string,
  work: (folder: string, file: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "maildomain-stack-"));
  try {
    const file = join(folder, basename(stackFile(stack)));
    writeFileSync(join(folder, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
    writeFileSync(file, text, { mode: 0o600 });
    if (localState().folder === undefined) await askPulumi(stack, ["stack", "select", "--create"], folder);
    else if (!stackExists(stack)) await askPulumi(stack, ["stack", "init", "--no-select"], folder);
    return await work(folder, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @internal The examples among the stack files have placeholders where secrets belong; the CLI would call each an
 * "unknown value version".
 *
 * @throws ToolchainError that says what to do about each
 */
export function refusePlaceholders(file: string, text: string): void {
  const commands = [...text.matchAll(/^\s*secure:\s*"?placeholder: ([^"\n]*)"?\s*$/gm)].map(
    ([, command = ""]) => `  ${command}`,
  );
  if (commands.length === 0) return;
  throw new ToolchainError(
    [`${file} has placeholders where secrets belong. Nothing was changed. Set them:`, ...commands].join("\n"),
  );
}

/**
 * Encrypts values into a stack file that is still to be written, by the stack's passphrase; makes the stack in the
 * state if it is not there, since the CLI encrypts for a stack alone.
 *
 * @param text - the stack file
 * @param secrets - each by its path in the file, such as `maildomain:domains[0].dkim[0].privateKey`
 * @returns the stack file with the values in it, encrypted, and with what opens them
 */
export async function encryptInto(
  stack: string,
  text: string,
  secrets: readonly { readonly path: string; readonly value: string }[],
): Promise<string> {
  return await besideCopy(stack, text, async (folder, file) => {
    for (const { path, value } of secrets) {
      // By standard input: everybody can see arguments.
      await askPulumi(stack, ["config", "set", "--secret", "--path", path], folder, value);
    }
    return readFileSync(file, "utf8");
  });
}

/** @throws ToolchainError when there is no file for the stack, before the CLI runs */
export function checkStackFile(stack: string): void {
  if (existsSync(stackFile(stack))) return;
  const stacks = readdirSync(join(projectFolder, "stacks")).flatMap(
    (name) => STACK_FILE.exec(name)?.[1] ?? [],
  );
  const meant = suggest(stack, stacks);
  throw new ToolchainError(
    `${stackFileName(stack)} does not exist. ${meant === undefined ? "" : `Did you mean ${meant}? `}` +
      `Stacks are ${stacks.sort().join(", ")}; \`npm run new -- NAME\` writes the file of a new one.`,
  );
}

/**
 * The stack's file, as parsed from YAML.
 *
 * @returns its text, and how people know it
 * @throws ToolchainError when there is none
 */
export function readStackFile(stack: string): { readonly name: string; readonly text: string } {
  checkStackFile(stack);
  return { name: stackFileName(stack), text: readFileSync(stackFile(stack), "utf8") };
}

function stackFile(stack: string): string {
  return join(projectFolder, stackFileName(stack));
}

function stackFileName(stack: string): string {
  return `stacks/Pulumi.${stack}.yaml`;
}

/**
 * @internal The CLI's internal messages, reworded for people. All of it comes before anything changes.
 *
 * @returns undefined for anything else
 */
export function explain(output: string, stack: string, place = localState()): string | undefined {
  const yaml = /invalid YAML file: (?:yaml: )?(.*)/.exec(output)?.[1];
  if (yaml !== undefined) return `${stackFileName(stack)} is not valid YAML: ${yaml}. Nothing was changed.`;
  const running = runningUpdate(output);
  if (running !== undefined) return running;
  if (!/incorrect passphrase|passphrase must be set/.test(output)) return undefined;
  const { passphraseFile } = place;
  return passphraseFile === undefined
    ? `Your passphrase does not open the state of stack ${stack}. Nothing was changed. Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the one that the stack was created with.`
    : `The passphrase in ${passphraseFile} does not open the state of stack ${stack}. Nothing was changed. Restore the file that the stack was created with, or set PULUMI_CONFIG_PASSPHRASE_FILE to it.`;
}

/** Of a state in a folder or a bucket the CLI says who has the lock; of Pulumi Cloud it knows that somebody has. */
function runningUpdate(output: string): string | undefined {
  const [, hostname, pid, timestamp] =
    /currently locked by [\s\S]*?created by [^@\n]*@(\S+) \(pid (\d+)\) at (\S+)/.exec(output) ?? [];
  if (hostname !== undefined) return describeRunning({ hostname, pid: Number(pid), timestamp });
  return /Another update is currently in progress/.test(output)
    ? describeRunning({ hostname: "another machine or in another terminal" })
    : undefined;
}
