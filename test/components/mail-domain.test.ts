import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { MailDomain, type MailDomainArgs } from "../../components/index.ts";
import { Logins } from "../../components/logins.ts";
import { Mailbox } from "../../components/mailbox.ts";
import { mapIn } from "../../naming/large-map.ts";
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
    example.org-stages: maildomain:index:DomainStages
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
    example.org-mailboxes: maildomain:index:MailboxTable
    example.org-stages: maildomain:index:DomainStages"
  `);
  expect(resources.find(({ type }) => type.endsWith("MailboxTable"))?.inputs).toMatchInlineSnapshot(`
    {
      "mailboxes": {
        "ana@example.org": {
          "aliases": [
            "a.lima@example.org",
          ],
          "displayName": "Ana Lima",
        },
        "rui@example.org": {
          "quotaBytes": 5368709120,
        },
      },
    }
  `);
  const many = Array.from({ length: 101 }, (_, n) => ({ address: `user${n}@example.org` }));
  const [, beyond] = await record(() => new MailDomain("example.org", { ...args, mailboxes: many }));
  const tables = beyond.filter(({ type }) => type.includes("Mailbox"));
  expect(tables.map(({ name }) => name)).toEqual(["example.org-mailboxes"]);
  // One text, in which each mailbox has its line.
  const text = String(tables[0]?.inputs.mailboxes);
  expect(text.split("\n")[1]).toBe('"user0@example.org":{},');
  expect(Object.keys(mapIn(text))).toEqual(many.map(({ address }) => address));
  expect(domain.mailboxes.map(({ address }) => address)).toEqual(["ana@example.org", "rui@example.org"]);
});

test("its first mailbox gets the mail for the roles that are not declared", async () => {
  const [domain] = await record(() => new MailDomain("example.org", args));
  expect(domain.hosted).toMatchInlineSnapshot(`
    {
      "aliases": [
        {
          "address": "abuse@example.org",
          "isRole": true,
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
          "isRole": true,
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

test("a preview knows that a domain without a policy for transport has none", async () => {
  const [domain] = await record(() => new MailDomain("example.org", args), true);
  expect(await (domain.stages.mtaSts as unknown as { isKnown: Promise<boolean> }).isKnown).toBe(true);
});

test("the same resources exist in a first preview, when no key is there yet", async () => {
  const [, created] = await record(() => new MailDomain("example.org", args));
  const [, previewed] = await record(() => new MailDomain("example.org", args), true);
  expect(tree(previewed)).toBe(tree(created));
});

test("passwords are secrets, and no input of a component", async () => {
  const [directory, resources] = await record(() => {
    const { mailboxes } = new MailDomain("example.org", args);
    return new Logins("directory", { mailboxes });
  });
  expect(await pulumi.isSecret(directory.passwords)).toBe(true);
  const components = resources.filter(({ type }) => !type.endsWith("Credentials"));
  expect(JSON.stringify(components)).not.toContain('"secret"');
});

test("a key that is only published signs nothing; one that is retired has its record still", async () => {
  const key = (selector: string, stage: "published" | "signing" | "retired") =>
    ({ selector, algorithm: "ed25519", stage }) as const;
  const dkim = [key("old", "retired"), key("now", "signing"), key("next", "published")];
  const settings = "maildomain:domains[0].";
  const stageChecks = { zone: "example.org", nameServers: ["192.0.2.53:53"], settings };
  const [domain, resources] = await record(
    () => new MailDomain("example.org", { ...args, dkim, stageChecks }),
  );
  expect(domain.hosted.dkimSelectors).toEqual(["now"]);
  // A worker with the former configuration needs the old one for a moment more.
  expect(domain.signingKeys.map(({ selector }) => selector)).toEqual(["old", "now"]);
  expect(domain.recordDescription.dkim.map(({ selector, signs }) => [selector, signs])).toEqual([
    ["old", false],
    ["now", true],
    ["next", false],
  ]);
  expect(resources.find(({ name }) => name === "example.org-stages")?.inputs).toMatchInlineSnapshot(`
    {
      "askNameServers": true,
      "dkim": {
        "next": {
          "path": "maildomain:domains[0].dkim[2].stage",
          "record": "v=DKIM1; k=ed25519; p=UFVCTElD",
          "stage": "published",
        },
        "now": {
          "path": "maildomain:domains[0].dkim[1].stage",
          "record": "v=DKIM1; k=ed25519; p=UFVCTElD",
          "stage": "signing",
        },
        "old": {
          "path": "maildomain:domains[0].dkim[0].stage",
          "record": "v=DKIM1; k=ed25519; p=UFVCTElD",
          "stage": "retired",
        },
      },
      "dmarc": "quarantine",
      "domain": "example.org",
      "exchanges": [
        "mail.example.org",
      ],
      "nameServers": [
        "192.0.2.53:53",
      ],
      "settings": "maildomain:domains[0].",
      "ttl": 3600,
      "zone": "example.org",
    }
  `);
});

test("a display name with what nobody sees is refused", () => {
  const address = "ana@example.org";
  expect(() => new Mailbox({ address, displayName: "Ana\u202eLima" })).toThrow(
    "the display name of ana@example.org has U+202E: remove it",
  );
});
