import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { translateDockerMailserver } from "../../import/docker-mailserver.ts";
import type { Check } from "../../import/draft.ts";
import { formatQuota, parseQuota } from "../../import/quota.ts";
import { renderStack } from "../../import/stack-file.ts";
import { expandDirectories } from "../../stacks/reading/expand.ts";
import { problemsOf } from "../../stacks/reading/problems.ts";
import { stackSchema } from "../../stacks/schema/config.ts";

const check: Check = (settings) => problemsOf(stackSchema.safeParse(settings).error?.issues ?? []);

const hash =
  "{SHA512-CRYPT}$6$W4rxRQwI6HNMt9n3$riCi5/OqUxnU8eZsOlZwoCnrNgu1gBGPkJc.ER.LhJCu7sOg9i1kBrRIistlBIp938GdBgMlYuoXYUU5A4Qiv0";
const accounts = ["ana", "rui", "eva"].map((name) => `${name}@example.org|${hash}\n`).join("");

/** What becomes of a folder, as people see it: the stack file's domains, and what is reported. */
function translate(files: Readonly<Record<string, string>>) {
  const folder = new Map(Object.entries({ "postfix-accounts.cf": accounts, ...files }));
  const { domains, notTaken, notes } = translateDockerMailserver(folder, check);
  const rendered = renderStack("x", domains, "docker-mailserver");
  const text = (rendered.files.get("Pulumi.x.yaml") ?? "").replaceAll(hash, "HASH");
  return {
    domains,
    rendered,
    text: text.split("maildomain:domains:\n")[1] ?? "",
    reported: [...notTaken.map(({ place, reason }) => `${place}: ${reason}`), ...notes],
  };
}

function show(files: Readonly<Record<string, string>>): string {
  const { text, reported } = translate(files);
  return `\n${text}${reported.map((line) => `- ${line}\n`).join("")}`;
}

test("accounts and quotas", () => {
  const shown = show({
    "postfix-accounts.cf": `\uFEFF# by setup\r
Ana@Example.ORG|${hash}\r
rui@example.org|${hash}|userdb_quota_rule=*:storage=1048576 allow_nets=local,10.0.0.0/8
old@example.org|{SSHA}KpXqC2ZVW8gmwbFWAePkL1Of3H9rW5CW
lower@example.org|${hash.replace("SHA512-CRYPT", "sha512-crypt")}
bare@example.org|${hash.replace("{SHA512-CRYPT}", "")}
ana@example.org|{PLAIN}x
new@example.org|
nobody
../x@example.org|${hash}
a+b@example.org|${hash}
ana@bad_domain|${hash}
ana@example.net|${hash}`,
    "dovecot-quotas.cf":
      "ANA@example.org:5G\nrui@example.org:0\nold@example.org:many\nx@example.org:1G\nlower@example.org:1\n",
  });
  expect(shown).toMatchInlineSnapshot(`
    "
        - name: example.org
          mailboxes:
            - { name: ana, quota: 5 GiB, passwordHash: "HASH" }
            - { name: rui, quota: 1 GiB, passwordHash: "HASH" }
            - { name: old, quota: 1 TiB }
            - { name: lower, passwordHash: "HASH" }
            - { name: bare, quota: 1 TiB, passwordHash: "HASH" }
            - { name: new, quota: 1 TiB }
        - name: example.net
          mailboxes:
            - { name: ana, quota: 1 TiB, passwordHash: "HASH" }
    - dovecot-quotas.cf:3: is not a valid size: use one like 5G; the mailbox gets the default
    - dovecot-quotas.cf:4: is a quota without an account
    - postfix-accounts.cf:3: the attribute allow_nets has no equivalent in a stack file
    - postfix-accounts.cf:4: its passwordHash {SSHA} is not an accepted scheme, being too weak or unknown: use one of ARGON2ID, ARGON2I, BLF-CRYPT, SHA512-CRYPT, SHA256-CRYPT, CRYPT, PBKDF2, SSHA512, SSHA256, SCRAM-SHA-256; it gets a generated password
    - postfix-accounts.cf:5: its quota "1 KiB" is out of range: 1 MiB to 1024 TiB; it gets the default
    - postfix-accounts.cf:7: "ana" is already declared as postfix-accounts.cf:2: remove one of the two
    - postfix-accounts.cf:9: is not a valid account: use a line like ana@example.org|{SHA512-CRYPT}$6$…
    - postfix-accounts.cf:10: "../x" is not a valid local part: use letters, digits, "_", "-" and single dots, starting with a letter, a digit or "_" and not ending with a dot
    - postfix-accounts.cf:11: "a+b" has a +, which separates a sub-address: write the name without it
    - postfix-accounts.cf:12: is not a valid host name: use labels of letters, digits and hyphens, joined by dots, such as example.org
    - Mailboxes without a quota: 4. Here each has one; they get 1 TiB.
    "
  `);
});

