import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareRecords, recordSets } from "../../verify/records.ts";

describe("compareRecords", () => {
  test.each<[string, string[], string[]]>([
    ["A", ["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.1"]],
    ["AAAA", ["2001:db8::1"], ["2001:0DB8:0:0:0:0:0:1"]],
    ["MX", ["10 mail.example.org"], ["10 Mail.Example.ORG."]],
    ["MX", ["0 ."], ["0 "]],
    ["SRV", ["0 1 993 imap.example.org."], ["0 1 993 imap.example.org"]],
    ["SRV", ["0 0 0 ."], ["0 0 0 "]],
    ["TLSA", ["3 1 1 ABCDEF"], ["3 1 1 abcdef"]],
    ["TXT", ["v=spf1 mx -all"], ["v=spf1 mx -all"]],
  ])("%s %j is the same as %j", (type, expected, answered) => {
    expect(compareRecords(type, expected, answered)).toEqual({ missing: [], unexpected: [] });
  });

  test.each<[string, string[], string[], string[], string[]]>([
    ["A", ["127.0.0.1"], [], ["127.0.0.1"], []],
    ["A", ["127.0.0.1"], ["127.0.0.1", "192.0.2.1"], [], ["192.0.2.1"]],
    [
      "MX",
      ["10 mail.example.org"],
      ["20 mail.example.org"],
      ["10 mail.example.org"],
      ["20 mail.example.org"],
    ],
    // What stands in a text is not a name: case matters in keys and policies.
    ["TXT", ["v=DKIM1; p=AbC"], ["v=DKIM1; p=abc"], ["v=DKIM1; p=AbC"], ["v=DKIM1; p=abc"]],
  ])("%s: of %j, %j lacks %j and also has %j", (type, expected, answered, missing, unexpected) => {
    expect(compareRecords(type, expected, answered)).toEqual({ missing, unexpected });
  });

  test("finds every difference, and only differences", () => {
    const contents = fc.uniqueArray(fc.stringMatching(/^[a-z0-9=; ]{1,12}$/), { maxLength: 6 });
    fc.assert(
      fc.property(contents, contents, (expected, answered) => {
        const { missing, unexpected } = compareRecords("TXT", expected, answered);
        expect(missing).toEqual(expected.filter((content) => !answered.includes(content)));
        expect(unexpected).toEqual(answered.filter((content) => !expected.includes(content)));
      }),
    );
  });
});

test("recordSets gathers what DNS answers together", () => {
  const record = (name: string, type: string, content: string) => ({
    name,
    type,
    content,
    ttl: 60,
    why: `${type} is needed`,
  });
  const sets = recordSets([
    record("example.org", "MX", "10 a.example.org"),
    record("a.example.org", "A", "192.0.2.1"),
    record("Example.org.", "MX", "20 b.example.org"),
  ]);
  expect(sets).toEqual([
    {
      name: "example.org",
      type: "MX",
      contents: ["10 a.example.org", "20 b.example.org"],
      ttl: 60,
      why: "MX is needed",
    },
    { name: "a.example.org", type: "A", contents: ["192.0.2.1"], ttl: 60, why: "A is needed" },
  ]);
});
