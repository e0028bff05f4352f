/** Load balancers that say who their clients are (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt). */
import { isIP } from "node:net";
import { canonicalIPv6 } from "./address.ts";

/** The widest networks that are accepted: wider ones have others' machines in them. */
const widest = { 4: 8, 6: 16 } as const;

/** What is wrong with the network from which load balancers connect; `undefined` when nothing is. */
export function balancerNetworkProblem(network: string): string | undefined {
  const { address, family, bits } = partsOf(network);
  if (family === undefined || bits === undefined) {
    return `"${network}" is not a valid network or address: use one such as 10.0.0.0/24 or 10.0.0.9`;
  }
  if (bits >= widest[family]) return undefined;
  return (
    `"${network}" is too wide: whoever is in it says who its clients are, and is believed; use the balancers' own, such as ` +
    `${address === "0.0.0.0" || address === "::" ? "10.0.0.0/24" : `${address}/${family === 4 ? 24 : 64}`}`
  );
}

/** In one spelling, an address as a network of itself. @example "10.0.0.9/32" @throws RangeError for anything else */
export function balancerNetwork(network: string): string {
  const problem = balancerNetworkProblem(network);
  if (problem !== undefined) throw new RangeError(problem);
  const { address, bits } = partsOf(network);
  return `${address}/${bits}`;
}

function partsOf(network: string): {
  readonly address: string;
  readonly family?: 4 | 6 | undefined;
  readonly bits?: number | undefined;
} {
  const [address = "", length, ...more] = network.split("/");
  const family = address.includes("%") ? 0 : isIP(address);
  if (family !== 4 && family !== 6) return { address };
  const most = family === 4 ? 32 : 128;
  const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : -1;
  return {
    address: family === 6 ? canonicalIPv6(address) : address,
    family,
    bits: bits >= 0 && bits <= most && more.length === 0 ? bits : undefined,
  };
}
