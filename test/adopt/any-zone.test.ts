/** Whatever stands in a zone: each record is reported once, and what is called new the API accepts. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compareZone } from "../../adopt/comparison.ts";
import { liveRecord } from "../../publishers/cloudflare/record-form.ts";
import { isWithin } from "../../records/index.ts";
import { liveZones } from "../../stacks/program/live-zones.ts";
import { declareStack } from "../../stacks/program/program.ts";
import { ApiError } from "../cloudflare/api-error.ts";
import { record } from "../components/recorder.ts";
import { AdoptedZone } from "./adopted-zone.ts";

let zone: AdoptedZone;
beforeAll(async () => {
  zone = await AdoptedZone.start();
});
afterAll(() => zone[Symbol.asyncDispose]());

const name = fc.constantFrom(
  ...[
    "@",
    "mail",
    "imap",
    "smtp",
    "_dmarc",
    "_mta-sts",
    "mta-sts",
    "_smtp._tls",
    "rsa1._domainkey",
    "s1._domainkey",
  ],
  ...["_domainkey", "_tcp", "_imaps._tcp", "*", "www"],
);
const proxied = fc.boolean();
const meta = fc.constantFrom({}, {}, {}, { email_routing: true, read_only: true }, { read_only: true });
const body = fc.oneof(
  fc.record({ type: fc.constant("A"), content: fc.constantFrom("192.0.2.25", "198.51.100.1"), proxied }),
  fc.record({ type: fc.constant("AAAA"), content: fc.constant("2001:db8::1"), proxied }),
  fc.record({
    type: fc.constant("CNAME"),
    content: fc.constantFrom("site.pages.example", "s1.other.example"),
    proxied,
    settings: fc.constantFrom({}, { flatten_cname: true }),
  }),
  fc.record({
    type: fc.constant("MX"),
    content: fc.constantFrom("mail.example.org", "mx.old.example"),
    priority: fc.constantFrom(10, 20),
  }),
  fc.record({
    type: fc.constant("TXT"),
    content: fc.constantFrom(
      ...["v=spf1 mx -all", '"v=spf1 -all"', '"V=SPF1  -all"', '"v=spf1 include:_spf.old.example ~all"'],
      ...['"v=DMARC1; p=none"', '"v=STSv1; id=1"', '"v=DKIM1; p="', "proof=1"],
    ),
  }),
  fc.record({
    type: fc.constant("CAA"),
    data: fc.record({
      flags: fc.constantFrom(0, 128),
      tag: fc.constantFrom("issue", "issuewild", "tbs"),
      value: fc.constantFrom("letsencrypt.org", "digicert.com", ";"),
    }),
  }),
  fc.record({ type: fc.constant("NS"), content: fc.constant("ns.old.example") }),
);
const live = fc.array(
  fc.tuple(name, body, meta).map(([owner, rest, meta]) => ({ name: owner, ...rest, meta })),
  { maxLength: 12 },
);

test("each record is reported once, and what is to be created neither the API refuses nor an alias hides", async () => {
  const settings = zone.settings(
    {
      certificates: { issuers: ["letsencrypt.org"], wildcardIssuers: [] },
      delegations: [{ label: "s1._domainkey", target: "s1.other.example" }],
    },
    { web: { enabled: true, bareNames: true } },
  );
  const wanted = liveZones(settings)[0]?.records ?? [];
  const [, resources] = await record(() =>
    declareStack(settings, { name: "test", identity: "an identity", sieveFiles: new Map() }),
  );
  const bodies = new Map(resources.map(({ name: resource, inputs }) => [resource, inputs]));
  const takeOver = fc.constantFrom(new Set<string>(), new Set(wanted.map(({ resource }) => resource)));
  const there = () => zone.standIn.records(zone.id);

  fc.assert(
    fc.property(live, takeOver, (records, takeOver) => {
      zone.clear();
      for (const each of records) {
        try {
          zone.fill([each]);
        } catch (error) {
          // Such a zone does not exist.
          if (!(error instanceof ApiError)) throw error;
        }
      }
      const before = there().all.map(liveRecord);
      const result = compareZone("example.org", wanted, before, { takeOver, held: new Map() });
      const { matches, conflicts, creations, untouched } = result;
      const reported = {
        live: [...matches.map(({ live }) => live), ...conflicts.flatMap(({ live }) => live), ...untouched],
        wanted: [
          ...matches.map(({ wanted }) => wanted),
          ...conflicts.flatMap(({ wanted }) => wanted),
          ...creations,
        ],
      };
      expect(reported.live.map(({ id }) => id).toSorted()).toEqual(before.map(({ id }) => id).toSorted());
      expect(reported.wanted.map(({ resource }) => resource).toSorted()).toEqual(
        wanted.map(({ resource }) => resource).toSorted(),
      );
      expect(matches.every(({ live }) => live.keeper === undefined)).toBe(true);
      for (const { canTakeOver, live } of conflicts) {
        if (canTakeOver) expect(live.every(({ keeper }) => keeper === undefined)).toBe(true);
      }
      for (const { resource, record } of creations) {
        const { zoneId: _, ...inputs } = bodies.get(resource) ?? {};
        const content = record.content === null ? '"v=DKIM1; p=AA"' : inputs.content;
        expect(() => there().create({ ...inputs, content }), resource).not.toThrow();
        const hiding = before.filter(
          ({ name, type, proxied, flattened = proxied }) =>
            (type === "CNAME" && name === record.name && name !== "example.org" && !flattened) ||
            (type === "NS" && name !== "example.org" && isWithin(record.name, name)),
        );
        expect(hiding, resource).toEqual([]);
      }
    }),
    { numRuns: 200 },
  );
});
