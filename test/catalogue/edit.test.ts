import { expect, test } from "vitest";
import { applyEdit, formatEdit } from "../lab/catalogue/edit.ts";

const settings = {
  domains: [
    { name: "one.test", mailboxes: [{ name: "ana", quota: "1 GiB" }, { name: "bia" }] },
    { name: "two.test", mailboxes: [{ name: "ana" }] },
  ],
  servers: [{ hostName: "mx.two.test", ports: { smtp: 2025 } }],
};

test.each([
  ["a value that is there", { "domains[one.test].mailboxes[ana].quota": "2 GiB" }, 'quota":"2 GiB'],
  [
    "a value below a section that is not",
    { "domains[two.test].dmarc.policy": "none" },
    '"dmarc":{"policy":"none"}',
  ],
  [
    "an entry of a list that is not",
    { "domains[two.test].dkim[k1]": { selector: "k1" } },
    '"dkim":[{"selector":"k1"}]',
  ],
  ["an entry at the end", { "servers[b]": { hostName: "b" } }, '2025}},{"hostName":"b"}]'],
  ["an entry at the beginning", { "servers[<b]": { hostName: "b" } }, '[{"hostName":"b"},{'],
  ["an entry that is removed", { "domains[one.test].mailboxes[bia]": undefined }, '"quota":"1 GiB"}]},'],
  ["a key that is removed", { "servers[mx.two.test].ports": undefined }, '[{"hostName":"mx.two.test"}]'],
])("an edit changes %s", (_, edit, expected) => {
  const before = JSON.stringify(settings);
  expect(JSON.stringify(applyEdit(settings, edit))).toContain(expected);
  expect(JSON.stringify(settings)).toBe(before);
});

test("an edit refuses a way through what is not there", () => {
  expect(() => applyEdit(settings, { "domains[three.test].ttl": 60 })).toThrow(
    "There is no entry three.test.",
  );
  expect(() => applyEdit(settings, { "domains[three.test]": undefined })).toThrow(
    "There is no entry three.test.",
  );
});

test("an edit reads as a line of the stack file", () => {
  expect(formatEdit({ "domains[one.test].ttl": 60, "servers[<b]": undefined })).toBe(
    "`domains[one.test].ttl: 60`, remove `servers[b]`",
  );
});
