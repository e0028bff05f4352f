import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule, TestSuite } from "vitest/node";
import { printError } from "../toolchain/print.mjs";

/** What a file does, and since when, in milliseconds. */
interface Doing {
  readonly what: string;
  readonly since: number;
  /** How long it may take until the file is named. */
  patience: number;
}

/** After so long at one thing, a file is named: in milliseconds. Each time it takes twice as long, it is again. */
const longMs = 5 * 60_000;
/** Longer than any test or hook may take: a process in which nothing ends any more is in a loop, or waits in the kernel. */
const stuckMs = 40 * 60_000;
const lookMs = 15_000;

/** What a process that runs one file calls itself. */
export function workerTitle(file: string): string {
  return `vitest ${file}`;
}

/**
 * Says at once what a file's result would say at the file's end alone: which test has failed, and which takes long. A run that
 * is ended from outside names what it was at. A file whose process is stuck fails, and the others are still run.
 */
export default class TestProgress implements Reporter {
  readonly #files = new Map<string, Doing>();
  readonly #ended = new Set<string>();
  readonly #stuckMs: number;
  #clock: NodeJS.Timeout | undefined;

  /** @param options.stuckMs - how long a process may do one thing, in milliseconds @default 40 minutes */
  constructor(options: { readonly stuckMs?: number } = {}) {
    this.#stuckMs = options.stuckMs ?? stuckMs;
  }

  onTestRunStart(): void {
    this.#clock = setInterval(() => this.#nameLongOnes(), Math.min(lookMs, this.#stuckMs));
    this.#clock.unref();
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.prependOnceListener(signal, this.#nameAll);
  }

  onTestRunEnd(): void {
    clearInterval(this.#clock);
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.off(signal, this.#nameAll);
  }

  onTestModuleQueued(file: TestModule): void {
    this.#begin(file, "starting");
  }

  onTestModuleStart(file: TestModule): void {
    this.#begin(file, "what comes before its first test");
  }

  onTestCaseReady(test: TestCase): void {
    this.#begin(test.module, test.fullName);
  }

  onTestCaseResult(test: TestCase): void {
    this.#begin(test.module, `what comes after: ${test.fullName}`);
    const { state, errors } = test.result();
    if (state === "failed") report(`${test.module.relativeModuleId} > ${test.fullName}`, errors ?? []);
  }

  onTestSuiteResult(suite: TestSuite): void {
    report(`${suite.module.relativeModuleId} > ${suite.fullName}, before or after its tests`, suite.errors());
  }

  onTestModuleEnd(file: TestModule): void {
    report(`${file.relativeModuleId}, before or after its tests`, file.errors());
    this.#ended.add(file.relativeModuleId);
    this.#files.delete(file.relativeModuleId);
  }

  #begin(file: TestModule, what: string): void {
    // What vitest reports of a file's last test may come after its end.
    if (this.#ended.has(file.relativeModuleId)) return;
    this.#files.set(file.relativeModuleId, { what, since: performance.now(), patience: longMs });
  }

  #nameLongOnes(): void {
    for (const [file, doing] of this.#files) {
      const long = performance.now() - doing.since;
      if (long >= this.#stuckMs) this.#end(file, doing);
      if (long < doing.patience) continue;
      doing.patience = 2 * long;
      this.#name(file, doing);
    }
  }

  readonly #nameAll = (): void => {
    for (const [file, doing] of this.#files) this.#name(file, doing);
  };

  /** vitest then reports the file as failed. */
  #end(file: string, doing: Doing): void {
    if (!endProcess(workerTitle(file))) return;
    printError("✘ its process is stuck, and has been ended: ");
    this.#name(file, doing);
  }

  #name(file: string, { what, since }: Doing): void {
    const seconds = Math.round((performance.now() - since) / 1000);
    printError(`${file} has been at this for ${seconds} s: ${what}\n`);
  }
}

function report(what: string, errors: readonly { readonly message: string }[]): void {
  for (const { message } of errors) printError(`✘ ${what}: ${shortened(message)}\n`);
}

/** Of what a command has printed, the last lines say why it failed. */
function shortened(message: string): string {
  const lines = message.trimEnd().split("\n");
  return (lines.length > 8 ? [...lines.slice(0, 1), "…", ...lines.slice(-6)] : lines).join("\n  ");
}

/** Ends the process of this title, where the system shows processes as files. @returns whether there is one */
function endProcess(title: string): boolean {
  const ids = existsSync("/proc") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
  const found = ids.find((id) => titleOf(id) === title);
  return found !== undefined && process.kill(Number(found), "SIGKILL");
}

function titleOf(process: string): string | undefined {
  try {
    return readFileSync(`/proc/${process}/cmdline`, "utf8").replace(/\0.*$/s, "");
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}
