import fc from "fast-check";
import { expect, test } from "vitest";
import { formatZoneLine, quoteText, renderZoneFile, unquoteText } from "../../records/index.ts";

test("TXT of any text and length is character-strings of at most 255 bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 700 }), (text) => {
      const quoted = quoteText(text);
      expect(unquoteText(quoted)).toBe(Buffer.from(text).toString());
      for (const part of quoted.split(/(?<=") (?=")/)) {
        expect(part.replaceAll(/\\(\d{3}|.)/g, "x").length - 2).toBeLessThanOrEqual(255);
      }
    }),
  );
});

test.each([
  [{ type: "A", content: "192.0.2.25" }, "192.0.2.25"],
  [{ type: "CNAME", content: "a.example" }, "a.example."],
  [{ type: "DS", content: "1 13 2 ab" }, "1 13 2 ab"],
  [{ type: "MX", content: "10 a.example" }, "10 a.example."],
  [{ type: "MX", content: "0 ." }, "0 ."],
  [{ type: "SRV", content: "0 0 0 ." }, "0 0 0 ."],
  [{ type: "PTR", content: "a.example" }, "a.example."],
  [{ type: "TLSA", content: "3 1 1 ab" }, "3 1 1 ab"],
  [{ type: "TXT", content: 'a "b" \\ é' }, '"a \\"b\\" \\\\ \\195\\169"'],
  [{ type: "CAA", content: '0 issue "a.example"' }, '0 issue "a.example"'],
])("%j in a zone file", (record, content) => {
  expect(formatZoneLine({ name: "x.example", ttl: 60, ...record })).toBe(
    `x.example.\t60\tIN\t${record.type}\t${content}`,
  );
});

test("reasons stand at the end of their lines, and cannot end them", () => {
  const authority = {
    domain: "example.org",
    nameServer: "ns1.example.org",
    nameServerAddress: "2001:db8::53",
    mailbox: "host.master@example.org",
    ttl: 60,
  };
  const record = {
    name: "example.org",
    type: "A",
    ttl: 60,
    content: "192.0.2.1",
    why: "one\nevil.example. A 1.1.1.1",
  };
  expect(renderZoneFile(authority, [record], { comments: true })).toMatchInlineSnapshot(`
    "example.org.	60	IN	SOA	ns1.example.org. host\\.master.example.org. 1 7200 3600 1209600 300
    example.org.	60	IN	NS	ns1.example.org.
    ns1.example.org.	60	IN	AAAA	2001:db8::53
    example.org.	60	IN	A	192.0.2.1	; one evil.example. A 1.1.1.1
    "
  `);
  expect(renderZoneFile(authority, [record])).not.toContain("evil");
});
