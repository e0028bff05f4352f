import { isIP } from "node:net";
import type { DockerEngine } from "../engine/docker-engine.ts";
import { EngineError } from "../engine/errors.ts";
import { formatMoment } from "../naming/moment.ts";
import { parseRunningStack } from "../outputs/running-stack.ts";
import { serverViews } from "../outputs/server-views.ts";
import { normalizeAddress } from "../records/index.ts";
import { print } from "../toolchain/print.mjs";
import { ToolchainError } from "../toolchain/step.ts";
import { stateSteps } from "../toolchain/steps.ts";
import { reportedEngine } from "../verify/reported-engine.ts";
import { type Command, jsonOption, stackOption, textOf, UsageError } from "./command.ts";
import { stackOutputs } from "./pulumi.ts";
import { textTable } from "./text-table.ts";

const program = "/usr/lib/maildomain/server/maildomain-limits";

/** Who is refused at the moment because of wrong passwords. */
export const command: Command = {
  usage: "list | free LOGIN | free IP",
  options: { ...stackOption, ...jsonOption },
  takes: { positionals: true },
  setUp: stateSteps,

  async run(call) {
    const words = limitsWords(call.positionals);
    const running = parseRunningStack(await stackOutputs(textOf(call, "stack")));
    const engine = reportedEngine(running.endpoint);
    const containers = serverViews(running).map((view) => view.containers.mailServer);
    const answers = await Promise.all(containers.map((container) => ask(engine, container, words)));
    const [action, key] = words;
    if (action === "free") {
      const freed = answers.some((answer) => answer.startsWith("freed"));
      print(freed ? `${key} is free.\n` : `No wrong passwords are counted for ${key}.\n`);
      return 0;
    }
    const limits = answers.flatMap(parseLimits);
    const text = call.values.json === true ? JSON.stringify(limits, undefined, 2) : formatLimits(limits);
    print(`${text}\n`);
    return 0;
  },
};

async function ask(engine: DockerEngine, container: string, words: readonly string[]): Promise<string> {
  try {
    return await engine.exec(container, [program, ...words]);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new ToolchainError(`The limits of ${container} cannot be read: ${error.message}`);
  }
}

/** @internal */
export function limitsWords(words: readonly string[]): readonly string[] {
  const [action = "list", key, ...more] = words;
  if (action === "list" && key === undefined) return [action];
  if (action !== "free" || more.length > 0) {
    throw new UsageError("limits needs list or free: npm run limits -- list");
  }
  if (key === undefined) {
    throw new UsageError(
      "limits free needs a login or an IP address: npm run limits -- free ana@example.org",
    );
  }
  if (isIP(key.replace(/\/64$/, "")) !== 0) return [action, key];
  if (key.includes("@")) return [action, normalizeAddress(key)];
  throw new UsageError(`"${key}" is neither a login nor an IP address: write the login as ana@example.org`);
}

/** A bound that is reached. */
export interface ReachedLimit {
  /** The login that it is for; undefined: all. */
  readonly login: string | undefined;
  /** The address that it is for, or its network; undefined: all. */
  readonly address: string | undefined;
  /** The wrong passwords of the last hour. */
  readonly failures: number;
  readonly bound: number;
  /** When the first of them will no longer count (RFC 3339). */
  readonly until: string;
}

/** @internal */
export function parseLimits(text: string): ReachedLimit[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [kind = "", key = "", failures = "", bound = "", until = ""] = line.split("\t");
      const [first, second] = key.split(" ");
      return {
        login: kind === "address" ? undefined : first,
        address: kind === "address" ? first : second,
        failures: Number(failures),
        bound: Number(bound),
        until: new Date(Number(until) * 1000).toISOString(),
      };
    });
}

/** @internal */
export function formatLimits(limits: readonly ReachedLimit[]): string {
  if (limits.length === 0) return "Nobody is limited.";
  return textTable([
    ["login", "from", "wrong passwords", "until"],
    ...limits.map(({ login = "any", address = "anywhere new", failures, bound, until }) => [
      login,
      address,
      `${failures} of ${bound}`,
      formatMoment(new Date(until)),
    ]),
  ]);
}
