import * as pulumi from "@pulumi/pulumi";

/**
 * The name that a container, volume or network has on its Docker Engine: project, stack and role, so that the
 * stacks of one engine never meet and a person sees whose it is.
 *
 * @example `maildomain-lab-mail-server`
 */
export function dockerName(role: string): string {
  return `${pulumi.getProject()}-${pulumi.getStack()}-${role}`;
}
