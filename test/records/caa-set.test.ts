import { expect, test } from "vitest";
import { caaEffect, saysTheSame } from "../../records/index.ts";

const issue = '0 issue "ca.example"';
const limited = '0 issue "ca.example; accounturi=https://ca.example/1"';
const wild = '0 issuewild "ca.example"';
const wildNobody = '0 issuewild ";"';
const iodef = '0 iodef "mailto:ca@example.org"';

test.each<[string[], string, string | undefined]>([
  [
    [issue],
    '0 issue "other.example"',
    "certificates may come from other.example as well (RFC 8659 section 4.2).",
  ],
  [
    [limited],
    issue,
    "certificates may come from ca.example, without the limits of yours, as well (RFC 8659 section 4.2).",
  ],
  [
    [limited],
    '0 issue "ca.example; validationmethods=dns-01"',
    'certificates may come from ca.example within "validationmethods=dns-01" as well (RFC 8659 section 4.2).',
  ],
  [[issue], limited, undefined],
  [[issue], '128 issue "CA.example."', undefined],
  [[issue], '0 issue ";"', undefined],
  [
    [issue],
    "0 issue other.example",
    "certificates may come from other.example as well (RFC 8659 section 4.2).",
  ],
  [
    [issue, wild],
    '0 issuewild "other.example"',
    "wildcard certificates may come from other.example as well (RFC 8659 section 4.3).",
  ],
  [
    [issue, wildNobody],
    wild,
    "wildcard certificates may come from ca.example as well (RFC 8659 section 4.3).",
  ],
  [[issue, wild], wildNobody, undefined],
  [
    [issue],
    wildNobody,
    "wildcard certificates may come from nobody alone, since issuewild counts before issue (RFC 8659 section 4.3).",
  ],
  [
    [issue],
    wild,
    "wildcard certificates may come from ca.example alone, since issuewild counts before issue (RFC 8659 section 4.3).",
  ],
  [[iodef], issue, undefined],
  [[wildNobody], issue, undefined],
  [[issue], iodef, undefined],
  [[issue], '0 tbs "x"', undefined],
  [
    [issue],
    '128 tbs "x"',
    "an authority that does not know the property tbs issues nothing (RFC 8659 section 4.1).",
  ],
  [[], '128 tbs "x"', undefined],
  [[], issue, undefined],
  [[issue], "text", undefined],
])("beside %j, %s: %s", (ours, other, effect) => {
  expect(caaEffect(ours, other)).toBe(effect);
});

test.each([
  [issue, '0 ISSUE "CA.Example."', true],
  [issue, '0 issue " ca.example ; "', true],
  [limited, '0 issue "ca.example;accounturi=https://ca.example/1"', true],
  [wildNobody, '0 issuewild ""', true],
  [issue, limited, false],
  [issue, '128 issue "ca.example"', false],
  [issue, wild, false],
])("%s and %s say the same: %s", (one, other, expected) => {
  const record = (content: string) => ({ name: "example.org", type: "CAA", content });
  expect(saysTheSame(record(one), record(other))).toBe(expected);
});
