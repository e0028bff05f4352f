/** The engine that runs a stack, how it is known, and the network that joins its containers. */
import { Network } from "@pulumi/docker/network.js";
import { Provider } from "@pulumi/docker/provider.js";
import { Volume } from "@pulumi/docker/volume.js";
import type * as pulumi from "@pulumi/pulumi";
import { identified } from "../../components/identified.ts";
import { dockerName, type Rollout } from "../../components/index.ts";
import { identityLabel, identityName } from "../../naming/engine.ts";
import { stackResources } from "../../naming/resources.ts";
import { type ContainerLogs, defaultLogs } from "../../servers/container-logs.ts";
import type { StackSettings } from "../schema/config.ts";
import {
  networkArgs,
  networkRole,
  type OccupiedPlaces,
  type StackNetwork,
  stackNetwork,
} from "./stack-network.ts";

/** Where a stack's containers run. */
export interface DeclaredNetwork {
  readonly name: pulumi.Output<string>;
  /** What every resource on the engine is declared with. */
  readonly engine: pulumi.ComponentResourceOptions;
  /** The engine's identity, known once the engine carries it. */
  readonly engineIdentity: pulumi.Output<string>;
  /** Its address; undefined for the engine that `docker` itself would ask. */
  readonly dockerHost: string | undefined;
  /** What it does with what they print. */
  readonly logs: ContainerLogs;
  /** Its fixed addresses; undefined where servers are reached by their public addresses alone. */
  readonly places: StackNetwork | undefined;
  /** How its servers are replaced. */
  readonly rollout: Rollout | undefined;
}

/** What is known of a stack before its network is declared. */
export interface NetworkStack {
  readonly name: string;
  /** The identity of its engine; unknown before the first update. */
  readonly identity: pulumi.Input<string>;
  /** @default nothing has run before */
  readonly occupied?: OccupiedPlaces | undefined;
  /** Whether its network has IPv6. @default false */
  readonly hasIPv6?: boolean | undefined;
  /** How servers that exist are replaced. @default all at once, as soon as their images are built */
  readonly rollout?: Rollout | undefined;
}

export function declareNetwork(
  settings: StackSettings,
  { name: stack, identity, occupied, hasIPv6 = false, rollout }: NetworkStack,
): DeclaredNetwork {
  const { dockerHost: host, lab } = settings;
  const engine = host === undefined ? {} : { provider: new Provider(stackResources.engine, { host }) };
  const engineIdentity = declareIdentity(identity, { ...engine, retainOnDelete: !lab });
  const families = { hasIPv6 };
  const places = stackNetwork(settings, stack, occupied, families);
  const role = networkRole(settings, places, families);
  const { name } = new Network(
    role,
    { name: dockerName(role), ...networkArgs(places, stack, families) },
    // Its name is fixed, so the old one has to go first, and with it the containers that have addresses there.
    { ...engine, deleteBeforeReplace: true },
  );
  return { name, engine, engineIdentity, dockerHost: host, logs: containerLogs(settings), places, rollout };
}

/** Options are a driver's own: those of the default one are nothing to another. */
export function containerLogs({ logs: { driver, options } }: StackSettings): ContainerLogs {
  return { driver, options: options ?? (driver === defaultLogs.driver ? defaultLogs.options : {}) };
}

/**
 * The volume by which the engine is known: it is empty, nothing else of the stack is in use before it exists, and it
 * stays where the mail stays.
 */
function declareIdentity(
  identity: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const carrier = { name: dockerName(identityName), ...identified(identity) };
  const { labels } = new Volume(stackResources.identity, carrier, opts);
  return labels.apply((all = []) => all.find(({ label }) => label === identityLabel)?.value ?? "");
}
