import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkSettings } from "../../../stacks/reading/check.ts";
import { maxEntries, parseDirectory } from "../../../stacks/reading/directory.ts";
import { expandDirectories, withoutConsequences } from "../../../stacks/reading/expand.ts";
import { formatPlaced } from "../../../stacks/reading/problems.ts";
import { mailboxSchema } from "../../../stacks/schema/mailbox.ts";

const sha512 =
  "{SHA512-CRYPT}$6$W4rxRQwI6HNMt9n3$riCi5/OqUxnU8eZsOlZwoCnrNgu1gBGPkJc.ER.LhJCu7sOg9i1kBrRIistlBIp938GdBgMlYuoXYUU5A4Qiv0";
const argon2 =
  "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$TeYUVLLNHsRQFWeijNAaCg$uX2LevNjSP+xrXII+12WxWmaZSKOmr7q71flvZKgpSA";

function expand(files: Readonly<Record<string, string | Uint8Array>>, changes: object = {}, lab = false) {
  const [file = ""] = Object.keys(files);
  const written = { lab, domains: [{ name: "example.org", directory: file, ...changes }] };
  return expandDirectories(written, (path) => {
    const content = files[path];
    if (content === undefined) throw Object.assign(new Error(path), { code: "ENOENT" });
    return Buffer.from(content);
  });
}

/** What a person reads of a directory's file, without the first line. */
function reported(content: string | Uint8Array, file = "users.csv", changes: object = {}): string {
  const expanded = expand({ [file]: content }, changes);
  const { problems = [] } = checkSettings(expanded.written);
  const text = formatPlaced("x", withoutConsequences(problems, expanded), expanded);
  return text.split("\n").slice(1).join("\n");
}

test("a name with what nobody sees is refused in its row", () => {
  expect(
    reported('name,displayName\nana,"Ana \u202egnp"\nrui,Rui\u200b\neva,"Eva\x1b[2J"\n'),
  ).toMatchInlineSnapshot(`
    "  users.csv:4: displayName: has a line break or another control character
      users.csv:2: displayName: has U+202E, a character that nobody sees or that changes how the others are shown: remove it
      users.csv:3: displayName: has U+200B, a character that nobody sees or that changes how the others are shown: remove it"
  `);
  expect(
    reported(JSON.stringify([{ name: "ana", displayName: "Ana\r\nBcc: x@example.org" }]), "users.json"),
  ).toMatchInlineSnapshot(
    `"  users.json[0]: displayName: has U+000D, a character that nobody sees or that changes how the others are shown: remove it"`,
  );
  expect(reported("name,displayName\nana,می\u200cخواهم\n")).toBe("");
});

test.each([
  [
    "CSV",
    "users.csv",
    `name,displayName,quota,aliases,passwordHash\nana,"Lima, Ana",5 GiB,a.lima office,"${argon2}"\nrui,,,,\n`,
  ],
  [
    "of a spreadsheet",
    "users.csv",
    `\uFEFFname;displayName;quota;aliases;passwordHash\r\nana;Lima, Ana;5 GiB;a.lima office;${argon2}\r\n\r\nrui;;;;\r\n`,
  ],
  [
    "JSON",
    "users.json",
    JSON.stringify([
      {
        name: "ana",
        displayName: "Lima, Ana",
        quota: "5 GiB",
        aliases: ["a.lima", "office"],
        passwordHash: argon2,
      },
      { name: "rui" },
    ]),
  ],
])("mailboxes of a directory come after those of the stack file: %s", (_what, file, content) => {
  const { written, problems } = expand({ [file]: content }, { mailboxes: [{ name: "eva" }] });
  expect(problems).toEqual([]);
  const quota = 2 ** 30;
  expect(checkSettings(written).settings?.domains[0]?.mailboxes).toMatchObject([
    { name: "eva", aliases: [], quota },
    {
      name: "ana",
      displayName: "Lima, Ana",
      aliases: ["a.lima", "office"],
      passwordHash: argon2,
      quota: 5 * quota,
    },
    { name: "rui", aliases: [], quota },
  ]);
});

