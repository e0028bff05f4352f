import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { askSite } from "../../toolchain/download.ts";

const sockets: Socket[] = [];
const server = createServer((socket) => sockets.push(socket.on("error", () => {})));

afterEach(() => server.close());

test("a site that is silent is waited for, and one that breaks off is not taken for unreachable", async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  let answer: string | undefined | "waiting" = "waiting";
  const asked = askSite(new URL(`https://127.0.0.1:${port}/`)).then((refusal) => {
    answer = refusal;
  });
  // Longer than the 5 s after which Node's agent and the 10 s after which its fetch would give up is too long for
  // a test; what counts is that nothing of ours has a limit.
  await sleep(1_500);
  expect(answer).toBe("waiting");
  for (const socket of sockets) socket.resetAndDestroy();
  await asked;
  expect(answer).toBe(undefined);
});
