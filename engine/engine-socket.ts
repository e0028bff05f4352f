import { localSocket } from "./address.ts";

const answerMs = 5_000;

/** A question to an engine's API. */
export interface Question {
  /** @default "GET" */
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  /** What is sent: an archive as it is, anything else as JSON. */
  readonly body?: unknown;
  /** How long the whole answer may take, in milliseconds. */
  readonly timeoutMs: number;
}

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * Asks an engine on this machine by its socket: a start of `docker` costs more than all that it asks for.
 *
 * @param path - of the engine's API, which answers with JSON
 * @returns undefined without a good answer: `docker`, asked for the same, then finds out why.
 */
export async function askSocket(
  host: string | undefined,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const socketPath = localSocket(host);
  if (socketPath === undefined) return undefined;
  const question = { path: `${path}?${new URLSearchParams(query)}`, timeoutMs: answerMs };
  const answer = await answerTo(socketPath, question).catch(() => undefined);
  return answer?.status === 200 ? parseJson(answer.body) : undefined;
}

/**
 * Has an engine on this machine do something.
 *
 * @param done - the status of the answer when it has
 * @returns undefined where it has not, or does not say so: `docker`, asked for the same, then finds out why.
 */
export async function orderBySocket(
  host: string | undefined,
  question: Question,
  done: number,
): Promise<Buffer | undefined> {
  const socketPath = localSocket(host);
  if (socketPath === undefined) return undefined;
  const answer = await answerTo(socketPath, question).catch(() => undefined);
  return answer?.status === done ? answer.body : undefined;
}

/** @throws when the engine does not answer, or not to the end: the error's `killed` is true where the time was over. */
export async function answerTo(
  socketPath: string,
  { method = "GET", path, body, timeoutMs }: Question,
): Promise<Answer> {
  // An import would load all that the module names, and with it a second client of HTTP: 40 ms.
  const { request } = process.getBuiltinModule("node:http");
  const sent = body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const type = Buffer.isBuffer(sent) ? "application/x-tar" : "application/json";
  const headers =
    sent === undefined ? {} : { "Content-Type": type, "Content-Length": String(Buffer.byteLength(sent)) };
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const closed = () => reject(new Error("the engine closed the connection"));
  // A connection that is kept would keep the program from ending.
  const asked = request({ socketPath, method, path, headers, agent: false }, (answer) => {
    const parts: Buffer[] = [];
    answer.on("data", (part: Buffer) => parts.push(part));
    answer.on("error", reject);
    answer.on("close", closed);
    answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts) }));
  });
  const clock = setTimeout(() => {
    reject(Object.assign(new Error("the time was over"), { killed: true }));
    asked.destroy();
  }, timeoutMs);
  asked.on("error", reject);
  asked.on("close", closed);
  asked.end(sent);
  try {
    return await promise;
  } finally {
    clearTimeout(clock);
  }
}

/** @returns undefined for what is not JSON */
export function parseJson(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}
