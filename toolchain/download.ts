import { Agent, request } from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import { run, tail } from "./child-process.ts";
import { saysUnreachable } from "./reachability.ts";
import type { Report } from "./report.ts";
import { ToolchainError } from "./step.ts";

const ATTEMPTS = 3;
const PAUSE_MS = 5_000;
/** How long a person waits before learning that there is another way. */
const SLOW_MS = 120_000;

export interface Download {
  /** What is downloaded, for people. */
  readonly what: string;
  /** The site it comes from, asked first. */
  readonly from: URL;
  /** The official installer. */
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** What happens instead where the site cannot be reached, for people. */
  readonly otherwise: string;
}

/**
 * Runs an official installer, unless its site cannot be reached. Nothing here has a time limit: a slow
 * download continues, with its progress shown. `MAILDOMAIN_BUILD=1` does not try it at all.
 *
 * @returns whether it has arrived; false where the site cannot be reached
 * @throws ToolchainError when the site answers but the installer fails again and again
 */
export async function download(report: Report, wanted: Download): Promise<boolean> {
  if (process.env.MAILDOMAIN_BUILD) {
    report.note(`MAILDOMAIN_BUILD is set: ${wanted.otherwise}`);
    return false;
  }
  const refusal = await report.during(`downloading ${wanted.what}`, async (detail) => {
    const hint = setTimeout(
      () => detail(`still downloading; Ctrl-C and MAILDOMAIN_BUILD=1 for ${wanted.otherwise}`),
      SLOW_MS,
    );
    return await attempts(wanted).finally(() => clearTimeout(hint));
  });
  if (refusal === undefined) return true;
  report.note(`${wanted.from.host} cannot be reached (${refusal}): ${wanted.otherwise}`);
  return false;
}

async function attempts(wanted: Download): Promise<string | undefined> {
  const refusal = await askSite(wanted.from);
  if (refusal !== undefined) return refusal;
  for (let attempt = 1; ; attempt += 1) {
    const { status, output } = await run(wanted.program, wanted.args, {
      // Node's fetch, which the npm package uses, uses HTTPS_PROXY only on request.
      env: { NODE_USE_ENV_PROXY: "1", ...(wanted.env ?? process.env) },
    });
    if (status === 0) return undefined;
    if (saysUnreachable(output)) return output.trim().split("\n").at(-1) ?? "";
    if (attempt === ATTEMPTS) {
      throw new ToolchainError(
        `Downloading ${wanted.what} failed ${ATTEMPTS} times, though ${wanted.from.host} answers:\n${tail(output)}\n` +
          `Try again when the network is better, or set MAILDOMAIN_BUILD=1 for ${wanted.otherwise}.`,
      );
    }
    await pause(PAUSE_MS);
  }
}

/**
 * Asks a site for a file's head.
 *
 * @returns why it cannot be reached, undefined if it answers, however slowly
 */
export function askSite(url: URL): Promise<string | undefined> {
  return new Promise((resolve) => {
    // Without a limit of our own: the kernel gives a connection up that nobody answers (ETIMEDOUT, 2 minutes).
    const agent = new Agent({ proxyEnv: process.env });
    request(url, { method: "HEAD", agent })
      .on("response", (response) => {
        response.resume();
        agent.destroy();
        const status = response.statusCode ?? 0;
        resolve(status >= 400 && status < 500 && status !== 429 ? `HTTP status ${status}` : undefined);
      })
      .on("error", (error: NodeJS.ErrnoException) => {
        const reason = error.code ?? error.message;
        // Anything else, a connection that breaks for example, is for the installer to try again.
        resolve(saysUnreachable(reason) ? reason : undefined);
      })
      .end();
  });
}
