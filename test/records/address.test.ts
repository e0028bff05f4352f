import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addressRecords,
  canonicalIPv6,
  parseReverseName,
  ptrRecord,
  reverseName,
  reverseZone,
} from "../../records/index.ts";

const host = { role: "host", name: "mail.example.org", ttl: 300, why: "" };

test("addresses have one spelling each", () => {
  const contents = addressRecords(host, { ipv4: "192.0.2.1", ipv6: "2001:DB8:0:0::25" }).map(
    ({ role, type, content }) => `${role} ${type} ${content}`,
  );
  expect(contents).toEqual(["host A 192.0.2.1", "host-ipv6 AAAA 2001:db8::25"]);
});

// The rules of RFC 5952 section 4, by its own examples.
test.each([
  ["2001:0db8::0001", "2001:db8::1"],
  ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:DB8::AaAa", "2001:db8::aaaa"],
])("%s is %s", (address, canonical) => {
  expect(canonicalIPv6(address)).toBe(canonical);
});

test.each([
  [{}, "mail.example.org has no address: write ipv4, ipv6 or both"],
  [{ ipv4: "192.0.2.300" }, '"192.0.2.300" is not a valid IPv4 address'],
  [{ ipv4: "::1" }, '"::1" is not a valid IPv4 address'],
  [{ ipv6: "192.0.2.1" }, '"192.0.2.1" is not a valid IPv6 address'],
  [{ ipv6: "fe80::1%eth0" }, '"fe80::1%eth0" is not a valid IPv6 address'],
])("%j is refused", (addresses, message) => {
  expect(() => addressRecords(host, addresses)).toThrow(message);
});

test("an address is looked up backwards", () => {
  expect(ptrRecord("192.0.2.25", "Mail.example.org", 60)).toMatchObject({
    role: "ptr",
    name: "25.2.0.192.in-addr.arpa",
    content: "mail.example.org",
  });
  expect(ptrRecord("2001:db8::25", "mail.example.org", 60)).toMatchObject({
    role: "ptr-ipv6",
    name: "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
  });
});

test("a reverse name lies in the zone of its network", () => {
  expect(reverseZone("192.0.2.25")).toBe("2.0.192.in-addr.arpa");
  expect(reverseZone("2001:db8::25")).toBe("0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
});

test("a reverse name is read back as its address", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6().map(canonicalIPv6)), (address) => {
      expect(parseReverseName(`${reverseName(address).toUpperCase()}.`)).toBe(address);
    }),
  );
});

test.each([
  "2.0.192.in-addr.arpa",
  "300.2.0.192.in-addr.arpa",
  "1.ip6.arpa",
  "mail.example.org",
  `${"g.".repeat(32)}ip6.arpa`,
])("the reverse name %s is refused", (name) => {
  expect(() => parseReverseName(name)).toThrow("is not a reverse name");
});
