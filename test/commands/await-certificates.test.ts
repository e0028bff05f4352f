/** What `up` says of certificates that do not come. The agent's notes are put together here; test/lab/ has real ones. */
import { expect, test } from "vitest";
import { awaitCertificates, awaitShownCertificates } from "../../commands/await-certificates.ts";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { Report } from "../../toolchain/report.ts";

const order = { name: "mail-server", hostNames: ["mail.example.org"] };
const acme = {
  directory: "https://ca.example/dir",
  account: "https://ca.example/acct/1",
  caaDomain: "ca.example",
  orders: [order],
};
const at = (seconds: number) => new Date(Date.now() + 1000 * seconds).toISOString();
const noted = {
  name: order.name,
  names: order.hostNames,
  state: "failing",
  lastAttempt: at(-1),
  nextAttempt: at(300),
  problem: { type: "dns", detail: "it is not there", name: "mail.example.org" },
};
const engine = { exec: async () => `${JSON.stringify(noted)}\n` };
const hasty = { limit: 60_000, failure: -1, attempt: 30_000, between: 1 };
const silent = new Report({ write: () => undefined });

test.each([
  ["on port 80", {}, "Port 80 of every name must be reachable from outside"],
  ["in a zone", { challengeZone: "acme.example.net" }, "Every name's alias must lead into acme.example.net"],
  ["by records that stay", { dnsPersist: true }, "Every name's record must be published (`npm run records`)"],
])("where names are proved %s, that is what has to be open or published", async (_how, method, needed) => {
  const containers = { certificateAgent: "agent" } as RunningStack["containers"];
  const running = { acme: { ...acme, ...method }, containers };
  const failure = await awaitCertificates(engine, running, silent, hasty).catch(String);
  expect(failure).toContain("mail-server (mail.example.org): mail.example.org: it is not there (dns)");
  expect(failure).toContain(`once the reason is gone. ${needed}: docs/certificates.md lists`);
});

test.each([
  ["under way", { lastAttempt: at(-300), nextAttempt: at(-1) }],
  ["seconds away", { lastAttempt: at(-1), nextAttempt: at(9) }],
  ["not set", { nextAttempt: null }],
])("an order whose next attempt is %s is waited for", async (_when, times) => {
  const states = [
    { ...noted, ...times },
    { ...noted, ...times },
    { ...noted, state: "valid" },
  ];
  const asked = { exec: async () => `${JSON.stringify(states.shift())}\n` };
  const containers = { certificateAgent: "agent" } as RunningStack["containers"];
  await awaitCertificates(asked, { acme, containers }, silent, hasty);
  expect(states).toEqual([]);
});

test("a server that shows another certificate is waited for, and named with its reason", async () => {
  const running = {
    acme,
    domains: [],
    furtherServers: [],
    containers: { mailServer: "mail", webServer: "web" },
  } as unknown as RunningStack;
  const said = {
    mail: ["domain-example.org \n", "domain-example.org it is for another key\n", ""],
    web: ["", "", ""],
  };
  const asked = { exec: async (container: string) => said[container as keyof typeof said].shift() ?? "" };
  await awaitShownCertificates(asked, running, silent, hasty);
  expect(said.mail).toEqual([]);

  const refusing = { exec: async (name: string) => (name === "mail" ? "a it is for another key\nb \n" : "") };
  const late = { ...hasty, limit: -1 };
  const failure = await awaitShownCertificates(refusing, running, silent, late).catch(String);
  expect(failure).toContain("  mail: a: it is for another key\n  mail: b: it has not looked at it yet\n");
});
