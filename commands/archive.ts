import type { DockerEngine } from "../engine/docker-engine.ts";
import { EngineError } from "../engine/errors.ts";
import { formatMoment } from "../naming/moment.ts";
import { parseRunningStack } from "../outputs/running-stack.ts";
import { serverViews, viewOf } from "../outputs/server-views.ts";
import { normalizeAddress } from "../records/index.ts";
import { formatSize } from "../stacks/schema/fields.ts";
import { print } from "../toolchain/print.mjs";
import { ToolchainError } from "../toolchain/step.ts";
import { stateSteps } from "../toolchain/steps.ts";
import { reportedEngine } from "../verify/reported-engine.ts";
import { type Command, jsonOption, stackOption, textOf, UsageError } from "./command.ts";
import { stackOutputs } from "./pulumi.ts";
import { textTable } from "./text-table.ts";

const actions = ["list", "restore", "export", "delete"];
const program = "/usr/lib/maildomain/server/mailbox-archive";

/** The mail of removed mailboxes, which the server keeps for `keepRemovedMail` days. */
export const command: Command = {
  usage: "list | restore ADDRESS [TIME] | export ADDRESS [TIME] > FILE.mbox | delete ADDRESS [TIME] --yes",
  options: {
    ...stackOption,
    ...jsonOption,
    yes: { type: "boolean", short: "y", description: "delete without asking" },
  },
  takes: { positionals: true },
  setUp: stateSteps,

  async run(call) {
    const words = archiveWords(call.positionals, call.values.yes === true);
    const running = parseRunningStack(await stackOutputs(textOf(call, "stack")));
    const engine = reportedEngine(running.endpoint);
    const [action, address = ""] = words;
    if (action !== "list") {
      // A mailbox may be larger than what fits into memory.
      return await engine.execOnOutput(viewOf(running, address).containers.mailServer, [program, ...words]);
    }
    const archives = await Promise.all(
      serverViews(running).map(({ containers }) => listArchive(engine, containers.mailServer)),
    );
    const entries = archives.flat();
    const text = call.values.json === true ? JSON.stringify(entries, undefined, 2) : formatArchive(entries);
    print(`${text}\n`);
    return 0;
  },
};

/** What a server has set aside. */
export async function listArchive(engine: DockerEngine, container: string): Promise<ArchiveEntry[]> {
  try {
    return parseArchive(await engine.exec(container, [program, "list"]));
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new ToolchainError(`The archive of ${container} cannot be read: ${error.message}`);
  }
}

/** @internal */
export function archiveWords(words: readonly string[], yes: boolean): readonly string[] {
  const [action = "list", address, time, ...more] = words;
  if (!actions.includes(action)) {
    throw new UsageError(`archive needs one of ${actions.join(", ")}: npm run archive -- list`);
  }
  const stray = action === "list" ? words.slice(1) : more;
  if (stray.length > 0) throw new UsageError(`archive ${action}: what is ${stray.join(" ")}?`);
  if (action === "list") return [action];
  if (address === undefined) {
    throw new UsageError(`archive ${action} needs an address: npm run archive -- ${action} ana@example.org`);
  }
  if (action === "delete" && !yes) {
    throw new UsageError(`This deletes mail of ${address} for good. Add --yes to confirm.`);
  }
  return [action, normalizeAddress(address), ...(time === undefined ? [] : [time])];
}

/** What was set aside at one removal. */
export interface ArchiveEntry {
  readonly address: string;
  /** When it was removed, and until when it is kept, both as `20270131T120000Z`. */
  readonly removed: string;
  readonly keptUntil: string;
  readonly bytes: number;
}

/** @internal */
export function parseArchive(text: string): ArchiveEntry[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [address = "", removed = "", keptUntil = "", bytes = ""] = line.split("\t");
      return { address, removed, keptUntil, bytes: Number(bytes) };
    });
}

/** @param stamp - as the archive writes it @example "20270131T120000Z" */
function parseStamp(stamp: string): Date {
  return new Date(stamp.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
}

/** @internal */
export function formatArchive(entries: readonly ArchiveEntry[]): string {
  if (entries.length === 0) return "No mail of removed mailboxes is kept.";
  return textTable([
    ["address", "removed", "kept until", "size"],
    ...entries.map(({ address, removed, keptUntil, bytes }) => [
      address,
      removed,
      formatMoment(parseStamp(keptUntil)),
      formatSize(bytes),
    ]),
  ]);
}
