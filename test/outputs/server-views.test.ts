import { expect, test } from "vitest";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { serverViews, viewOf } from "../../outputs/server-views.ts";
import { planChecks } from "../../verify/plan.ts";
import { labStack } from "./lab-stack.ts";

const ports = { smtp: 2025, submission: 2587, submissions: 2465, imaps: 2993, pop3s: 2995, sieve: 5190 };
const further = {
  hostName: "mx.two.test",
  address: "127.0.0.2",
  ports,
  container: "maildomain-lab-mail-server-mx.two.test",
  generation: "1122334455667788",
  domains: ["two.test"],
};
const two: RunningStack["domains"][number] = {
  name: "two.test",
  clientNames: { incoming: { imap: "imap.two.test", pop3: "pop3.two.test" }, outgoing: "smtp.two.test" },
  mailboxes: [{ address: "ana@two.test" }],
};
const running: RunningStack = {
  ...labStack,
  domains: [...labStack.domains, two],
  furtherServers: [further],
  passwords: { ...labStack.passwords, "ana@two.test": "123456" },
};

test("each server has its own name, place, containers and domains", () => {
  const reported = serverViews(running).map(({ hostName, endpoint, containers, domains }) => [
    hostName,
    `${endpoint.address}:${endpoint.ports.imaps}`,
    Object.values(containers).join(" "),
    ...domains.map(({ name }) => name),
  ]);
  expect(reported).toEqual([
    [
      "mail.vaamonde.pti",
      "127.0.0.1:993",
      "maildomain-lab-mail-server maildomain-lab-dns-server",
      "vaamonde.pti",
    ],
    ["mx.two.test", "127.0.0.2:2993", "maildomain-lab-mail-server-mx.two.test", "two.test"],
  ]);
  expect(viewOf(running, "Ana@Two.test").hostName).toBe("mx.two.test");
  expect(viewOf(running, "x@elsewhere.test").hostName).toBe("mail.vaamonde.pti");
});

test("a further server is checked like the main one, under names of its own", () => {
  const ids = planChecks(running)
    .flat()
    .map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const its = ids.filter((id) => id.endsWith("@mx.two.test"));
  expect(its).toEqual(
    expect.arrayContaining([
      "container.maildomain-lab-mail-server-mx.two.test@mx.two.test",
      "ports.published@mx.two.test",
      "tls.imaps.imap.two.test@mx.two.test",
      "queue@mx.two.test",
      "mail.imap.submissions.two.test@mx.two.test",
    ]),
  );
  // The main server has nothing to do with the other's domain, but to send mail there and to take it from there.
  expect(ids.filter((id) => id.includes("two.test") && !id.endsWith("@mx.two.test"))).toEqual([
    "mail.imap.submission.vaamonde.pti.to.two.test",
    "mail.authentication.submission.vaamonde.pti.to.two.test",
    "mail.imap.submission.two.test.to.vaamonde.pti",
    "mail.authentication.submission.two.test.to.vaamonde.pti",
  ]);
});
