/** The Docker Engine that a stack is about: never simply the one of this machine. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DockerEngine } from "../engine/docker-engine.ts";
import { examine } from "../stacks/preflight/engine-identity.ts";
import { certificateIssuer } from "../stacks/program/server-keys.ts";
import { dockerHostIn, parseStackFile, StackFileError } from "../stacks/reading/stack-file.ts";
import { stackFileProblems } from "../stacks/reading/stack-file-problems.ts";
import type { StackSettings } from "../stacks/schema/config.ts";
import { certificateAgent } from "../toolchain/certificate-agent.ts";
import { type Step, ToolchainError } from "../toolchain/step.ts";
import { previewSteps, stepsWith } from "../toolchain/steps.ts";
import { projectFolder } from "../toolchain/versions.ts";
import { type Call, textOf } from "./command.ts";
import { engineInState } from "./exported-state.ts";
import { project } from "./project.ts";
import { readStackFile } from "./pulumi.ts";

/**
 * The engine that the stack file names: where `up` puts things.
 *
 * @throws StackFileError when the file is not valid YAML or its `dockerHost` is not an engine's address
 */
export function declaredEngine(stack: string): DockerEngine {
  const { name, text } = readStackFile(stack);
  return new DockerEngine(dockerHostIn(name, text));
}

/**
 * The stack's settings, those of its directories too; what is encrypted in them is a placeholder.
 *
 * @returns undefined where they have problems, which the program reports
 */
export function declaredSettings(stack: string): StackSettings | undefined {
  const { name, text } = readStackFile(stack);
  try {
    return parseStackFile(name, text, readBesideStacks).settings;
  } catch (error) {
    if (error instanceof StackFileError) return undefined;
    throw error;
  }
}

/**
 * Refuses a stack file with problems before anything is prepared for it or known of it.
 *
 * @throws StackFileError with all of them
 */
export function refuseProblems(stack: string): void {
  const problems = problemsOf(stack);
  if (problems !== undefined) throw new StackFileError(problems);
}

/** All that is wrong with a stack file; undefined where nothing is. */
export function problemsOf(stack: string): string | undefined {
  const { name, text } = readStackFile(stack);
  return stackFileProblems(name, stack, text, readBesideStacks);
}

function readBesideStacks(path: string): Uint8Array {
  return readFileSync(join(projectFolder, "stacks", path));
}

/**
 * The engine that the stack runs on, which another one in the stack file does not change before an `up`.
 *
 * @param exported - what `pulumi stack export` prints
 */
export function engineOf(stack: string, exported: string): DockerEngine {
  const known = engineInState(exported);
  return known === undefined ? declaredEngine(stack) : new DockerEngine(known.host);
}

/** What must be ready for a command that needs the stack's engine. */
export function stepsOf(call: Call): readonly Step[] {
  return stepsWith(declaredEngine(textOf(call, "stack")).host);
}

/** The same for a command that acts on what the stack file says. */
export function stepsOfDeclared(call: Call): readonly Step[] {
  const stack = textOf(call, "stack");
  refuseProblems(stack);
  return [...stepsOf(call), ...agentStep(stack)];
}

/** The program of the certificate agent for the engine's processor, where the stack has one: the image's build needs it. */
function agentStep(stack: string): Step[] {
  const settings = declaredSettings(stack);
  if (settings === undefined || certificateIssuer(settings) !== "acme") return [];
  const engine = declaredEngine(stack);
  const step = async () => certificateAgent(await engine.architecture());
  return [
    {
      name: "certificate agent",
      inspect: async () => {
        try {
          return await (await step()).inspect();
        } catch {
          // The steps before make sure that the engine answers; until then nobody knows which program it needs.
          return { ready: false, found: "no engine to build it for", remedy: "build it from Go modules" };
        }
      },
      ensure: async (report) => (await step()).ensure(report),
    },
  ];
}

/** What must be ready for a command that shows what would change. */
export function previewStepsOf(call: Call): readonly Step[] {
  refuseProblems(textOf(call, "stack"));
  return previewSteps(declaredEngine(textOf(call, "stack")).host);
}

/**
 * Asks the engine that the stack file names whether it is the one that the stack runs on.
 *
 * @param exported - what `pulumi stack export` prints
 * @throws ToolchainError where it is another one: Pulumi would take all that runs to be there already
 */
export async function refuseOtherEngine(stack: string, exported: string): Promise<Recognised> {
  const former = engineInState(exported);
  const declared = declaredEngine(stack);
  const { problem, note, isVolumeMissing = false } = await examine({ project, stack }, former, declared);
  if (problem !== undefined) throw new ToolchainError(problem);
  return { note, isMoved: former !== undefined && former.host !== declared.host, isVolumeMissing };
}

/** An engine that is the stack's. */
export interface Recognised {
  /** Where its address is another one. */
  readonly note: string | undefined;
  readonly isMoved: boolean;
  /** Whether the volume with the stack's identity was removed by hand. */
  readonly isVolumeMissing: boolean;
}

/**
 * Why the engine that the state names is no longer the one that the stack runs on: of another one, all would be reported
 * as removed.
 *
 * @param exported - what `pulumi stack export` prints
 * @returns undefined where it is the same, or nothing is known of it
 */
export async function otherEngineProblem(stack: string, exported: string): Promise<string | undefined> {
  const former = engineInState(exported);
  if (former === undefined || !former.isCarried) return undefined;
  return (await examine({ project, stack }, former, new DockerEngine(former.host))).problem;
}

/** @throws ToolchainError where {@link otherEngineProblem} has something to say, and how to forget the stack then */
export async function refuseToForget(stack: string, exported: string): Promise<void> {
  const problem = await otherEngineProblem(stack, exported);
  if (problem === undefined) return;
  throw new ToolchainError(
    [
      problem,
      `If the engine is gone for good, or all was removed there by hand, forget the stack: \`npx pulumi stack rm --force --preserve-config ${stack}\``,
      `with the variables of \`npm run env -- --stack ${stack}\`. Its keys and passwords are lost with that.`,
    ].join("\n"),
  );
}
