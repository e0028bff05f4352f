import type { DockerEngine } from "../../engine/docker-engine.ts";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { type Check, failed, ok } from "../check.ts";

/** Nothing but what the stack declares is reachable from outside the containers. */
export function publishedPortsCheck({ containers, endpoint }: RunningStack, engine: DockerEngine): Check {
  return {
    id: "ports.published",
    group: "Containers",
    title: "only the declared ports are published",
    why: "Each additional port is one more way in, such as an administration interface.",
    remedy: "Run `npm run up`, which recreates the containers as declared.",
    run: async () => {
      const states = await Promise.all(
        Object.values(containers).flatMap((name) => (name ? engine.inspect(name) : [])),
      );
      const published = states.flatMap(({ NetworkSettings: { Ports } }) =>
        Object.values(Ports).flatMap((bindings) => (bindings ?? []).map(({ HostPort }) => Number(HostPort))),
      );
      const declared = Object.values(endpoint.ports).filter((port) => port !== undefined);
      const surplus = [...new Set(published)].filter((port) => !declared.includes(port));
      return surplus.length === 0
        ? ok(declared.toSorted((a, b) => a - b).join(", "))
        : failed(`also ${surplus.join(", ")}`, "Remove the port from the container and run `npm run up`.");
    },
  };
}
