import { expect, test } from "vitest";
import { defaultLimits } from "../../../servers/container-limits.ts";
import { renderDovecot } from "../../../servers/mail-server/dovecot.ts";
import { renderPostfix } from "../../../servers/mail-server/postfix.ts";
import { settingsIn } from "../settings.ts";
import { contentOf, LAB } from "./example.ts";

const gibibyte = 2 ** 30;

/** What a process has by itself, in MiB, as seen at work; of a login process, with its thousand connections. */
const dovecotCosts = {
  imap: 2,
  pop3: 2,
  managesieve: 2,
  "imap-login": 90,
  "pop3-login": 90,
  "managesieve-login": 90,
  lmtp: 3.5,
  "quota-status": 1.7,
  // Without the memory that it keeps from hash to hash: the kernel takes that back before it ends anything.
  "auth-worker": 1.7,
};
const smtpd = 2.5;
const cleanup = 1;
const postfixCosts = { smtpd: smtpd + cleanup, smtp: 2.5, lmtp: 1.6 };
/** Rspamd with both of its processes at the gate's limit, and whatever there is one of. */
const rest = 520 + 100;

function ofDovecot(memoryBytes?: number): number {
  const settings = settingsIn(
    contentOf(renderDovecot({ ...LAB, memoryBytes }), "dovecot/dovecot.conf"),
    "\n",
  );
  const costs = Object.entries(dovecotCosts).map(([service, cost]) => {
    const [limit] = settings.get(`service ${service}/process_limit`) ?? [];
    return Number(limit) * cost;
  });
  return costs.reduce((sum, each) => sum + each, 0);
}

function ofPostfix(): number {
  const files = renderPostfix(LAB);
  const [, most] = /^default_process_limit = (\d+)$/m.exec(contentOf(files, "postfix/main.cf")) ?? [];
  const services = contentOf(files, "postfix/master.cf").matchAll(
    /^(\S+) +(?:inet|unix) +(?:\S+ +){4}(\S+) +(\S+)$/gm,
  );
  // Nothing is delivered by the service "relay".
  return [...services]
    .filter(([, service]) => service !== "relay")
    .map(([, , limit, program]) => {
      const cost = Object.entries(postfixCosts).find(([name]) => name === program)?.[1] ?? 0;
      return Number(limit === "-" ? most : limit) * cost;
    })
    .reduce((sum, each) => sum + each, 0);
}

test.each([undefined, 5 * gibibyte, 16 * gibibyte])(
  "all processes at their limits stay under the container's memory: %s",
  (memoryBytes) => {
    const together = ofDovecot(memoryBytes) + ofPostfix() + rest;
    const allowed = (memoryBytes ?? defaultLimits.mailServer.memoryBytes) / 2 ** 20;
    expect(together).toBeLessThan(allowed);
    expect(together).toBeGreaterThan(allowed * 0.8);
  },
);

test("little memory leaves room for some sessions", () => {
  const conf = contentOf(renderDovecot({ ...LAB, memoryBytes: gibibyte }), "dovecot/dovecot.conf");
  expect(settingsIn(conf, "\n").get("service imap/process_limit")).toEqual(["64"]);
});
