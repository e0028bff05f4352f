import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Failure } from "../../provider/inputs.ts";
import { serverCertificate } from "../../provider/server-certificate.ts";
import { decode, unknown, type Value, type Values } from "../../provider/wire.ts";
import { pemOf as keyPem, makeAuthority, makeKey, makeLeaf } from "../kit/certificates.ts";
import { up, upAuthority, upServer } from "./engine.ts";

const made = new Date("2026-01-01T00:00:00Z");
const authority = await upAuthority({}, made);
const otherAuthority = await upAuthority({}, made);
const root = await makeAuthority("Example root", undefined, { from: made, days: 3650 });
const caCertificate = authority.certificate as string;
const caPrivateKey = authority.privateKey as string;
const rsaKey = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
}).privateKey;

const inputs: Values = { hostNames: ["mail.vaamonde.pti"], days: 90, caCertificate, caPrivateKey };
const notDns =
  "use labels of 1 to 63 letters, digits and inner hyphens, joined by dots " +
  "(international names in their xn-- form, no final dot, no wildcard)";

describe("check", () => {
  const failuresOf = (change: Values, now = made): readonly Failure[] =>
    serverCertificate.check({}, { ...inputs, ...change }, now).failures;

  test.each<[string, Values, string, string]>([
    ["no names", { hostNames: [] }, "hostNames", "must have at least one name"],
    ["a text for names", { hostNames: "mail.pti" }, "hostNames", "must be a list, not a text"],
    ["a number", { hostNames: ["a.pti", 1] }, "hostNames[1]", "must be a text, not a number"],
    ["wildcard", { hostNames: ["*.pti"] }, "hostNames[0]", `"*.pti" is not a valid DNS name: ${notDns}`],
    [
      "final dot",
      { hostNames: ["mail.pti."] },
      "hostNames[0]",
      `"mail.pti." is not a valid DNS name: ${notDns}`,
    ],
    [
      "empty label",
      { hostNames: ["mail..pti"] },
      "hostNames[0]",
      `"mail..pti" is not a valid DNS name: ${notDns}`,
    ],
    [
      "hyphen first",
      { hostNames: ["-mail.pti"] },
      "hostNames[0]",
      `"-mail.pti" is not a valid DNS name: ${notDns}`,
    ],
    [
      "hyphen last",
      { hostNames: ["mail-.pti"] },
      "hostNames[0]",
      `"mail-.pti" is not a valid DNS name: ${notDns}`,
    ],
    [
      "letters",
      { hostNames: ["küche.pti"] },
      "hostNames[0]",
      `"küche.pti" is not a valid DNS name: ${notDns}`,
    ],
    [
      "IPv4",
      { hostNames: ["127.0.0.1"] },
      "hostNames[0]",
      '"127.0.0.1" is an address; a server certificate names hosts',
    ],
    ["IPv6", { hostNames: ["::1"] }, "hostNames[0]", '"::1" is an address; a server certificate names hosts'],
    [
      "long",
      { hostNames: [`${"a.".repeat(126)}pt`] },
      "hostNames[0]",
      "is longer than the 253 characters of a DNS name",
    ],
    ["life", { days: 826 }, "days", "must be a whole number from 1 to 825, not 826"],
    ["no authority", { caCertificate: null }, "caCertificate", "is missing"],
    ["no PEM", { caCertificate: "x" }, "caCertificate", "must be a certificate in PEM"],
    ["no key", { caPrivateKey: "x" }, "caPrivateKey", "must be an unencrypted private key in PEM"],
    [
      "RSA",
      { caPrivateKey: rsaKey },
      "caPrivateKey",
      "must be an ECDSA key on the curve P-256, as CertificateAuthority makes them",
    ],
    [
      "another's key",
      { caPrivateKey: otherAuthority.privateKey ?? null },
      "caPrivateKey",
      "does not belong to caCertificate; take both from the same authority",
    ],
  ])("%s", (_name, change, property, reason) => {
    expect(failuresOf(change)).toEqual([{ property, reason }]);
  });

  test("refuses a server's certificate as an authority", async () => {
    const { certificate, privateKey } = await upServer(authority, { hostNames: ["mail.pti"] }, made);
    expect(failuresOf({ caCertificate: certificate ?? null, caPrivateKey: privateKey ?? null })).toEqual([
      { property: "caCertificate", reason: "is not the certificate of an authority (CA:true is missing)" },
    ]);
  });

  test("refuses an authority that has expired", () => {
    expect(failuresOf({}, new Date("2040-01-01T00:00:00Z"))).toEqual([
      { property: "caCertificate", reason: "expired on 2035-12-30T00:00:00Z; renew the authority first" },
    ]);
  });

  test("reports everything at once, and no secret", () => {
    const failures = failuresOf({ hostNames: ["a b", "c_d"], days: 0, caPrivateKey: "s3cret", x: "s3cret" });
    expect(failures.map(({ property }) => property)).toEqual([
      "hostNames[0]",
      "hostNames[1]",
      "days",
      "caPrivateKey",
      "x",
    ]);
    expect(JSON.stringify(failures)).not.toContain("s3cret");
  });

  test("normalises names, fills in a year, and seals the authority's key", () => {
    const news = {
      hostNames: ["Mail.vaamonde.pti", "imap.pti", "mail.vaamonde.PTI"],
      caCertificate,
      caPrivateKey,
    };
    const { filled } = serverCertificate.check({}, news, made);
    expect(decode(filled)).toEqual({
      keys: {
        key1: { stage: "serving", since: "2026-01-01T00:00:00Z", nextFrom: "2026-01-01T00:00:00Z" },
      },
      hostNames: ["mail.vaamonde.pti", "imap.pti"],
      days: 365,
      caPrivateKey,
      issuedAt: "2026-01-01T00:00:00Z",
    });
    expect(filled.caPrivateKey).toMatchObject({ value: caPrivateKey });
  });

  test("keeps the order that the state has, so that a preview shows only what is new", () => {
    const olds = { ...inputs, hostNames: ["c.pti", "a.pti", "b.pti"] };
    const news = { ...inputs, hostNames: ["d.pti", "a.pti", "c.pti"] };
    expect(serverCertificate.check(olds, news, made).filled.hostNames).toEqual(["c.pti", "a.pti", "d.pti"]);
  });

  test("passes what a first preview does not know yet", () => {
    const news: Values = { hostNames: [unknown, "imap.pti"], caCertificate: unknown, caPrivateKey: unknown };
    const { filled, failures } = serverCertificate.check({}, news, made);
    expect(failures).toEqual([]);
    expect(decode(filled)).toMatchObject({ hostNames: unknown, caPrivateKey: unknown });
  });

  test("checks the names that are known beside one that is not", () => {
    expect(failuresOf({ hostNames: [unknown, "*"] }).map(({ property }) => property)).toEqual([
      "hostNames[1]",
    ]);
  });

  test.each<[string, Values, string, Value]>([
    ["keeps", {}, "2026-03-01T23:59:59Z", "2026-01-01T00:00:00Z"],
    ["renews", {}, "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z"],
    ["another name", { hostNames: ["smtp.pti"] }, "2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z"],
    ["another life", { days: 30 }, "2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z"],
    ["an authority to be renewed", { caCertificate: unknown }, "2026-01-02T00:00:00Z", unknown],
    [
      "another authority",
      { caCertificate: otherAuthority.certificate ?? null, caPrivateKey: otherAuthority.privateKey ?? null },
      "2026-01-02T00:00:00Z",
      "2026-01-02T00:00:00Z",
    ],
  ])("issue date: %s", (_name, change, now, issuedAt) => {
    const olds = { ...inputs, issuedAt: "2026-01-01T00:00:00Z" };
    const { filled } = serverCertificate.check(olds, { ...inputs, ...change }, new Date(now));
    expect(decode(filled).issuedAt).toBe(issuedAt);
  });
});