test("aliases", () => {
  const shown = show({
    "postfix-virtual.cf": `# by setup
Office@example.org ana@example.org,  rui@example.org,
a.lima@example.org ana@example.org
eva.x@example.org\teva@example.org
out@example.org ana@example.org
  someone@example.net
rui@example.org rui@example.org
eva@example.org eva@example.org, eva@example.net
@example.org ana@example.org
root ana@example.org
here@example.org root
none@example.org
tag@example.org me+tag@example.net
gone@example.org nobody@example.org, ana@example.org
loop@example.org pool@example.org
pool@example.org loop@example.org
office@example.org eva@example.org, ana@example.org
info@alias.example ana@example.org
`,
  });
  expect(shown).toMatchInlineSnapshot(`
    "
        - name: example.org
          mailboxes:
            - { name: ana, quota: 1 TiB, aliases: [ a.lima ], passwordHash: "HASH" }
            - { name: rui, quota: 1 TiB, passwordHash: "HASH" }
            - { name: eva, quota: 1 TiB, aliases: [ eva.x ], forward: { to: [ eva@example.net ], keepCopy: true }, passwordHash: "HASH" }
          aliases:
            - { name: office, to: [ ana@example.org, rui@example.org ] }
            - { name: out, to: [ ana@example.org, someone@example.net ] }
            - { name: tag, to: [ me+tag@example.net ] }
            - { name: gone, to: [ ana@example.org ] }
          catchAll:
            - ana@example.org
    - postfix-virtual.cf:10: "root" has no domain: it is an address of the container itself
    - postfix-virtual.cf:11: the target "root" has no domain: it is an address of the container itself
    - postfix-virtual.cf:12: "none@example.org" has no target
    - postfix-virtual.cf:14: "nobody@example.org" is not a mailbox or alias here: declare it, or use one that is
    - postfix-virtual.cf:15: leads back to itself (loop@example.org → pool@example.org → loop@example.org): end it at a mailbox
    - postfix-virtual.cf:16: leads back to itself (pool@example.org → loop@example.org → pool@example.org): end it at a mailbox
    - postfix-virtual.cf:17: "office@example.org" has a line already, at postfix-virtual.cf:2: Postfix ignores this one
    - postfix-virtual.cf:18: alias.example has no mailbox, only aliases: give it one
    - Mailboxes without a quota: 3. Here each has one; they get 1 TiB.
    "
  `);
});

