import type { RunningStack } from "../../outputs/running-stack.ts";
import { areAmong } from "../../records/index.ts";
import { type Check, failed } from "../check.ts";
import { ask, type NameResolver, resolverAt } from "../probes/dns.ts";

/**
 * Where the names lead now that were left out of the certificates; nothing where all were ordered.
 *
 * @param world - what others see; whoever was asked by `up` comes first.
 */
export function leftOutChecks({ acme }: RunningStack, world: NameResolver | undefined): Check[] {
  if (acme?.leftOut === undefined) return [];
  const resolver = acme.resolver === undefined ? (world ?? resolverAt()) : resolverAt(acme.resolver);
  return acme.leftOut.map(({ name, addresses }) => ({
    id: `certificates.left-out.${name}`,
    group: "Certificates",
    title: `${name} is in a certificate`,
    why: "An authority issues to whoever answers at a name (RFC 8555 section 8.3): one that leads elsewhere is left out.",
    run: async () => {
      const found = await Promise.all(["A", "AAAA"].map((type) => ask(resolver, name, type)));
      const now = found.flatMap((contents) => contents ?? []);
      const wanted = addresses.join(" and ");
      if (now.length === 0) {
        return failed("the DNS has no address of it", `Have it lead to ${wanted}, then run \`npm run up\`.`);
      }
      if (areAmong(now, addresses)) {
        return failed(
          `it leads here now (${now.join(", ")}), and has no certificate yet`,
          "Run `npm run up`, which orders it.",
        );
      }
      return failed(`it leads to ${now.join(", ")}`, `Have it lead to ${wanted}, then run \`npm run up\`.`);
    },
  }));
}
