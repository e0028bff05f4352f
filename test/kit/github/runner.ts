import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../toolchain/child-process.ts";
import { type ExpressionContext, evaluate, fillIn } from "./expression.ts";
import type { WorkflowJob, WorkflowStep } from "./workflow.ts";

export interface JobRun {
  /** Where `actions/checkout` has put the project. */
  readonly checkout: string;
  /** Everything that expressions may name, such as `vars.MAILDOMAIN_STACK`. */
  readonly values: Readonly<Record<string, string>>;
  /** What the runner has in addition to this process' own environment. */
  readonly environment: NodeJS.ProcessEnv;
}

export interface StepResult {
  readonly name: string;
  readonly outcome: "success" | "failure" | "skipped";
  /** Whether the job fails by it. */
  readonly failed: boolean;
  readonly log: string;
}

export interface JobResult {
  readonly conclusion: "success" | "failure" | "skipped";
  readonly runsOn: string;
  readonly steps: readonly StepResult[];
  /** What the run's page shows. */
  readonly summary: string;
  /** The files of `actions/upload-artifact`, each with its text. */
  readonly artifacts: Readonly<Record<string, string>>;
  /** What the steps have left in `~/.ssh`, each file with its mode and text. */
  readonly keys: Readonly<Record<string, string>>;
}

/** What other people's actions would do is there already: the checkout, and Node with the dependencies. */
const actionsDone = /^actions\/(?:checkout|setup-node)@/;
const upload = /^actions\/upload-artifact@/;

/** Runs a job's steps as GitHub's runner does, in a home of their own. */
export async function runJob(job: WorkflowJob, run: JobRun): Promise<JobResult> {
  const folder = await mkdtemp(join(tmpdir(), "maildomain-runner-"));
  try {
    return await new Runner(job, run, folder).run();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

class Runner {
  readonly #job: WorkflowJob;
  readonly #run: JobRun;
  readonly #folder: string;
  readonly #steps: StepResult[] = [];
  readonly #outcomes: Record<string, string> = {};
  readonly #artifacts: Record<string, string> = {};
  #environment: NodeJS.ProcessEnv = {};

  constructor(job: WorkflowJob, run: JobRun, folder: string) {
    this.#job = job;
    this.#run = run;
    this.#folder = folder;
  }

  async run(): Promise<JobResult> {
    const job = this.#job;
    if (job.if !== undefined && !evaluate(job.if, this.#context())) return this.#result("skipped");
    await mkdir(this.#home);
    await writeFile(this.#summary, "");
    this.#environment = { ...runnerEnvironment(), ...this.#run.environment, ...this.#filled(job.env) };
    this.#environment.HOME = this.#home;
    this.#environment.GITHUB_STEP_SUMMARY = this.#summary;
    this.#environment.GITHUB_REPOSITORY = this.#run.values["github.repository"];
    for (const step of job.steps) await this.#take(step);
    return this.#result(this.#hasFailed ? "failure" : "success");
  }

  async #result(conclusion: JobResult["conclusion"]): Promise<JobResult> {
    const summary = existsSync(this.#summary) ? await readFile(this.#summary, "utf8") : "";
    return {
      conclusion,
      runsOn: fillIn(this.#job["runs-on"], this.#context()),
      steps: this.#steps,
      summary,
      artifacts: this.#artifacts,
      keys: await filesOf(join(this.#home, ".ssh")),
    };
  }

  get #home(): string {
    return join(this.#folder, "home");
  }

  get #summary(): string {
    return join(this.#folder, "summary.md");
  }

  get #hasFailed(): boolean {
    return this.#steps.some(({ failed }) => failed);
  }

  async #take(step: WorkflowStep): Promise<void> {
    const { outcome, log } = this.#isDue(step)
      ? await this.#perform(step)
      : { outcome: "skipped" as const, log: "" };
    if (step.id !== undefined) this.#outcomes[`steps.${step.id}.outcome`] = outcome;
    const failed = outcome === "failure" && !step["continue-on-error"];
    this.#steps.push({ name: step.name ?? step.uses ?? "", outcome, failed, log });
  }

  /** A condition that asks for no status of the job is one of a job in which nothing has failed. */
  #isDue({ if: condition = "success()" }: WorkflowStep): boolean {
    const whole = /\b(?:always|success|failure)\(/.test(condition)
      ? condition
      : `success() && (${condition})`;
    return Boolean(evaluate(whole, this.#context()));
  }

  #context(): ExpressionContext {
    return {
      values: { ...this.#run.values, ...this.#outcomes },
      functions: {
        always: () => true,
        success: () => !this.#hasFailed,
        failure: () => this.#hasFailed,
        hashFiles: (name) => {
          if (/[*?]/.test(name)) throw new Error(`A pattern of files is not understood: ${name}`);
          return existsSync(join(this.#run.checkout, name)) ? "a hash" : "";
        },
      },
    };
  }

  #filled(variables: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(variables).map(([name, text]) => [name, fillIn(text, this.#context())]),
    );
  }

  async #perform(step: WorkflowStep): Promise<Pick<StepResult, "outcome" | "log">> {
    if (step.run !== undefined) return await this.#script(step, step.run);
    if (upload.test(step.uses ?? "")) {
      const path = String(step.with?.path);
      this.#artifacts[path] = await readFile(join(this.#run.checkout, path), "utf8");
    } else if (!actionsDone.test(step.uses ?? "")) {
      throw new Error(`It is not known what ${step.uses} does.`);
    }
    return { outcome: "success", log: "" };
  }

  async #script(step: WorkflowStep, script: string): Promise<Pick<StepResult, "outcome" | "log">> {
    const file = join(this.#folder, "script.sh");
    await writeFile(file, fillIn(script, this.#context()));
    const options = step.shell === "bash" ? ["--noprofile", "--norc", "-eo", "pipefail"] : ["-e"];
    const { status, output } = await run("bash", [...options, file], {
      cwd: this.#run.checkout,
      env: { ...this.#environment, ...this.#filled(step.env) },
    });
    return { outcome: status === 0 ? "success" : "failure", log: output };
  }
}

/** @example { id_ed25519: "600 …" } */
async function filesOf(folder: string): Promise<Record<string, string>> {
  if (!existsSync(folder)) return {};
  const entries = (await readdir(folder)).map(async (name) => {
    const mode = (await stat(join(folder, name))).mode & 0o777;
    return [name, `${mode.toString(8)} ${await readFile(join(folder, name), "utf8")}`] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The machine's ways out and its programs, and nothing that a person has chosen on it. */
function runnerEnvironment(): NodeJS.ProcessEnv {
  const chosen = /^(?:PULUMI_|GH_|GITHUB_|VITEST|NODE_ENV|NODE_OPTIONS|npm_)/;
  const kept = Object.entries(process.env).filter(([name]) => !chosen.test(name));
  return {
    ...Object.fromEntries(kept),
    // These are in a person's home.
    PULUMI_HOME: process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"),
    DOCKER_CONFIG: process.env.DOCKER_CONFIG ?? join(homedir(), ".docker"),
  };
}