describe("signing keys", () => {
  const rsa = (bits: number) =>
    generateKeyPairSync("rsa", { modulusLength: bits })
      .privateKey.export({ type: "pkcs1", format: "pem" })
      .toString();
  const [long, short, weak] = [rsa(2048), rsa(1024), rsa(768)];
  const keysOf = (files: Readonly<Record<string, string>>) => {
    const { domains, reported, rendered } = translate({
      "postfix-accounts.cf": `${accounts}ana@b-example.org|${hash}\n`,
      ...files,
    });
    // Told apart from "26 mailboxes have no quota".
    const keys = domains.flatMap(({ name, dkim }) =>
      dkim.map(({ selector, algorithm }) => `${selector}.${name} ${algorithm}`),
    );
    expect(rendered.secrets).toHaveLength(keys.length);
    return { keys, reported: reported.filter((line) => !line.includes("quota")) };
  };

  test("of OpenDKIM: those of its KeyTable, or all where there is none", () => {
    const files = {
      "opendkim/keys/example.org/mail.private": long,
      "opendkim/keys/example.org/old.private": short,
      "opendkim/keys/gone.example/mail.private": long,
    };
    const table = `mail._domainkey.example.org example.org:mail:/etc/opendkim/keys/example.org/mail.private
x._domainkey.example.org example.org:x:/etc/opendkim/keys/example.org/x.private\n`;
    expect({
      all: keysOf(files),
      some: keysOf({ ...files, "opendkim/KeyTable": table }),
    }).toMatchInlineSnapshot(`
      {
        "all": {
          "keys": [
            "mail.example.org rsa-2048",
            "old.example.org rsa",
          ],
          "reported": [
            "opendkim/keys/gone.example/mail.private: signs for gone.example, which has no account",
            "opendkim/keys/example.org/old.private has 1024 bits; 2048 are recommended (RFC 8301): replace it in time.",
          ],
        },
        "some": {
          "keys": [
            "mail.example.org rsa-2048",
          ],
          "reported": [
            "opendkim/keys/example.org/old.private: is not in opendkim/KeyTable: nothing was signed with it",
            "opendkim/keys/gone.example/mail.private: is not in opendkim/KeyTable: nothing was signed with it",
            "opendkim/KeyTable:2: names a key that is not there: opendkim/keys/example.org/x.private",
          ],
        },
      }
    `);
  });

  test("of Rspamd: by their files' names, and those of its settings", () => {
    const files = {
      "rspamd/dkim/rsa-2048-mail-example.org.private.txt": long,
      "rspamd/dkim/rsa-1024-2023-dkim-b-example.org.private.txt": short,
      "rspamd/dkim/ed25519-ed-example.org.private.txt": "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=\n",
      "rspamd/dkim/rsa-768-weak-example.org.private.txt": weak,
      "rspamd/dkim/rsa-2048-mail-gone.example.private.txt": long,
      "rspamd/dkim/rsa-2048-mail-example.org.public.txt": "mail._domainkey IN TXT …",
    };
    const settings =
      'domain { example.org { path = "/tmp/docker-mailserver/rspamd/dkim/ed25519-ed-example.org.private.txt"; } }';
    const some = keysOf({ ...files, "rspamd/override.d/dkim_signing.conf": settings });
    expect({ all: keysOf(files), some: some.keys }).toMatchInlineSnapshot(`
      {
        "all": {
          "keys": [
            "mail.example.org rsa-2048",
            "ed.example.org ed25519",
            "2023-dkim.b-example.org rsa",
          ],
          "reported": [
            "rspamd/dkim/rsa-768-weak-example.org.private.txt: is an RSA key of 768 bits; receivers take 1024 to 4096 (RFC 8301 section 3.2)",
            "rspamd/dkim/rsa-2048-mail-gone.example.private.txt: signs for a domain that has no account",
            "rspamd/dkim/rsa-1024-2023-dkim-b-example.org.private.txt has 1024 bits; 2048 are recommended (RFC 8301): replace it in time.",
          ],
        },
        "some": [
          "ed.example.org ed25519",
        ],
      }
    `);
  });

  const settingsFile = "rspamd/override.d/dkim_signing.conf";
  const at = "/tmp/docker-mailserver/rspamd/dkim";
  const bySettings = (settings: string, ...files: string[]) =>
    keysOf({
      [settingsFile]: settings,
      ...Object.fromEntries(files.map((file) => [`rspamd/dkim/${file}`, long])),
    });
  const all = ["mail.example.org rsa-2048", "mail.b-example.org rsa-2048"];
  test.each<[string, string, string[], string[], string[]?]>([
    [
      "a template for every domain",
      `enabled = true; selector = "mail";\npath = "${at}/$domain/$selector.private";`,
      ["example.org/mail.private", "b-example.org/mail.private", "gone.example/mail.private"],
      all,
      [`rspamd/dkim/gone.example/mail.private: is not in ${settingsFile}: nothing was signed with it`],
    ],
    [
      "a template with braces, in a section",
      `domain { Example.ORG { selector: mail, path: '${at}/\${domain}.\${selector}.private' } }\ntry_fallback: no`,
      ["example.org.mail.private", "b-example.org.mail.private"],
      ["mail.example.org rsa-2048"],
      [`rspamd/dkim/b-example.org.mail.private: is not in ${settingsFile}: nothing was signed with it`],
    ],
    [
      "one file for two domains, sections with names, a selector in capitals",
      `domain example.org { path = ${at}/company.private; selector = Mail2023; }
       domain "b-example.org" {\n  path ${at}/company.private\n  selector "X1"\n}`,
      ["company.private"],
      ["mail2023.example.org rsa-2048", "x1.b-example.org rsa-2048"],
    ],
    [
      "a template that has the selector's capitals",
      `selector = "Mail"; path = "${at}/$selector-$domain.key";`,
      ["Mail-example.org.key", "mail-b-example.org.key"],
      ["mail.example.org rsa-2048"],
      [`rspamd/dkim/mail-b-example.org.key: is not in ${settingsFile}: nothing was signed with it`],
    ],
    [
      "what is commented out does not sign",
      `# domain { example.org { path = "${at}/rsa-2048-mail-example.org.private.txt"; } }
       /* domain { b-example.org { path = "${at}/b.private"; /* nested */ selector = "b" } } */
       domain { example.org { selector = "new"; # path = "${at}/b.private";
         path = "${at}/new.private"; } }`,
      ["rsa-2048-mail-example.org.private.txt", "b.private", "new.private"],
      ["new.example.org rsa-2048"],
      ["b.private", "rsa-2048-mail-example.org.private.txt"].map(
        (file) => `rspamd/dkim/${file}: is not in ${settingsFile}: nothing was signed with it`,
      ),
    ],
    [
      "several selectors of a domain",
      `domain { example.org { selectors [ { path: "${at}/a.private"; selector: "a" }, { selector = "b"; path = "${at}/b.private" } ] } }`,
      ["a.private", "b.private"],
      ["a.example.org rsa-2048", "b.example.org rsa-2048"],
    ],
    [
      "a key of the section, and a list of further ones",
      `domain { example.org { path: "${at}/a.private"; selector: "a"; selectors [ { selector = "b"; path = "${at}/b.private" } ] } }`,
      ["a.private", "b.private"],
      ["a.example.org rsa-2048", "b.example.org rsa-2048"],
    ],
    [
      "nothing signs",
      `enabled = false;\ndomain { example.org { path = "${at}/a.private"; selector = "a"; } }`,
      ["a.private"],
      [],
      [`rspamd/dkim/a.private: nothing was signed with it: ${settingsFile} has enabled = false`],
    ],
    [
      "nothing of users",
      `sign_authenticated = off;\ndomain { example.org { path = "${at}/a.private"; selector = "a"; } }`,
      ["a.private"],
      [],
      [`rspamd/dkim/a.private: nothing was signed with it: ${settingsFile} has sign_authenticated = false`],
    ],
    [
      "a program in it, line ends of Windows",
      `sign_condition =<<EOD\r\nreturn function(task) -- { path = "${at}/b.private" }\r\nEND EOD\r\nEOD;\r\ndomain { example.org {\r\n path = ${at}/a.private\r\n selector = a\r\n} }\r\n`,
      ["a.private"],
      ["a.example.org rsa-2048"],
    ],
    [
      "keys that are not there, other files, macros",
      `.include "$LOCAL_CONFDIR/more.conf"\n.include(try=true; priority=1) "x.conf"\nselector_map = "/etc/x.map";
       domain { example.org { path = "${at}/none.private"; selector = "a"; } }`,
      [],
      [],
      [
        `${settingsFile}: ".include "$LOCAL_CONFDIR/more.conf"" is not followed: what it sets is not imported`,
        `${settingsFile}: ".include(try=true; priority=1) "x.conf"" is not followed: what it sets is not imported`,
        `${settingsFile}: "selector_map" names keys in other files: they are not imported`,
        `${settingsFile}: names a key that is not there: rspamd/dkim/none.private`,
      ],
    ],
    [
      "settings that cannot be read",
      `domain {\n example.org { path = "${at}/a.private";`,
      ["a.private"],
      [],
      [
        `${settingsFile}: cannot be read (line 2: a section is not closed): which keys sign is not known, and none is imported`,
      ],
    ],
  ])("of Rspamd by its settings: %s", (_what, settings, files, keys, reported = []) => {
    expect(bySettings(settings, ...files)).toEqual({ keys, reported });
  });

  test("one selector with two keys: the first; with one key twice: one", () => {
    const file = (name: string) => ({ [`opendkim/keys/example.org/${name}.private`]: long });
    const same = keysOf({ ...file("mail"), "rspamd/dkim/rsa-2048-mail-example.org.private.txt": long });
    const other = keysOf({ ...file("mail"), "rspamd/dkim/rsa-1024-mail-example.org.private.txt": short });
    expect({ same, other: { keys: other.keys, reported: other.reported[0] } }).toMatchInlineSnapshot(`
      {
        "other": {
          "keys": [
            "mail.example.org rsa-2048",
          ],
          "reported": "rspamd/dkim/rsa-1024-mail-example.org.private.txt: "mail" is already declared as opendkim/keys/example.org/mail.private: remove one of the two",
        },
        "same": {
          "keys": [
            "mail.example.org rsa-2048",
          ],
          "reported": [],
        },
      }
    `);
  });
});

