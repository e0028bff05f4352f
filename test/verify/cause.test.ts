import { expect, test } from "vitest";
import { FormError } from "../../records/index.ts";
import { findingOf } from "../../verify/cause.ts";
import { FindingError, failed } from "../../verify/check.ts";
import { DnsError } from "../../verify/probes/dns-error.ts";
import { runChecks } from "../../verify/run.ts";

const coded = (code: string, message: string) => Object.assign(new Error(message), { code });

test.each<[unknown, string, RegExp]>([
  [
    coded("ECONNREFUSED", "connect ECONNREFUSED 192.0.2.1:25"),
    "connect ECONNREFUSED 192.0.2.1:25",
    /runs, and that no firewall/,
  ],
  [coded("ETIMEDOUT", "connect ETIMEDOUT"), "connect ETIMEDOUT", /firewall/],
  [new Error("no TLS handshake within 8000 ms"), "no TLS handshake within 8000 ms", /firewall/],
  [new AggregateError([coded("ENETUNREACH", "connect ENETUNREACH")]), "connect ENETUNREACH", /firewall/],
  [coded("CERT_HAS_EXPIRED", "certificate has expired"), "certificate has expired", /current certificate/],
  [
    coded("ERR_TLS_CERT_ALTNAME_INVALID", "Hostname does not match"),
    "Hostname does not match",
    /holds the name/,
  ],
  [coded("SELF_SIGNED_CERT_IN_CHAIN", "self-signed"), "self-signed", /an authority that others trust/],
  [coded("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable to verify"), "unable to verify", /its whole chain/],
  [coded("ERR_SSL_WRONG_VERSION_NUMBER", "wrong version"), "wrong version", /TLS 1\.2 or 1\.3/],
  [
    new Error("the answer to STARTTLS is 454 4.7.0 no"),
    "the answer to STARTTLS is 454 4.7.0 no",
    /log of the server/,
  ],
  [
    Object.assign(new Error("Command failed"), { responseText: "no" }),
    "Command failed: no",
    /log of the server/,
  ],
  [new FormError('"x" is not y', "use z"), '"x" is not y', /^use z\.$/],
  [new FindingError("seen", "do it"), "seen", /^do it$/],
  [
    new DnsError("bogus", "a.test", "MX", "it answers SERVFAIL"),
    "MX a.test: it answers SERVFAIL",
    /^Fix the signatures of a\.test/,
  ],
  ["a text", "a text", /log of the server/],
])("%s has the remedy of its cause", (error, seen, remedy) => {
  const finding = findingOf(error);
  expect(finding.seen).toBe(seen);
  expect(finding.remedy).toMatch(remedy);
});

test("a check's own remedy is for what it expects to go wrong, and never for another finding", async () => {
  const outcomeOf = async (error: Error, remedy?: string) => {
    const run = () => Promise.reject(error);
    const [result] = await runChecks([[{ id: "", group: "", title: "", why: "", remedy, run }]]);
    return result?.outcome;
  };
  const refused = coded("ECONNREFUSED", "connect ECONNREFUSED");
  expect(await outcomeOf(refused, "docker ps")).toEqual(failed("connect ECONNREFUSED", "docker ps"));
  expect(await outcomeOf(refused)).toEqual(failed("connect ECONNREFUSED", findingOf(refused).remedy));
  const finding = new FindingError("two records", "keep one");
  expect(await outcomeOf(finding, "docker ps")).toEqual(failed("two records", "keep one"));
});
