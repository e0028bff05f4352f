import { expect, test } from "vitest";
import { leftOutChecks } from "../../verify/checks/left-out-names.ts";
import { planChecks } from "../../verify/plan.ts";
import { labStack } from "../outputs/lab-stack.ts";
import { NameServer } from "./name-server.ts";

const name = "imap.vaamonde.pti";
const ordering = (resolver?: string) => ({
  ...labStack,
  certificateIssuer: "acme" as const,
  acme: {
    directory: "https://ca.example/dir",
    account: "https://ca.example/1",
    caaDomain: "ca.example",
    orders: [],
    leftOut: [{ name, addresses: ["192.0.2.25", "2001:db8::25"] }],
    resolver,
  },
});

test.each<[string, Record<string, readonly string[]>, string, string]>([
  ["elsewhere", { [`${name} A`]: ["203.0.113.9"] }, "it leads to 203.0.113.9", "Have it lead to 192.0.2.25"],
  ["nowhere", {}, "the DNS has no address of it", "Have it lead to 192.0.2.25 and 2001:db8::25, then run"],
  [
    "half here",
    { [`${name} A`]: ["192.0.2.25"], [`${name} AAAA`]: ["2001:db8::9"] },
    "2001:db8::9",
    "Have it",
  ],
  [
    "here",
    { [`${name} A`]: ["192.0.2.25"] },
    "it leads here now (192.0.2.25), and has no",
    "Run `npm run up`",
  ],
])("a name that was left out and leads %s", async (_, records, seen, remedy) => {
  await using server = await NameServer.start(records);
  const [check] = leftOutChecks(ordering(server.address), undefined);
  const outcome = await check?.run();
  expect(outcome).toMatchObject({
    status: "failed",
    seen: expect.stringContaining(seen),
    remedy: expect.stringContaining(remedy),
  });
});

test("its certificate is not looked at, nor anything where no name was left out", () => {
  const ids = (running: Parameters<typeof planChecks>[0]) =>
    planChecks(running)
      .flat()
      .map(({ id }) => id);
  expect(ids(ordering()).filter((id) => id.includes(name))).toEqual([`certificates.left-out.${name}`]);
  expect(ids(labStack)).toContain(`tls.imaps.${name}`);
  expect(leftOutChecks(labStack, undefined)).toEqual([]);
});
