import * as pulumi from "@pulumi/pulumi";
import { engineName } from "../naming/engine.ts";

/**
 * The name that a container, volume or network of the running program has on its Docker Engine.
 *
 * @param local - the name of its component, or the role of a network
 * @example `maildomain-lab-mail-server`
 */
export function dockerName(local: string): string {
  return engineName({ project: pulumi.getProject(), stack: pulumi.getStack() }, local);
}