test("every other file is reported, with what it did", () => {
  const names =
    `postfix-aliases.cf postfix-regexp.cf postfix-receive-access.cf dovecot-masters.cf postfix-main.cf
    before.dovecot.sieve ana@example.org.dovecot.sieve user-patches.sh fetchmail.cf ssl/key.pem fail2ban-jail.cf
    rspamd/custom-commands.conf ldap-users.cf whatever.txt opendkim/SigningTable`.split(/\s+/);
  const { reported } = translate(Object.fromEntries(names.map((name) => [name, "# only a comment\nx y\n"])));
  expect(reported.filter((line) => !line.includes("quota")).join("\n")).toMatchInlineSnapshot(`
    "ana@example.org.dovecot.sieve: is a Sieve script
    before.dovecot.sieve: is a Sieve script
    dovecot-masters.cf:2: is a master user, who may read all mail: not supported
    fail2ban-jail.cf: configures a filter
    fetchmail.cf: fetches mail from other servers
    ldap-users.cf: reads users from elsewhere: declare them
    postfix-aliases.cf:2: is an alias of the container's own users, which do not exist here
    postfix-main.cf: changes the server's own configuration
    postfix-receive-access.cf:2: restricts who receives
    postfix-regexp.cf:2: is an alias by pattern: declare the addresses that it is for
    rspamd/custom-commands.conf: configures a filter
    ssl/key.pem: is a certificate or its key: a new one is made
    user-patches.sh: is a program of its own
    whatever.txt: is a file that the importer does not know"
  `);
});

