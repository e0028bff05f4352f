import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { askSite } from "../../toolchain/download.ts";

const sockets: Socket[] = [];
const server = createServer((socket) => sockets.push(socket.on("error", () => {})));

afterEach(() => server.close());

test("a site that is silent is waited for, and one that breaks off does not count as unreachable", async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  let answer: string | undefined | "waiting" = "waiting";
  const asked = askSite(new URL(`https://127.0.0.1:${port}/`)).then((refusal) => {
    answer = refusal;
  });
  // A limit of ours, if there was one, would have to be short to show here; there must be none.
  await sleep(1_500);
  expect(answer).toBe("waiting");
  for (const socket of sockets) socket.resetAndDestroy();
  await asked;
  expect(answer).toBe(undefined);
});
