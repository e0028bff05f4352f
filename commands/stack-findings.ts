/** What `npm run doctor` looks for on behalf of one stack, by its stack file alone: it may not be there yet. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { applicationOfNames, type LocalNames } from "../clients/local-names.ts";
import { localSocket } from "../engine/address.ts";
import type { DockerEngine } from "../engine/docker-engine.ts";
import { parseObjectName } from "../naming/engine.ts";
import { isServedHere } from "../publishers/declared-zone.ts";
import { addressList } from "../records/address.ts";
import { localPlace } from "../records/bound-address.ts";
import { findTakenPorts, openedPorts } from "../stacks/preflight/ports.ts";
import { serversOf } from "../stacks/program/servers.ts";
import { boundServices } from "../stacks/schema/bound-services.ts";
import type { StackSettings } from "../stacks/schema/config.ts";
import { pulumiHome } from "../toolchain/pulumi-home.ts";
import type { Finding } from "../toolchain/resources.ts";
import { versions } from "../toolchain/versions.ts";
import { describeLost, lostNames } from "./names-on-machine.ts";
import { project } from "./project.ts";

/** @param problems - as `stackFileProblems` lists them below a line of its own */
export function fileFinding(stack: string, problems: string | undefined): Finding {
  const file = `stacks/Pulumi.${stack}.yaml`;
  if (problems === undefined) return { name: "stack file", ready: true, found: `${file}: no problems` };
  const lines = problems.split("\n").slice(1);
  const count = lines.length === 1 ? "1 problem" : `${lines.length} problems`;
  const note = lines.map((line) => line.trim()).join("\n");
  return { name: "stack file", ready: false, found: `${file}: ${count}`, note };
}

/** Ports, names and further plugins. */
export async function stackFindings(
  stack: string,
  settings: StackSettings,
  engine: DockerEngine,
): Promise<Finding[]> {
  const [ports, names] = await Promise.all([
    portsFinding(stack, settings, engine),
    namesFinding(stack, settings),
  ]);
  return [ports, ...names, ...pluginFindings(settings)];
}

async function portsFinding(stack: string, settings: StackSettings, engine: DockerEngine): Promise<Finding> {
  if (localSocket(engine.host) === undefined)
    return { name: "ports", ready: true, found: `ports: not tried, since ${engine.host} is another machine` };
  const opened = openedPorts(settings);
  const isOwn = (name: string) => parseObjectName({ project, stack }, "container", name) !== undefined;
  const count = new Set(opened.map(({ address, port }) => `${address} ${port}`)).size;
  const problems = await findTakenPorts(opened, engine, isOwn).catch((error: unknown) => [String(error)]);
  if (problems.length === 0)
    return { name: "ports", ready: true, found: `ports: none of the stack's ${count} is in use by others` };
  return {
    name: "ports",
    ready: false,
    found: `ports: ${problems.length} of the stack's ${count} are in use`,
    note: problems.join("\n  "),
  };
}

/** Those of the mail servers whose domains the stack's own DNS server has. */
async function namesFinding(stack: string, settings: StackSettings): Promise<Finding[]> {
  const servers = serversOf(settings).filter(({ domains }) => domains.some(isServedHere));
  if (servers.length === 0) return [];
  const hosts = servers.map(({ hostName, addresses }): [string, string[]] => [
    hostName,
    addressList(addresses),
  ]);
  const names: LocalNames = {
    stack,
    nameServer: { address: localPlace(boundServices(settings), "dns"), port: settings.ports.dns },
    zones: hosts.map(([hostName]) => hostName),
    hosts: new Map(hosts),
  };
  const lost = await lostNames(names);
  if (lost.length === 0)
    return [{ name: "names", ready: true, found: `names: ${hosts[0]?.[0]} resolves here` }];
  // A server on another machine needs no name here.
  return [
    {
      name: "names",
      ready: true,
      found: `names: ${describeLost(lost)}`,
      note: `Once the stack is up: ${applicationOfNames(stack)}`,
    },
  ];
}

/** The Docker plugin has a step; the CLI downloads others when a stack needs them. */
function pluginFindings({ domains, parkedDomains }: StackSettings): Finding[] {
  if ([...domains, ...parkedDomains].every(isServedHere)) return [];
  const version = versions.pluginOf("@pulumi/cloudflare");
  const isThere = existsSync(join(pulumiHome(), "plugins", `resource-cloudflare-v${version}`));
  return [
    {
      name: "Cloudflare plugin",
      ready: true,
      found: `Cloudflare plugin ${version}: ${isThere ? "there" : "needed by this stack, not there yet"}`,
      note: isThere ? undefined : "The CLI downloads it at the first `preview` or `up`.",
    },
  ];
}