describe("diff", () => {
  const state = { ...inputs, hostNames: ["a.pti", "b.pti"], issuedAt: "2026-01-01T00:00:00Z" };
  test.each<[string, Values, boolean]>([
    ["nothing", {}, false],
    ["the order of names", { hostNames: ["b.pti", "a.pti"] }, false],
    ["a name more", { hostNames: ["a.pti", "b.pti", "c.pti"] }, true],
    ["a name less", { hostNames: ["a.pti"] }, true],
    ["a renewal", { issuedAt: "2026-02-01T00:00:00Z" }, true],
    ["days", { days: 91 }, true],
    ["an authority to be renewed", { caCertificate: unknown, caPrivateKey: unknown }, true],
    ["names to be known", { hostNames: unknown }, true],
  ])("%s", (_name, change, changes) => {
    const difference = serverCertificate.diff({ ...state, certificate: "pem" }, { ...state, ...change });
    expect(difference).toEqual({ changes, replaces: [], toConfirm: [] });
  });
});

describe("up", () => {
  const hostNames = ["mail.vaamonde.pti", "imap.vaamonde.pti"];

  test("keeps key and pin through a renewal, a change of names and another authority", async () => {
    const first = await upServer(authority, { hostNames, days: 90 }, made);
    const kept = { privateKey: first.privateKey, spkiSha256: first.spkiSha256, changed: true };

    const renewed = await upServer(
      authority,
      { hostNames, days: 90 },
      new Date("2026-03-02T00:00:00Z"),
      first,
    );
    expect(renewed).toMatchObject({ ...kept, notAfter: "2026-05-31T00:00:00Z" });

    const renamed = await upServer(authority, { hostNames: ["mx.pti"], days: 90 }, made, renewed);
    expect(renamed).toMatchObject(kept);

    const moved = await upServer(otherAuthority, { hostNames: ["mx.pti"], days: 90 }, made, renamed);
    expect(moved).toMatchObject(kept);

    const states = [first, renewed, renamed, moved];
    expect(new Set(states.map(({ fingerprint }) => fingerprint)).size).toBe(4);
  });

  test("changes nothing without a reason", async () => {
    const first = await upServer(authority, { hostNames }, made);
    const again = await upServer(
      authority,
      { hostNames: hostNames.toReversed() },
      new Date("2026-08-31T00:00:00Z"),
      first,
    );
    expect(again).toEqual({ ...first, changed: false });
  });

  test("ends with the authority, and is renewed by that shorter life", async () => {
    const short = await upAuthority({ days: 30 }, made);
    const first = await upServer(short, { hostNames }, made);
    expect(first.notAfter).toBe("2026-01-31T00:00:00Z");
    expect((await upServer(short, { hostNames }, new Date("2026-01-20T00:00:00Z"), first)).changed).toBe(
      false,
    );
    expect((await upServer(short, { hostNames }, new Date("2026-01-21T00:00:00Z"), first)).changed).toBe(
      true,
    );
  });
});

