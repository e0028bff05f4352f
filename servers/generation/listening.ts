import type { ConfigurationFile } from "./configuration-file.ts";

/** A socket that a server must have open to be called healthy. */
export type Listener = `tcp ${number}` | `udp ${number}` | `unix /${string}`;

/** Read by the images' health check, which asks the kernel for these without connecting. */
export function renderListeners(listeners: readonly Listener[]): ConfigurationFile {
  return { path: "listening", content: listeners.map((listener) => `${listener}\n`).join("") };
}
