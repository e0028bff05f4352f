/** Names that are in no certificate, since they led elsewhere when `up` ran. */
import type { RunningStack } from "./running-stack.ts";

/** Whether nobody has been asked for a certificate for it: its server shows one of other names, or a temporary one. */
export function isLeftOut({ acme }: Pick<RunningStack, "acme">, name: string): boolean {
  return acme?.leftOut?.some((left) => left.name === name) ?? false;
}
