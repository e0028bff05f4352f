import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { MailDomain, type MailDomainArgs } from "../../components/index.ts";
import { record, tree } from "./recorder.ts";

const args: MailDomainArgs = {
  domain: "example.org",
  hostName: "mail.example.org",
  addresses: { ipv4: "192.0.2.25" },
  mailboxes: [
    {
      address: "ana@example.org",
      displayName: "Ana Lima",
      aliases: ["a.lima@example.org"],
      password: "secret",
    },
    { address: "rui@example.org", quotaBytes: 5 * 2 ** 30 },
  ],
  aliases: [{ address: "abuse@example.org", targets: ["rui@example.org"] }],
};

test("a domain has its keys and its mailboxes", async () => {
  const [, resources] = await record(() => new MailDomain("example.org", args));
  expect(tree(resources)).toMatchInlineSnapshot(`
    "ana@example.org: maildomain:index:Mailbox
    example.org: maildomain:index:MailDomain
    example.org-dkim-ed1: maildomain:index:DkimKey
    example.org-dkim-rsa1: maildomain:index:DkimKey
    rui@example.org: maildomain:index:Mailbox"
  `);
  expect(resources.find(({ name }) => name === "ana@example.org")?.inputs).toMatchInlineSnapshot(`
    {
      "address": "ana@example.org",
      "aliases": [
        "a.lima@example.org",
      ],
      "displayName": "Ana Lima",
      "quotaBytes": 1073741824,
    }
  `);
});

test("its first mailbox gets the mail for the roles that are not declared", async () => {
  const [domain] = await record(() => new MailDomain("example.org", args));
  expect(domain.hosted).toMatchInlineSnapshot(`
    {
      "aliases": [
        {
          "address": "abuse@example.org",
          "targets": [
            "rui@example.org",
          ],
        },
        {
          "address": "a.lima@example.org",
          "targets": [
            "ana@example.org",
          ],
        },
        {
          "address": "postmaster@example.org",
          "targets": [
            "ana@example.org",
          ],
        },
      ],
      "dkimSelectors": [
        "rsa1",
        "ed1",
      ],
      "mailboxes": [
        {
          "address": "ana@example.org",
          "appPasswords": undefined,
          "forward": undefined,
          "protocols": undefined,
          "quotaBytes": 1073741824,
          "receives": undefined,
          "recipientsPerHour": undefined,
          "sendAs": undefined,
          "sieve": undefined,
          "subAddressing": undefined,
        },
        {
          "address": "rui@example.org",
          "appPasswords": undefined,
          "forward": undefined,
          "protocols": undefined,
          "quotaBytes": 5368709120,
          "receives": undefined,
          "recipientsPerHour": undefined,
          "sendAs": undefined,
          "sieve": undefined,
          "subAddressing": undefined,
        },
      ],
      "name": "example.org",
    }
  `);
});

test("the same resources exist in a first preview, when no key is there yet", async () => {
  const [, created] = await record(() => new MailDomain("example.org", args));
  const [, previewed] = await record(() => new MailDomain("example.org", args), true);
  expect(tree(previewed)).toBe(tree(created));
});

test("passwords are secrets, and no input of a component", async () => {
  const [domain, resources] = await record(() => new MailDomain("example.org", args));
  expect(await pulumi.isSecret(domain.mailboxes[0]?.passwords[0]?.password ?? pulumi.output(""))).toBe(true);
  expect(JSON.stringify(resources)).not.toContain('"secret"');
});
