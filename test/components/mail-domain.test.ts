import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { Directory, MailDomain, type MailDomainArgs } from "../../components/index.ts";
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

test("many mailboxes are one resource's map by address, without their passwords", async () => {
  const [domain, resources] = await record(
    () => new MailDomain("example.org", { ...args, mailboxesInOneTable: true }),
  );
  expect(tree(resources)).toMatchInlineSnapshot(`
    "example.org: maildomain:index:MailDomain
    example.org-dkim-ed1: maildomain:index:DkimKey
    example.org-dkim-rsa1: maildomain:index:DkimKey
    example.org-mailboxes: maildomain:index:MailboxTable"
  `);
  expect(resources.find(({ type }) => type.endsWith("MailboxTable"))?.inputs).toMatchInlineSnapshot(`
    {
      "mailboxes": {
        "ana@example.org": {
          "aliases": [
            "a.lima@example.org",
          ],
          "displayName": "Ana Lima",
          "quotaBytes": 1073741824,
        },
        "rui@example.org": {
          "aliases": [],
          "quotaBytes": 5368709120,
        },
      },
    }
  `);
  const many = Array.from({ length: 101 }, (_, n) => ({ address: `user${n}@example.org` }));
  const [, beyond] = await record(() => new MailDomain("example.org", { ...args, mailboxes: many }));
  expect(beyond.filter(({ type }) => type.includes("Mailbox")).map(({ name }) => name)).toEqual([
    "example.org-mailboxes",
  ]);
  expect(domain.mailboxes.map(({ address }) => address)).toEqual(["ana@example.org", "rui@example.org"]);
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
          "quotaBytes": 1073741824,
        },
        {
          "address": "rui@example.org",
          "quotaBytes": 5368709120,
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
  const [directory, resources] = await record(() => {
    const { mailboxes } = new MailDomain("example.org", args);
    return new Directory("directory", { mailboxes });
  });
  expect(await pulumi.isSecret(directory.passwords)).toBe(true);
  const components = resources.filter(({ type }) => !type.endsWith("Credentials"));
  expect(JSON.stringify(components)).not.toContain('"secret"');
});
