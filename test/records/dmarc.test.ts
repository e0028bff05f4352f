import fc from "fast-check";
import { expect, test } from "vitest";
import {
  Alignment,
  type Dmarc,
  DmarcPolicy,
  formatDmarc,
  isDmarc,
  parseDmarc,
  readDmarc,
  reportAuthorizationRecord,
  reportReceivers,
} from "../../records/index.ts";
import { address } from "./arbitrary.ts";

test("what is formatted is read back the same", () => {
  const policy = fc.constantFrom(...Object.values(DmarcPolicy));
  const alignment = fc.constantFrom(...(Object.keys(Alignment) as Alignment[]));
  const dmarc: fc.Arbitrary<Dmarc> = fc.record(
    {
      policy,
      subdomainPolicy: policy,
      nonexistentPolicy: policy,
      dkimAlignment: alignment,
      spfAlignment: alignment,
      testing: fc.constant(true),
      reportAddresses: fc.array(address, { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: ["policy"] },
  );
  fc.assert(
    fc.property(dmarc, (value) => {
      expect(parseDmarc(formatDmarc(value))).toEqual(value);
    }),
  );
});

test.each([
  ["v=DMARC1;p=none;pct=100;rf=afrf;ri=86400", "v=DMARC1; p=none"],
  [
    "v=DMARC1; rua=mailto:a@Example.NET!10m,mailto:b@example.org",
    "v=DMARC1; p=none; rua=mailto:a@example.net,mailto:b@example.org",
  ],
  ["v = DMARC1 ; p = reject ; np =none;", "v=DMARC1; p=reject; np=none"],
  ["v=DMARC1; p=Reject; sp=QUARANTINE; adkim=S; t=n", "v=DMARC1; p=reject; sp=quarantine; adkim=s"],
])("%s becomes %s", (text, canonical) => {
  expect(formatDmarc(parseDmarc(text))).toBe(canonical);
});

test.each([
  ["v=DMARC1; p=block", '"block" is not a DMARC policy'],
  ["v=DMARC1; p=none; aspf=x", '"x" is not a DMARC alignment'],
  ["p=none", '"p=none" is not a valid DMARC record'],
  ["p=none; v=DMARC1", "is not a valid DMARC record"],
  ["v=dmarc1; p=none", "is not a valid DMARC record"],
  ["v=DMARC1; p=none; p=reject", 'the tag "p" stands twice'],
  ["v=DMARC1; p=none; rua=postmaster@example.org", "is not a valid mailto: address"],
])("%s is refused", (text, message) => {
  expect(() => parseDmarc(text)).toThrow(message);
});

test("reports to another organization need its authorization", () => {
  const reportAddresses = ["a@example.org", "a@mail.example.org", "b@Reports.example", "c@reports.example"];
  const isSame = (receiver: string) => receiver.endsWith("example.org");
  expect(reportReceivers({ policy: "none", reportAddresses }, isSame)).toEqual(["reports.example"]);
  expect(reportReceivers({ policy: "none" }, isSame)).toEqual([]);
  expect(reportAuthorizationRecord("example.org", "reports.example", 60)).toMatchObject({
    role: "dmarc-reports-example.org",
    name: "example.org._report._dmarc.reports.example",
    content: "v=DMARC1",
  });
});

test.each<[string, boolean]>([
  ["v=DMARC1", true],
  ["v=DMARC1;", true],
  ["v = DMARC1 ; p = reject ;", true],
  ["V\t=\tDMARC1", true],
  ["v=DMARC1x", false],
  ["v=DMARC1 p=none", false],
  [" v=DMARC1", false],
  ["v=dmarc1", false],
  ["p=none; v=DMARC1", false],
  ["v\u00a0=DMARC1", false],
])("%j: whether it is a DMARC record is %s", (text, answer) => {
  expect(isDmarc(text)).toBe(answer);
  expect(readDmarc(text) !== undefined).toBe(answer);
});

test("one thing that is wrong takes nothing else away", () => {
  const text =
    "v=DMARC1; p=reject; sp=block; P=none; t=maybe; rua=mailto:a@example.org,,b@example.org,mailto:c@x_y.example";
  const reading = readDmarc(text);
  expect(reading?.dmarc).toEqual({ policy: "reject", reportAddresses: ["a@example.org"] });
  expect(reading?.problems.map(({ message }) => message)).toEqual([
    'the tag "P" has capitals: write p=…, since receivers may ignore another case (RFC 6376 section 3.2)',
    '"block" is not a DMARC policy: use none, quarantine or reject',
    '"maybe" is not a value of the tag t: use y or n',
    "rua has an entry without an address: leave out the comma, or write the address after it",
    '"b@example.org" is not a valid mailto: address: write one address with mailto: before it, such as mailto:dmarc@example.org',
    expect.stringMatching(
      /^"mailto:c@x_y\.example" is not a valid mailto: address: the domain is not a valid host/,
    ),
  ]);
});
