import { DockerEngine } from "../engine/docker-engine.ts";
import { identityMark } from "../naming/engine.ts";
import type { RunningStack } from "../outputs/running-stack.ts";

/** The engine that the last `up` has reported; one that does not carry the stack's identity is asked nothing else. */
export function reportedEngine({ engine, identity }: RunningStack["endpoint"]): DockerEngine {
  return new DockerEngine(engine, identity === undefined ? undefined : identityMark(identity));
}
