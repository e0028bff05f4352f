import type { StackZone } from "../../outputs/running-stack.ts";
import { dsOf, formatDs, parseDs } from "../../records/index.ts";
import { type Check, failed, ok } from "../check.ts";
import { canAskFor, type NameResolver, query } from "../probes/dns.ts";
import { recordSets } from "../records.ts";

/** A validator that has kept an answer for a day, and people who look once a day, must not be too late. */
const minDaysLeft = 2;
const dayMs = 86_400_000;

/** Whether a zone that the stack signs can be validated: its key is the one that the parent vouches for. */
export function dnssecChecks(zone: StackZone, resolver: NameResolver): Check[] {
  const { ds } = zone;
  if (!ds) return [];
  const common = {
    group: `DNS of ${zone.name}`,
    remedy: "Check that the DNS server runs and that nothing else has its port: `docker ps`, `docker logs`.",
  };
  return [
    {
      ...common,
      id: `dnssec.key.${zone.name}`,
      title: "DNSSEC key that the DS record names",
      why: "Validating resolvers do not answer for a zone whose key differs from its DS (RFC 4035 section 5.2).",
      run: () => compareKey(zone.name, ds, resolver),
    },
    {
      ...common,
      id: `dnssec.signatures.${zone.name}`,
      title: "every record is signed",
      why: "Validating resolvers treat a record without a valid signature as forged (RFC 4035 section 5.3).",
      run: () => checkSignatures(zone, parseDs(ds).keyTag, resolver),
    },
  ];
}

async function compareKey(zone: string, ds: string, resolver: NameResolver) {
  const { records } = await query(resolver, zone, "DNSKEY");
  const served = records.map(({ content }) => formatDs(dsOf(zone, content)));
  const { keyTag } = parseDs(ds);
  if (served.includes(formatDs(parseDs(ds)))) return ok(`key ${keyTag}, as in the DS record`);
  const tags = served.map((one) => parseDs(one).keyTag).join(", ");
  return failed(
    served.length === 0 ? "the server has no key" : `the server signs with key ${tags} instead of ${keyTag}`,
    `See \`docker logs\` of the DNS server, and publish the stack's key again with \`npm run up\`. If the key was replaced on purpose, the parent needs the new DS record: \`npm run records\`.`,
  );
}

async function checkSignatures(zone: StackZone, keyTag: number, resolver: NameResolver) {
  const sets = recordSets(zone.records).filter(({ type }) => canAskFor(type));
  const answers = await Promise.all(
    sets.map(async ({ name, type }) => ({ name, type, ...(await query(resolver, name, type)) })),
  );
  // A record that is not there is another check's finding.
  const found = answers.filter(({ records }) => records.length > 0);
  const unsigned = found.find(({ signatures }) => !signatures.some((one) => one.keyTag === keyTag));
  const advice = "See in `docker logs` of the DNS server why it does not sign, and run `npm run up`.";
  if (unsigned !== undefined)
    return failed(`${unsigned.type} ${unsigned.name} has no signature of key ${keyTag}`, advice);
  const now = Date.now();
  const spans = found.flatMap(({ signatures }) => signatures.filter((one) => one.keyTag === keyTag));
  if (spans.some(({ inception }) => inception * 1000 > now))
    return failed("a signature begins in the future", "Set the clock of the DNS server's host.");
  const days = Math.floor((Math.min(...spans.map(({ expiration }) => expiration)) * 1000 - now) / dayMs);
  if (days < minDaysLeft)
    return failed(days < 0 ? "a signature has expired" : `a signature ends within ${days + 1} days`, advice);
  return ok(`${found.length} record sets, the first signature ends in ${days} days`);
}
