import { execFileSync, spawnSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { upAuthority, upServer } from "./engine.ts";

const folder = mkdtempSync(join(tmpdir(), "maildomain-chain-"));
afterAll(() => rmSync(folder, { recursive: true }));

const now = new Date();
const authority = await upAuthority({}, now);
const server = await upServer(authority, { hostNames: ["mail.vaamonde.pti", "imap.vaamonde.pti"] }, now);

function write(name: string, pem: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, String(pem));
  return path;
}

function openssl(...args: string[]): string {
  return execFileSync("openssl", args, { encoding: "utf8", stdio: "pipe" });
}

function verify(trusted: unknown, leaf: unknown, name: string): string {
  const ca = write("ca.pem", trusted);
  return openssl(
    ...["verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", name],
    ...["-CAfile", ca, write("leaf.pem", leaf)],
  );
}

/** A group of tests that need a program, and that say so where a machine lacks it. */
function describeWith(program: string, tests: () => void): void {
  const missing = spawnSync(program, ["--help"], { stdio: "ignore" }).error !== undefined;
  describe.skipIf(missing)(missing ? `skipped: this machine has no ${program}` : program, tests);
}

describeWith("openssl", () => {
  test.each(["mail.vaamonde.pti", "imap.vaamonde.pti"])("OpenSSL verifies %s strictly", (name) => {
    expect(verify(authority.certificate, server.certificate, name)).toMatch(/leaf\.pem: OK\n$/);
  });

  test("OpenSSL refuses a name that is not in the certificate", () => {
    expect(() => verify(authority.certificate, server.certificate, "pop3.vaamonde.pti")).toThrow(
      /hostname mismatch/,
    );
  });

  test("OpenSSL refuses an authority of the same name with another key", async () => {
    const other = await upAuthority({}, now);
    expect(() => verify(other.certificate, server.certificate, "mail.vaamonde.pti")).toThrow(/error \d+ at/);
  });

  test("a renewed authority and its former certificate verify each other's servers", async () => {
    const later = new Date(now.getTime() + 1000);
    const renewed = await upAuthority({ days: 3000 }, later, authority);
    expect(renewed.certificate).not.toBe(authority.certificate);
    expect(verify(renewed.certificate, server.certificate, "mail.vaamonde.pti")).toMatch(/OK\n$/);

    const reissued = await upServer(renewed, { hostNames: ["mail.vaamonde.pti"] }, later, server);
    expect(reissued.certificate).not.toBe(server.certificate);
    expect(verify(authority.certificate, reissued.certificate, "mail.vaamonde.pti")).toMatch(/OK\n$/);
  });

  test("has the extensions that clients ask for", () => {
    const extensions = (pem: unknown) =>
      openssl("x509", "-in", write("x.pem", pem), "-noout", "-ext", names)
        .replace(/(?:[0-9A-F]{2}:){19}[0-9A-F]{2}/g, "<key id>")
        .replaceAll(/ +\n/g, "\n");
    const names =
      "basicConstraints,keyUsage,extendedKeyUsage,subjectAltName,subjectKeyIdentifier,authorityKeyIdentifier";
    expect(extensions(authority.certificate)).toMatchInlineSnapshot(`
    "X509v3 Basic Constraints: critical
        CA:TRUE, pathlen:0
    X509v3 Key Usage: critical
        Certificate Sign, CRL Sign
    X509v3 Subject Key Identifier:
        <key id>
    "
  `);
    expect(extensions(server.certificate)).toMatchInlineSnapshot(`
    "X509v3 Basic Constraints:
        CA:FALSE
    X509v3 Key Usage: critical
        Digital Signature
    X509v3 Extended Key Usage:
        TLS Web Server Authentication
    X509v3 Subject Alternative Name:
        DNS:mail.vaamonde.pti, DNS:imap.vaamonde.pti
    X509v3 Subject Key Identifier:
        <key id>
    X509v3 Authority Key Identifier:
        <key id>
    "
  `);
  });

  test("names both by their keys", () => {
    const keyId = (pem: unknown, extension: string) =>
      openssl("x509", "-in", write("x.pem", pem), "-noout", "-ext", extension)
        .match(/(?:[0-9A-F]{2}:){19}[0-9A-F]{2}/)
        ?.at(0);
    expect(keyId(server.certificate, "authorityKeyIdentifier")).toBe(
      keyId(authority.certificate, "subjectKeyIdentifier"),
    );
  });

  test("states what the certificate says", () => {
    const leaf = new X509Certificate(String(server.certificate));
    expect(leaf.subject).toBe("CN=mail.vaamonde.pti");
    expect(leaf.issuer).toBe("CN=Lab authority");
    expect(leaf.validToDate).toEqual(new Date(String(server.notAfter)));
    expect(leaf.validFromDate.getTime()).toBe(new Date(String(server.issuedAt)).getTime() - 300_000);
    expect(leaf.fingerprint256).toBe(server.fingerprint);
    expect(leaf.checkPrivateKey(createPrivateKey(String(server.privateKey)))).toBe(true);
    const spki = execFileSync("openssl", ["pkey", "-pubin", "-outform", "DER"], {
      input: openssl("x509", "-in", write("x.pem", server.certificate), "-noout", "-pubkey"),
    });
    const digest = execFileSync("openssl", ["dgst", "-sha256", "-r"], { input: spki, encoding: "utf8" });
    expect(digest.split(" ")[0]).toBe(server.spkiSha256);
  });

  test("a name too long for a common name leaves the subject empty and the alternative names critical", async () => {
    const long = `${"a".repeat(60)}.vaamonde.pti`;
    const { certificate } = await upServer(authority, { hostNames: [long] }, now);
    expect(new X509Certificate(String(certificate)).subject).toBeUndefined();
    expect(verify(authority.certificate, certificate, long)).toMatch(/OK\n$/);
    expect(openssl("x509", "-in", write("x.pem", certificate), "-noout", "-ext", "subjectAltName")).toMatch(
      /critical/,
    );
  });
});

