import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRpcSecret } from "@pulumi/pulumi/runtime/rpc.js";
import { afterAll, describe, expect, test } from "vitest";
import { makeProvider } from "../../provider/provider.ts";
import { decode, encode, secret, unknown, type WireValues } from "../../provider/wire.ts";

const now = new Date("2026-11-24T08:00:00Z");
const provider = makeProvider("1.2.3", () => now);
const urn = (type: string) => `urn:pulumi:lab::maildomain::maildomain:index:MailServer$${type}::name`;
const authority = urn("maildomain:index:CertificateAuthority");

test("finds the resource by the URN's own type, not its parents'", async () => {
  expect(await provider.check(authority, {}, { commonName: "Lab" })).toEqual({
    inputs: { commonName: "Lab", days: 3650, issuedAt: "2026-11-24T08:00:00Z" },
    failures: [],
  });
});

test("names the types that there are", async () => {
  await expect(provider.check(urn("maildomain:index:Mailbox"), {}, {})).rejects.toThrow(
    "maildomain has no resource type maildomain:index:Mailbox; it has maildomain:index:DkimKey, maildomain:index:DnssecKey, maildomain:index:AcmeAccount, " +
      "maildomain:index:CertificateAuthority, maildomain:index:ServerCertificate, maildomain:index:Credentials, " +
      "maildomain:index:DomainStages",
  );
});

test("keeps the secret marks and the unknowns of inputs", async () => {
  const news = { commonName: secret("Lab"), days: encode(unknown) };
  expect((await provider.check(authority, {}, news)).inputs).toMatchObject(news);
});

test("puts inputs and outputs into the state, the private ones as secrets", async () => {
  const { inputs } = await provider.check(authority, {}, { commonName: secret("Lab") });
  const { state } = await provider.create(authority, inputs);
  expect(Object.keys(state)).toEqual([
    "commonName",
    "days",
    "issuedAt",
    "certificate",
    "privateKey",
    "notAfter",
  ]);
  expect(state).toMatchObject({
    commonName: secret("Lab"),
    privateKey: secret(decode(state).privateKey ?? ""),
  });
  expect(await provider.diff(authority, state, inputs)).toEqual({ changes: false, replaces: [] });

  const updated = await provider.update(authority, state, { ...inputs, days: 10 });
  expect(updated).toMatchObject({ days: 10, privateKey: state.privateKey, commonName: secret("Lab") });
});

test("no private part of any resource is in plain text", async () => {
  const { state: ca } = await provider.create(authority, {
    commonName: "Lab",
    days: 90,
    issuedAt: "2026-11-24T08:00:00Z",
  });
  const make = async (type: string, news: WireValues) => {
    const { inputs, failures } = await provider.check(urn(type), {}, news);
    expect(failures).toEqual([]);
    return { inputs, state: (await provider.create(urn(type), inputs)).state };
  };
  const key = await make("maildomain:index:DkimKey", { algorithm: "ed25519" });
  const certificate = await make("maildomain:index:ServerCertificate", {
    hostNames: ["mail.vaamonde.pti"],
    caCertificate: ca.certificate ?? null,
    caPrivateKey: String(decode(ca).privateKey),
  });
  const credentials = await make("maildomain:index:Credentials", {
    passwords: { "a@a.pti": "hunter2" },
    generate: ["b@a.pti"],
  });
  // Of the credentials the inputs, too, which the provider itself seals.
  const states = [ca, key.state, certificate.state, credentials.inputs, credentials.state];
  const plain = JSON.stringify(states, (_key, value) => (isRpcSecret(value) ? "[secret]" : value));
  expect(plain).not.toMatch(/PRIVATE KEY|hunter2|ARGON2|[a-z2-9]{5}-[a-z2-9]{5}-/);
  expect(plain).toContain("BEGIN CERTIFICATE");
  expect(plain).toContain("b@a.pti");
});

test("passwords, hashes and their times are in the state once, as inputs, and an update knows the former ones", async () => {
  const type = urn("maildomain:index:Credentials");
  const hash = `{BLF-CRYPT}$2y$10$${"a".repeat(53)}`;
  const news = { passwords: { "a@a.pti": "hunter2" }, hashed: { "b@a.pti": hash } };
  const { inputs } = await provider.check(type, {}, { ...news, generate: [] });
  const { state } = await provider.create(type, inputs);
  expect(Object.keys(state).sort()).toEqual(["generated", "hashes"]);
  expect(await provider.diff(type, state, inputs, inputs)).toMatchObject({ changes: false });
  expect((await provider.diff(type, state, inputs)).changes).toBe(true);
  const more = await provider.check(type, inputs, { ...news, generate: ["c@a.pti"] });
  const hashes = async (olds: WireValues, former?: WireValues) =>
    JSON.parse(String(decode(await provider.update(type, olds, more.inputs, former)).hashes));
  const { "a@a.pti": made } = JSON.parse(String(decode(state).hashes));
  expect(await hashes(state, inputs)).toMatchObject({ "a@a.pti": made });
  // A state of an earlier version has them.
  expect(await hashes({ ...inputs, ...state })).toMatchObject({ "a@a.pti": made });
});

