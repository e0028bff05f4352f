import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ToolchainError } from "../toolchain/step.ts";

/** Columns are attributes of PKCS#11, by their numbers; numbers are big-endian. */
const [CLASS, VALUE, ISSUER, SERIAL_NUMBER] = ["a0", "a11", "a81", "a82"];
const CERTIFICATE = "x'00000001'";
/** `CKO_TRUST` of PKCS#11 3.2, by which newer programs of Mozilla trust. */
const TRUST = "x'0000000b'";

/**
 * Removes what a database of NSS says of a certificate's trust in the form of PKCS#11 3.2. An older `certutil` leaves it,
 * and by it a program trusts the certificate again as soon as a server sends it.
 *
 * @throws ToolchainError where the database cannot be changed
 */
export function removeTrustRecords(folder: string, pem: string): void {
  const file = join(folder, "cert9.db");
  if (!existsSync(file)) return;
  const certificate = `SELECT 1 FROM nssPublic AS c WHERE c.${CLASS} = ${CERTIFICATE} AND c.${VALUE} = ?`;
  const isOfSame = `c.${ISSUER} = nssPublic.${ISSUER} AND c.${SERIAL_NUMBER} = nssPublic.${SERIAL_NUMBER}`;
  const where = `${CLASS} = ${TRUST} AND EXISTS (${certificate} AND ${isOfSame})`;
  try {
    const database = new DatabaseSync(file, { timeout: 5000 });
    try {
      const { raw } = new X509Certificate(pem);
      const found = database.prepare(`SELECT id FROM nssPublic WHERE ${where}`).all(raw);
      for (const { id } of found) database.prepare("DELETE FROM nssPublic WHERE id = ?").run(Number(id));
    } finally {
      database.close();
    }
  } catch (error) {
    throw new ToolchainError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
