import type { ContainerArgs } from "@pulumi/docker/container.js";
import type * as pulumi from "@pulumi/pulumi";
import { identityLabel } from "../naming/engine.ts";

/** What a container or volume carries of its engine's identity; nothing where that is not known by one. */
export function identified(engineIdentity: pulumi.Input<string> | undefined): Pick<ContainerArgs, "labels"> {
  return engineIdentity === undefined ? {} : { labels: [{ label: identityLabel, value: engineIdentity }] };
}
