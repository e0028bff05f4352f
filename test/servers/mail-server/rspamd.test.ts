import { expect, test } from "vitest";
import { renderRspamd } from "../../../servers/mail-server/rspamd.ts";
import { contentOf, LAB, VAAMONDE } from "./example.ts";

const configuration = contentOf(renderRspamd(LAB), "rspamd/rspamd.conf");

test("signs with every selector of every domain that has one", () => {
  const unsigned = { ...VAAMONDE, name: "example.org", mailboxes: [], aliases: [], dkimSelectors: [] };
  const files = renderRspamd({ ...LAB, domains: [VAAMONDE, unsigned] });
  expect(contentOf(files, "rspamd/signing-keys")).toMatchInlineSnapshot(`
    "vaamonde.pti r1 /run/maildomain/current/rspamd/dkim/vaamonde.pti.r1.key e1 /run/maildomain/current/rspamd/dkim/vaamonde.pti.e1.key
    "
  `);
});

test("asks nobody outside, and needs no Redis", () => {
  expect(configuration).not.toMatch(/https?:|redis|fuzzy|surbl|\brbl\b/);
});

test("no network is local", () => {
  expect(configuration).toContain("local_addrs = [];");
});

test("asks the validating resolver beside it", () => {
  expect(configuration).toContain('nameserver = ["127.0.0.1"];');
});

test("no mailbox, domain or key changes what Rspamd reads at its start: it need not be reloaded for them", () => {
  const [limited] = VAAMONDE.mailboxes.map((mailbox) => ({ ...mailbox, recipientsPerHour: 5 }));
  const other = { ...VAAMONDE, name: "example.org", mailboxes: [], aliases: [], dkimSelectors: ["x1"] };
  const changed = {
    ...LAB,
    domains: [other, { ...VAAMONDE, mailboxes: limited === undefined ? [] : [limited] }],
  };
  const differing = renderRspamd(changed).filter(
    ({ path, content }) => contentOf(renderRspamd(LAB), path) !== content,
  );
  expect(differing.map(({ path }) => path).sort()).toEqual(["rspamd/send-limits", "rspamd/signing-keys"]);
});
