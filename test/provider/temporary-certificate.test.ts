/** What a server has of its own where an authority elsewhere is asked for the certificate that everybody sees. */
import "reflect-metadata";
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { Pkcs10CertificateRequest, type SubjectAlternativeNameExtension } from "@peculiar/x509";
import { expect, test } from "vitest";
import { serverCertificate } from "../../provider/server-certificate.ts";
import { decode, unknown, type Values } from "../../provider/wire.ts";
import { checked, up, upAuthority, upServer } from "./engine.ts";

const made = new Date("2026-01-01T00:00:00Z");
const later = new Date("2026-02-01T00:00:00Z");
const hostNames = ["mail.example.org", "imap.example.org"];
const inputs: Values = { hostNames, temporary: true, days: 90 };

function requestIn({ request }: Values) {
  const read = new Pkcs10CertificateRequest(String(request));
  // By its number: the library's factory may be another copy of it here.
  const found = read.getExtension("2.5.29.17") as SubjectAlternativeNameExtension | null;
  const names = found?.names.items.map(({ value }) => value);
  return { names, key: Buffer.from(read.publicKey.rawData), read };
}

function publicKeyOf({ privateKey }: Values): Buffer {
  return createPublicKey(createPrivateKey(String(privateKey))).export({ type: "spki", format: "der" });
}

test("a certificate signed by its own key, and a request for the same names and key", async () => {
  const state = await up(serverCertificate, inputs, made);
  const certificate = new X509Certificate(String(state.certificate));
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.ca).toBe(false);
  for (const name of hostNames) expect(certificate.checkHost(name)).toBe(name);
  const { names, key, read } = requestIn(state);
  expect(names).toEqual(hostNames);
  expect(key).toEqual(publicKeyOf(state));
  expect(read.subject).toBe("");
  expect(await read.verify()).toBe(true);
});

test("another name is another request for the same key; nothing changes without a reason", async () => {
  const first = await up(serverCertificate, inputs, made);
  expect((await up(serverCertificate, inputs, later, first)).changed).toBe(false);
  const more = await up(
    serverCertificate,
    { ...inputs, hostNames: [...hostNames, "smtp.example.org"] },
    later,
    first,
  );
  expect(more.spkiSha256).toBe(first.spkiSha256);
  expect(requestIn(more).names).toEqual([...hostNames, "smtp.example.org"]);
  // Fewer names: what is there holds them all, and only the request is another one.
  const fewer = await up(serverCertificate, { ...inputs, hostNames: ["imap.example.org"] }, later, more);
  expect(fewer.certificate).toBe(more.certificate);
  expect(requestIn(fewer).names).toEqual(["imap.example.org"]);
  const preview = decode(serverCertificate.preview(more, fewer));
  expect(preview.request).toBe(unknown);
  expect(preview.certificate).toBe(more.certificate);
});

test("clients notice nothing of a move until the new certificate is there, and back again", async () => {
  const authority = await upAuthority({}, made);
  const before = await upServer(authority, { hostNames, days: 90 }, made);
  const moved = await up(serverCertificate, inputs, later, before);
  expect(moved.changed).toBe(true);
  expect(moved.certificate).toBe(before.certificate);
  expect(moved.spkiSha256).toBe(before.spkiSha256);
  expect(requestIn(moved).key).toEqual(publicKeyOf(before));
  // A third of its life is left: it is replaced by one that the key signs itself.
  const old = await up(serverCertificate, inputs, new Date("2026-03-10T00:00:00Z"), moved);
  expect(old.certificate).not.toBe(before.certificate);
  expect(new X509Certificate(String(old.certificate)).issuer).toBe("CN=mail.example.org");
  const { certificate, privateKey } = authority;
  const back = await upServer(
    { certificate: certificate ?? "", privateKey: privateKey ?? "" },
    issuedHere,
    later,
    moved,
  );
  expect(back.spkiSha256).toBe(before.spkiSha256);
  expect(back.certificate).not.toBe(before.certificate);
  expect(back.request).toBeUndefined();
});

const issuedHere: Values = { hostNames, days: 90 };

test("without an authority and without temporary: the input that is missing", () => {
  expect(() => checked(serverCertificate, {}, { hostNames }, made)).toThrow("caCertificate: is missing");
});
