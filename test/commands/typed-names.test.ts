import { expect, test, vi } from "vitest";
import { settingsFor } from "../../clients/settings.ts";
import { archiveWords } from "../../commands/archive.ts";
import { findPassword } from "../../commands/password.ts";
import { userOption } from "../../commands/verify.ts";
import { readSigningKeys } from "../../import/signing-keys.ts";
import { splitAddress } from "../../import/source.ts";

/** What a person types has one spelling in a stack: `ana@xn--mller-kva.example`. */
const domain = "xn--mller-kva.example";
const address = `ana@${domain}`;
const typed = ["Ana@müller.example", "ANA@MÜLLER.Example.", "ana@XN--MLLER-KVA.example"];

const clientNames = { incoming: { imap: domain, pop3: domain }, outgoing: domain };
const endpoint = {
  address: "127.0.0.1",
  ports: { dns: 53, submission: 587, submissions: 465, imaps: 993, pop3s: 995 },
};
const stack = { endpoint, domains: [{ name: domain, clientNames, mailboxes: [{ address }] }] };

test.each(typed)("%s is found", (written) => {
  expect(settingsFor(stack, written).address).toBe(address);
  expect(archiveWords(["restore", written], false)).toEqual(["restore", address]);
  const passwords = { [address]: "its own", [`${address}/phone`]: "the phone's" };
  expect(findPassword(passwords, written, "test")).toBe("its own");
  expect(findPassword(passwords, `${written}/Phone`, "test")).toBe("the phone's");
  expect(splitAddress(written)).toEqual({ local: "ana", domain });
});

test.each(typed)("verify --user %s: case stays before the @, for whoever made the domain", (written) => {
  vi.stubEnv("MAILDOMAIN_PASSWORD", "secret");
  expect(userOption(written)).toEqual({ address: `${written.split("@")[0]}@${domain}`, password: "secret" });
  vi.unstubAllEnvs();
});

test("keys in folders and files that are named after the domain as people write it", () => {
  const seen: string[] = [];
  const drafts = new Map([[domain, { place: "", name: domain, mailboxes: [], aliases: [], dkim: [] }]]);
  const folder = new Map([
    ["opendkim/keys/müller.example/mail.private", "no key"],
    ["rspamd/dkim/rsa-2048-my-mail-müller.example.private.txt", "no key"],
  ]);
  readSigningKeys(folder, drafts, (place, reason) => seen.push(`${place}: ${reason}`));
  expect(seen).toHaveLength(2);
  expect(seen.join("\n")).not.toContain("no account");
});
