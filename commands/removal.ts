import type { DockerEngine } from "../engine/docker-engine.ts";
import { parseRunningStack, type RunningStack } from "../outputs/running-stack.ts";
import { serverViews } from "../outputs/server-views.ts";
import { MAILBOX_ROOT } from "../servers/generation/container-paths.ts";
import { formatSize } from "../stacks/schema/fields.ts";
import { outputsInState, retainedVolumes } from "./exported-state.ts";

/** What the removal of a stack takes from its users, and what it leaves. */
export async function describeRemoval(
  stack: string,
  exported: string,
  engine: DockerEngine,
): Promise<string> {
  const kept = retainedVolumes(exported);
  if (kept.length > 0)
    return `Stack ${stack}: its servers will be removed. Their mail and keys stay, on the volumes ${kept.join(", ")}.`;
  const running = runningIn(exported);
  if (running === undefined) return `Stack ${stack}: all of it will be deleted, mail that it has too.`;
  const count = running.domains.reduce((sum, { mailboxes }) => sum + mailboxes.length, 0);
  const mailboxes = count === 1 ? "1 mailbox" : `${count} mailboxes`;
  const bytes = await bytesOfMail(running, engine);
  return bytes === undefined
    ? `Stack ${stack}: ${mailboxes} and all their mail will be deleted.`
    : `Stack ${stack}: ${mailboxes}, ${formatSize(bytes)} of mail will be deleted.`;
}

/** An `up` that was cut off has left no outputs. */
function runningIn(exported: string): RunningStack | undefined {
  try {
    return parseRunningStack(outputsInState(exported));
  } catch {
    return undefined;
  }
}

/** @returns undefined where a server cannot be asked */
async function bytesOfMail(running: RunningStack, engine: DockerEngine): Promise<number | undefined> {
  try {
    const sizes = await Promise.all(
      serverViews(running).map(({ containers }) =>
        engine.exec(containers.mailServer, ["du", "--summarize", "--bytes", MAILBOX_ROOT]),
      ),
    );
    return sizes.reduce((sum, printed) => sum + Number.parseInt(printed, 10), 0);
  } catch {
    return undefined;
  }
}
