import { verdict } from "../review/markdown.ts";
import { PreviewError } from "../review/preview.ts";
import { previewFromEvents } from "../review/preview-events.ts";
import { printForPeople } from "../toolchain/print.mjs";
import type { Report } from "../toolchain/report.ts";
import { type Command, stackOption, textOf } from "./command.ts";
import { ensureStack, pulumi, pulumiWithEvents } from "./pulumi.ts";
import { liveSources, reviewText } from "./review.ts";
import { previewStepsOf } from "./stack-engine.ts";

export const command: Command = {
  usage: "[--stack NAME] [-- OPTIONS OF pulumi preview]",
  options: stackOption,
  takes: { rest: true },
  setUp: previewStepsOf,

  async run(call) {
    const stack = textOf(call, "stack");
    await ensureStack(stack);
    // Outputs repeat every mailbox and record, which the steps show where they change.
    const args = ["preview", "--suppress-outputs", ...call.rest];
    if (isForProgram(call.rest)) return await pulumi(stack, args);
    const { status, events } = await pulumiWithEvents(stack, args);
    if (status === 0) await printVerdict(stack, events, call.report);
    return status;
  },
};

/** A program reads the CLI's own form, or the person asks for its help. */
function isForProgram(options: readonly string[]): boolean {
  return options.some((option) => /^(?:--(?:json|help)(?:=true)?|-[a-z]*[jh])$/.test(option));
}

/**
 * Without the packages of new images, which `review` has: only Debian's archive knows them, and takes its time to answer.
 */
async function printVerdict(stack: string, events: string, report: Report): Promise<void> {
  try {
    const review = await reviewText(previewFromEvents(events), liveSources(stack, report));
    printForPeople(`Review: ${verdict(review)}\n`);
  } catch (error) {
    if (!(error instanceof PreviewError)) throw error;
    report.note(`What it means for mail is not known: ${error.message}`);
  }
}
