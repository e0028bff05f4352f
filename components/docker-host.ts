import * as pulumi from "@pulumi/pulumi";

/** What a provider of Docker's says of its engine; one that another language has declared says nothing. */
type EngineOfProvider = Partial<Record<"host" | "context", pulumi.Output<string | undefined>>>;

/**
 * The address of the engine that a component's Docker resources are on, for what asks it by itself: that of the provider which the
 * component was given, else of the default one.
 *
 * @throws RunError, once it is known, where the provider has a Docker context, of which no address is known
 */
export function dockerHostOf(
  component: pulumi.ComponentResource,
): pulumi.Input<string | undefined> | undefined {
  const provider = component.getProvider("docker:index/volume:Volume") as EngineOfProvider | undefined;
  if (provider === undefined) return new pulumi.Config("docker").get("host");
  const { host, context } = provider;
  if (host === undefined) return undefined;
  return pulumi.all([host, context]).apply(([address, name]) => {
    if (name && !address) {
      throw new pulumi.RunError(
        `dockerHost: the Docker provider has the context "${name}": write its engine's address here as well`,
      );
    }
    return address;
  });
}
