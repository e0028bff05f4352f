/**
 * Who has which place in a stack's own network of 32 addresses, counted from the network's address. A running stack's
 * servers keep theirs: add places, and move none.
 */
export const networkPlaces = {
  // 0 is the network's own address, and 1 the gateway's.
  nameServer: 2,
  /** Those of mail servers: each takes the first that is free when it is made, and keeps it. */
  mailServers: [...range(3, 15), ...range(18, 23)],
  webServer: 16,
  webmail: 17,
  /** From here on, a quarter of the network, the engine chooses for whatever has no fixed place. */
  engine: 24,
} as const;

/** How many mail servers in addition to the main one a network has places for. */
export const maxFurtherServers = networkPlaces.mailServers.length - 1;

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
