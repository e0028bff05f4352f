/** The engine that runs a stack, and the network that joins its containers. */
import { Network } from "@pulumi/docker/network.js";
import { Provider } from "@pulumi/docker/provider.js";
import type * as pulumi from "@pulumi/pulumi";
import { dockerName } from "../../components/index.ts";
import { stackResources } from "../../naming/resources.ts";
import type { StackSettings } from "../schema/config.ts";
import { networkArgs, networkRole, type StackNetwork, stackNetwork } from "./stack-network.ts";

/** Where a stack's containers run. */
export interface DeclaredNetwork {
  readonly name: pulumi.Output<string>;
  /** What every resource on the engine is declared with. */
  readonly engine: pulumi.ComponentResourceOptions;
  /** Its fixed addresses; undefined where servers are reached by their public addresses alone. */
  readonly places: StackNetwork | undefined;
}

export function declareNetwork(settings: StackSettings, stack: string): DeclaredNetwork {
  const { dockerHost: host } = settings;
  const engine = host === undefined ? {} : { provider: new Provider(stackResources.engine, { host }) };
  const places = stackNetwork(settings, stack);
  const role = networkRole(settings, places);
  const { name } = new Network(role, { name: dockerName(role), ...networkArgs(places) }, engine);
  return { name, engine, places };
}
