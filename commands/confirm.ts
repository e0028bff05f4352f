import { createInterface } from "node:readline/promises";
import { UsageError } from "./command.ts";

/** Whether a person says yes; nobody does where there is no terminal. */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  return (await ask(`${question} (yes/no) `)).toLowerCase() === "yes";
}

/**
 * Whether what `--apply` is about to do is wanted: by `--yes`, or by whoever is asked.
 *
 * @throws UsageError where nobody can be asked
 */
export async function isApplicationWanted(question: string, isSure: boolean): Promise<boolean> {
  if (isSure) return true;
  needTerminal("--apply");
  return await confirm(question);
}

/**
 * For what asks before it changes anything: a script has nobody to ask, and says `--yes`.
 *
 * @param what - the command or option that asks
 * @throws UsageError where there is no terminal
 */
export function needTerminal(what: string): void {
  if (process.stdin.isTTY) return;
  throw new UsageError(`${what} asks on a terminal; elsewhere add --yes. Nothing was changed.`);
}

/** What a person types on the terminal. */
export async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(question);
  terminal.close();
  return answer.trim();
}
