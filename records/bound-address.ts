import { isIPv6 } from "node:net";
import { connectableAddress, type HostAddresses } from "./address.ts";
import { byService, type ServiceName } from "./service.ts";

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

/** Where services are bound on their host: all of them at one address, apart from those that are bound elsewhere. */
export interface BoundServices<Address = string> {
  /** Of each service that `addresses` does not name. */
  readonly address: Address;
  /** By service, at least one each. */
  readonly addresses?: Readonly<Partial<Record<ServiceName, readonly Address[] | undefined>>> | undefined;
}

/** The addresses of the host at which a service is bound. */
export function serviceAddresses<Address>(
  { address, addresses }: BoundServices<Address>,
  service: ServiceName,
): readonly Address[] {
  return addresses?.[service] ?? [address];
}

/** Where a server's ports for load balancers are bound: where each service is, or at an address of theirs. */
export function proxiedBound<Address>(
  bound: BoundServices<Address>,
  address: Address | undefined,
): BoundServices<Address> {
  return address === undefined ? bound : { address };
}

/** Where the host itself reaches a service, at the first of its addresses. */
export function localPlace(bound: BoundServices, service: ServiceName): string {
  const [address = bound.address] = serviceAddresses(bound, service);
  return connectableAddress(address);
}

/** All addresses of the host at which one of these services is bound, each once. */
export function addressesOfServices(bound: BoundServices, names: readonly ServiceName[]): string[] {
  return [...new Set(names.flatMap((service) => serviceAddresses(bound, service)))];
}

/** The same of these services alone; one address where none of them is bound at another. */
export function boundOf<Name extends ServiceName>(
  bound: BoundServices,
  names: readonly Name[],
): { readonly address: string; readonly addresses?: Record<Name, string[]> } {
  const [address = bound.address, ...others] = addressesOfServices(bound, names);
  if (others.length === 0) return { address };
  return { address, addresses: byService(names, (service) => [...serviceAddresses(bound, service)]) };
}
