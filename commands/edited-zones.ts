import type { DockerEngine } from "../engine/docker-engine.ts";
import { nameServersOf, type RunningStack } from "../outputs/running-stack.ts";
import type { Report } from "../toolchain/report.ts";

const program = "/usr/lib/maildomain/server/restore-zones";

/**
 * Puts the declared records back into zones that somebody has edited in a running name server. No file and no resource
 * differs then, so that neither Pulumi nor a comparison of the configuration sees it.
 */
export async function restoreEditedZones(
  engine: Pick<DockerEngine, "exec">,
  running: Pick<RunningStack, "containers">,
  report: Pick<Report, "note">,
): Promise<void> {
  const printed = await Promise.all(nameServersOf(running).map((server) => engine.exec(server, [program])));
  const zones = new Set(printed.flatMap((text) => text.split("\n")).filter((line) => line !== ""));
  if (zones.size === 0) return;
  report.note(`Records of ${[...zones].join(", ")}, edited by hand in the name server; restored as declared`);
}
