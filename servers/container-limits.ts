/** What one container may use of its host. */
export interface ContainerLimits {
  /** In bytes, swap included, from 64 MiB. Beyond it the kernel ends a process in the container. @example 1073741824 */
  readonly memoryBytes: number;
  /** Of how many processors it may use the time. More than the host has limits nothing. @example 1 */
  readonly cpus: number;
}

const gibibyte = 2 ** 30;

/** By kind of server; `limits` in the stack changes them. */
export const defaultLimits = {
  mailServer: { memoryBytes: 4 * gibibyte, cpus: 2 },
  dnsServer: { memoryBytes: gibibyte / 2, cpus: 1 },
  webServer: { memoryBytes: gibibyte / 2, cpus: 1 },
  webmail: { memoryBytes: gibibyte, cpus: 1 },
  certificateAgent: { memoryBytes: gibibyte / 16, cpus: 1 },
} as const satisfies Readonly<Record<string, ContainerLimits>>;
