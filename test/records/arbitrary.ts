import fc from "fast-check";

/** Names as records hold them. */
export const hostName = fc.domain().map((name) => name.toLowerCase());

/** Addresses with every character that has a meaning in a record. */
export const address = fc
  .tuple(fc.stringMatching(/^[a-z0-9.+_!,;#%&'*=?^{|}~/$-]{1,20}$/), hostName)
  .map(([local, domain]) => `${local}@${domain}`);

export const uint16 = fc.nat(65_535);

export const hexadecimal = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => Buffer.from(value).toString("hex"));
