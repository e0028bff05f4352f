import { isIPv6 } from "node:net";
import type { HostAddresses } from "./address.ts";

/** What stands for every address of a host, each of one family; `::` in the settings stands for both. */
const any = { ipv4: "0.0.0.0", ipv6: "::" } as const;

/**
 * The addresses that a host binds for one of its settings. An engine binds IPv6 alone at `::`, whatever the kernel's
 * default is.
 */
export function boundAddresses(address: string): string[] {
  return address === any.ipv6 ? [any.ipv4, any.ipv6] : [address];
}

/** Whether something that is bound at the address answers on a family. */
export function answersOn(family: keyof HostAddresses, address: string): boolean {
  return boundAddresses(address).some((bound) => familyOf(bound) === family);
}

/** Whether two settings cannot have the same port. */
export function isSameAddress(one: string, other: string): boolean {
  return boundAddresses(one).some((a) =>
    boundAddresses(other).some(
      (b) => familyOf(a) === familyOf(b) && (a === b || [a, b].includes(any[familyOf(a)])),
    ),
  );
}

function familyOf(address: string): keyof HostAddresses {
  return isIPv6(address) ? "ipv6" : "ipv4";
}
