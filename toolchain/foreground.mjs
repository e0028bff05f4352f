import { spawn } from "node:child_process";
import { constants } from "node:os";

/** A terminal's and a parent's signal for the same key press arrive within this time. */
const SAME_SIGNAL_MS = 1000;

/**
 * Runs a program on this process' own streams and hands signals on to it.
 *
 * A terminal sends Ctrl-C to every process of the foreground group, so that nothing may be handed on there: the
 * Pulumi CLI takes a second interrupt for "stop at once and leave the state behind". Elsewhere (a service, a CI
 * job) often only the first process gets it, and hands it on.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{
 *   cwd?: string,
 *   env?: NodeJS.ProcessEnv,
 *   stdio?: import("node:child_process").StdioOptions,
 *   exactlyOneSignal?: boolean,
 *   onSpawn?: (child: import("node:child_process").ChildProcess) => void,
 * }} [options] `exactlyOneSignal` keeps a signal for the whole group from reaching the program twice
 * @returns {Promise<number>} the exit status, 128 + n when signal n ended it
 */
export function runInForeground(program, args, options = {}) {
  const terminal = process.stdin.isTTY === true;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: options.stdio ?? "inherit",
      detached: options.exactlyOneSignal === true && !terminal,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    let last = Number.NEGATIVE_INFINITY;
    /** @param {NodeJS.Signals} signal */
    const handOn = (signal) => {
      if (terminal && signal === "SIGINT") return;
      if (performance.now() - last < SAME_SIGNAL_MS) return;
      last = performance.now();
      child.kill(signal);
    };
    process.on("SIGINT", handOn).on("SIGTERM", handOn);
    const release = () => process.off("SIGINT", handOn).off("SIGTERM", handOn);
    options.onSpawn?.(child);
    child.once("error", (error) => {
      release();
      reject(error);
    });
    child.once("close", (code, signal) => {
      release();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
