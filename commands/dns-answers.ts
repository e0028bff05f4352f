import { type Answers, answerKey, type Question } from "../review/rivals.ts";
import { ask, type NameResolver } from "../verify/probes/dns.ts";

/** Where the DNS is out of reach, nobody waits for each of a hundred questions. */
const PATIENCE_MS = 10_000;
const SIDE_BY_SIDE = 12;

/** What the DNS says; questions without an answer have no entry. */
export async function answersTo(questions: readonly Question[], resolver: NameResolver): Promise<Answers> {
  const answers = new Map<string, readonly string[]>();
  const waiting = [...questions];
  const end = performance.now() + PATIENCE_MS;
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined && performance.now() < end; next = waiting.shift()) {
      const contents = await ask(resolver, next.name, next.type).catch(() => undefined);
      if (contents !== undefined) answers.set(answerKey(next), contents);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  return answers;
}
