import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addressRecords,
  type Dmarc,
  DmarcPolicy,
  formatCaa,
  formatDkim,
  formatDmarc,
  formatMtaStsPolicy,
  formatMx,
  formatSpf,
  formatSrv,
  formatTlsa,
  formatTlsReporting,
  MtaStsMode,
  mtaStsRecord,
  normalizeName,
  parseCaa,
  parseDkim,
  parseDmarc,
  parseMtaSts,
  parseMtaStsPolicy,
  parseMx,
  parseSpf,
  parseSrv,
  parseTlsa,
  parseTlsReporting,
  policyId,
  policyNames,
  ptrInstruction,
  ptrRecord,
  quoteText,
  spfLookups,
  unquoteText,
} from "../../records/index.ts";

const hostName = fc.domain().map((name) => name.toLowerCase());
const base64 = fc
  .uint8Array({ minLength: 32, maxLength: 300 })
  .map((bytes) => Buffer.from(bytes).toString("base64"));

describe("what is formatted is read back the same", () => {
  test("MX", () => {
    fc.assert(
      fc.property(fc.record({ preference: fc.nat(65_535), exchange: hostName }), (mx) => {
        expect(parseMx(formatMx(mx))).toEqual(mx);
      }),
    );
  });

  test("DKIM keys", () => {
    fc.assert(
      fc.property(fc.record({ keyType: fc.constantFrom("rsa", "ed25519"), publicKey: base64 }), (key) => {
        expect(parseDkim(formatDkim(key))).toEqual(key);
      }),
    );
  });

  test("DMARC", () => {
    const policy = fc.constantFrom(...Object.values(DmarcPolicy));
    const address = hostName.map((domain) => `reports@${domain}`);
    const dmarc = fc.record({ policy, reportAddress: address }, { requiredKeys: ["policy"] });
    fc.assert(
      fc.property(dmarc, (value: Dmarc) => {
        expect(parseDmarc(formatDmarc(value))).toEqual(value);
      }),
    );
  });

  test("SRV", () => {
    const number = fc.nat(65_535);
    const target = fc.oneof(hostName, fc.constant("."));
    fc.assert(
      fc.property(fc.record({ priority: number, weight: number, port: number, target }), (srv) => {
        expect(parseSrv(formatSrv(srv))).toEqual(srv);
      }),
    );
  });

  test("CAA", () => {
    const value = fc.string().filter((text) => /^[ !#-~]*$/.test(text));
    const caa = fc.record({ flags: fc.constantFrom(0, 128), tag: fc.constantFrom("issue", "iodef"), value });
    fc.assert(
      fc.property(caa, (property) => {
        expect(parseCaa(formatCaa(property))).toEqual(property);
      }),
    );
  });

  test("TLSA", () => {
    const spkiSha256 = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString("hex"));
    fc.assert(
      fc.property(fc.record({ spkiSha256 }), (tlsa) => {
        expect(parseTlsa(formatTlsa(tlsa).toUpperCase())).toEqual(tlsa);
      }),
    );
  });

  test("TLS-RPT", () => {
    fc.assert(
      fc.property(fc.record({ reportAddress: hostName.map((domain) => `tls@${domain}`) }), (reporting) => {
        expect(parseTlsReporting(formatTlsReporting(reporting))).toEqual(reporting);
      }),
    );
  });

  test("MTA-STS policies, whose id changes with them", () => {
    const mx = fc.array(hostName, { minLength: 1, maxLength: 4 });
    const policy = fc.record({
      mode: fc.constantFrom(...Object.values(MtaStsMode)),
      mx,
      maxAge: fc.nat(31_557_600),
    });
    fc.assert(
      fc.property(policy, (value) => {
        expect(parseMtaStsPolicy(formatMtaStsPolicy(value))).toEqual(value);
        expect(parseMtaSts(mtaStsRecord("example.org", 60, value).content)).toEqual({ id: policyId(value) });
        expect(policyId({ ...value, maxAge: (value.maxAge + 1) % 31_557_601 })).not.toBe(policyId(value));
      }),
    );
  });

  test("SPF", () => {
    const mechanism = fc.oneof(
      fc.record({
        qualifier: fc.constantFrom("pass", "fail", "softfail", "neutral"),
        name: fc.constantFrom("a", "mx"),
        argument: fc.oneof(
          fc.constant(""),
          hostName.map((domain) => `:${domain}`),
          fc.constant("/24"),
        ),
      }),
      fc.record({
        qualifier: fc.constant("pass"),
        name: fc.constant("ip4"),
        argument: fc.ipV4().map((address) => `:${address}`),
      }),
    );
    fc.assert(
      fc.property(fc.array(mechanism, { maxLength: 10 }), (mechanisms) => {
        const spf = { mechanisms } as Parameters<typeof formatSpf>[0];
        expect(parseSpf(formatSpf(spf))).toEqual(spf);
      }),
    );
  });

  test("TXT of any text and length, in character-strings of at most 255 bytes", () => {
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
});

test("records in use are understood", () => {
  expect(parseSpf("v=spf1 +a ip4:192.0.2.0/24 include:_spf.example.net ~all")).toMatchInlineSnapshot(`
    {
      "mechanisms": [
        {
          "argument": "",
          "name": "a",
          "qualifier": "pass",
        },
        {
          "argument": ":192.0.2.0/24",
          "name": "ip4",
          "qualifier": "pass",
        },
        {
          "argument": ":_spf.example.net",
          "name": "include",
          "qualifier": "pass",
        },
        {
          "argument": "",
          "name": "all",
          "qualifier": "softfail",
        },
      ],
    }
  `);
  expect(parseDkim("k=rsa; t=s; p=MIIB IjAN")).toEqual({ keyType: "rsa", publicKey: "MIIBIjAN" });
  expect(parseDmarc("v=DMARC1;p=none;pct=100")).toEqual({ policy: "none" });
  expect(parseMx("0 .")).toEqual({ preference: 0, exchange: "." });
});

test("an SPF of eleven look-ups is refused", () => {
  const include = { qualifier: "pass", name: "include", argument: ":a.example" } as const;
  const spf = { mechanisms: Array.from({ length: 10 }, () => include), redirect: "b.example" };
  expect(spfLookups(spf)).toBe(11);
  expect(() => formatSpf(spf)).toThrow(
    "SPF needs 11 look-ups; receivers stop at 10 (RFC 7208 section 4.6.4)",
  );
});

test.each([
  ["v=spf2 mx", parseSpf, '"v=spf2 mx" is no SPF record'],
  ["v=spf1 mxx", parseSpf, '"mxx" is no SPF mechanism'],
  ["70000 mail.example.org", parseMx, '"70000 mail.example.org" is no MX record'],
  ["0 1 70000 imap.example.org", parseSrv, '"0 1 70000 imap.example.org" is no SRV record'],
  ['0 issuer "ca.example"', parseCaa, "is no CAA record that is known here"],
  ["3 1 1 abc", parseTlsa, '"3 1 1 abc" is no TLSA 3 1 1 record'],
  ["v=TLSRPTv1; rua=https://example.org", parseTlsReporting, "is no TLS-RPT record"],
  ["v=STSv1; id=a-b", parseMtaSts, '"v=STSv1; id=a-b" is no MTA-STS record'],
  ["version: STSv1\nmode: strict\nmax_age: 1", parseMtaStsPolicy, '"strict" is no MTA-STS mode'],
  ["version: STSv1\nmode: none", parseMtaStsPolicy, '"" is no MTA-STS max_age'],
  ["v=DKIM1; k=dsa; p=", parseDkim, '"dsa" is no DKIM key type'],
  ["v=DKIM1; k=rsa", parseDkim, "a DKIM record has a p= tag"],
  ["v=DMARC1; p=block", parseDmarc, '"block" is no DMARC policy'],
  ["p=none", parseDmarc, '"p=none" is no DMARC record'],
  ["v=DMARC1; p=none; p=reject", parseDmarc, 'the tag "p" stands twice'],
] as const)("%s is refused", (text, parse, message) => {
  expect(() => parse(text)).toThrow(message);
});

test.each([
  ["Example.ORG.", "example.org"],
  ["bücher.example", "xn--bcher-kva.example"],
])("the name %s is %s", (name, normal) => {
  expect(normalizeName(name)).toBe(normal);
});

test.each([
  ["", "is empty or has spaces around it: write the bare name, such as example.org"],
  ["ana@example.org", "is an address: write only what stands after the @"],
  ["http://example.org", "is a URL: write only the host name"],
  [
    "-a.example",
    "is no host name: labels of letters, digits and hyphens, joined by dots, such as example.org",
  ],
  [
    "a..example",
    "is no host name: labels of letters, digits and hyphens, joined by dots, such as example.org",
  ],
  ["localhost", "has one label only: write the full name, such as example.org"],
  ["192.0.2.1", "is an IP address or ends in a number: write a name"],
])('the name "%s" is refused', (name, problem) => {
  expect(() => normalizeName(name)).toThrow(`"${name}" ${problem}`);
});

test("addresses have one spelling each", () => {
  const host = { role: "host", name: "mail.example.org", ttl: 300, why: "" };
  const contents = addressRecords(host, { ipv4: "192.0.2.1", ipv6: "2001:DB8:0:0::25" }).map(
    ({ role, type, content }) => `${role} ${type} ${content}`,
  );
  expect(contents).toEqual(["host A 192.0.2.1", "host-ipv6 AAAA 2001:db8::25"]);
});

test("a policy names its hosts, one label by an asterisk", () => {
  const policy = { mode: "enforce", mx: ["mail.example.org", "*.example.net"], maxAge: 60 } as const;
  const named = ["mail.example.org", "mx1.example.net", "a.mx1.example.net", "example.net", "mx.example.org"];
  expect(named.filter((host) => policyNames(policy, host))).toEqual(["mail.example.org", "mx1.example.net"]);
});

test("an address is looked up backwards", () => {
  expect(ptrRecord("192.0.2.25", "mail.example.org", 60).name).toBe("25.2.0.192.in-addr.arpa");
  expect(ptrRecord("2001:db8::25", "mail.example.org", 60).name).toBe(
    "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
  );
  expect(ptrInstruction("192.0.2.25", "mail.example.org")).toBe(
    "Ask the provider of 192.0.2.25 to set its reverse name (PTR 25.2.0.192.in-addr.arpa) to mail.example.org.",
  );
  for (const address of ["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "::1", "fd00::1"]) {
    expect(ptrInstruction(address, "mail.example.org")).toBeUndefined();
  }
});
