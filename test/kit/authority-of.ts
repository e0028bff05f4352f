import type { RunningStack } from "../../outputs/running-stack.ts";

/** The certificate of a lab's own authority, PEM. */
export function authorityOf({ caCertificate }: Pick<RunningStack, "caCertificate">): string {
  if (caCertificate === undefined) throw new Error("The stack has no authority of its own.");
  return caCertificate;
}
