/** A publisher that the program does not know takes a folder and a line in each list: everything else goes by these. */
import { expect, test, vi } from "vitest";
import { parseRunningStack } from "../../outputs/running-stack.ts";
import { recordsIn } from "../../policy/records-in.ts";
import type { Step } from "../../review/preview.ts";
import { questionsOf, reviewSteps } from "../../review/review.ts";
import { openedPorts } from "../../stacks/preflight/ports.ts";
import { stackSchema } from "../../stacks/schema/config.ts";
import { record, value } from "../components/recorder.ts";
import { declare } from "../stacks/program/stacks.ts";

vi.mock("../../publishers/list.ts", async (importOriginal) => {
  const { publisherFacts } = await importOriginal<typeof import("../../publishers/list.ts")>();
  const { stub } = await import("./stub/facts.ts");
  return { publisherFacts: [...publisherFacts, stub] };
});
vi.mock("../../publishers/index.ts", async (importOriginal) => {
  const { publishers } = await importOriginal<typeof import("../../publishers/index.ts")>();
  const { stubPublisher } = await import("./stub/zone.ts");
  return { publishers: { ...publishers, stub: stubPublisher } };
});

const mailboxes = [{ name: "ana" }];
const domain = { name: "one.example", dns: "stub", stubZone: "z-1", mailboxes };
const settings = (...domains: readonly object[]) => ({ publicAddresses: { ipv4: "192.0.2.25" }, domains });

test("its settings are each domain's, and refused where they are missing", () => {
  const { domains } = stackSchema.parse(settings(domain));
  expect(domains[0]).toMatchObject({ dns: "stub", stubZone: "z-1" });
  const { error } = stackSchema.safeParse(
    settings({ ...domain, stubZone: undefined }, { ...domain, dns: "x" }),
  );
  expect(error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)).toEqual(
    expect.arrayContaining([
      `domains.0.stubZone: is needed with dns "stub": write the stub's name for the zone`,
      'domains.1.dns: write "local" or "cloudflare" or "stub"',
    ]),
  );
});

test("the stack's own server neither serves nor signs its zones", async () => {
  const parsed = stackSchema.parse(settings(domain));
  const [outputs, resources] = await record(() => declare(parsed));
  const types = new Set(resources.map(({ type }) => type));
  for (const type of ["LocalZone", "CloudflareZone", "DnssecKey", "LocalDnsServer"]) {
    expect(types).not.toContain(`maildomain:index:${type}`);
  }
  expect(resources.find(({ name }) => name === "one.example-zone")).toMatchObject({
    type: "test:index:StubZone",
    inputs: { domain: "one.example", stubZone: "z-1" },
  });
  const records = resources.filter(({ type }) => type === "test:index:StubRecord");
  const exchange = records.find(({ name }) => name === "one.example-zone-mx");
  expect(exchange?.inputs).toMatchObject({ host: "one.example", answer: "10 mail.one.example" });
  // Nobody believes a key's record where the zone is not signed by the stack.
  expect(records.map(({ inputs }) => inputs.rrtype)).not.toContain("TLSA");
  expect(openedPorts(parsed).map(({ setting }) => setting)).not.toContain("ports.dns");

  const running = parseRunningStack(await plain(outputs));
  expect(running.zones.map(({ name, publisher, ds }) => [name, publisher, ds])).toEqual([
    ["one.example", "stub", undefined],
  ]);
});

test("beside a zone of the stack's own, only that one is served", async () => {
  const two = { name: "two.example", mailboxes };
  const [, resources] = await record(() => declare(stackSchema.parse(settings(domain, two))));
  const local = resources.filter(({ type }) => type === "maildomain:index:LocalZone").map(({ name }) => name);
  expect(local).toContain("two.example-zone");
  expect(local).not.toContain("one.example-zone");
});

test("a review and a policy read its records as they read everybody's", () => {
  const inputs = { host: "one.example", rrtype: "MX", seconds: 3600, answer: "10 mail.one.example" };
  const step = {
    operation: "update",
    type: "test:index:StubRecord",
    name: "mx",
    replaceReasons: [],
  } as const;
  const zone = { ...step, type: "test:index:StubZone", operation: "same", before: {}, after: {} } as const;
  const change: Step = {
    ...step,
    before: inputs,
    after: { ...inputs, answer: "10 mx.two.example" },
    retained: false,
  };
  const { changes, risks } = reviewSteps([change, { ...zone, retained: false }]);
  expect(changes).toEqual([
    expect.objectContaining({
      name: "one.example MX",
      before: "10 mail.one.example (TTL 1 h)",
      after: "10 mx.two.example (TTL 1 h)",
    }),
  ]);
  expect(risks.map(({ id }) => id)).toEqual(["mx-changed"]);
  expect(questionsOf([{ ...change, operation: "create", before: {} }])).toContainEqual({
    name: "one.example",
    type: "MX",
  });
  expect(recordsIn("test:index:StubRecord", inputs)).toMatchObject([
    { name: "one.example", type: "MX", content: "10 mail.one.example" },
  ]);
});

/** Outputs as the engine stores them. */
async function plain(outputs: object): Promise<unknown> {
  const { output } = await import("@pulumi/pulumi");
  return JSON.parse(JSON.stringify(await value(output(outputs))));
}
