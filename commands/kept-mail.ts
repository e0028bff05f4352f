import { serverViews } from "../outputs/server-views.ts";
import type { KeptMail } from "../review/kept-mail.ts";
import type { Report } from "../toolchain/report.ts";
import { reportedEngine } from "../verify/reported-engine.ts";
import { type ArchiveEntry, listArchive } from "./archive.ts";
import { readRunningStack } from "./running-stack.ts";

/** What the stack's mail servers keep of removed mailboxes, by host name; a server that does not answer is left out. */
export async function keptMailOf(
  stack: string,
  hostNames: readonly string[],
  report: Report,
): Promise<KeptMail> {
  if (hostNames.length === 0) return new Map();
  try {
    const running = await readRunningStack(stack);
    const engine = reportedEngine(running.endpoint);
    const views = serverViews(running).filter(({ hostName }) => hostNames.includes(hostName));
    const answers = await Promise.allSettled(
      views.map(async ({ hostName, containers }) => {
        const entries = await listArchive(engine, containers.mailServer);
        return [hostName, entries.map(keptMailbox)] as const;
      }),
    );
    return new Map(answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : [])));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report.note(`What the servers keep of removed mailboxes is not known: ${reason}`);
    return new Map();
  }
}

/** @internal */
export function keptMailbox({ address, removed, bytes }: ArchiveEntry) {
  // ISO 8601's basic format, which Date does not read.
  const time = removed.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  return { address, bytes, removed: new Date(time) };
}
