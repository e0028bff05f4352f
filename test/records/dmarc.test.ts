import fc from "fast-check";
import { expect, test } from "vitest";
import {
  Alignment,
  type Dmarc,
  DmarcPolicy,
  formatDmarc,
  parseDmarc,
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

test("reports to another organization need its leave", () => {
  const reportAddresses = ["a@example.org", "a@mail.example.org", "b@Reports.example", "c@reports.example"];
  expect(reportReceivers("example.org", { policy: "none", reportAddresses })).toEqual(["reports.example"]);
  expect(reportReceivers("mail.example.org", { policy: "none" })).toEqual([]);
  expect(reportAuthorizationRecord("example.org", "reports.example", 60)).toMatchObject({
    role: "dmarc-reports-example.org",
    name: "example.org._report._dmarc.reports.example",
    content: "v=DMARC1",
  });
});
