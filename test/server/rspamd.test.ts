import { expect, test } from "vitest";
import { renderRspamd } from "../../server/rspamd.ts";
import { contentOf, LAB, VAAMONDE } from "./example.ts";

const configuration = contentOf(renderRspamd(LAB), "rspamd/rspamd.conf");

test("signs with every selector of every domain that has one", () => {
  const unsigned = { ...VAAMONDE, name: "example.org", mailboxes: [], aliases: [], dkimSelectors: [] };
  const both = contentOf(renderRspamd({ ...LAB, domains: [VAAMONDE, unsigned] }), "rspamd/rspamd.conf");
  expect(both.slice(both.indexOf("dkim_signing {"))).toMatchInlineSnapshot(`
    "dkim_signing {
      sign_authenticated = true;
      sign_local = false;
      use_esld = false;
      allow_username_mismatch = true;
      try_fallback = false;
      domain {
        "vaamonde.pti" {
          selectors = [
            { selector = "r1"; path = "/run/maildomain/current/rspamd/dkim/vaamonde.pti.r1.key"; },
            { selector = "e1"; path = "/run/maildomain/current/rspamd/dkim/vaamonde.pti.e1.key"; }
          ]
        }
      }
    }
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

test("a mailbox changes nothing here, so that Rspamd need not be reloaded for it", () => {
  expect(renderRspamd({ ...LAB, domains: [{ ...VAAMONDE, mailboxes: [], aliases: [] }] })).toEqual(
    renderRspamd(LAB),
  );
});
