import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatTlsReporting,
  parseTlsReporting,
  type TlsReporting,
  tlsReportingRecord,
} from "../../records/index.ts";
import { address, hostName } from "./arbitrary.ts";

test("what is formatted is read back the same", () => {
  const reporting: fc.Arbitrary<TlsReporting> = fc.record(
    {
      reportAddresses: fc.array(address, { minLength: 1, maxLength: 3 }),
      endpoints: fc.array(
        hostName.map((host) => `https://${host}/v1?a=b`),
        { minLength: 1, maxLength: 2 },
      ),
    },
    { requiredKeys: ["reportAddresses"] },
  );
  fc.assert(
    fc.property(reporting, (value) => {
      expect(parseTlsReporting(formatTlsReporting(value))).toEqual(value);
    }),
  );
});

test("a domain and a server's name have a record each", () => {
  const reporting = { reportAddresses: ["tls@example.org"] };
  const records = [
    tlsReportingRecord("example.org", 60, reporting),
    tlsReportingRecord("mail.example.org", 60, reporting, "host-tls-rpt"),
  ];
  expect(records.map(({ role, name }) => `${role}: ${name}`)).toEqual([
    "tls-rpt: _smtp._tls.example.org",
    "host-tls-rpt: _smtp._tls.mail.example.org",
  ]);
});

test.each([
  ["v=TLSRPTv2; rua=mailto:a@example.org", "is not a valid TLS-RPT record"],
  ["v=TLSRPTv1", "is not a valid TLS-RPT record: begin it with v=TLSRPTv1;"],
  ["v = TLSRPTv1; rua=mailto:a@example.org", "is not a valid TLS-RPT record"],
  ["v=TLSRPTv1;", "has no rua=: write rua=mailto:"],
  ["v=TLSRPTv1; rua=mailto:a@example.org,", "rua has an entry without an address: leave out the comma"],
  ["v=TLSRPTv1; rua=http://example.org", "is not a valid mailto: address"],
  ["v=TLSRPTv1; rua=https://example.org/a!b", "takes no TLS reports"],
])("%s is refused", (text, message) => {
  expect(() => parseTlsReporting(text)).toThrow(message);
});

test.each([
  [{ reportAddresses: [] }, "names at least one address"],
  [{ reportAddresses: [], endpoints: ["http://example.org"] }, "takes no TLS reports"],
  [{ reportAddresses: [], endpoints: ["https://example.org/a;b"] }, "takes no TLS reports"],
])("%j is refused", (reporting, message) => {
  expect(() => formatTlsReporting(reporting)).toThrow(message);
});
