/** Starting the stack's containers by `docker run` alone: what `up` is measured against. */
import { setTimeout as sleep } from "node:timers/promises";
import { docker } from "../test/kit/engine.ts";

interface Inspected {
  readonly Name: string;
  readonly Image: string;
  readonly Config: { readonly Hostname: string };
  readonly HostConfig: {
    readonly Binds: readonly string[] | null;
    /** Null where no port is published. */
    readonly PortBindings: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[]>> | null;
    readonly Dns: readonly string[] | null;
    readonly DnsSearch: readonly string[] | null;
    readonly CapAdd: readonly string[] | null;
    readonly CapDrop: readonly string[] | null;
    readonly ReadonlyRootfs: boolean;
    readonly SecurityOpt: readonly string[] | null;
    readonly Tmpfs: Readonly<Record<string, string>> | null;
    readonly NetworkMode: string;
  };
  readonly NetworkSettings: {
    readonly Networks: Readonly<
      Record<string, { readonly IPAMConfig: { readonly IPv4Address?: string } | null }>
    >;
  };
}

/** The arguments of a `docker run` that makes the same container again, on the same volumes. */
export async function runArguments(container: string): Promise<string[]> {
  const [inspected] = JSON.parse(await docker("container", "inspect", container)) as Inspected[];
  if (inspected === undefined) throw new Error(`${container} does not exist`);
  const { Name, Image, Config, HostConfig, NetworkSettings } = inspected;
  // The engine keeps the mode with which a container was made; it has joined its network since.
  const [network = HostConfig.NetworkMode] = Object.keys(NetworkSettings.Networks);
  const place = NetworkSettings.Networks[network]?.IPAMConfig?.IPv4Address;
  const ports = Object.entries(HostConfig.PortBindings ?? {}).flatMap(([inside, bindings]) =>
    bindings.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}:${inside}`),
  );
  return [
    ...["--name", Name.slice(1), "--hostname", Config.Hostname, "--network", network],
    ...each("--ip", place === undefined ? [] : [place]),
    ...each("--dns", HostConfig.Dns),
    ...each("--dns-search", HostConfig.DnsSearch),
    ...each("--publish", ports),
    ...each("--volume", HostConfig.Binds),
    ...each("--cap-add", HostConfig.CapAdd),
    ...each("--cap-drop", HostConfig.CapDrop),
    ...each("--security-opt", HostConfig.SecurityOpt),
    ...each(
      "--tmpfs",
      Object.entries(HostConfig.Tmpfs ?? {}).map(([path, options]) => `${path}:${options}`),
    ),
    ...(HostConfig.ReadonlyRootfs ? ["--read-only"] : []),
    Image,
  ];
}

/** Starts all the containers and waits until each is healthy. */
export async function runUntilHealthy(
  containers: readonly { name: string; args: readonly string[] }[],
): Promise<void> {
  await Promise.all(
    containers.map(async ({ name, args }) => {
      await docker("run", "--detach", ...args);
      const deadline = performance.now() + 120_000;
      while (
        (await docker("container", "inspect", "--format", "{{.State.Health.Status}}", name)) !== "healthy"
      ) {
        if (performance.now() > deadline) throw new Error(`${name} is not healthy after two minutes`);
        await sleep(100);
      }
    }),
  );
}

/** Memory in use, in MiB, as the engine counts it. */
export async function memory(container: string): Promise<number> {
  const usage = await docker("stats", "--no-stream", "--format", "{{.MemUsage}}", container);
  const [, amount, unit = ""] = /^([\d.]+)\s*([KMG])iB/.exec(usage) ?? [];
  const factor = { K: 1 / 1024, M: 1, G: 1024 }[unit];
  if (factor === undefined) throw new Error(`docker stats answered "${usage}"`);
  return Number(amount) * factor;
}

function each(flag: string, values: readonly string[] | null): string[] {
  return (values ?? []).flatMap((value) => [flag, value]);
}
