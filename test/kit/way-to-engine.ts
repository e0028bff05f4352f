import { connect, createServer, type Socket } from "node:net";

const engineSocket = (process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock").replace("unix://", "");

/**
 * The engine behind a socket of its own, which can vanish without a harm to anything else on the machine.
 *
 * @param last - a part of the request after which it vanishes by itself: the engine has answered, and nobody hears it
 */
export function wayToEngine(path: string, last?: string) {
  const open = new Set<Socket>();
  const vanish = () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  const server = createServer((client) => {
    const engine = connect(engineSocket);
    let isLast = false;
    client.on("data", (request) => {
      isLast ||= last !== undefined && request.includes(last);
    });
    // Before the answer is handed on.
    engine.on("data", () => {
      if (isLast) vanish();
    });
    for (const [from, to] of [
      [client, engine],
      [engine, client],
    ] as const) {
      open.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => open.delete(from));
    }
  }).listen(path);
  return { vanish };
}