/** Every key of a mailbox: the cell of a CSV row, the value of a JSON entry, and what the settings have of it. */
const cells: readonly [column: string, cell: string, written: object, settings: object][] = [
  ["displayName", "Ana Lima", { displayName: "Ana Lima" }, { displayName: "Ana Lima" }],
  ["passwordHash", `"${argon2}"`, { passwordHash: argon2 }, { passwordHash: argon2 }],
  ["quota", "2 MiB", { quota: "2 MiB" }, { quota: 2 ** 21 }],
  ["aliases", "a.lima OFFICE", { aliases: ["a.lima", "office"] }, { aliases: ["a.lima", "office"] }],
  ["enabled", "false", { enabled: false }, { enabled: false }],
  ["receives", "false", { receives: false }, { receives: false }],
  ["protocols", "imap sieve", { protocols: ["imap", "sieve"] }, { protocols: ["imap", "sieve"] }],
  [
    "forward.to",
    "x@example.net y@example.net",
    { forward: { to: ["x@example.net", "y@example.net"] } },
    { forward: { to: ["x@example.net", "y@example.net"], keepCopy: true } },
  ],
  [
    "forward.to,forward.keepCopy",
    "x@example.net,false",
    { forward: { to: ["x@example.net"], keepCopy: false } },
    { forward: { to: ["x@example.net"], keepCopy: false } },
  ],
  ["subAddressing", "false", { subAddressing: false }, { subAddressing: false }],
  [
    "sendAs",
    "sales@example.org @example.org",
    { sendAs: ["sales@example.org", "@example.org"] },
    { sendAs: ["sales@example.org", "@example.org"] },
  ],
  ["recipientsPerHour", "200", { recipientsPerHour: 200 }, { recipientsPerHour: 200 }],
  ["sieve", "sieve/ana.sieve", { sieve: "sieve/ana.sieve" }, { sieve: "sieve/ana.sieve" }],
];

test("a row has every key of a mailbox, as CSV and as JSON; app passwords and plain ones are JSON's and a lab's", () => {
  const read = (file: string, content: string) => {
    const { written, problems } = expand({ [file]: content });
    const checked = checkSettings(written);
    expect([problems, checked.problems], content).toEqual([[], undefined]);
    return checked.settings?.domains[0]?.mailboxes[0];
  };
  for (const [column, cell, written, settings] of cells) {
    expect(read("users.csv", `name,${column}\nana,${cell}\n`)).toMatchObject(settings);
    expect(read("users.json", JSON.stringify([{ name: "ana", ...written }]))).toMatchObject(settings);
  }
  const appPasswords = [{ name: "phone", expires: "2027-01-31" }];
  expect(read("users.json", JSON.stringify([{ name: "ana", appPasswords }]))).toMatchObject({ appPasswords });
  const tried = cells.map(([column]) => column.split(/[.,]/)[0]);
  expect(new Set(["name", "password", "appPasswords", ...tried])).toEqual(
    new Set(Object.keys(mailboxSchema.shape)),
  );
});

test.each([
  ["Excel", "name;enabled\r\nana;TRUE\r\nrui;FALSE\r\neva;\r\n"],
  ["in Portuguese", "name;enabled\nana;VERDADEIRO\nrui;FALSO\neva; \n"],
  ["in German", "\uFEFFname;enabled\nana;WAHR\nrui;FALSCH\neva;\n"],
  ["in Polish, decomposed", `name,enabled\nana,PRAWDA\nrui,${"fałsz".normalize("NFD")}\neva,\n`],
  ["in Turkish", "name,enabled\nana,Doğru\nrui,yanlış\neva,\n"],
  ["in Russian, quoted", 'name,enabled\nana,"ИСТИНА"\nrui," ложь "\neva,\n'],
  ["as numbers", "name,enabled\nana,1\nrui,0\neva,\n"],
  [
    "with empty columns and rows",
    "name,enabled,,\nana,True,,\n,,,\nrui,False,, \n\u00A0,,,\neva,,,,,\n,,,\n \n",
  ],
])("what a spreadsheet makes of a table: %s", (_what, content) => {
  const { written, problems } = expand({ "users.csv": content });
  const checked = checkSettings(written);
  expect([problems, checked.problems]).toEqual([[], undefined]);
  expect(checked.settings?.domains[0]?.mailboxes.map(({ name, enabled }) => [name, enabled])).toEqual([
    ["ana", true],
    ["rui", false],
    ["eva", true],
  ]);
});

