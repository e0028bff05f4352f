/** Programs in containers, started by the engine's socket. */
import { setTimeout as sleep } from "node:timers/promises";
import { answerTo, parseJson } from "./engine-socket.ts";

/** What a program has printed, and its exit status. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitStatus: number;
}

/** How long the engine has for each question about a program, in milliseconds. */
const answerMs = 5_000;
const betweenMs = 20;

/**
 * Runs a program in a running container, as `docker exec` does.
 *
 * @param timeoutMs - how long it may take, in milliseconds
 * @returns undefined where nothing was started: `docker`, asked for the same, then finds out why.
 * @throws once it may have been started, so that it is not started twice: with `killed` where the time was over, else
 *   with a `stderr` as `docker` has when the engine goes away
 */
export async function execBySocket(
  socketPath: string,
  container: string,
  command: readonly string[],
  timeoutMs: number,
): Promise<Ended | undefined> {
  const id = await preparedProgram(socketPath, container, command);
  if (id === undefined) return undefined;
  try {
    const { status, body } = await answerTo(socketPath, {
      method: "POST",
      path: `/exec/${id}/start`,
      body: { Detach: false, Tty: false },
      timeoutMs,
    });
    // The container has stopped meanwhile.
    if (status !== 200) return undefined;
    const [stdout, stderr] = separate(body);
    return { stdout, stderr, exitStatus: await exitStatusOf(socketPath, id) };
  } catch (error) {
    if (error instanceof Error && "killed" in error) throw error;
    const said = `error during connect: ${error instanceof Error ? error.message : error}`;
    throw Object.assign(new Error(said), { stderr: said });
  }
}

/** @returns the engine's id of a program that it has not started yet */
async function preparedProgram(
  socketPath: string,
  container: string,
  command: readonly string[],
): Promise<string | undefined> {
  const answer = await answerTo(socketPath, {
    method: "POST",
    path: `/containers/${encodeURIComponent(container)}/exec`,
    body: { Cmd: command, AttachStdout: true, AttachStderr: true },
    timeoutMs: answerMs,
  }).catch(() => undefined);
  if (answer?.status !== 201) return undefined;
  const { Id: id } = (parseJson(answer.body) ?? {}) as { readonly Id?: unknown };
  return typeof id === "string" ? id : undefined;
}

/** Its streams end a moment before the engine knows that the program has. */
async function exitStatusOf(socketPath: string, id: string): Promise<number> {
  const deadline = performance.now() + answerMs;
  for (;;) {
    const { body } = await answerTo(socketPath, { path: `/exec/${id}/json`, timeoutMs: answerMs });
    const { Running: isRunning, ExitCode: status } = (parseJson(body) ?? {}) as {
      readonly Running?: unknown;
      readonly ExitCode?: unknown;
    };
    if (isRunning === false && typeof status === "number") return status;
    if (performance.now() > deadline) throw new Error("the engine does not say how the program has ended");
    await sleep(betweenMs);
  }
}

/** Standard output and standard error, which come in frames: the stream's number, three zeros, a length, and so much of it. */
function separate(frames: Buffer): [stdout: string, stderr: string] {
  const streams: Readonly<Record<1 | 2, Buffer[]>> = { 1: [], 2: [] };
  let at = 0;
  while (at + 8 <= frames.length) {
    const end = at + 8 + frames.readUInt32BE(at + 4);
    streams[frames[at] === 2 ? 2 : 1].push(frames.subarray(at + 8, end));
    at = end;
  }
  return [Buffer.concat(streams[1]).toString(), Buffer.concat(streams[2]).toString()];
}
