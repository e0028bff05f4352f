import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs the Docker client and returns what it prints. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run("docker", args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

const listings = {
  container: ["ps", "--all", "--format", "{{.Names}}"],
  volume: ["volume", "ls", "--format", "{{.Name}}"],
  network: ["network", "ls", "--format", "{{.Name}}"],
} as const;
export type ObjectKind = keyof typeof listings;

/** What the engine has of a stack, by name: `container maildomain-test-1-mail-server`. */
export async function objectsOf(prefix: string): Promise<string[]> {
  const kinds = Object.keys(listings) as ObjectKind[];
  const found = await Promise.all(
    kinds.map(async (kind) => {
      const names = (await docker(...listings[kind])).split("\n");
      return names
        .filter((name) => name === prefix || name.startsWith(`${prefix}-`))
        .map((name) => `${kind} ${name}`);
    }),
  );
  return found.flat().toSorted();
}

/** Removes things by the names that {@link objectsOf} gave. */
export async function removeObjects(things: readonly string[]): Promise<void> {
  // Containers come first in the alphabet: they hold the volumes and the network.
  for (const thing of things.toSorted()) {
    const [kind = "", name = ""] = thing.split(" ");
    const force = kind === "container" ? ["--force"] : [];
    await docker(kind, "rm", ...force, name);
  }
}

/** The same as long as a container has neither been replaced nor restarted. */
export async function incarnation(container: string): Promise<string> {
  return docker("container", "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", container);
}

/**
 * This machine's address on the engine's own bridge, from which containers see what it sends. An engine that has found
 * the bridge's interface when it started reports its network alone: the address is the first one of it.
 */
export async function bridgeAddress(): Promise<string> {
  const printed = await docker("network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}");
  const networks = JSON.parse(printed) as readonly { readonly Subnet: string; readonly Gateway?: string }[];
  const network = networks.find(({ Subnet }) => Subnet.includes("."));
  if (network === undefined) throw new Error(`The engine's bridge has no IPv4 network: ${printed}`);
  return network.Gateway ?? network.Subnet.replace(/\.\d+\/\d+$/, ".1");
}
