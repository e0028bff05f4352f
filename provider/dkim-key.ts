import { createHash, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { InputReader, known, type Maybe } from "./inputs.ts";
import type { Checked, Created, Difference, ResourceImplementation } from "./resource-implementation.ts";
import { same, secret, type Values, type WireValues } from "./wire.ts";

/** Makes the key pairs of DKIM. */
export const dkimKey: ResourceImplementation = { check, diff, create, update, foresee };

const algorithms = ["rsa-2048", "ed25519"];

function check(olds: Values, news: Values): Checked {
  const reader = new InputReader(news);
  const { algorithm } = readInputs(reader);
  reader.refuseOthers();
  // Others hold the old record for its time to live, and mail under way is signed with the old key.
  if (typeof olds.algorithm === "string" && typeof algorithm === "string" && algorithm !== olds.algorithm) {
    reader.fail(
      "algorithm",
      `cannot change from ${olds.algorithm} to ${algorithm}: a selector keeps its key. Leave it as it is, and declare another selector with stage: published`,
    );
  }
  return { filled: {}, failures: reader.failures };
}

function readInputs(reader: InputReader): { readonly algorithm: Maybe<string> } {
  return {
    algorithm: reader.text("algorithm", (text) =>
      algorithms.includes(text)
        ? undefined
        : `must be one of ${algorithms.map((name) => `"${name}"`).join(", ")}, not "${text}"`,
    ),
  };
}

function diff(olds: Values, news: Values): Difference {
  const changes = !same(olds.algorithm, news.algorithm);
  return { changes, replaces: changes ? ["algorithm"] : [] };
}

async function create(inputs: Values): Promise<Created> {
  const { algorithm } = known(readInputs(new InputReader(inputs)));
  const pair = algorithm === "ed25519" ? await makeEd25519() : await makeRsa();
  const publicKey = publicKeyOf(pair.publicKey).toString("base64");
  return {
    id: createHash("sha256").update(publicKey).digest("hex").slice(0, 16),
    outputs: {
      publicKey,
      privateKey: secret(pair.privateKey.export({ type: "pkcs8", format: "pem" }) as string),
    },
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

/** Nothing about a key can be changed. */
async function update(olds: Values, inputs: Values): Promise<WireValues> {
  return foresee(olds, inputs);
}

function foresee(olds: Values, _inputs: Values): WireValues {
  return { publicKey: String(olds.publicKey), privateKey: secret(String(olds.privateKey)) };
}
