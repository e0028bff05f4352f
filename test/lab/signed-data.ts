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
