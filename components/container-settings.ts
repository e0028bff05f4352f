import type * as pulumi from "@pulumi/pulumi";
import type { ContainerLogs } from "../servers/container-logs.ts";
import type { Rollout } from "./rollout.ts";

/** What every container of a stack is given, whatever runs in it. */
export interface ContainerSettings {
  /**
   * The identity of the engine, which the containers carry: where another engine has another one, they are others.
   *
   * @default none: nobody notices that the engine is another one
   * @example "1b4e28ba"
   */
  readonly engineIdentity?: pulumi.Input<string> | undefined;
  /**
   * The engine's address: a server's configuration is brought there, and a refresh asks there what it serves.
   *
   * @default that of the Docker provider in TypeScript, else the engine that `docker` would ask
   * @example "ssh://docker@192.0.2.25"
   */
  readonly dockerHost?: pulumi.Input<string> | undefined;
  /** What the engine does with what it prints. @default rotated, 5 files of 20 MB */
  readonly logs?: ContainerLogs<pulumi.Input<string>> | undefined;
  /** The Docker network that it joins. @default the engine's default bridge @example network.name */
  readonly network?: pulumi.Input<string> | undefined;
  /**
   * Its fixed address in that network, IPv4, from which it connects there.
   *
   * @default the engine's choice
   * @example "198.19.0.3"
   */
  readonly networkAddress?: pulumi.Input<string> | undefined;
  /** The servers with which it is replaced. @default it is replaced as soon as its image is built */
  readonly rollout?: Rollout | undefined;
}

/** Those of a server's arguments that are its container's. */
export function containerSettings({
  engineIdentity,
  dockerHost,
  logs,
  network,
  networkAddress,
  rollout,
}: ContainerSettings): ContainerSettings {
  return { engineIdentity, dockerHost, logs, network, networkAddress, rollout };
}
