import { join } from "node:path";
import { SceneError } from "../exercise/scene.ts";
import { isRecordFault, numberOf, recordFaults, type StepName, stepNames, stepOf } from "../exercise/step.ts";
import { english } from "../exercise/text/english.ts";
import type { ExerciseText } from "../exercise/text/exercise-text.ts";
import { portuguese } from "../exercise/text/portuguese.ts";
import { OutputsError, parseRunningStack, type RunningStack } from "../outputs/running-stack.ts";
import { normalizeAddress } from "../records/index.ts";
import { localFolder } from "../toolchain/environment.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { stateSteps } from "../toolchain/steps.ts";
import { type Call, type Command, stackOption, textOf, UsageError } from "./command.ts";
import { Lesson } from "./lesson.ts";
import { noteOwnConnections, ownConnectionsFile } from "./own-connections.ts";
import { stackOutputs } from "./pulumi.ts";

const languages: Readonly<Record<string, ExerciseText>> = { en: english, pt: portuguese };

/** A lesson's steps: shown, broken, checked and marked. Exit status of a check 0: passed, 1: not yet. */
export const command: Command = {
  usage:
    "[STEP [--break | --check [--found RECORD]] | --report] [--user ADDRESS] [--language en|pt] [--stack NAME]",
  options: {
    ...stackOption,
    check: { type: "boolean", description: "check whether the step is done" },
    break: { type: "boolean", description: "break what the step is about, in a lab" },
    found: {
      type: "string",
      value: "RECORD",
      description: "with --check: the record that was wrong: spf, mx or dkim",
    },
    user: {
      type: "string",
      value: "ADDRESS",
      description: "whose exercise it is; by default the last mailbox of the first domain",
    },
    report: {
      type: "boolean",
      description: "print the mark sheet of all students, or of --user, as Markdown",
    },
    language: {
      type: "string",
      value: "en|pt",
      default: /^pt/i.test(process.env.LC_ALL || process.env.LANG || "") ? "pt" : "en",
      description: "the language of the steps, by default the terminal's",
    },
  },
  takes: { positionals: true },
  setUp: stateSteps,

  async run(call) {
    const step = requestedStep(call);
    const lesson = await openLesson(call);
    if (call.values.report === true) return lesson.report(call.values.user !== undefined);
    if (step === undefined) return lesson.list();
    if (call.values.break === true) return await lesson.break(step);
    if (call.values.check === true) return await lesson.check(step, call.values.found);
    return lesson.show(step);
  },
};

/** @internal */
export function requestedStep({
  positionals,
  values,
}: Pick<Call, "positionals" | "values">): StepName | undefined {
  const [word, ...more] = positionals;
  if (more.length > 0) throw new UsageError("exercise is about one step: npm run exercise -- 3");
  if (word === undefined) {
    if (values.check === true || values.break === true)
      throw new UsageError("--check and --break need a step: npm run exercise -- 3 --check");
    return undefined;
  }
  const step = stepOf(word);
  if (step === undefined)
    throw new UsageError(
      `"${word}" is not a step: use 1 to ${stepNames.length}, or ${stepNames.join(", ")}.`,
    );
  if (values.report === true) throw new UsageError("--report is about all steps: leave out the number.");
  if (values.break === true && values.check === true)
    throw new UsageError("Use --break first, then --check.");
  if (values.break === true && !isRecordFault(step))
    throw new UsageError(
      `--break is for steps ${recordFaults.map(numberOf).join(", ")}; in step ${numberOf(step)} the client is what gets broken.`,
    );
  if (values.found !== undefined && (values.check !== true || !isRecordFault(step)))
    throw new UsageError(`--found is for the check of steps ${recordFaults.map(numberOf).join(", ")}.`);
  return step;
}

async function openLesson(call: Call): Promise<Lesson> {
  const text = languages[textOf(call, "language")];
  if (text === undefined) throw new UsageError(`--language is one of ${Object.keys(languages).join(", ")}.`);
  const stack = textOf(call, "stack");
  const { user } = call.values;
  const student = typeof user === "string" ? normalizeAddress(user) : undefined;
  const file = join(localFolder, "exercise", `${stack}.json`);
  try {
    const running = await runningLab(stack);
    if (running !== undefined) noteOwnConnections(stack, running);
    return new Lesson({ stack, running, student, text, file, checksFile: ownConnectionsFile(stack) });
  } catch (error) {
    throw error instanceof SceneError ? new ToolchainError(error.message) : error;
  }
}

/** Nothing before the first `up`. */
async function runningLab(stack: string): Promise<RunningStack | undefined> {
  try {
    const running = parseRunningStack(await stackOutputs(stack));
    // Only a lab has it.
    if (running.containers.innerDnsServer == null) {
      throw new SceneError(
        `Stack ${stack} is not a lab: an exercise breaks records, and reads who logs in. Use a stack with lab: true.`,
      );
    }
    return running;
  } catch (error) {
    if (error instanceof ToolchainError || error instanceof OutputsError) return undefined;
    throw error;
  }
}
