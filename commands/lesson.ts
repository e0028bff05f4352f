import { lookup } from "node:dns/promises";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { stackOption } from "../exercise/command-words.ts";
import {
  judgeCertificate,
  judgeClient,
  judgeForgery,
  judgeMessage,
  judgeNames,
  judgePassword,
  judgePort,
  judgeRecord,
  judgeServer,
} from "../exercise/judge.ts";
import { markSheet } from "../exercise/mark-sheet.ts";
import {
  nextStep,
  type Progress,
  progressOf,
  progressSchema,
  type StepProgress,
  withStep,
} from "../exercise/progress.ts";
import { checkOf, recordsBroken } from "../exercise/record-faults.ts";
import { type Scene, sceneOf } from "../exercise/scene.ts";
import { parseServerLog } from "../exercise/server-log.ts";
import { isRecordFault, minutes, numberOf, type StepName, stepNames } from "../exercise/step.ts";
import type { ExerciseText, Missing } from "../exercise/text/exercise-text.ts";
import type { RunningStack } from "../outputs/running-stack.ts";
import { print, printForPeople } from "../toolchain/print.mjs";
import { ToolchainError } from "../toolchain/step.ts";
import type { Check, Result } from "../verify/check.ts";
import { planChecks } from "../verify/plan.ts";
import { reportedEngine } from "../verify/reported-engine.ts";
import { runChecks } from "../verify/run.ts";
import { breakRecords } from "./break-records.ts";
import { UsageError } from "./command.ts";
import { readOwnConnections } from "./own-connections.ts";
import { textTable } from "./text-table.ts";

export interface LessonArgs {
  readonly stack: string;
  /** Nothing before the first `up`. */
  readonly running: RunningStack | undefined;
  /** Whose lesson it is. @default the last mailbox of the first domain */
  readonly student: string | undefined;
  readonly text: ExerciseText;
  /** Where the progress of all students is kept. */
  readonly file: string;
  /** Where the checks of the stack note their connections. */
  readonly checksFile: string;
}

/** The lesson of one student in one stack. Each method prints, and returns the exit status. */
export class Lesson {
  readonly #stack: string;
  readonly #scene: Scene;
  readonly #text: ExerciseText;
  readonly #running: RunningStack | undefined;
  readonly #options: string;
  #progress: Progress;

  readonly #file: string;
  readonly #checksFile: string;

  /** @throws SceneError when the stack lacks what a lesson needs. */
  constructor({ stack, running, student, text, file, checksFile }: LessonArgs) {
    this.#stack = stack;
    this.#running = running;
    this.#text = text;
    this.#file = file;
    this.#checksFile = checksFile;
    this.#progress = readProgress(file);
    this.#scene = running === undefined ? nobody(stack, student) : sceneOf(running, stack, student);
    this.#options = [...(student === undefined ? [] : [` --user ${student}`]), stackOption(stack)].join("");
  }

  list(): number {
    const { list, steps } = this.#text;
    const rows = stepNames.map((step) => [
      String(numberOf(step)),
      steps[step].title,
      String(minutes[step]),
      this.#of(step)?.passedAt === undefined ? "" : this.#text.passed,
    ]);
    print(`${textTable([["", list.heading, list.minutes, ""], ...rows])}\n\n${list.next}${this.#options}\n`);
    return 0;
  }

