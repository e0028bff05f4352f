import type { PublisherFacts } from "../facts.ts";

/** The stack's own authoritative server. */
export const local = {
  name: "local",
  title: "the stack's own name server",
  description: "the stack's own authoritative server",
  settings: {},
  needs: {},
  isOwnServer: true,
  form: { kind: "zone", zoneType: "maildomain:index:LocalZone", lines: "records" },
} as const satisfies PublisherFacts;
