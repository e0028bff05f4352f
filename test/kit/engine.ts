import { execFile } from "node:child_process";
import { networkInterfaces } from "node:os";
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
 * the bridge's interface when it started does not report it.
 */
export async function bridgeAddress(): Promise<string> {
  const printed = await docker("network", "inspect", "bridge", "--format", "{{json .}}");
  const { IPAM, Options } = JSON.parse(printed) as {
    readonly IPAM: { readonly Config: readonly { readonly Gateway?: string }[] };
    readonly Options: Readonly<Record<string, string>>;
  };
  const reported = IPAM.Config.map(({ Gateway }) => Gateway).find((address) => address?.includes("."));
  const name = Options["com.docker.network.bridge.name"] ?? "docker0";
  const own = networkInterfaces()[name]?.find(({ family }) => family === "IPv4")?.address;
  const address = reported ?? own;
  if (address === undefined) throw new Error(`The bridge ${name} has no IPv4 address.`);
  return address;
}
