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

/** Local parts of every legal kind (RFC 5321 section 4.1.2). */
export const existingAddress = fc
  .tuple(
    fc
      .array(fc.stringMatching(/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}$/), { minLength: 1, maxLength: 4 })
      .map((atoms) => atoms.join(".")),
    fc.oneof(fc.constantFrom("müller.example", "XN--MLLER-KVA.example"), hostName),
  )
  .map(([local, domain]) => `${local}@${domain}`)
  .filter((address) => address.length <= 200);
