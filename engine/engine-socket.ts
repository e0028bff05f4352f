import { localSocket } from "./address.ts";

const answerMs = 5_000;

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
  // An import would load all that the module names, and with it a second client of HTTP: 40 ms.
  const { request } = process.getBuiltinModule("node:http");
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const asked = request(
    // A connection that is kept would keep the program from ending.
    { socketPath, path: `${path}?${new URLSearchParams(query)}`, timeout: answerMs, agent: false },
    (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => {
        text += part;
      });
      answer.on("error", () => resolve(undefined));
      answer.on("end", () => resolve(answer.statusCode === 200 ? parse(text) : undefined));
    },
  );
  asked.on("timeout", () => asked.destroy());
  asked.on("error", () => resolve(undefined));
  asked.on("close", () => resolve(undefined));
  asked.end();
  return await promise;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
