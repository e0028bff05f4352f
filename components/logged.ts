import type * as pulumi from "@pulumi/pulumi";
import { type ContainerLogs, defaultLogs } from "../servers/container-logs.ts";

/** Where the engine keeps what a container prints. */
export function logged({ driver, options }: ContainerLogs<pulumi.Input<string>> = defaultLogs) {
  return { logDriver: driver, logOpts: { ...options } };
}
