import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { INJECTION_NAME } from "../../../servers/generation/container-paths.ts";
import { renderMailServer } from "../../../servers/mail-server/mail-server.ts";
import { readTextBytes } from "../../../servers/mail-server/message-limits.ts";
import { renderOwnDomains } from "../../../servers/mail-server/own-domains.ts";
import { renderRspamd, rules } from "../../../servers/mail-server/rspamd.ts";
import { renderTopics } from "../../../servers/mail-server/rspamd-topics.ts";
import { SPAM_TOPICS } from "../../../servers/mail-server/spam-topics.ts";
import { contentOf, LAB, VAAMONDE } from "./example.ts";

const folder = new URL("../../../images/mail-server/rspamd/", import.meta.url);
const lua = new Map(
  readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), "utf8")] as const),
);
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

const symbolsIn = (text: string) =>
  [...text.matchAll(/\bname = "([A-Z_]+)"/g)].map(([, name = ""]) => name).toSorted();

test("the image has each rule, and each file of its folder is a rule or loaded by one", () => {
  for (const { file, symbols } of rules) expect(symbolsIn(lua.get(file) ?? "")).toEqual(symbols);
  const loaded = [...lua.values()].flatMap((text) =>
    [...text.matchAll(/dofile\("\/usr\/lib\/maildomain\/rspamd\/(.*)"\)/g)].map(([, file = ""]) => file),
  );
  const named = new Set([...rules.map(({ file }) => file), ...loaded]);
  expect([...named].toSorted()).toEqual([...lua.keys()].toSorted());
  const paths = [...configuration.matchAll(/^lua = "\/usr\/lib\/maildomain\/rspamd\/(.*)";$/gm)];
  expect(paths.map(([, file]) => file)).toEqual(rules.map(({ file }) => file));
});

test("the rules read what a generation has, and know the names that others use", () => {
  const rendered = renderMailServer(LAB).map(({ path }) => path);
  const read = [...lua.values()].flatMap((text) =>
    [...text.matchAll(/"\/run\/maildomain\/current\/(.*)"/g)].map(([, path = ""]) => path),
  );
  expect(new Set(read)).toEqual(
    new Set([
      ...["aliases", "mailboxes", "senders"].map((name) => `postfix/tables/${name}`),
      ...["own-domains", "send-limits", "signing-keys"].map((name) => `rspamd/${name}`),
    ]),
  );
  for (const path of read) expect(rendered).toContain(path);
  const names = [...lua.values()].flatMap((text) =>
    [...text.matchAll(/"MTA-Name"\)\) ~= "(.*)"/g)].map(([, name]) => name),
  );
  expect(names).toEqual([INJECTION_NAME, INJECTION_NAME]);
  expect(lua.get("text_limit.lua")).toContain("local most = 1024 * 1024\n");
  expect(readTextBytes).toBe(1024 * 1024);
});

test("the topics of unwanted mail are in the image", async () => {
  await expect(renderTopics()).toMatchFileSnapshot(new URL("topics.lua", folder).pathname);
});

test("for users and for what the server writes, every rule of its own runs, and none that is for strangers", () => {
  const lists = [...configuration.matchAll(/symbols_enabled = \[(.*)\];/g)].map(([, list]) => list);
  expect(new Set(lists).size).toBe(1);
  expect(lists).toHaveLength(2);
  const all = [...lua.values()].flatMap((text) => symbolsIn(text));
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
