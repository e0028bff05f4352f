// Signs a document with the server's own key: CMS SignedData (RFC 5652) around the content, as Apple accepts it.
import cryptography from "crypto";

const sequence = 0x30;
const set = 0x31;
const explicit0 = 0xa0;
const octets = 0x04;
const integer = 0x02;

const version1 = der(integer, [Buffer.from([1])]);
const data = Buffer.from("06092a864886f70d010701", "hex");
const signedData = Buffer.from("06092a864886f70d010702", "hex");
const contentType = Buffer.from("06092a864886f70d010903", "hex");
const messageDigest = Buffer.from("06092a864886f70d010904", "hex");
const sha256 = der(sequence, [Buffer.from("0609608648016503040201", "hex")]);
const nothing = Buffer.from([5, 0]);

/**
 * The kinds of keys: the identifier by which PKCS #8 names one, what WebCrypto calls it, how the signature's algorithm
 * is named (RFC 5754 section 3), and the length in bytes of each of ECDSA's two numbers.
 */
const kinds = [
  {
    identifier: "06082a8648ce3d030107",
    key: { name: "ECDSA", namedCurve: "P-256" },
    algorithm: der(sequence, [Buffer.from("06082a8648ce3d040302", "hex")]),
    half: 32,
  },
  {
    identifier: "06052b81040022",
    key: { name: "ECDSA", namedCurve: "P-384" },
    algorithm: der(sequence, [Buffer.from("06082a8648ce3d040302", "hex")]),
    half: 48,
  },
  {
    identifier: "06092a864886f70d010101",
    key: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
    algorithm: der(sequence, [Buffer.from("06092a864886f70d01010b", "hex"), nothing]),
  },
];

/**
 * The content with the signature around it, DER; undefined where the key is neither of ECDSA P-256 or P-384 nor of RSA.
 * `pair` is the key, its certificate and the chain, PEM.
 */
async function sign(content, pair) {
  const blocks = pemBlocks(pair);
  const privateKey = blocks.filter((block) => block.label === "PRIVATE KEY")[0];
  const certificates = blocks.filter((block) => block.label === "CERTIFICATE").map((block) => block.body);
  if (privateKey === undefined || certificates.length === 0) return undefined;
  const kind = kindOf(privateKey.body);
  if (kind === undefined) return undefined;

  const digest = cryptography.createHash("sha256").update(content).digest();
  // In the order that DER gives to a set: by their bytes.
  const attributes = [
    der(sequence, [contentType, der(set, [data])]),
    der(sequence, [messageDigest, der(set, [der(octets, [digest])])]),
  ];
  const key = await crypto.subtle.importKey("pkcs8", privateKey.body, kind.key, false, ["sign"]);
  // What is signed is the set itself; in the message it has the tag of its place (section 5.4).
  const way = { name: kind.key.name, hash: "SHA-256" };
  const made = await crypto.subtle.sign(way, key, der(set, attributes));
  const signature = Buffer.from(made);
  const signer = der(sequence, [
    version1,
    issuerAndSerial(certificates[0]),
    sha256,
    der(explicit0, attributes),
    kind.algorithm,
    der(octets, [kind.half === undefined ? signature : ecdsaSignature(signature, kind.half)]),
  ]);
  const message = der(sequence, [
    version1,
    der(set, [sha256]),
    der(sequence, [data, der(explicit0, [der(octets, [Buffer.from(content)])])]),
    der(explicit0, certificates),
    der(set, [signer]),
  ]);
  return der(sequence, [signedData, der(explicit0, [message])]);
}

/** The identifiers are in the second value of the key: `version, { algorithm, parameters }, key` (RFC 5958). */
function kindOf(privateKey) {
  const version = read(privateKey, read(privateKey, 0).start);
  const algorithm = whole(privateKey, read(privateKey, version.end)).toString("hex");
  return kinds.filter((kind) => algorithm.includes(kind.identifier))[0];
}

/** Issuer and serial number by which the signature names its certificate (RFC 5280 section 4.1). */
function issuerAndSerial(certificate) {
  const body = read(certificate, read(certificate, 0).start);
  const version = read(certificate, body.start);
  const serial = version.tag === explicit0 ? read(certificate, version.end) : version;
  const issuer = read(certificate, read(certificate, serial.end).end);
  return der(sequence, [whole(certificate, issuer), whole(certificate, serial)]);
}

/** The pair of numbers that WebCrypto gives one after the other, as X.509 writes it (RFC 3279 section 2.2.3). */
function ecdsaSignature(bytes, half) {
  return der(sequence, [unsigned(bytes.slice(0, half)), unsigned(bytes.slice(half, 2 * half))]);
}

function unsigned(bytes) {
  let first = 0;
  while (first < bytes.length - 1 && bytes[first] === 0) first++;
  const digits = bytes.slice(first);
  return der(integer, digits[0] < 0x80 ? [digits] : [Buffer.from([0]), digits]);
}

function der(tag, parts) {
  const body = Buffer.concat(parts);
  const length = [];
  if (body.length < 0x80) {
    length.push(body.length);
  } else {
    for (let rest = body.length; rest > 0; rest = rest >> 8) length.unshift(rest & 0xff);
    length.unshift(0x80 | length.length);
  }
  return Buffer.concat([Buffer.from([tag].concat(length)), body]);
}

/** Where the value at `at` begins and ends. */
function read(buffer, at) {
  let start = at + 2;
  let length = buffer[at + 1];
  if (length >= 0x80) {
    const count = length & 0x7f;
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + buffer[start + i];
    start += count;
  }
  return { tag: buffer[at], at, start, end: start + length };
}

function whole(buffer, value) {
  return buffer.slice(value.at, value.end);
}

function pemBlocks(text) {
  const blocks = text.match(/-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----/g) || [];
  return blocks.map((block) => ({
    label: block.slice(11, block.indexOf("-----", 11)),
    body: Buffer.from(block.replace(/-----[^-]+-----/g, "").replace(/\s/g, ""), "base64"),
  }));
}

export default { sign };
