import type { DockerEngine } from "../engine/docker-engine.ts";
import { type PendingUpdate, pendingUpdates } from "../engine/pending-updates.ts";
import { ServerRole } from "../naming/servers.ts";
import { containersOf, type RunningStack } from "../outputs/running-stack.ts";
import { PACKAGES_LABEL } from "../servers/image-build.ts";
import type { Report } from "../toolchain/report.ts";

/** A running server, and what its archive has beyond what it runs. */
export interface ServerUpdates {
  readonly name: string;
  /** The day of its packages; empty for an image from before there was one. */
  readonly packages: string;
  readonly updates: readonly PendingUpdate[];
}

/** Both kinds of name servers run the same image, which is asked once. */
export async function serversWithUpdates(
  running: RunningStack,
  engine: DockerEngine,
  report: Report,
): Promise<ServerUpdates[]> {
  const asked = new Map<string, Promise<PendingUpdate[]>>();
  return await report.during("asking Debian's archive for updates", () =>
    Promise.all(
      containersOf(running).map(async ({ role, name }) => {
        const { id, label } = await engine.imageOf(name, PACKAGES_LABEL);
        const updates = asked.get(id) ?? pendingUpdates(engine, id);
        asked.set(id, updates);
        return { name: ServerRole[role], packages: label, updates: await updates };
      }),
    ),
  );
}