test("a refresh finds the state", async () => {
  const found = await provider.read(authority, "id", { days: 1 }, { days: 1, issuedAt: "now" });
  expect(found).toEqual({ id: "id", inputs: { days: 1 }, state: { days: 1, issuedAt: "now" } });
});

describe("an import", () => {
  const folder = mkdtempSync(join(tmpdir(), "maildomain-import-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (name: string, ...texts: unknown[]) => {
    writeFileSync(join(folder, name), texts.join("\n"));
    return join(folder, name);
  };
  const makeAuthority = async () => {
    const { inputs } = await provider.check(authority, {}, { commonName: "An authority", days: 100 });
    return (await provider.create(authority, inputs)).state;
  };
  const textOf = (state: WireValues, name: string) => String(decode(state)[name]);

  test("takes an authority over, and the next step has nothing to do", async () => {
    const made = await makeAuthority();
    const file = write("authority.pem", textOf(made, "certificate"), textOf(made, "privateKey"));
    const { inputs, state } = await provider.read(authority, file, {}, {});
    expect(decode(state)).toMatchObject({ commonName: "An authority", days: 100 });
    expect(textOf(state, "privateKey")).toBe(textOf(made, "privateKey"));
    expect(textOf(state, "certificate").trim()).toBe(textOf(made, "certificate").trim());
    expect(isRpcSecret(state.privateKey)).toBe(true);
    const checked = await provider.check(authority, inputs, { commonName: "An authority", days: 100 });
    expect([checked.failures, (await provider.diff(authority, state, checked.inputs)).changes]).toEqual([
      [],
      false,
    ]);
  });

  test("takes a server's key over, for which a certificate is issued", async () => {
    const type = urn("maildomain:index:ServerCertificate");
    const ca = await makeAuthority();
    const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const pem = key.export({ type: "sec1", format: "pem" });
    const { inputs, state } = await provider.read(type, write("server.pem", pem), {}, {});
    const declared = {
      hostNames: ["mail.example.org"],
      caCertificate: textOf(ca, "certificate"),
      caPrivateKey: textOf(ca, "privateKey"),
    };
    const checked = await provider.check(type, inputs, declared);
    expect(checked.failures).toEqual([]);
    expect(await provider.diff(type, state, checked.inputs)).toMatchObject({ changes: true, replaces: [] });
    const updated = await provider.update(type, state, checked.inputs);
    expect(new X509Certificate(textOf(updated, "certificate")).checkPrivateKey(key)).toBe(true);
    expect(decode(updated).spkiSha256).toBe(decode(state).spkiSha256);
  });

  test("takes a zone's key over", async () => {
    const type = urn("maildomain:index:DnssecKey");
    const { inputs } = await provider.check(type, {}, { zone: "example.org" });
    const { id, state: made } = await provider.create(type, inputs);
    const file = write("zone.pem", textOf(made, "privateKey"));
    const found = await provider.read(type, `example.org:${file}`, {}, {});
    expect({ ...found, state: decode(found.state) }).toEqual({
      id,
      inputs: { zone: "example.org" },
      state: decode(made),
    });
  });

  test.each<[string, string, () => string, RegExp]>([
    [
      "Credentials",
      "what cannot be",
      () => "x",
      /Credentials cannot be imported: declare each mailbox with its `password`, .* An import takes over \w+, \w+, \w+ alone$/,
    ],
    ["DnssecKey", "an id without a zone", () => "zone.pem", /^"zone.pem": write ZONE:FILE as the id/],
    [
      "DnssecKey",
      "a file that is not there",
      () => "example.org:/none.pem",
      /^\/none.pem: ENOENT.*write the path/,
    ],
    [
      "ServerCertificate",
      "another kind of key",
      () =>
        write("rsa.pem", generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
      /must hold an ECDSA key on the curve P-256/,
    ],
    [
      "CertificateAuthority",
      "a key alone",
      () =>
        write(
          "key.pem",
          generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
            type: "pkcs8",
            format: "pem",
          }),
        ),
      /must hold the authority's certificate as well/,
    ],
  ])("of a %s refuses %s", async (type, _, id, refusal) => {
    await expect(provider.read(urn(`maildomain:index:${type}`), id(), {}, {})).rejects.toThrow(refusal);
  });
});
