import { isRpcSecret } from "@pulumi/pulumi/runtime/rpc.js";
import { expect, test } from "vitest";
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
    "maildomain has no resource type maildomain:index:Mailbox; it has maildomain:index:DkimKey, maildomain:index:DnssecKey, " +
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
    return (await provider.create(urn(type), inputs)).state;
  };
  const states: WireValues[] = [
    ca,
    await make("maildomain:index:DkimKey", { algorithm: "ed25519" }),
    await make("maildomain:index:ServerCertificate", {
      hostNames: ["mail.vaamonde.pti"],
      caCertificate: ca.certificate ?? null,
      caPrivateKey: String(decode(ca).privateKey),
    }),
    await make("maildomain:index:Credentials", {
      passwords: { "a@a.pti": "hunter2" },
      generate: ["b@a.pti"],
    }),
  ];
  const plain = JSON.stringify(states, (_key, value) => (isRpcSecret(value) ? "[secret]" : value));
  expect(plain).not.toMatch(/PRIVATE KEY|hunter2|ARGON2|[a-z2-9]{5}-[a-z2-9]{5}-/);
  expect(plain).toContain("BEGIN CERTIFICATE");
  expect(plain).toContain("b@a.pti");
});

test("a refresh finds the state, an import is refused", async () => {
  const read = await provider.read(authority, { days: 1 }, { days: 1, issuedAt: "now" });
  expect(read).toEqual({ inputs: { days: 1 }, state: { days: 1, issuedAt: "now" } });
  await expect(provider.read(authority, {}, {})).rejects.toThrow(
    "maildomain:index:CertificateAuthority cannot be imported: declare it, and it will be made",
  );
});
