import { type Progress, progressOf } from "./progress.ts";
import { numberOf, stepNames } from "./step.ts";
import type { ExerciseText } from "./text/exercise-text.ts";

/** A Markdown table per student: each step, whether it is passed, and when. */
export function markSheet(
  progress: Progress,
  students: readonly string[],
  { stack, text }: { readonly stack: string; readonly text: ExerciseText },
): string {
  const { sheet } = text;
  const sections = students.map((student) => {
    const rows = stepNames.map((step) => {
      const { passedAt, checks = 0 } = progressOf(progress, student, step) ?? {};
      const result = passedAt === undefined ? text.open : text.passed;
      const when = passedAt?.replace(/^(.{10})T(.{5}).*$/, "$1 $2") ?? "";
      return `| ${numberOf(step)}. ${text.steps[step].title} | ${result} | ${when} | ${checks} |`;
    });
    const passed = stepNames.filter((step) => progressOf(progress, student, step)?.passedAt !== undefined);
    return [
      `## ${sheet.student}: ${student}`,
      "",
      `**${sheet.mark(passed.length, stepNames.length)}**`,
      "",
      `| ${sheet.step} | ${sheet.result} | ${sheet.passedAt} | ${sheet.tries} |`,
      "| --- | --- | --- | ---: |",
      ...rows,
    ].join("\n");
  });
  return `${[`# ${sheet.title}: ${stack}`, ...sections].join("\n\n")}\n`;
}
