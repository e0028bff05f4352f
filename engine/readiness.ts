import type { DockerEngine } from "./docker-engine.ts";
import { EngineUnreachableError } from "./errors.ts";

/** The oldest version that the images and the containers' options work with. */
const oldest = "20.10";

/**
 * Whether an engine can be used, found out before anything is created: host key, login, the engine itself and its
 * version.
 *
 * @returns its version, or what is wrong and what to do about it
 */
export async function readiness(
  engine: DockerEngine,
): Promise<{ readonly version: string } | { readonly problem: string }> {
  try {
    const version = await engine.version();
    if (!isOlder(version, oldest)) return { version };
    return { problem: `Docker Engine ${version} is too old: install ${oldest} or later on its machine.` };
  } catch (error) {
    if (error instanceof EngineUnreachableError) return { problem: `${error.message}\n${error.remedy}` };
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** @internal By major and minor version; one of another form counts as new. */
export function isOlder(version: string, than: string): boolean {
  const [major = Number.NaN, minor = 0] = version.split(".").map(Number.parseFloat);
  const [leastMajor = 0, leastMinor = 0] = than.split(".").map(Number.parseFloat);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}