describe("another key", () => {
  const tlsa = { host: "mail.pti", ttl: 3600, zone: "pti", nameServers: ["192.0.2.53:53"] };
  const hours = (count: number) => new Date(made.getTime() + count * 3_600_000);
  const go = (keys: Record<string, string>, at: number, olds?: Values, place: Values = tlsa) => {
    const staged = Object.fromEntries(Object.entries(keys).map(([name, stage]) => [name, { stage }]));
    return upServer(authority, { hostNames: ["mail.pti"], keys: staged, tlsa: place }, hours(at), olds);
  };
  const digests = ({ keyDigests }: Values) => keyDigests as Record<string, string>;

  test("is there before it serves, and the certificate stays until then", async () => {
    const first = await go({ a: "serving" }, 0);
    const published = await go({ a: "serving", b: "published" }, 1, first);
    expect(published).toMatchObject({ certificate: first.certificate, privateKey: first.privateKey });
    expect(Object.keys(digests(published))).toEqual(["a", "b"]);
    expect(digests(published).a).toBe(first.spkiSha256);

    await expect(go({ a: "retired", b: "serving" }, 1.9, published)).rejects.toThrow(
      /^keys\["b"\]\.stage: b has been published since 2026-01-01 01:00:00 UTC: .*until 2026-01-01 02:00:00 UTC$/,
    );
    const serving = await go({ a: "retired", b: "serving" }, 2, published);
    expect(serving.spkiSha256).toBe(digests(published).b);
    expect(digests(serving)).toEqual(digests(published));
    const certificate = new X509Certificate(String(serving.certificate));
    expect(certificate.checkPrivateKey(createPrivateKey(String(serving.privateKey)))).toBe(true);
    expect(serving.issuedAt).toBe("2026-01-01T02:00:00Z");

    await expect(go({ b: "serving" }, 2.9, serving)).rejects.toThrow(
      /a has been retired since .* cannot be removed yet/,
    );
    const alone = await go({ b: "serving" }, 3, serving);
    expect(alone).toMatchObject({ certificate: serving.certificate, keyDigests: { b: serving.spkiSha256 } });
  });

  test("serves only once the name servers answer with its TLSA record", async () => {
    const published = await go({ a: "serving", b: "published" }, 1, await go({ a: "serving" }, 0));
    const { keys = null } = await go({ a: "retired", b: "serving" }, 2, published);
    const news: Values = { ...published, keys };
    const { toConfirm = [] } = serverCertificate.diff(published, news);
    expect(toConfirm.map(({ question }) => question)).toEqual([
      {
        zone: "pti",
        nameServers: ["192.0.2.53:53"],
        name: "_25._tcp.mail.pti",
        type: "TLSA",
        content: `3 1 1 ${digests(published).b}`,
      },
    ]);
    for (const place of [
      { ...tlsa, askNameServers: false },
      { ...tlsa, host: "" },
    ]) {
      expect(serverCertificate.diff(published, { ...news, tlsa: place }).toConfirm).toEqual([]);
    }
  });

  test("need not wait where there is no TLSA record", async () => {
    const none = { ...tlsa, host: "" };
    const published = await go(
      { a: "serving", b: "published" },
      1,
      await go({ a: "serving" }, 0, undefined, none),
      none,
    );
    await expect(go({ b: "serving", a: "retired" }, 1, published, none)).resolves.toBeDefined();
  });

  test("a state from before there were stages keeps its key", async () => {
    const { keys: _, privateKeys: __, keyDigests: ___, ...before } = await go({ key1: "serving" }, 0);
    const after = await go({ key1: "serving" }, 1, before);
    expect(after).toMatchObject({ certificate: before.certificate, keyDigests: { key1: before.spkiSha256 } });
  });

  test.each([
    [{}, undefined],
    [{ a: "serving", b: "serving" }, "2 keys are serving: write stage: serving for one of them"],
    [{ a: "published" }, "0 keys are serving: write stage: serving for one of them"],
    [{ a: "ready" }, "must be one of published, serving, retired"],
  ])("%o", async (keys, message) => {
    const attempt = go(keys, 0);
    if (message === undefined) await expect(attempt).resolves.toBeDefined();
    else await expect(attempt).rejects.toThrow(message);
  });
});

