import type { DockerEngine } from "../engine/docker-engine.ts";
import type { BrokenRecords } from "../exercise/record-faults.ts";
import { nameServersOf, type RunningStack } from "../outputs/running-stack.ts";
import { serverViews } from "../outputs/server-views.ts";
import { zoneContent } from "../records/index.ts";
import { GENERATION } from "../servers/generation/container-paths.ts";

const configuration = `${GENERATION}/knot/knot.conf`;

/** Changes records in a lab's running name servers, and in no file, until the next `up` restores the declared ones. */
export async function breakRecords(
  engine: Pick<DockerEngine, "exec">,
  running: RunningStack,
  faults: readonly BrokenRecords[],
): Promise<void> {
  for (const server of nameServersOf(running)) await edit(engine, server, faults);
  // The mail servers have asked before, and would remember the answer for as long as its TTL says.
  for (const { containers } of serverViews(running))
    await engine.exec(containers.mailServer, ["s6-svc", "-r", "/run/service/unbound"]);
}

async function edit(
  engine: Pick<DockerEngine, "exec">,
  server: string,
  faults: readonly BrokenRecords[],
): Promise<void> {
  const knotc = (...words: string[]) =>
    engine.exec(server, ["knotc", "--config", configuration, "--blocking", ...words]);
  for (const { zone, name, type, broken } of faults) {
    await knotc("zone-begin", zone);
    await knotc("zone-unset", zone, `${name}.`, type);
    for (const { ttl, content } of broken)
      await knotc("zone-set", zone, `${name}.`, String(ttl), type, zoneContent(type, content));
    await knotc("zone-commit", zone);
  }
}