test("many mailboxes stand in a table of their own, from which the same settings come", () => {
  const many = Array.from({ length: 30 }, (_, n) => `user${n}@example.org|${hash}\n`).join("");
  const { domains, rendered } = translate({
    "postfix-accounts.cf": many,
    "postfix-virtual.cf": "a@example.org user3@example.org\nb@example.org user3@example.org\n",
  });
  expect([...rendered.files.keys()]).toEqual(["Pulumi.x.yaml", "x-example.org.csv"]);
  const settings = { domains: parse(rendered.files.get("Pulumi.x.yaml") ?? "").config["maildomain:domains"] };
  const { written, problems } = expandDirectories(settings, (file) =>
    Buffer.from(rendered.files.get(file) ?? ""),
  );
  expect(problems).toEqual([]);
  const mailboxes = stackSchema.parse(written).domains[0]?.mailboxes ?? [];
  expect(mailboxes.map(({ name }) => name)).toEqual(domains[0]?.mailboxes.map(({ name }) => name));
  expect(mailboxes[3]).toMatchObject({ aliases: ["a", "b"], passwordHash: hash, quota: 2 ** 40 });
});

test("whatever the files hold, what is imported is a stack that the schema accepts", () => {
  const word = fc.constantFrom(
    "ana",
    "rui",
    "x",
    "@",
    "example.org",
    "example.net",
    "b.example",
    "+",
    "..",
    "/",
    "é",
  );
  const address = fc.tuple(
    fc.constantFrom("ana", "rui", "x", "", "a b"),
    fc.constantFrom("example.org", "b.example", ""),
  );
  const written = fc.oneof(
    address.map(([local, domain]) => `${local}@${domain}`),
    fc.array(word).map((words) => words.join("")),
  );
  const line = (separator: string) =>
    fc
      .array(fc.oneof(written, fc.constant(hash), fc.string({ maxLength: 8 })), { maxLength: 4 })
      .map((parts) => parts.join(separator));
  const file = (separator: string) =>
    fc.array(line(separator), { maxLength: 8 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(file("|"), file(" "), file(":"), (first, second, third) => {
      const { domains, rendered } = translate({
        "postfix-accounts.cf": first,
        "postfix-virtual.cf": second,
        "dovecot-quotas.cf": third,
      });
      if (domains.length === 0) return;
      const settings = {
        domains: parse(rendered.files.get("Pulumi.x.yaml") ?? "").config["maildomain:domains"],
      };
      expect(check(settings)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("a quota comes through as the size that it is, or as less than a KiB more", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 45 }), (bytes) => {
      const [amount = "", unit = ""] = formatQuota(bytes).split(" ");
      const back = parseQuota(amount + unit.charAt(0)) ?? 0;
      expect(back - bytes).toBeGreaterThanOrEqual(0);
      expect(back - bytes).toBeLessThan(1024);
    }),
  );
  expect(
    ["5G", "10M", "512k", "1T", "100", "5 GB", "5GiB", "0", "many", "-1"].map((text) => parseQuota(text)),
  ).toEqual([
    5 * 2 ** 30,
    10 * 2 ** 20,
    512 * 1024,
    2 ** 40,
    100,
    5 * 2 ** 30,
    5 * 2 ** 30,
    0,
    undefined,
    undefined,
  ]);
});
