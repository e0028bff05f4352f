import { createHash, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { readSigningKey, type SigningAlgorithm, signingKeyProblem } from "../keys/signing-key.ts";
import { InputReader, type Maybe } from "./inputs.ts";
import type { Checked, Created, Difference, ResourceImplementation } from "./resource-implementation.ts";
import { same, secret, type Values, type WireValues } from "./wire.ts";

/** Makes the key pairs of DKIM, or takes over those that were made elsewhere. */
export const dkimKey: ResourceImplementation = {
  check,
  diff,
  create,
  update,
  preview,
  importing: "declare it with the key as its `privateKey`, which a MailDomain has in `dkim`",
};

const algorithms: readonly string[] = ["rsa-2048", "ed25519", "rsa"] satisfies SigningAlgorithm[];

interface Inputs {
  readonly algorithm: Maybe<string>;
  readonly privateKey: Maybe<string>;
}

function check(olds: Values, news: Values): Checked {
  const reader = new InputReader(news);
  const { algorithm, privateKey } = readInputs(reader);
  reader.refuseOthers();
  if (algorithm === "rsa" && news.privateKey === undefined) {
    reader.fail("algorithm", '"rsa" needs a privateKey; "rsa-2048" makes one');
  }
  // In the one form that the state has it, so that another notation of the same key makes no difference.
  const form =
    typeof privateKey === "string" && reader.failures.length === 0
      ? readSigningKey(privateKey).privateKeyPem
      : undefined;
  refuseAnotherKey(olds, algorithm, form, reader);
  const filled = form === undefined ? {} : { privateKey: secret(form) };
  return { filled: reader.failures.length === 0 ? filled : {}, failures: reader.failures };
}

/** Resolvers keep the old record for its TTL, and mail in transit is signed with the old key. */
function refuseAnotherKey(
  olds: Values,
  algorithm: Maybe<string>,
  privateKey: string | undefined,
  reader: InputReader,
): void {
  const advice = "Keep it unchanged, and declare another selector with stage: published";
  if (typeof olds.algorithm === "string" && typeof algorithm === "string" && algorithm !== olds.algorithm) {
    reader.fail(
      "algorithm",
      `cannot change from ${olds.algorithm} to ${algorithm}: a selector keeps its key. ${advice}`,
    );
  }
  if (typeof olds.privateKey === "string" && privateKey !== undefined && privateKey !== olds.privateKey) {
    reader.fail("privateKey", `cannot be another key: a selector keeps its own. ${advice}`);
  }
}

function readInputs(reader: InputReader): Inputs {
  const algorithm = reader.text("algorithm", (text) =>
    algorithms.includes(text)
      ? undefined
      : `must be one of ${algorithms.map((name) => `"${name}"`).join(", ")}, not "${text}"`,
  );
  const privateKey = reader.optionalText("privateKey", (text) =>
    signingKeyProblem(text, (typeof algorithm === "string" ? algorithm : "rsa") as SigningAlgorithm),
  );
  return { algorithm, privateKey };
}

/** A key that is no longer given is the one in the state: it stays. */
function diff(olds: Values, news: Values): Difference {
  const replaces = [
    ...(same(olds.algorithm, news.algorithm) ? [] : ["algorithm"]),
    ...(news.privateKey === undefined || same(olds.privateKey, news.privateKey) ? [] : ["privateKey"]),
  ];
  return { changes: replaces.length > 0, replaces };
}

async function create({ algorithm, privateKey }: Values): Promise<Created> {
  const key =
    typeof privateKey === "string" ? readSigningKey(privateKey) : await make(algorithm === "ed25519");
  const publicKey = publicKeyOf(key.publicKey).toString("base64");
  return {
    id: createHash("sha256").update(publicKey).digest("hex").slice(0, 16),
    outputs: { publicKey, privateKey: secret(key.privateKeyPem) },
  };
}

async function make(short: boolean) {
  const { privateKey } = short ? await makeEd25519() : await makeRsa();
  return {
    publicKey: createPublicKey(privateKey),
    privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

const makeEd25519 = () => promisify(generateKeyPair)("ed25519");
// RFC 8301 section 3.2: at least 1024 bits, 2048 recommended; longer ones do not fit every resolver's answer.
const makeRsa = () => promisify(generateKeyPair)("rsa", { modulusLength: 2048 });

/** The bytes of a record's `p=` tag. */
export function publicKeyOf(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== "ed25519") return key.export({ type: "spki", format: "der" });
  // RFC 8463 section 4.2: the key itself, without the SubjectPublicKeyInfo that RSA keys have.
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
}

/** Nothing about a key can be changed: another algorithm or another key replaces it. */
async function update(olds: Values, inputs: Values): Promise<WireValues> {
  return preview(olds, inputs);
}

function preview(olds: Values, _inputs: Values): WireValues {
  return { publicKey: String(olds.publicKey), privateKey: secret(String(olds.privateKey)) };
}