test("the documentation's directory is one", () => {
  const page = readFileSync(new URL("../../../docs/mailboxes.md", import.meta.url), "utf8");
  const { written, problems } = expand({ "users.csv": /```csv\n([^`]*)```/.exec(page)?.[1] ?? "" });
  expect(problems).toEqual([]);
  const { settings, problems: found } = checkSettings(written);
  expect(found).toBeUndefined();
  expect(settings?.domains[0]?.mailboxes.map(({ name }) => name)).toEqual(["ana", "eva", "printer", "rui"]);
});

test("a lab's file may hold passwords", () => {
  const { written, problems } = expand({ "users.csv": "name,password\nana,123456\n" }, {}, true);
  expect(problems).toEqual([]);
  expect(checkSettings(written).settings?.domains[0]?.mailboxes[0]?.password).toBe("123456");
});

const head = "name,displayName,passwordHash\n";
const bad: readonly [string, string | Uint8Array, string?, object?][] = [
  ["empty", ""],
  ["only a byte order mark", "\uFEFF\r\n"],
  ["no row", head],
  ["no column names", "ana,Ana\n"],
  ["columns misspelt or twice", "name,nmae,qouta,name\nana,,,\n"],
  [
    "cells of another kind",
    "name,enabled,protocols,forward.to,sendAs,recipientsPerHour,quota,sieve\nana,no,imap smtp,ana,a@example.net,many,5GB,../x\n",
  ],
  ["columns that hold keys of their own", "name,appPasswords,forward\nana,phone,x@example.net\n"],
  ["tabs", "name\tquota\nana\t\n"],
  ["half-written: in a value", `${head}ana,Ana,${sha512}\nrui,Rui,${sha512.slice(0, 60)}`],
  ["half-written: in quotes", `${head}ana,Ana,\nrui,"Rui`],
  ["too few and too many fields", `${head}ana,Ana\nrui,Lima, Rui,\neva,,\n`],
  ["a quote inside a value", `${head}ana,An"a",\nrui,"R"ui,\neva,"E ""v"" a",\n`],
  ["names", `${head}a b,,\nana+x,,\n../../etc,,\na:b,,\nana@example.org,,\njosé,,\n\u212Aana,,\n,,\n`],
  ["names that differ in case alone", `${head}Ana,,\nana,,\nANA,,\n`],
  [
    "a name of the stack file",
    `${head}eva,,\nrui,,\n`,
    "users.csv",
    { mailboxes: [{ name: "Eva" }], aliases: [{ name: "rui", to: ["eva@example.org"] }] },
  ],
  ["a lone CR, a NUL, a line break", `${head}ana,A\rna,\nrui,\0,\neva,"E\nva",\n`],
  ["hashes", `${head}ana,,secret\nrui,,{PLAIN}secret\neva,,${sha512}x\n`],
  ["passwords as they are", "name,password\nana,correct horse battery\nrui,\n"],
  ["not UTF-8", Buffer.from(`${head}ana,Ana,\nrui,Jos\xe9,\n`, "latin1")],
  ["UTF-16", Buffer.from(`\uFEFF${head}`, "utf16le")],
  ["another format", "name", "users.xlsx"],
  ["JSON cut off", '[{"name":"ana"},{"na', "users.json"],
  ["JSON of another kind", '{"name":"ana"}', "users.json"],
  [
    "JSON entries",
    '["ana", {"name": "rui", "qouta": "1 GiB"}, {"name": 7}, null, {"name": "RUI", "password": "x"}]',
    "users.json",
  ],
  [
    "an alias to a row that cannot be read",
    `${head}ana,\n`,
    "users.csv",
    { aliases: [{ name: "office", to: ["ana@example.org"] }] },
  ],
];

test("what is refused, at which line, and what to write instead", () => {
  const all = bad.map(([what, content, file, changes]) => `${what}\n${reported(content, file, changes)}`);
  expect(all.join("\n")).toMatchInlineSnapshot(`
    "empty
      users.csv: is empty: write a line of column names first
    only a byte order mark
      users.csv: is empty: write a line of column names first
    no row
      users.csv: has no row below its column names: write one per mailbox
    no column names
      users.csv:1: column "ana": unknown key: write one of name, displayName, password, passwordHash, quota, aliases, enabled, receives, protocols, forward.to, forward.keepCopy, subAddressing, sendAs, recipientsPerHour, sieve
      users.csv:1: column "Ana": unknown key: write one of name, displayName, password, passwordHash, quota, aliases, enabled, receives, protocols, forward.to, forward.keepCopy, subAddressing, sendAs, recipientsPerHour, sieve
      users.csv:1: column "name" is missing: the first line names the columns
    columns misspelt or twice
      users.csv:1: column "nmae": unknown key: did you mean "name"?
      users.csv:1: column "qouta": unknown key: did you mean "quota"?
      users.csv:1: column "name" is there twice
    cells of another kind
      users.csv:2: quota: "5GB" is not a valid size: use a number and KiB, MiB, GiB or TiB, such as 1 GiB
      users.csv:2: enabled: write true or false
      users.csv:2: protocols[1]: write "imap", "pop3", "submission", "sieve"
      users.csv:2: forward.to[0]: "ana" is not a valid address: use an address such as ana@example.net
      users.csv:2: recipientsPerHour: write a whole number from 1 to 1000000
      users.csv:2: sieve: write a file beside the stack file that ends in .sieve, such as sieve/ana.sieve
      users.csv:2: sendAs[0]: "a@example.net" belongs to no domain here: use an address of a declared domain
    columns that hold keys of their own
      users.csv:1: column "appPasswords": holds keys of its own: write forward.to and forward.keepCopy as columns, and app passwords in a JSON file
      users.csv:1: column "forward": holds keys of its own: write forward.to and forward.keepCopy as columns, and app passwords in a JSON file
    tabs
      users.csv:1: column "name	quota": unknown key: write one of name, displayName, password, passwordHash, quota, aliases, enabled, receives, protocols, forward.to, forward.keepCopy, subAddressing, sendAs, recipientsPerHour, sieve
      users.csv:1: column "name" is missing: the first line names the columns
    half-written: in a value
      users.csv:3: has no line end: the file may have been cut off; if it is complete, end its last line
      users.csv:3: passwordHash: is not a complete hash of the scheme SHA512-CRYPT: it may have been cut off
    half-written: in quotes
      users.csv:3: a double quote is not closed
      users.csv:3: has no line end: the file may have been cut off; if it is complete, end its last line
    too few and too many fields
      users.csv:2: has 2 fields where the first line names 3 columns
      users.csv:3: has 4 fields where the first line names 3 columns; a value with a comma belongs in double quotes
    a quote inside a value
      users.csv:2: a double quote stands inside a value: quote the whole value, and write it twice inside (""), as in "a ""b"""
      users.csv:3: a double quote stands inside a value: quote the whole value, and write it twice inside (""), as in "a ""b"""
    names
      users.csv:2: name: "a b" is not a valid local part: use letters, digits, "_", "-" and single dots, starting with a letter, a digit or "_" and not ending with a dot
      users.csv:3: name: "ana+x" has a +, which separates a sub-address: write the name without it
      users.csv:4: name: "../../etc" is not a valid local part: use letters, digits, "_", "-" and single dots, starting with a letter, a digit or "_" and not ending with a dot
      users.csv:5: name: "a:b" is not a valid local part: use letters, digits, "_", "-" and single dots, starting with a letter, a digit or "_" and not ending with a dot
      users.csv:6: name: "ana@example.org" has an @: write only what stands before it
      users.csv:7: name: "josé" is not a valid local part: use letters, digits, "_", "-" and single dots, starting with a letter, a digit or "_" and not ending with a dot
      users.csv:8: name: "Kana" is not a valid local part: use letters, digits, "_", "-" and single dots, starting with a letter, a digit or "_" and not ending with a dot
    names that differ in case alone
      users.csv:3: name: "ana" is already declared as users.csv:2: remove one of the two
      users.csv:4: name: "ana" is already declared as users.csv:2: remove one of the two
    a name of the stack file
      users.csv:2: name: "eva" is already declared as domains[0].mailboxes[0].name: remove one of the two
      maildomain:domains[0].aliases[0].name: "rui" is already declared as users.csv:3: remove one of the two
    a lone CR, a NUL, a line break
      users.csv:3: displayName: has a line break or another control character
      users.csv:4: displayName: has a line break or another control character
      users.csv:6: displayName: has a line break or another control character
    hashes
      users.csv:2: passwordHash: has no scheme: write one before the hash, such as {SHA512-CRYPT}$6$…
      users.csv:3: passwordHash: {PLAIN} is not an accepted scheme, being too weak or unknown: use one of ARGON2ID, ARGON2I, BLF-CRYPT, SHA512-CRYPT, SHA256-CRYPT, CRYPT, PBKDF2, SSHA512, SSHA256, SCRAM-SHA-256
      users.csv:4: passwordHash: is not a complete hash of the scheme SHA512-CRYPT: it may have been cut off
    passwords as they are
      users.csv:2: password: only a lab's file may hold plain passwords: use passwordHash, or leave both out to have one generated
    not UTF-8
      users.csv:3: is not UTF-8: save the file as "CSV UTF-8"
    UTF-16
      users.csv: is written in UTF-16: save it as "CSV UTF-8"
    another format
      maildomain:domains[0].directory: write the path of a file that ends in .csv or .json
      maildomain:domains[0].mailboxes: write at least one mailbox, here or in a directory
    JSON cut off
      users.json: is not valid JSON: it breaks off or has an error at position 20 (line 1 column 21)
    JSON of another kind
      users.json: holds no mailboxes: write a list of them, such as [{ "name": "ana" }]
    JSON entries
      users.json[4]: password: only a lab's file may hold plain passwords: use passwordHash, or leave both out to have one generated
      users.json[1]: qouta: unknown key: did you mean "quota"?
      users.json[2]: name: write the part of the address before the @, in quotes if it is made of digits
      users.json[4]: name: "rui" is already declared as users.json[1]: remove one of the two
      users.json[4]: password: has 1 characters: write at least 12, or leave it out to have one generated (only a stack with lab: true takes weak ones)
    an alias to a row that cannot be read
      users.csv:2: has 2 fields where the first line names 3 columns"
  `);
});

test("a file that is not there", () => {
  const expanded = expandDirectories({ domains: [{ name: "a.example", directory: "none.csv" }] }, () => {
    throw Object.assign(new Error("none.csv"), { code: "ENOENT" });
  });
  expect(expanded.problems).toEqual([
    { origin: "none.csv", message: "is not there: write a path relative to stacks/" },
  ]);
});

test("100,000 mailboxes are refused at the first one too many, and many problems are reported as a few and a count", () => {
  const rows = Array.from({ length: 100_000 }, (_, n) => `user${n}\n`).join("");
  expect(reported(`name\n${rows}`)).toBe(
    `  users.csv:${maxEntries + 2}: is one mailbox too many: a directory has at most 20000, and this has 100000`,
  );
  const lines = reported(`name\n${rows.slice(0, 50_000).replaceAll("user", "no such user")}\n`).split("\n");
  expect(lines).toHaveLength(41);
  expect(lines.at(-1)).toMatch(/^ {2}… and \d+ more$/);
}, 600_000);

test("any values come through CSV as they are, quoted or not", () => {
  const cell = fc.string({ unit: "grapheme" }).filter((text) => !/\p{Cc}/u.test(text));
  const quote = (text: string) => (/[",;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  fc.assert(
    fc.property(
      fc.array(fc.record({ name: cell.filter((text) => /^\S/.test(text)), displayName: cell }), {
        minLength: 1,
      }),
      fc.constantFrom("\n", "\r\n"),
      fc.constantFrom(",", ";"),
      (rows, end, delimiter) => {
        const lines = [["name", "displayName"], ...rows.map((row) => [row.name, row.displayName])];
        const text = lines.map((line) => line.map(quote).join(delimiter) + end).join("");
        const { entries, problems } = parseDirectory("users.csv", Buffer.from(text), false);
        expect(problems).toEqual([]);
        const wanted = rows.map(({ name, displayName }) =>
          displayName.trim() === "" ? { name } : { name, displayName },
        );
        expect(entries.map(({ value }) => value)).toEqual(wanted);
      },
    ),
  );
});

test("any bytes are read or refused with a place, and nothing is lost in silence", () => {
  const text = fc.string({
    unit: fc.constantFrom("n", "name", ",", ";", '"', "\n", "\r", "\r\n", "\uFEFF", "a", "{"),
  });
  const bytes = fc.oneof(
    fc.uint8Array(),
    text.map((value) => Buffer.from(value)),
  );
  fc.assert(
    fc.property(bytes, fc.constantFrom("users.csv", "users.json"), (content, file) => {
      const { entries, problems } = parseDirectory(file, content, false);
      expect(entries.length + problems.length).toBeGreaterThan(0);
      for (const { origin } of [...entries, ...problems]) expect(origin.startsWith(file)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
