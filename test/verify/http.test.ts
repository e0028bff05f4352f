import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askHttp } from "../../verify/probes/http.ts";

const server = createServer((_, response) => response.end("in clear"));
let place: { address: string; port: number; host: string; path: string };

beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  place = { address: "127.0.0.1", port, host: "mail.example.org", path: "/" };
});
afterAll(() => {
  server.close();
});

test("a server without TLS answers only where that is asked for", async () => {
  expect((await askHttp({ ...place, isPlain: true })).body).toBe("in clear");
  // Without an authority of its own a certificate is still asked for: that of a public one.
  await expect(askHttp(place)).rejects.toThrow(/wrong version number|EPROTO|packet length/i);
});
