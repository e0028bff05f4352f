import * as z from "zod";
import type { PublisherFacts } from "../../../publishers/facts.ts";

/** A publisher that nobody has: what a next one has to bring along, and no more. */
export const stub = {
  name: "stub",
  title: "Stub",
  description: "the stub (`stub:key`)",
  settings: {
    stubZone: z.string().optional().meta({ description: "The stub's name for the zone.", example: "z-1" }),
  },
  needs: { stubZone: "the stub's name for the zone" },
  isOwnServer: false,
  form: {
    kind: "record",
    zoneType: "test:index:StubZone",
    recordType: "test:index:StubRecord",
    contentInputs: ["answer"],
    fromInputs({ host, rrtype, seconds, answer }) {
      if (typeof host !== "string" || typeof rrtype !== "string") return undefined;
      const ttl = typeof seconds === "number" ? seconds : undefined;
      return { name: host, type: rrtype, ttl, content: typeof answer === "string" ? answer : "" };
    },
  },
} as const satisfies PublisherFacts;
