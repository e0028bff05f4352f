import { reverseName } from "../../records/index.ts";
import { failed, type Outcome, ok } from "../check.ts";
import { ask, type NameResolver } from "../probes/dns.ts";
import { findAddresses } from "../public-target.ts";

/** An address may have several names: one that leads back is enough (RFC 8601 section 3). */
export async function judgeReverse(address: string, host: string, resolver: NameResolver): Promise<Outcome> {
  const names = (await ask(resolver, reverseName(address), "PTR")) ?? [];
  const advice = `Have the provider of the address set its reverse name to ${host}.`;
  if (names.length === 0) return failed("none", advice);
  const found = await Promise.all(
    names.map(async (name) => ({ name, ...(await findAddresses(name, resolver)) })),
  );
  const [back, lost] = [true, false].map((leads) =>
    found.filter(({ addresses }) => addresses.includes(address) === leads),
  ) as [typeof found, typeof found];
  const listed = (names: typeof found) => names.map(({ name }) => name).join(", ");
  const reasons = lost.flatMap(({ findings }) => findings.map(({ seen }) => ` (${seen})`)).join("");
  if (back.length === 0)
    return failed(
      found.length === 1
        ? `${listed(found)}, which does not lead back${reasons}`
        : `${listed(found)}, none of which leads back${reasons}`,
      advice,
    );
  return ok(
    lost.length === 0
      ? listed(back)
      : `${listed(back)}; also ${listed(lost)}, which does not lead back${reasons}`,
  );
}
