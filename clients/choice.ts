import type { ClientDescription } from "./description.ts";
import type { ServerSetting } from "./server-setting.ts";

/**
 * The best server of a protocol.
 *
 * @throws RangeError if there is none.
 */
export function bestServer(
  { domain, incoming, outgoing }: ClientDescription,
  protocol: ServerSetting["protocol"],
): ServerSetting {
  const server = [...incoming, ...outgoing].find((candidate) => candidate.protocol === protocol);
  if (server === undefined) throw new RangeError(`${domain} has no ${protocol} server`);
  return server;
}
