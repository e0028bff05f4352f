import { BlockList, isIPv4 } from "node:net";
import { canonicalIPv6 } from "./address.ts";
import { normalizeName } from "./name.ts";
import type { DnsRecord } from "./record.ts";

/**
 * The name under which an address is looked up backwards (RFC 1035 section 3.5, RFC 3596 section 2.5).
 *
 * @example 192.0.2.25 → `25.2.0.192.in-addr.arpa`
 */
export function reverseName(address: string): string {
  return `${reverseLabels(address)}.${isIPv4(address) ? "in-addr.arpa" : "ip6.arpa"}`;
}

/** The labels of an address's reverse name; block lists have theirs below them, too (RFC 5782 sections 2.1 and 2.4). */
export function reverseLabels(address: string): string {
  const parts = isIPv4(address) ? address.split(".") : [...expandIPv6(address)];
  return parts.reverse().join(".");
}

/** All 32 hexadecimal digits of an IPv6 address. */
function expandIPv6(address: string): string {
  const [head = "", tail] = canonicalIPv6(address).split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const before = groups(head);
  const after = groups(tail ?? "");
  const zeros = tail === undefined ? [] : new Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].map((group) => group.padStart(4, "0")).join("");
}

/** The backward name of a mail server: without it many receivers refuse its mail (RFC 1912 section 2.1). */
export function ptrRecord(address: string, hostName: string, ttl: number): DnsRecord {
  return {
    role: isIPv4(address) ? "ptr" : "ptr-ipv6",
    name: reverseName(address),
    type: "PTR",
    ttl,
    content: normalizeName(hostName),
    why: "The address's name: many servers refuse mail from one that has none (RFC 1912 2.1)",
  };
}

/**
 * A zone that can hold an address's reverse name: that of its /24, or /64 of IPv6, which networks are handed out by.
 *
 * @example 192.0.2.25 → `2.0.192.in-addr.arpa`
 */
export function reverseZone(address: string): string {
  const labels = reverseName(address).split(".");
  return labels.slice(isIPv4(address) ? 1 : 16).join(".");
}

/** @throws Error when it is not the name of one whole address */
export function parseReverseName(name: string): string {
  const labels = name.toLowerCase().replace(/\.$/, "").split(".");
  const digits = labels.slice(0, -2).reverse();
  const zone = labels.slice(-2).join(".");
  const address = zone === "in-addr.arpa" ? digits.join(".") : digits.join("").replace(/.{4}(?=.)/g, "$&:");
  const whole = zone === "in-addr.arpa" ? isIPv4(address) : zone === "ip6.arpa" && digits.length === 32;
  if (!whole || (zone === "ip6.arpa" && digits.some((digit) => !/^[0-9a-f]$/.test(digit)))) {
    throw new Error(`"${name}" is not a reverse name of an address`);
  }
  return zone === "ip6.arpa" ? canonicalIPv6(address) : address;
}

/** Addresses of one machine or one network, which have no reverse name in the world's DNS (RFC 6890). */
const local = new BlockList();
local.addSubnet("127.0.0.0", 8);
local.addSubnet("10.0.0.0", 8);
local.addSubnet("172.16.0.0", 12);
local.addSubnet("192.168.0.0", 16);
local.addAddress("::1", "ipv6");
local.addSubnet("fc00::", 7, "ipv6");

/** Whether only one machine or network knows an address. */
export function isLocalAddress(address: string): boolean {
  return local.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}
