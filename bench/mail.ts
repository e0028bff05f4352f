/** `npm run bench -- mail --against HOST:PORT`: the bench's own load, on any mail server. */
import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { textTable } from "../commands/text-table.ts";
import { print } from "../toolchain/print.mjs";
import { processesIn, secondsBetween } from "./container-cpu.ts";
import { emptyMailbox, type Flow, loginsPerSecond, type MailTarget, sendMessages } from "./mail-load.ts";

/** Programs that used less are one line. */
const leastShare = 0.005;

const { values } = parseArgs({
  options: {
    against: { type: "string", default: "" },
    imap: { type: "string" },
    user: { type: "string", default: "" },
    "password-file": { type: "string", default: "" },
    insecure: { type: "boolean", default: false },
    messages: { type: "string", default: "400" },
    sessions: { type: "string", default: "1,8" },
    container: { type: "string" },
  },
});
const submission = place(values.against);
const target: MailTarget = {
  submission,
  imap: values.imap === undefined ? { host: submission.host, port: 993 } : place(values.imap),
  user: values.user,
  password: (await readFile(values["password-file"], "utf8")).replace(/\r?\n$/, ""),
  tls: { rejectUnauthorized: !values.insecure },
};
const messages = Number(values.messages);

print(`${machine()}\n\n`);
const flows: string[][] = [];
for (const sessions of values.sessions.split(",").map(Number)) {
  await emptyMailbox(target);
  const { flow, client, server } = await measured(() => sendMessages(target, sessions, messages));
  flows.push(flowRow(flow, client, server));
  if (server !== undefined) print(`${programTable(flow, server)}\n\n`);
}
await emptyMailbox(target);
const heading = ["sessions", "accepted", "delivered", "median", "p99", "client", "server"];
print(`${textTable([heading, ...flows])}\n\n`);
const rates: string[] = [];
for (const atOnce of [1, 8]) {
  rates.push(`${(await loginsPerSecond(target, atOnce, 40)).toFixed(1)}/s, ${atOnce} at a time`);
}
print(`IMAP logins: ${rates.join("; ")}\n${load()}\n`);

interface Measured {
  readonly flow: Flow;
  /** Milliseconds of CPU time per message. */
  readonly client: number;
  /** Seconds by program. */
  readonly server: ReadonlyMap<string, number> | undefined;
}

async function measured(work: () => Promise<Flow>): Promise<Measured> {
  const { container } = values;
  const before = container === undefined ? undefined : await processesIn(container);
  const start = process.cpuUsage();
  const flow = await work();
  const { user, system } = process.cpuUsage(start);
  const after = container === undefined ? undefined : await processesIn(container);
  const server = before && after && secondsBetween(before, after);
  return { flow, client: (user + system) / 1000 / sent(flow), server };
}

/** With those that logged the sessions in. */
function sent({ messages, sessions }: Flow): number {
  return messages + sessions;
}

function flowRow(flow: Flow, client: number, server: ReadonlyMap<string, number> | undefined): string[] {
  const total = [...(server?.values() ?? [])].reduce((sum, more) => sum + more, 0);
  return [
    `${flow.sessions}`,
    `${flow.accepted.toFixed(1)}/s`,
    `${flow.delivered.toFixed(1)}/s`,
    `${flow.median.toFixed(1)} ms`,
    `${flow.p99.toFixed(1)} ms`,
    `${client.toFixed(1)} ms of CPU per message`,
    server === undefined
      ? "unknown: --container"
      : `${((1000 * total) / sent(flow)).toFixed(1)} ms of CPU per message`,
  ];
}

function programTable(flow: Flow, server: ReadonlyMap<string, number>): string {
  const total = [...server.values()].reduce((sum, more) => sum + more, 0);
  const row = (name: string, seconds: number) => [
    name,
    `${seconds.toFixed(2)} s`,
    `${((1000 * seconds) / sent(flow)).toFixed(2)} ms`,
  ];
  const large = [...server].filter(([, seconds]) => seconds >= leastShare * total);
  const rest = total - large.reduce((sum, [, seconds]) => sum + seconds, 0);
  const rows = [
    ...large.map(([name, seconds]) => row(name, seconds)),
    row("others", rest),
    row("all", total),
  ];
  return textTable([[`${flow.sessions} sessions`, "CPU", "per message"], ...rows]);
}

function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"}), ${memory} GiB of memory. ${load()}`;
}

/** A figure of a machine that others use means less: what waits for a processor says how much. */
function load(): string {
  const [minute = 0] = loadavg();
  return `Load of the last minute: ${minute.toFixed(1)} on ${availableParallelism()} cores.`;
}

function place(text: string): { host: string; port: number } {
  const { hostname, port } = new URL(`mail://${text}`);
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}
