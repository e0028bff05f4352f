import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * The content of CMS SignedData, once OpenSSL has found its signature right and its signer issued by the authority.
 *
 * @throws Error with OpenSSL's reason.
 */
export async function contentSignedUnder(authorityPem: string, signed: Buffer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "maildomain-signed-"));
  try {
    const [authority, message] = [join(folder, "ca.pem"), join(folder, "message.der")];
    await Promise.all([writeFile(authority, authorityPem), writeFile(message, signed)]);
    const { stdout } = await run("openssl", [
      ...["cms", "-verify", "-binary", "-inform", "DER", "-in", message],
      ...["-CAfile", authority, "-purpose", "sslserver"],
    ]);
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A server's certificate for a key of any kind, PEM: the stack's own provider makes none but for P-256. */
export async function certifyByOpenSsl(
  keyPem: string,
  hostName: string,
  authority: { readonly certificate: string; readonly key: string },
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "maildomain-certificate-"));
  try {
    const path = (name: string) => join(folder, name);
    await writeFile(path("key.pem"), keyPem);
    await writeFile(path("ca.pem"), authority.certificate);
    await writeFile(path("ca.key"), authority.key);
    await writeFile(
      path("extensions"),
      `subjectAltName=DNS:${hostName}\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\n`,
    );
    const request = [
      "-new",
      "-key",
      path("key.pem"),
      "-subj",
      `/CN=${hostName}`,
      "-out",
      path("request.pem"),
    ];
    await run("openssl", ["req", ...request]);
    const { stdout } = await run("openssl", [
      ...["x509", "-req", "-in", path("request.pem"), "-days", "2", "-extfile", path("extensions")],
      ...["-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial"],
    ]);
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}
