import { createHash, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { dsOf, formatDs } from "../records/ds.ts";
import { InputReader, known, type Maybe } from "./inputs.ts";
import { readKeyFile } from "./key-file.ts";
import type {
  Checked,
  Created,
  Difference,
  Imported,
  ResourceImplementation,
} from "./resource-implementation.ts";
import { same, secret, type Values, type WireValues } from "./wire.ts";

/** Makes the key that signs a zone. */
export const dnssecKey: ResourceImplementation = { check, diff, create, update, preview, importing };

/** ECDSA P-256 with SHA-256 (RFC 6605): what every validator knows, with short signatures. */
const algorithm = 13;
/** A secure entry point that signs the whole zone (RFC 4034 section 2.1.1). */
const flags = 257;
/** Always 3 (RFC 4034 section 2.1.2). */
const protocol = 3;

function check(_olds: Values, news: Values): Checked {
  const reader = new InputReader(news);
  readInputs(reader);
  reader.refuseOthers();
  return { filled: {}, failures: reader.failures };
}

function readInputs(reader: InputReader): { readonly zone: Maybe<string> } {
  return {
    zone: reader.text("zone", (text) =>
      /^(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$/.test(text)
        ? undefined
        : `must be a zone's name, lower case, A-labels and no final dot, not "${text}"`,
    ),
  };
}

/** The zone's name is part of the DS digest, and a zone of another name is another zone. */
function diff(olds: Values, news: Values): Difference {
  const changes = !same(olds.zone, news.zone);
  return { changes, replaces: changes ? ["zone"] : [] };
}

async function create(inputs: Values): Promise<Created> {
  const { zone } = known(readInputs(new InputReader(inputs)));
  const { privateKey } = await promisify(generateKeyPair)("ec", { namedCurve: "P-256" });
  return createdFrom(zone, privateKey);
}

/** @param id - the zone and the file of its key. @example "example.org:keys/example.org.pem" */
function importing(id: string): Imported {
  const [, zone, file] = /^([a-z0-9_.-]+):(.+)$/.exec(id) ?? [];
  if (zone === undefined || file === undefined) {
    throw new Error(`"${id}": write ZONE:FILE as the id, such as example.org:keys/example.org.pem`);
  }
  return { ...createdFrom(zone, readKeyFile(file).key), inputs: { zone } };
}

function createdFrom(zone: string, privateKey: KeyObject): Created {
  const { dnskey, ds } = describeKey(zone, privateKey);
  return {
    id: createHash("sha256").update(dnskey).digest("hex").slice(0, 16),
    outputs: {
      dnskey,
      ds,
      privateKey: secret(privateKey.export({ type: "pkcs8", format: "pem" }) as string),
    },
  };
}

/** The DNSKEY record's content, and that of the DS record by which the parent vouches for it. */
export function describeKey(zone: string, privateKey: KeyObject): { dnskey: string; ds: string } {
  const { x = "", y = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  // RFC 6605 section 4: the point's two coordinates, without the leading byte of other encodings.
  const point = Buffer.concat([Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  const dnskey = `${flags} ${protocol} ${algorithm} ${point.toString("base64")}`;
  return { dnskey, ds: formatDs(dsOf(zone, dnskey)) };
}

/** Nothing about a key can be changed: another zone replaces it. */
async function update(olds: Values, inputs: Values): Promise<WireValues> {
  return preview(olds, inputs);
}

function preview(olds: Values, _inputs: Values): WireValues {
  return { dnskey: String(olds.dnskey), ds: String(olds.ds), privateKey: secret(String(olds.privateKey)) };
}
