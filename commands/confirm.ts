import { createInterface } from "node:readline/promises";

/** Whether a person says yes; nobody does where there is no terminal. */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  return (await ask(`${question} (yes/no) `)).toLowerCase() === "yes";
}

/** What a person types on the terminal. */
export async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(question);
  terminal.close();
  return answer.trim();
}
