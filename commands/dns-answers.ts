import { type Answers, answerKey, type Question } from "../review/foreign-records.ts";
import { ask, type NameResolver } from "../verify/probes/dns.ts";
import { sideBySide } from "../verify/side-by-side.ts";

/** Where the DNS is out of reach, nobody waits for each of a hundred questions. */
const PATIENCE_MS = 10_000;
const MOST_AT_ONCE = 12;

/** What the DNS says; questions without an answer have no entry. */
export async function answersTo(questions: readonly Question[], resolver: NameResolver): Promise<Answers> {
  const answers = new Map<string, readonly string[]>();
  const end = performance.now() + PATIENCE_MS;
  await sideBySide(questions, MOST_AT_ONCE, async (question) => {
    if (performance.now() >= end) return;
    const contents = await ask(resolver, question.name, question.type).catch(() => undefined);
    if (contents !== undefined) answers.set(answerKey(question), contents);
  });
  return answers;
}
