import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { certificateAuthority } from "../../provider/certificate-authority.ts";
import type { Failure } from "../../provider/inputs.ts";
import { decode, unknown, type Value, type Values } from "../../provider/wire.ts";
import { upAuthority } from "./engine.ts";

const made = new Date("2026-01-01T00:00:00.789Z");
const former: Values = { commonName: "Lab", days: 90, issuedAt: "2026-01-01T00:00:00Z" };
const reasonOfName = "must have 1 to 64 characters, no control characters and no space at either end";

describe("check", () => {
  test.each<[Values, Failure[]]>([
    [{ commonName: "Lab" }, []],
    [{ commonName: unknown, days: unknown }, []],
    [{ commonName: "x".repeat(64), days: 7300 }, []],
    [{ commonName: "x".repeat(65) }, [{ property: "commonName", reason: reasonOfName }]],
    [
      { commonName: " Lab", days: 0, day: 1 },
      [
        { property: "commonName", reason: reasonOfName },
        { property: "days", reason: "must be a whole number from 1 to 7300, not 0" },
        { property: "day", reason: "is not an input of this resource: use commonName, days" },
      ],
    ],
    [
      { commonName: "Lab", days: 1.5 },
      [{ property: "days", reason: "must be a whole number from 1 to 7300, not 1.5" }],
    ],
    [
      { commonName: "Lab", days: "90" },
      [{ property: "days", reason: "must be a whole number from 1 to 7300, not a text" }],
    ],
  ])("%o", (inputs, failures) => {
    expect(certificateAuthority.check({}, inputs, made).failures).toEqual(failures);
  });

  test("fills in ten years and the issue date", () => {
    expect(certificateAuthority.check({}, { commonName: "Lab" }, made).filled).toEqual({
      days: 3650,
      issuedAt: "2026-01-01T00:00:00Z",
    });
  });

  test.each<[string, Values, string, Value]>([
    ["keeps", {}, "2026-03-01T23:59:59Z", "2026-01-01T00:00:00Z"],
    ["renews", {}, "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z"],
    ["renews when expired", {}, "2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z"],
    ["issues again for another life", { days: 91 }, "2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z"],
    [
      "issues again for another name",
      { commonName: "Other" },
      "2026-01-02T00:00:00Z",
      "2026-01-02T00:00:00Z",
    ],
    ["does not know yet", { days: unknown }, "2026-01-02T00:00:00Z", unknown],
  ])("%s", (_name, change, now, issuedAt) => {
    const news = { commonName: "Lab", days: 90, ...change };
    expect(decode(certificateAuthority.check(former, news, new Date(now)).filled).issuedAt).toBe(issuedAt);
  });
});

test.each<[Values, boolean, string[]]>([
  [{}, false, []],
  [{ issuedAt: "2026-03-02T00:00:00Z" }, true, []],
  [{ days: 91 }, true, []],
  [{ days: unknown }, true, []],
  [{ commonName: "Other" }, true, ["commonName"]],
])("diff of %o", (change, changes, replaces) => {
  const state = { ...former, certificate: "pem", privateKey: "pem" };
  expect(certificateAuthority.diff(state, { ...former, ...change })).toEqual({ changes, replaces });
});

test("a renewal keeps key and name, and changes the certificate", async () => {
  const first = await upAuthority({ days: 90 }, made);
  expect((await upAuthority({ days: 90 }, new Date("2026-03-01T00:00:00Z"), first)).changed).toBe(false);

  const renewed = await upAuthority({ days: 90 }, new Date("2026-03-02T00:00:00Z"), first);
  expect(renewed).toMatchObject({
    changed: true,
    privateKey: first.privateKey,
    issuedAt: "2026-03-02T00:00:00Z",
    notAfter: "2026-05-31T00:00:00Z",
  });
  const [a, b] = [first, renewed].map((state) => new X509Certificate(String(state.certificate)));
  expect(b?.subject).toBe(a?.subject);
  expect(b?.publicKey.equals(a?.publicKey as never)).toBe(true);
  expect(b?.serialNumber).not.toBe(a?.serialNumber);
});
