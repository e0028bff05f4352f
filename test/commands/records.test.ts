import { expect, test } from "vitest";
import { formats } from "../../commands/records.ts";
import { ptrInstructions } from "../../records/index.ts";
import { labStack } from "../outputs/lab-stack.ts";

const why = "Says that nobody | sends";
const parked = { name: "example.net", type: "TXT", ttl: 60, content: "v=spf1 -all", why };
const [lab] = labStack.zones;
const target = {
  zones: [
    ...(lab === undefined ? [] : [lab]),
    { name: "example.net", publisher: "local" as const, records: [parked] },
  ],
  instructions: ptrInstructions("mail.vaamonde.pti", 3600, ["192.0.2.25"]),
};

test("the records as Markdown", () => {
  expect(formats.markdown?.(target)).toMatchInlineSnapshot(`
    "## vaamonde.pti

    | name | type | TTL | content | why |
    |---|---|---|---|---|
    | \`vaamonde.pti\` | MX | 3600 | \`10 mail.vaamonde.pti\` | mail comes here |
    | \`mail.vaamonde.pti\` | A | 3600 | \`127.0.0.1\` | the server |
    | \`rsa1._domainkey.vaamonde.pti\` | TXT | 3600 | \`v=DKIM1; p=AAAA\` | a key |

    ## example.net

    | name | type | TTL | content | why |
    |---|---|---|---|---|
    | \`example.net\` | TXT | 60 | \`v=spf1 -all\` | Says that nobody \\| sends |

    ## What others have to publish

    Ask the provider of 192.0.2.25 to set its reverse name to mail.vaamonde.pti:

    | name | type | TTL | content | why |
    |---|---|---|---|---|
    | \`25.2.0.192.in-addr.arpa\` | PTR | 3600 | \`mail.vaamonde.pti\` | The address's name: many servers refuse mail from one that has none (RFC 1912 2.1) |
    "
  `);
});

test("the records as lines of a zone file", () => {
  expect(formats.zone?.(target)).toMatchInlineSnapshot(`
    "; vaamonde.pti
    vaamonde.pti.	3600	IN	MX	10 mail.vaamonde.pti.	; mail comes here
    mail.vaamonde.pti.	3600	IN	A	127.0.0.1	; the server
    rsa1._domainkey.vaamonde.pti.	3600	IN	TXT	"v=DKIM1; p=AAAA"	; a key

    ; example.net
    example.net.	60	IN	TXT	"v=spf1 -all"	; Says that nobody | sends

    ; Ask the provider of 192.0.2.25 to set its reverse name to mail.vaamonde.pti:
    ; 25.2.0.192.in-addr.arpa.	3600	IN	PTR	mail.vaamonde.pti.
    "
  `);
});

test("the records as JSON, with what is to be asked of others", () => {
  const { zones: printed, instructions } = JSON.parse(formats.json?.(target) ?? "");
  expect(printed.map(({ name }: { name: string }) => name)).toEqual(["vaamonde.pti", "example.net"]);
  expect(printed[1].records).toEqual([parked]);
  expect(instructions).toHaveLength(1);
});
