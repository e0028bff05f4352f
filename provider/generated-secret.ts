import { createHash, randomBytes } from "node:crypto";
import { InputReader, known, type Maybe } from "./inputs.ts";
import type { Checked, Created, Difference, ResourceImplementation } from "./resource-implementation.ts";
import { same, secret, type Values, type WireValues } from "./wire.ts";

/** Makes a secret that programs share and nobody types. */
export const generatedSecret: ResourceImplementation = {
  check,
  diff,
  create,
  update,
  preview,
  importing: "declare what needs it, and another one is made",
};

const least = 16;
const most = 128;

function check(_olds: Values, news: Values): Checked {
  const reader = new InputReader(news);
  readInputs(reader);
  reader.refuseOthers();
  return { filled: {}, failures: reader.failures };
}

function readInputs(reader: InputReader): { readonly length: Maybe<number> } {
  return { length: reader.integer("length", { min: least, max: most, fallback: 32 }) };
}

function diff(olds: Values, news: Values): Difference {
  const changes = !same(olds.length ?? null, news.length ?? null);
  return { changes, replaces: changes ? ["length"] : [] };
}

/** Letters, digits, `-` and `_`: six bits each. */
async function create(inputs: Values): Promise<Created> {
  const { length } = known(readInputs(new InputReader(inputs)));
  const text = randomBytes(length).toString("base64url").slice(0, length);
  return {
    id: createHash("sha256").update(text).digest("hex").slice(0, 16),
    outputs: { secret: secret(text) },
  };
}

/** Nothing about a secret can be changed: another length replaces it. */
async function update(olds: Values, inputs: Values): Promise<WireValues> {
  return preview(olds, inputs);
}

function preview(olds: Values, _inputs: Values): WireValues {
  return { secret: secret(String(olds.secret)) };
}
