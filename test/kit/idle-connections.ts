import { connect, type Socket } from "node:net";
import { connect as connectByTls } from "node:tls";

/** What such connections do beside being there. */
interface Habits {
  /** What each says at once. @default nothing */
  readonly opens?: string;
  /** What each says once it has been greeted. @default nothing */
  readonly says?: string;
  /** Whether each speaks TLS from the start. */
  readonly isSecure?: boolean;
  /** The name that it asks for then. @default none */
  readonly servername?: string;
  /** Whether one that the server has closed is opened again. */
  readonly isRenewed?: boolean;
}

/** Connections to this machine that say nothing more, or one byte per second: every other one of them. */
export class IdleConnections {
  readonly #sockets = new Set<Socket>();
  readonly #trickle: NodeJS.Timeout;
  readonly #habits: Habits;

  private constructor(habits: Habits) {
    this.#habits = habits;
    this.#trickle = setInterval(() => {
      for (const [n, socket] of [...this.#sockets].entries())
        if (n % 2 === 0 && socket.writable) socket.write("a");
    }, 1000);
  }

  /** That many on each port; ready when each has been answered or refused by the kernel. */
  static async open(ports: readonly number[], each: number, habits: Habits = {}): Promise<IdleConnections> {
    const connections = new IdleConnections(habits);
    for (const port of ports) {
      await Promise.all(Array.from({ length: each }, () => connections.#connect(port)));
    }
    return connections;
  }

  #connect(port: number): Promise<void> {
    return new Promise((resolve) => {
      const where = { host: "127.0.0.1", port };
      const { opens, says, isSecure = false, servername, isRenewed = false } = this.#habits;
      const socket = isSecure
        ? connectByTls({ ...where, servername, rejectUnauthorized: false })
        : connect(where);
      this.#sockets.add(socket);
      if (opens !== undefined) socket.write(opens);
      if (says !== undefined) socket.once("data", () => socket.write(says));
      socket
        .on("error", () => resolve())
        .on("connect", () => resolve())
        .on("data", () => undefined)
        .on("close", () => {
          if (this.#sockets.delete(socket) && isRenewed) void this.#connect(port);
        });
    });
  }

  /** How many the server has not closed yet. */
  get open(): number {
    return [...this.#sockets].filter(({ readyState }) => readyState === "open").length;
  }

  close(): void {
    clearInterval(this.#trickle);
    const sockets = [...this.#sockets];
    this.#sockets.clear();
    for (const socket of sockets) socket.destroy();
  }
}
