import { isIPv6 } from "node:net";

/** A header of the PROXY protocol, version 1. */
export function textHeader(client: string, server: string): string {
  return `PROXY TCP${isIPv6(client) ? 6 : 4} ${client} ${server} 49153 25\r\n`;
}

/**
 * One of version 2.
 *
 * @param command - 1 for a client, 0 for the balancer itself
 * @param family - both halves of its byte. @example 0x11
 * @param content - the addresses and ports, and what follows them
 */
export function binaryHeader(command: number, family: number, content: readonly number[]): Buffer {
  const start = Buffer.from("\r\n\r\n\0\r\nQUIT\n0000", "latin1");
  start[12] = 0x20 + command;
  start[13] = family;
  start.writeUInt16BE(content.length, 14);
  return Buffer.concat([start, Buffer.from(content)]);
}

/** The same of a client with IPv4, from port 49153 to 25. */
export function binaryHeaderOf(client: string, server: string): Buffer {
  const bytes = [client, server].flatMap((address) => address.split(".").map(Number));
  return binaryHeader(1, 0x11, [...bytes, 0xc0, 0x01, 0, 25]);
}
