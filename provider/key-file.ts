/** The files that `pulumi import` names: keys that were made elsewhere. */
import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";

/** @throws Error that says what the file has to hold. */
export function readKeyFile(file: string): { readonly text: string; readonly key: KeyObject } {
  const text = readFile(file);
  const key = readKey(text);
  if (key?.asymmetricKeyDetails?.namedCurve === "prime256v1") return { text, key };
  throw new Error(`${file}: must hold an ECDSA key on the curve P-256 in PEM, not encrypted`);
}

function readFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}: write the path of a file in PEM as the id`);
  }
}

function readKey(text: string): KeyObject | undefined {
  try {
    // OpenSSL writes the curve before a key, and a file may have certificates as well.
    return createPrivateKey(
      /-----BEGIN (?:EC )?PRIVATE KEY-----[\s\S]*?-----END[^\n]*/.exec(text)?.[0] ?? "",
    );
  } catch {
    return undefined;
  }
}