  show(step: StepName): number {
    this.#change(step, {});
    const { title, task } = this.#text.steps[step];
    const lines = task(this.#scene).map((line) => `  ${line}`);
    const check = this.#text.checkWith(this.#commandFor(step, "--check"));
    printForPeople(`${numberOf(step)}. ${title} (${minutes[step]} min)\n\n${lines.join("\n")}\n\n${check}\n`);
    return 0;
  }

  async break(step: StepName): Promise<number> {
    const running = this.#running;
    if (running === undefined)
      throw new ToolchainError(this.#text.missing({ kind: "not-provisioned" }, this.#scene));
    if (!isRecordFault(step)) throw new UsageError(`Nothing is broken in step ${numberOf(step)}.`);
    const broken = recordsBroken(step, running.zones, this.#scene.domain);
    await breakRecords(reportedEngine(running.endpoint), running, broken);
    this.#change(step, { brokenAt: new Date().toISOString(), found: undefined, passedAt: undefined });
    printForPeople(`${this.#text.broken(step, this.#commandFor(step, "--check --found RECORD"))}\n`);
    return 0;
  }

  async check(step: StepName, found: unknown): Promise<number> {
    const checks = (this.#of(step)?.checks ?? 0) + 1;
    this.#change(step, typeof found === "string" ? { checks, found: found.toLowerCase() } : { checks });
    const missing = await this.#judge(step);
    const { title } = this.#text.steps[step];
    if (missing.length > 0) {
      const lines = missing.map((one) => `  ${this.#text.missing(one, this.#scene)}`);
      printForPeople(`✘ ${numberOf(step)}. ${title}: ${this.#text.open}\n${lines.join("\n")}\n`);
      return 1;
    }
    this.#change(step, { passedAt: new Date().toISOString() });
    printForPeople(`✔ ${numberOf(step)}. ${title}: ${this.#text.passed}\n`);
    const next = nextStep(this.#progress, this.#scene.student);
    printForPeople(
      next === undefined ? `${this.#text.allPassed}\n` : `${this.#text.nextStep(this.#commandFor(next))}\n`,
    );
    return 0;
  }

  report(onlyOne: boolean): number {
    const students = onlyOne ? [this.#scene.student] : Object.keys(this.#progress).toSorted();
    const shown = students.length === 0 ? [this.#scene.student] : students;
    print(markSheet(this.#progress, shown, { stack: this.#stack, text: this.#text }));
    return 0;
  }

  async #judge(step: StepName): Promise<Missing[]> {
    const running = this.#running;
    if (running === undefined) return [{ kind: "not-provisioned" }];
    switch (step) {
      case "server":
        return judgeServer(await resultsOf(running, ({ id }) => /^(?:container|greeting)\.[^@]*$/.test(id)));
      case "names":
        return judgeNames(await lookUp(Object.values(this.#scene.names)), this.#scene);
      case "spf":
      case "mx":
      case "dkim": {
        const ids = new Set(recordsBroken(step, running.zones, this.#scene.domain).map(checkOf));
        return judgeRecord(step, this.#of(step) ?? {}, await resultsOf(running, ({ id }) => ids.has(id)));
      }
      default:
        return judgesOfClients[step](await this.#events(running, step), this.#scene);
    }
  }

  async #events(running: RunningStack, step: StepName) {
    const engine = reportedEngine(running.endpoint);
    const since = new Date(this.#of(step)?.begunAt ?? Date.now());
    const log = await engine.logsSince(running.containers.mailServer, since, { timestamps: true });
    // After the log: what is in it has been noted by then.
    return parseServerLog(log, readOwnConnections(this.#checksFile));
  }

  #of(step: StepName): StepProgress | undefined {
    return progressOf(this.#progress, this.#scene.student, step);
  }

  #change(step: StepName, change: Partial<StepProgress>): void {
    const { student } = this.#scene;
    this.#progress = withStep(this.#progress, { student, step, now: new Date() }, change);
    // Before there is a server nobody knows whose exercise it is.
    if (this.#running !== undefined) writeProgress(this.#file, this.#progress);
  }

  #commandFor(step: StepName, options = ""): string {
    return `npm run exercise -- ${numberOf(step)}${options === "" ? "" : ` ${options}`}${this.#options}`;
  }
}

const judgesOfClients = {
  client: judgeClient,
  message: judgeMessage,
  forgery: judgeForgery,
  port: judgePort,
  password: judgePassword,
  certificate: judgeCertificate,
} as const;

async function resultsOf(running: RunningStack, isMeant: (check: Check) => boolean): Promise<Result[]> {
  return await runChecks(planChecks(running).map((stage) => stage.filter(isMeant)));
}

/** As this machine's programs find a name. */
async function lookUp(names: readonly string[]) {
  return await Promise.all(
    [...new Set(names)].map(async (name) => {
      const found = await lookup(name, { all: true }).catch(() => []);
      return { name, addresses: found.map(({ address }) => address) };
    }),
  );
}

/** What the first step needs to know, before there is a stack. */
function nobody(stack: string, student = ""): Scene {
  const names = { incoming: "", outgoing: "" };
  return { stack, domain: "", address: "", dnsPort: 53, names, student, colleague: "", partner: undefined };
}

function readProgress(file: string): Progress {
  return existsSync(file) ? progressSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : {};
}

function writeProgress(file: string, progress: Progress): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(progress, undefined, 2)}\n`);
}