describe("a certificate from elsewhere", () => {
  const tlsa = { host: "mail.pti", ttl: 3600, zone: "pti" };
  const nobody = { ...tlsa, host: "" };
  const hours = (count: number) => new Date(made.getTime() + count * 3_600_000);
  const issue = async (key: KeyObject, from = made) => ({
    certificate: await makeLeaf(["mail.pti"], root, { key, from, days: 90 }),
    chain: "",
  });
  interface Pair {
    readonly stage?: string;
    readonly key: KeyObject;
    readonly from?: Date;
  }
  /** @param made - stages of keys that are made here. */
  const inputsOf = async (pairs: Record<string, Pair>, made: Record<string, string>, place: Values) => {
    const names = Object.entries(pairs);
    const certificates = await Promise.all(
      names.map(async ([name, { key, from }]) => [name, await issue(key, from)] as const),
    );
    const stages = [
      ...Object.entries(made),
      ...names.map(([name, { stage = "serving" }]) => [name, stage] as const),
    ];
    return {
      hostNames: ["mail.pti"],
      keys: Object.fromEntries(stages.map(([name, stage]) => [name, { stage }])),
      ownKeys: Object.fromEntries(names.map(([name, { key }]) => [name, keyPem(key)])),
      ownCertificates: Object.fromEntries(certificates),
      tlsa: place,
    };
  };
  const go = async (
    pairs: Record<string, Pair>,
    at: number,
    { olds, place = tlsa, made = {} }: { olds?: Values; place?: Values; made?: Record<string, string> } = {},
  ) => up(serverCertificate, await inputsOf(pairs, made, place), hours(at), olds);
  const digestOf = (key: KeyObject) =>
    createHash("sha256")
      .update(createPublicKey(key).export({ type: "spki", format: "der" }))
      .digest("hex");
  const [one, two] = [makeKey(), makeKey()];

  test("is served with its key, and needs no authority", async () => {
    const first = await go({ own: { key: one } }, 0);
    expect(first).toMatchObject({
      certificate: (first.ownCertificates as Record<string, Values>).own?.certificate,
      privateKey: keyPem(one),
      issuedAt: "2026-01-01T00:00:00Z",
      notAfter: "2026-04-01T00:00:00Z",
      keyDigests: { own: digestOf(one) },
    });
    const news = await inputsOf({ own: { key: one } }, {}, tlsa);
    const { filled } = serverCertificate.check({}, news, made);
    // The keys are secret as a whole: `secret` has a mark beside the value.
    expect(Object.keys(filled.ownKeys ?? {})).toContain("value");
  });

  test("is renewed with its key at any time, and its TLSA record stays right", async () => {
    const first = await go({ own: { key: one } }, 0);
    const renewed = await go({ own: { key: one, from: hours(1) } }, 1, { olds: first });
    expect(renewed).toMatchObject({
      changed: true,
      spkiSha256: first.spkiSha256,
      issuedAt: "2026-01-01T01:00:00Z",
    });
    expect(renewed.certificate).not.toBe(first.certificate);
  });

  test("gets another key only after its TLSA record, also where its key was made here", async () => {
    const private_ = await upServer(authority, { hostNames: ["mail.pti"], tlsa }, made);
    await expect(go({ own: { key: one } }, 1, { olds: private_ })).rejects.toThrow(
      /own is new here: .*\n.*key1 is in use and cannot be removed at once/,
    );
    const news = await inputsOf({ own: { key: one, stage: "published" } }, { key1: "serving" }, tlsa);
    const published = await upServer(authority, news, hours(1), private_);
    expect(published).toMatchObject({
      certificate: private_.certificate,
      keyDigests: { key1: private_.spkiSha256, own: digestOf(one) },
    });
    const moved = await go({ own: { key: one } }, 2, { olds: published, made: { key1: "retired" } });
    expect(moved).toMatchObject({
      spkiSha256: digestOf(one),
      keyDigests: { key1: private_.spkiSha256, own: digestOf(one) },
    });
    const last = await go({ own: { key: one } }, 3, { olds: moved });
    expect(last.keyDigests).toEqual({ own: digestOf(one) });
  });

  test("keeps its key where others know it by name", async () => {
    const first = await go({ own: { key: one } }, 0);
    await expect(go({ own: { key: two } }, 100, { olds: first })).rejects.toThrow(
      /own is a different key now, and its TLSA record names the former one: .* stage: published/,
    );
    // The record is still cached in the hour in which it is no longer declared.
    await expect(go({ own: { key: two } }, 100, { olds: first, place: nobody })).rejects.toThrow(
      /own is a different key now/,
    );
  });

  test("gets another key at once where nobody knows the key, and moves between issuers so", async () => {
    const first = await go({ own: { key: one } }, 0, { place: nobody });
    const other = await go({ own: { key: two } }, 0, { olds: first, place: nobody });
    expect(other).toMatchObject({ keyDigests: { own: digestOf(two) }, privateKey: keyPem(two) });
    const inputs = { hostNames: ["mail.pti"], tlsa: nobody };
    const back = await upServer(authority, inputs, hours(5), other);
    expect(back).toMatchObject({ issuedAt: "2026-01-01T05:00:00Z" });
    expect(back.spkiSha256).not.toBe(digestOf(two));
    const again = await go({ own: { key: one } }, 6, { olds: back, place: nobody });
    expect(again).toMatchObject({ keyDigests: { own: digestOf(one) } });
  });

  test.each<[string, (news: Values) => Values, string]>([
    ["another's key", (news) => ({ ...news, ownKeys: { own: keyPem(two) } }), "does not belong to the key"],
    ["no PEM", (news) => ({ ...news, ownKeys: { own: "x" } }), "must be an unencrypted private key"],
    ["no certificate", (news) => ({ ...news, ownCertificates: { own: {} } }), "is missing"],
    [
      "no authority",
      (news) => ({ ...news, keys: { own: { stage: "published" }, key1: { stage: "serving" } } }),
      "caCertificate: is missing",
    ],
  ])("refuses %s", async (_what, change, message) => {
    const news = change(await inputsOf({ own: { key: one } }, {}, tlsa));
    await expect(up(serverCertificate, news, made)).rejects.toThrow(message);
  });

  test("a preview knows it whole", async () => {
    const olds = await go({ own: { key: one } }, 0);
    const news = { ...olds, ...(await inputsOf({ own: { key: one, from: hours(2) } }, {}, tlsa)) };
    const preview = decode(serverCertificate.preview(olds, { ...news, keys: olds.keys ?? null }));
    expect(preview).toMatchObject({
      certificate: news.ownCertificates.own?.certificate,
      notAfter: "2026-04-01T02:00:00Z",
      spkiSha256: digestOf(one),
    });
  });
});

describe("preview", () => {
  const state = {
    privateKey: "pem",
    spkiSha256: "pin",
    fingerprint: "old",
    certificate: "old",
    notAfter: "old",
  };
  const renewed = { ...inputs, issuedAt: "2026-03-02T00:00:00Z" };
  test.each<[string, Values, Value]>([
    ["the end of a renewed one", {}, "2026-05-31T00:00:00Z"],
    ["no end while the authority is to be renewed", { caCertificate: unknown, issuedAt: unknown }, unknown],
    ["no end while its life is unknown", { days: unknown, issuedAt: unknown }, unknown],
  ])("knows key and pin, and %s", (_name, change, notAfter) => {
    expect(decode(serverCertificate.preview(state, { ...renewed, ...change }))).toEqual({
      certificate: unknown,
      privateKey: "pem",
      notAfter,
      fingerprint: unknown,
      spkiSha256: "pin",
      privateKeys: { key1: "pem" },
      keyDigests: { key1: "pin" },
    });
  });
});
