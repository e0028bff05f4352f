import type { ContainerLimits } from "../servers/container-limits.ts";

/**
 * As a share of time: the engine refuses `cpus` that the host does not have. Memory that may not be swapped is what the
 * kernel can be held to at once.
 */
export function limited({ memoryBytes, cpus }: ContainerLimits) {
  const mebibytes = Math.round(memoryBytes / 2 ** 20);
  const cpuPeriod = 100_000;
  return { memory: mebibytes, memorySwap: mebibytes, cpuPeriod, cpuQuota: cpus * cpuPeriod };
}
