import { expect, test } from "vitest";
import {
  dsInstruction,
  ptrInstructions,
  type RecordTable,
  renderRecordJson,
  renderRecordLines,
  renderRecordTables,
} from "../../records/index.ts";

const why = "Says | that";
const tables: RecordTable[] = [
  {
    name: "example.org",
    records: [{ name: "example.org", type: "MX", ttl: 60, content: "10 mail.example.org", why }],
  },
  {
    name: "example.net",
    records: [{ name: "example.net", type: "TXT", ttl: 60, content: "v=spf1 -all", why }],
  },
];
const instructions = [
  ...ptrInstructions("mail.example.org", 60, ["192.0.2.25", "2001:db8::25", undefined]),
  dsInstruction("example.org", 60, "1 13 2 ab"),
];

test("as Markdown", () => {
  expect(renderRecordTables(tables, instructions)).toMatchInlineSnapshot(`
    "## example.org

    | name | type | TTL | content | why |
    |---|---|---|---|---|
    | \`example.org\` | MX | 60 | \`10 mail.example.org\` | Says \\| that |

    ## example.net

    | name | type | TTL | content | why |
    |---|---|---|---|---|
    | \`example.net\` | TXT | 60 | \`v=spf1 -all\` | Says \\| that |

    ## What others have to publish

    Ask the provider of 192.0.2.25 to set its reverse name to mail.example.org:

    | name | type | TTL | content | why |
    |---|---|---|---|---|
    | \`25.2.0.192.in-addr.arpa\` | PTR | 60 | \`mail.example.org\` | The address's name: many servers refuse mail from one that has none (RFC 1912 2.1) |

    Ask the provider of 2001:db8::25 to set its reverse name to mail.example.org:

    | name | type | TTL | content | why |
    |---|---|---|---|---|
    | \`5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa\` | PTR | 60 | \`mail.example.org\` | The address's name: many servers refuse mail from one that has none (RFC 1912 2.1) |

    Have the registrar of example.org publish its key in the parent zone, where it is a public domain:

    | name | type | TTL | content | why |
    |---|---|---|---|---|
    | \`example.org\` | DS | 60 | \`1 13 2 ab\` | The parent vouches for the key that signs the zone (DNSSEC, RFC 4034) |
    "
  `);
});

test("as lines of a zone file, in which others' records do not count", () => {
  expect(renderRecordLines(tables, instructions)).toMatchInlineSnapshot(`
    "; example.org
    example.org.	60	IN	MX	10 mail.example.org.	; Says | that

    ; example.net
    example.net.	60	IN	TXT	"v=spf1 -all"	; Says | that

    ; Ask the provider of 192.0.2.25 to set its reverse name to mail.example.org:
    ; 25.2.0.192.in-addr.arpa.	60	IN	PTR	mail.example.org.

    ; Ask the provider of 2001:db8::25 to set its reverse name to mail.example.org:
    ; 5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.	60	IN	PTR	mail.example.org.

    ; Have the registrar of example.org publish its key in the parent zone, where it is a public domain:
    ; example.org.	60	IN	DS	1 13 2 ab
    "
  `);
});

test("as JSON", () => {
  const { zones, instructions: asks } = JSON.parse(renderRecordJson(tables, instructions));
  expect(zones).toEqual(tables);
  expect(asks[2]).toEqual({
    text: "Have the registrar of example.org publish its key in the parent zone, where it is a public domain",
    record: {
      name: "example.org",
      type: "DS",
      ttl: 60,
      content: "1 13 2 ab",
      why: "The parent vouches for the key that signs the zone (DNSSEC, RFC 4034)",
    },
  });
});

test("without anything to ask of others, nothing is said of them", () => {
  expect(renderRecordTables(tables)).not.toContain("others");
  expect(renderRecordLines(tables)).not.toContain("Ask");
});

test.each(["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "::1", "fd00::1"])(
  "%s has no name in the world's DNS",
  (address) => {
    expect(ptrInstructions("mail.example.org", 60, [address])).toEqual([]);
  },
);
