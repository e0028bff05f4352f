import fc from "fast-check";
import { expect, test } from "vitest";
import { autodiscoverRecord, formatSrv, noService, parseSrv, serviceRecords } from "../../records/index.ts";
import { hostName, uint16 } from "./arbitrary.ts";

test("what is formatted is read back the same", () => {
  const port = fc.integer({ min: 1, max: 65_535 });
  fc.assert(
    fc.property(fc.record({ priority: uint16, weight: uint16, port, target: hostName }), (srv) => {
      expect(parseSrv(formatSrv(srv))).toEqual(srv);
    }),
  );
  expect(parseSrv(formatSrv(noService))).toEqual(noService);
});

test("targets have one spelling", () => {
  expect(formatSrv(parseSrv("0  1 993 IMAP.Example.ORG."))).toBe("0 1 993 imap.example.org");
});

test.each([
  ["0 1 70000 imap.example.org", "is not a valid SRV record"],
  ["0 1 imap.example.org", "is not a valid SRV record"],
  ["0 1 993 192.0.2.1", "is an IP address or ends in a number"],
])("%s is refused", (content, message) => {
  expect(() => parseSrv(content)).toThrow(message);
});

test.each([
  [{ priority: 0, weight: 1, port: 0, target: "imap.example.org" }, "has port 0"],
  [{ priority: -1, weight: 1, port: 993, target: "imap.example.org" }, "-1 in an SRV record"],
])("%j is refused", (srv, message) => {
  expect(() => formatSrv(srv)).toThrow(message);
});

test("every service has a record, on or off", () => {
  const records = serviceRecords("example.org", 60, { imaps: { host: "imap.example.org", port: 993 } });
  expect(records.map(({ role, name, content }) => `${role}: ${name} ${content}`)).toMatchInlineSnapshot(`
    [
      "srv-submissions: _submissions._tcp.example.org 0 0 0 .",
      "srv-submission: _submission._tcp.example.org 0 0 0 .",
      "srv-imaps: _imaps._tcp.example.org 0 1 993 imap.example.org",
      "srv-imap: _imap._tcp.example.org 0 0 0 .",
      "srv-pop3s: _pop3s._tcp.example.org 0 0 0 .",
      "srv-pop3: _pop3._tcp.example.org 0 0 0 .",
      "srv-sieve: _sieve._tcp.example.org 0 0 0 .",
    ]
  `);
  const { role, name, content } = autodiscoverRecord("example.org", 60, {
    host: "web.example.org",
    port: 443,
  });
  expect(`${role}: ${name} ${content}`).toBe(
    "srv-autodiscover: _autodiscover._tcp.example.org 0 1 443 web.example.org",
  );
});
