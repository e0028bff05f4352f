/** A new image serves what it is given, in a container of its own, before the container of the one before is stopped. */
import type { ReplacedServer } from "../../components/index.ts";
import type { DockerEngine } from "../../engine/docker-engine.ts";
import { EngineError, EngineUnreachableError } from "../../engine/errors.ts";

/** Each waits for its daemons, with a limit of its own (images/generation/rehearse-generation). */
const limitMs = 240_000;

/** @returns why a server's new image does not serve its generation; undefined where it does. */
export async function problemOfImage(
  { name, image, generation, capabilities, volume }: ReplacedServer,
  engine: Pick<DockerEngine, "serveOnce">,
): Promise<string | undefined> {
  const proof = "/server-configuration";
  try {
    await engine.serveOnce(image, ["/usr/lib/maildomain/rehearse-generation", proof], generation, {
      capabilities,
      volume: `${volume}:${proof}`,
      timeoutMs: limitMs,
    });
    return undefined;
  } catch (error) {
    if (error instanceof EngineUnreachableError)
      return `${name}: whether its new image serves its configuration could not be tried: ${error.message} ${error.remedy}`;
    if (error instanceof EngineError)
      return `${name}: its new image does not serve its configuration: ${error.message}`;
    throw error;
  }
}
