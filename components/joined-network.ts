import type { ContainerArgs } from "@pulumi/docker/container.js";
import type * as pulumi from "@pulumi/pulumi";

/** The network that a container joins, at an address that is fixed or the engine's choice. */
export function joined(
  network: pulumi.Input<string> | undefined,
  address: pulumi.Input<string> | undefined,
): Pick<ContainerArgs, "networksAdvanced"> {
  if (network === undefined) return {};
  return {
    networksAdvanced: [{ name: network, ...(address === undefined ? {} : { ipv4Address: address }) }],
  };
}
