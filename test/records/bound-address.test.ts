import { createServer } from "node:net";
import { expect, test } from "vitest";
import {
  addressesOfServices,
  answersOn,
  boundAddresses,
  boundOf,
  isSameAddress,
  localPlace,
  serviceAddresses,
} from "../../records/index.ts";

test.each([
  ["127.0.0.1", ["127.0.0.1"], true, false],
  ["0.0.0.0", ["0.0.0.0"], true, false],
  ["2001:db8::25", ["2001:db8::25"], false, true],
  ["::1", ["::1"], false, true],
  ["::", ["0.0.0.0", "::"], true, true],
])("%s binds %j", (address, bound, ipv4, ipv6) => {
  expect(boundAddresses(address)).toEqual(bound);
  expect(answersOn("ipv4", address)).toBe(ipv4);
  expect(answersOn("ipv6", address)).toBe(ipv6);
});

/** What this machine's kernel says of two programs, each of which binds one family at a time, as an engine does. */
async function conflict(one: string, other: string): Promise<boolean> {
  const listen = (host: string, port: number) =>
    new Promise<ReturnType<typeof createServer>>((done, fail) => {
      const server = createServer();
      server.once("error", fail);
      server.listen({ host, port, exclusive: true, ipv6Only: host.includes(":") }, () => done(server));
    });
  const held = await Promise.all(boundAddresses(one).map((host) => listen(host, 0)));
  try {
    for (const server of held) {
      const { port } = server.address() as { port: number };
      for (const host of boundAddresses(other)) {
        try {
          (await listen(host, port)).close();
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return true;
          throw error;
        }
      }
    }
    return false;
  } finally {
    for (const server of held) server.close();
  }
}

const places = ["127.0.0.1", "127.0.0.2", "0.0.0.0", "::1", "::"];
test.each(places.flatMap((one) => places.map((other) => [one, other] as const)))(
  "%s and %s have the same port exactly where the kernel refuses it",
  async (one, other) => {
    expect(isSameAddress(one, other)).toBe(await conflict(one, other));
  },
);

test("a service is at its own addresses, or where all others are", () => {
  const bound = {
    address: "192.0.2.25",
    addresses: { imaps: ["0.0.0.0", "::1"], dns: ["::"], smtp: ["192.0.2.25"] },
  };
  expect(serviceAddresses(bound, "imaps")).toEqual(["0.0.0.0", "::1"]);
  expect(serviceAddresses(bound, "sieve")).toEqual(["192.0.2.25"]);
  expect(localPlace(bound, "imaps")).toBe("127.0.0.1");
  expect(localPlace(bound, "dns")).toBe("::1");
  expect(localPlace(bound, "sieve")).toBe("192.0.2.25");
  expect(addressesOfServices(bound, ["smtp", "sieve", "imaps"])).toEqual(["192.0.2.25", "0.0.0.0", "::1"]);
  expect(boundOf(bound, ["smtp", "sieve"])).toEqual({ address: "192.0.2.25" });
  expect(boundOf(bound, ["sieve", "dns"])).toEqual({
    address: "192.0.2.25",
    addresses: { sieve: ["192.0.2.25"], dns: ["::"] },
  });
});
