import { readFileSync } from "node:fs";
import { saidBeside } from "../review/asked.ts";
import { type KeptMail, serversToAsk } from "../review/kept-mail.ts";
import { toMarkdown, toShort } from "../review/markdown.ts";
import { type ReplacedPackages, reviewPackages } from "../review/packages.ts";
import { PreviewError, readPreview } from "../review/preview.ts";
import { parseRiskIds, questionsOf, type Review, reviewSteps, withIds } from "../review/review.ts";
import { print } from "../toolchain/print.mjs";
import type { Report } from "../toolchain/report.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { type NameResolver, resolverAt } from "../verify/probes/dns.ts";
import { reportedEngine } from "../verify/reported-engine.ts";
import { type Call, type Command, jsonOption, stackOption, textOf, UsageError } from "./command.ts";
import { answersTo } from "./dns-answers.ts";
import { keptMailOf } from "./kept-mail.ts";
import { ensureStack, previewJson } from "./pulumi.ts";
import { namedResolver, resolverOption } from "./resolver-option.ts";
import { readRunningStack } from "./running-stack.ts";
import { serversWithUpdates } from "./servers-with-updates.ts";
import { previewStepsOf } from "./stack-engine.ts";

/** Exit status 0: reviewed, 1: a risk of `--fail-on` is there, 2: it could not be worked out. */
export const command: Command = {
  usage:
    "[--stack NAME] [--json | --format FORMAT] [--fail-on RISK[,RISK]] [--preview FILE] [--resolver ADDRESS]",
  options: {
    ...stackOption,
    ...jsonOption,
    format: {
      type: "string",
      value: "FORMAT",
      description: "markdown, json, or short: one line for a commit status",
    },
    "fail-on": {
      type: "string",
      value: "RISKS",
      description: "exit status 1 if the change has one of these risks; docs/review.md lists them",
    },
    preview: {
      type: "string",
      value: "FILE",
      description: "the output of `pulumi preview --json`, instead of running a preview",
    },
    ...resolverOption,
  },
  setUp: (call) => (call.values.preview === undefined ? previewStepsOf(call) : []),

  async run(call) {
    const gates = gatesOf(call);
    const format = formatOf(call);
    const stack = textOf(call, "stack");
    const resolver = namedResolver(call) ?? resolverAt();
    const isLive = call.values.preview === undefined;
    const sources = isLive ? liveSources(stack, call.report, resolver) : { resolver };
    const review = await reviewOf(stack, call.report, () => previewOf(call, stack), sources);
    if (review === undefined) return 2;
    const { risks, steps, unknown } = review;
    const packages = isLive ? await replacedPackages(stack, review, call.report) : [];
    const changes = [...review.changes, ...reviewPackages(packages)];
    const whole = { ...review, changes };
    switch (format) {
      case "json":
        print(
          `${JSON.stringify({ version: 1, stack, changes: withIds(changes), risks, unknown, steps }, undefined, 2)}\n`,
        );
        break;
      case "short":
        print(`${toShort(whole)}\n`);
        break;
      default:
        print(toMarkdown(whole, stack));
    }
    return risks.some(({ id }) => gates.includes(id)) ? 1 : 0;
  },
};

const formats = ["markdown", "json", "short"] as const;

function formatOf({ values }: Call): (typeof formats)[number] {
  if (values.json === true) return "json";
  const written = values.format ?? "markdown";
  const format = formats.find((known) => known === written);
  if (format === undefined) throw new UsageError(`--format ${written} is none of ${formats.join(", ")}.`);
  return format;
}

function gatesOf(call: Call) {
  try {
    return parseRiskIds(String(call.values["fail-on"] ?? ""));
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}

/** Whom to ask for what a preview does not say; nobody, if there is none. */
export interface Sources {
  /** For others' records where new ones belong. */
  readonly resolver?: NameResolver | undefined;
  /** For what the mail servers of these host names keep of removed mailboxes. */
  readonly keptMail?: ((hostNames: readonly string[]) => Promise<KeptMail>) | undefined;
}

/** Whom to ask where the stack runs: the DNS, and its mail servers. */
export function liveSources(stack: string, report: Report, resolver: NameResolver = resolverAt()): Sources {
  return { resolver, keptMail: (hostNames) => keptMailOf(stack, hostNames, report) };
}

/** What a preview means for mail; undefined, and reported, where it failed. */
export async function reviewOf(
  stack: string,
  report: Report,
  preview: () => Promise<string>,
  sources: Sources = {},
): Promise<Review | undefined> {
  try {
    return await reviewText(await preview(), sources);
  } catch (error) {
    if (error instanceof ToolchainError) {
      // The CLI's output is as much of the preview as there is, and holds state.
      report.fail(
        `The preview of stack ${stack} failed: run \`npm run preview -- --stack ${stack}\` to see why.`,
      );
      return undefined;
    }
    if (!(error instanceof PreviewError)) throw error;
    report.fail(error.message);
    return undefined;
  }
}

/**
 * What a preview that has succeeded means for mail.
 *
 * @param text - in the form of `pulumi preview --json`
 * @throws PreviewError where it cannot be read
 */
export async function reviewText(text: string, { resolver, keptMail }: Sources = {}): Promise<Review> {
  const steps = readPreview(text);
  const answers = resolver && (await answersTo(questionsOf(steps), resolver));
  return reviewSteps(steps, {
    answers,
    ...saidBeside(text),
    keptMail: await keptMail?.(serversToAsk(steps)),
  });
}

/** What the servers that get another image would have in it, if they were built now. */
async function replacedPackages(
  stack: string,
  { steps }: Review,
  report: Report,
): Promise<readonly ReplacedPackages[]> {
  const isBuilt = steps.some(({ type, because }) => type === REMOTE_IMAGE && because.includes("build"));
  if (!isBuilt) return [];
  try {
    const running = await readRunningStack(stack);
    return await serversWithUpdates(running, reportedEngine(running.endpoint), report);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report.note(`Which packages the new images would have is not known: ${reason}`);
    return [];
  }
}

const REMOTE_IMAGE = "docker:index/remoteImage:RemoteImage";

async function previewOf(call: Call, stack: string): Promise<string> {
  const file = call.values.preview;
  if (typeof file === "string") return readFile(file);
  await ensureStack(stack);
  return await previewJson(stack);
}

function readFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new PreviewError(`${file} cannot be read: use the name of a file with a preview.`);
  }
}
