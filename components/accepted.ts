import * as pulumi from "@pulumi/pulumi";

/**
 * Waits until the engine has accepted resources as they are declared, in a preview as well. Where it refuses one it
 * ends the program, and nothing that comes after has been declared.
 */
export function accepted(resources: readonly pulumi.Resource[]): Promise<void> {
  return new Promise((resolve) => {
    pulumi.all(resources.map(({ urn }) => urn)).apply(() => resolve());
  });
}
