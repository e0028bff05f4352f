import { expect, test } from "vitest";
import { renderOwnDomains } from "../../../servers/mail-server/own-domains.ts";
import { renderRspamd } from "../../../servers/mail-server/rspamd.ts";
import { SPAM_TOPICS } from "../../../servers/mail-server/spam-topics.ts";
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

test("what nobody else may claim: each domain as it is written and as it is read, and the server's own name", () => {
  const domains = ["xn--caf-dma.example", "vaamonde.pti"].map((name) => ({ ...VAAMONDE, name }));
  expect(renderOwnDomains({ hostName: "mail.vaamonde.pti", domains })).toMatchInlineSnapshot(`
    "mail.vaamonde.pti
    vaamonde.pti
    xn--caf-dma.example café.example
    "
  `);
});

test("no network is local", () => {
  expect(configuration).toContain("local_addrs = [];");
});

test("asks the validating resolver beside it", () => {
  expect(configuration).toContain('nameserver = ["127.0.0.1"];');
});

test("for users and for what the server writes, every rule of its own runs, and none that is for strangers", () => {
  const lists = [...configuration.matchAll(/symbols_enabled = \[(.*)\];/g)].map(([, list]) => list);
  expect(new Set(lists).size).toBe(1);
  expect(lists).toHaveLength(2);
  const files = renderRspamd(LAB).filter(({ path }) => path.endsWith(".lua"));
  const all = files.flatMap(({ content }) =>
    [...content.matchAll(/name = "([A-Z_]+)"/g)].map(([, name]) => name),
  );
  const enabled = lists[0]?.replaceAll('"', "").split(", ");
  expect(all.filter((name) => name !== undefined && !enabled?.includes(name)).sort()).toEqual([
    "AUTHOR_CLAIM",
    "AUTHOR_FORM",
    "AUTHOR_IN_TIME",
    "AUTHOR_POLICY",
    "MIXED_SCRIPT_WORDS",
    "UNPROVEN_SENDER",
  ]);
  expect(configuration).not.toMatch(/chartable|gtube_patterns = "all"/);
});

test.each(SPAM_TOPICS.map((topic) => [topic.what, topic] as const))(
  "the topic %s needs ideas that it has, and can be reached",
  (_, { ideas, needs, least }) => {
    for (const name of needs.flat()) expect(Object.keys(ideas)).toContain(name);
    expect(least).toBeGreaterThanOrEqual(needs.length);
    expect(Object.keys(ideas).length).toBeGreaterThanOrEqual(least);
    // No single phrase of ordinary text is all of it.
    for (const phrases of Object.values(ideas)) {
      for (const phrase of phrases) expect(new RegExp(phrase.replaceAll("_", " ")).test("")).toBe(false);
    }
  },
);

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
  expect(differing.map(({ path }) => path).sort()).toEqual([
    "rspamd/own-domains",
    "rspamd/send-limits",
    "rspamd/signing-keys",
  ]);
});