describeWith("python3", () => {
  test("Python, which verifies strictly by default since 3.13, accepts the server", () => {
    const script = `
import socket, ssl, sys, threading
folder = sys.argv[1]
listener = socket.create_server(("127.0.0.1", 0))
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain(folder + "/leaf.pem", folder + "/key.pem")
def serve():
    with server.wrap_socket(listener.accept()[0], server_side=True) as s:
        s.send(b"hello")
threading.Thread(target=serve, daemon=True).start()
client = ssl.create_default_context(cafile=folder + "/ca.pem")
client.verify_flags |= ssl.VERIFY_X509_STRICT
with socket.create_connection(listener.getsockname()) as raw:
    with client.wrap_socket(raw, server_hostname="imap.vaamonde.pti") as s:
        print(s.recv(5).decode())
`;
    write("ca.pem", authority.certificate);
    write("leaf.pem", server.certificate);
    write("key.pem", server.privateKey);
    expect(execFileSync("python3", ["-c", script, folder], { encoding: "utf8" })).toBe("hello\n");
  });
});

test("has a random, positive serial number of 16 bytes", async () => {
  const other = await upServer(authority, { hostNames: ["mail.vaamonde.pti"] }, now);
  const serials = [authority, server, other].map(
    ({ certificate }) => new X509Certificate(String(certificate)).serialNumber,
  );
  for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
  expect(new Set(serials).size).toBe(3);
});

test("a common name may hold what separates the parts of a name, and dates may lie beyond 2049", async () => {
  const name = 'Küche, "Labor" + CN=x\\';
  const odd = await upAuthority({ commonName: name, days: 7300 }, new Date("2045-01-01T00:00:00Z"));
  const certificate = new X509Certificate(String(odd.certificate));
  expect(certificate.toLegacyObject().subject.CN).toBe(name);
  expect(certificate.validToDate.toISOString()).toBe("2064-12-27T00:00:00.000Z");
  const leaf = await upServer(odd, { hostNames: ["mail.vaamonde.pti"] }, new Date("2050-06-01T00:00:00Z"));
  expect(new X509Certificate(String(leaf.certificate)).checkIssued(certificate)).toBe(true);
});
