import type { DockerEngine } from "../engine/docker-engine.ts";
import type { RunningStack } from "../outputs/running-stack.ts";
import type { Report } from "../toolchain/report.ts";

const program = "/usr/lib/maildomain/server/restore-zones";

/**
 * Puts the declared records back into zones that somebody has edited in a running name server. No file and no resource
 * differs then, so that neither Pulumi nor a comparison of the configuration sees it.
 */
export async function restoreEditedZones(
  engine: Pick<DockerEngine, "exec">,
  { containers: { dnsServer, innerDnsServer } }: Pick<RunningStack, "containers">,
  report: Pick<Report, "note">,
): Promise<void> {
  const servers = [dnsServer, innerDnsServer].filter((name) => typeof name === "string");
  const printed = await Promise.all(servers.map((server) => engine.exec(server, [program])));
  const zones = new Set(printed.flatMap((text) => text.split("\n")).filter((line) => line !== ""));
  if (zones.size === 0) return;
  report.note(`Records of ${[...zones].join(", ")}, edited by hand in the name server; restored as declared`);
}
