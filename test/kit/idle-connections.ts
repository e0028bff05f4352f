import { connect, type Socket } from "node:net";

/** Connections to this machine that say nothing, or one byte per second: every other one of them. */
export class IdleConnections {
  readonly #sockets: Socket[] = [];
  readonly #trickle: NodeJS.Timeout;

  private constructor() {
    this.#trickle = setInterval(() => {
      for (const [n, socket] of this.#sockets.entries())
        if (n % 2 === 0 && socket.writable) socket.write("a");
    }, 1000);
  }

  /** That many on each port; ready when each has been answered or refused by the kernel. */
  static async open(ports: readonly number[], each: number): Promise<IdleConnections> {
    const connections = new IdleConnections();
    for (const port of ports) {
      await Promise.all(Array.from({ length: each }, () => connections.#connect(port)));
    }
    return connections;
  }

  #connect(port: number): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect({ host: "127.0.0.1", port });
      this.#sockets.push(socket);
      socket
        .on("error", () => resolve())
        .on("connect", () => resolve())
        .on("data", () => undefined);
    });
  }

  /** How many the server has not closed yet. */
  get open(): number {
    return this.#sockets.filter(({ readyState }) => readyState === "open").length;
  }

  close(): void {
    clearInterval(this.#trickle);
    for (const socket of this.#sockets) socket.destroy();
  }
}
