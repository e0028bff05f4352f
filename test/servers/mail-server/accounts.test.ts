import { describe, expect, test } from "vitest";
import { unseal } from "../../../servers/generation/configuration-file.ts";
import { accountFiles } from "../../../servers/mail-server/mail-server.ts";
import { LAB } from "./example.ts";

const hash = "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA";
const renderAccounts = (some: Readonly<Record<string, string>>) =>
  accountFiles(LAB).map((file) => unseal(file, some));
const hashes = { "vaamonde@vaamonde.pti": hash, "leandroramos@vaamonde.pti": hash };

test("one line per mailbox, sorted, with its limit", () => {
  expect(renderAccounts(hashes)).toMatchInlineSnapshot(`
    [
      {
        "content": "
    ",
        "mode": 384,
        "owner": "root",
        "path": "dovecot/app-passwords",
      },
      {
        "content": "leandroramos@vaamonde.pti:{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA::::::userdb_quota_storage_size=0B
    vaamonde@vaamonde.pti:{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA::::::userdb_quota_storage_size=1073741824B
    ",
        "mode": 416,
        "owner": "root:dovecot",
        "path": "dovecot/passwd",
      },
    ]
  `);
});

describe("hashes", () => {
  test.each([
    ["missing", {}, "mailbox vaamonde@vaamonde.pti has no password hash"],
    ["without a scheme", { ...hashes, "vaamonde@vaamonde.pti": "123456" }, "must look like {SCHEME}hash"],
    ["with a colon", { ...hashes, "vaamonde@vaamonde.pti": `${hash}:0:0` }, "must look like {SCHEME}hash"],
    ["with a new line", { ...hashes, "vaamonde@vaamonde.pti": `${hash}\nx` }, "must look like {SCHEME}hash"],
  ])("%s", (_, some, message) => {
    expect(() => renderAccounts(some)).toThrow(message);
  });

  test("are never part of the message", () => {
    expect(() => renderAccounts({ "vaamonde@vaamonde.pti": "secret" })).toThrow(
      /^the password hash of vaamonde@vaamonde\.pti must look like \{SCHEME\}hash, without a colon$/,
    );
  });
});
