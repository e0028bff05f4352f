import { EngineError, EngineUnreachableError } from "../engine/errors.ts";
import { shown } from "../naming/unseen.mjs";
import type { RunningStack } from "../outputs/running-stack.ts";
import { PreviewError } from "../review/preview.ts";
import type { PlainStep } from "../review/review.ts";
import { print } from "../toolchain/print.mjs";
import type { Report } from "../toolchain/report.ts";
import type { Result } from "../verify/check.ts";
import { exitStatus, formatChanges, summary } from "../verify/report.ts";
import { reportedEngine } from "../verify/reported-engine.ts";
import { verify } from "../verify/verify.ts";
import { type Command, stackOption, textOf } from "./command.ts";
import { noteOwnConnections } from "./own-connections.ts";
import { ensureStack, exportedState, previewJson } from "./pulumi.ts";
import { reviewOf } from "./review.ts";
import { runningStackOf } from "./running-stack.ts";
import { type ServerUpdates, serversWithUpdates } from "./servers-with-updates.ts";
import { otherEngineProblem, stepsOfDeclared } from "./stack-engine.ts";
import { runOnce } from "./verify.ts";

/** Exit status 0: as declared and working, 1: something differs or is broken, 2: not everything could be checked. */
export const command: Command = {
  usage: "[--stack NAME]",
  options: stackOption,
  setUp: stepsOfDeclared,

  async run(call) {
    const stack = textOf(call, "stack");
    const found = {
      steps: await differingSteps(stack, call.report),
      ...(await runningState(stack, call.report)),
    };
    print(driftMarkdown(stack, found));
    return driftStatus(found);
  },
};

/** Each is undefined where it could not be determined. */
interface Found {
  /** What `up` would change, compared with what really runs. */
  readonly steps: readonly PlainStep[] | undefined;
  readonly results: readonly Result[] | undefined;
  /** The servers whose packages have security updates. This is not drift: the stack file says which day they are of. */
  readonly updates: readonly ServerUpdates[] | undefined;
}

async function differingSteps(stack: string, report: Report): Promise<readonly PlainStep[] | undefined> {
  const review = await reviewOf(stack, report, async () => {
    await ensureStack(stack);
    await expectOwnEngine(stack);
    return await previewJson(stack, ["--refresh"]);
  });
  return review?.steps;
}

/** Of another engine the comparison would report that everything was removed. */
async function expectOwnEngine(stack: string): Promise<void> {
  try {
    const problem = await otherEngineProblem(stack, await exportedState(stack));
    if (problem !== undefined) throw new PreviewError(problem);
  } catch (error) {
    throw error instanceof EngineUnreachableError ? new PreviewError(error.message) : error;
  }
}

async function runningState(stack: string, report: Report): Promise<Pick<Found, "results" | "updates">> {
  const running = await runningStackOf(stack, report);
  if (running === undefined) return { results: undefined, updates: undefined };
  noteOwnConnections(stack, running);
  const results = await runOnce((options) => verify(running, options), report);
  return { results, updates: await securityUpdates(running, report) };
}

/** An archive that does not answer says nothing about what runs. */
async function securityUpdates(running: RunningStack, report: Report): Promise<Found["updates"]> {
  try {
    const servers = await serversWithUpdates(running, reportedEngine(running.endpoint), report);
    return servers
      .map((server) => ({ ...server, updates: server.updates.filter(({ isSecurity }) => isSecurity) }))
      .filter(({ updates }) => updates.length > 0);
  } catch (error) {
    if (!(error instanceof EngineUnreachableError || error instanceof EngineError)) throw error;
    report.note(`Debian's archive could not be asked for updates: ${error.message}`);
    return undefined;
  }
}

/** @internal */
export function driftStatus({ steps, results }: Pick<Found, "steps" | "results">): 0 | 1 | 2 {
  if (steps !== undefined && steps.length > 0) return 1;
  const checked = results === undefined ? 2 : exitStatus(results);
  return steps === undefined && checked === 0 ? 2 : checked;
}

/** An issue on GitHub holds 65,536 characters; nobody reads that many. */
const LONGEST_BLOCK = 25_000;

/** @internal For an issue: names and operations alone, since the properties of what runs may be secret. */
export function driftMarkdown(stack: string, { steps, results, updates }: Found): string {
  const parts = [
    `### What runs, compared with what \`${stack}\` declares`,
    ...comparison(steps),
    "### The running domain",
    ...checks(results),
    "### Security updates",
    ...pending(updates),
  ];
  return `${parts.join("\n\n")}\n`;
}

function comparison(steps: Found["steps"]): string[] {
  if (steps === undefined) return ["Could not be compared: the log shows the reason."];
  if (steps.length === 0) return ["Everything runs as declared."];
  const lines = steps.map(({ operation, type, name }) => `${operation.padEnd(8)} ${type} ${name}`);
  return ["`npm run up` would change:", block(lines.join("\n"))];
}

function checks(results: Found["results"]): string[] {
  if (results === undefined) return ["Could not be checked: the log shows the reason."];
  const notWell = formatChanges([], results).trimEnd();
  return [summary(results), ...(notWell === "" ? [] : [block(notWell)])];
}

function pending(updates: Found["updates"]): string[] {
  if (updates === undefined) return ["Could not be asked: the log shows the reason."];
  if (updates.length === 0) return ["None is pending."];
  const lines = updates.flatMap(({ name: server, updates }) =>
    updates.map(({ name, from, to, cves }) => `${server}: ${[name, from, "→", to, ...cves].join(" ")}`),
  );
  return ["`npm run updates` has all of them, and applies them:", block(shown(lines.join("\n")))];
}

/** As code, so that an address does not mention anybody and nothing in it is read as Markdown. */
function block(text: string): string {
  const short = text.length > LONGEST_BLOCK ? `${text.slice(0, LONGEST_BLOCK)}\n…` : text;
  return `\`\`\`\n${short.replaceAll("`", "'")}\n\`\`\``;
}
