/** Secrets that a stack file holds in plain text. */
import * as z from "zod";
import { type StackSettings, stackSchema } from "../schema/config.ts";
import { isPemFile } from "../schema/fields.ts";
import { formatPath } from "../schema/written-settings.ts";
import { parseValue } from "./parse-value.ts";
import type { Problem } from "./problems.ts";
import { isSecret, namespace } from "./stack-file.ts";

/**
 * What only a lab's file may hold: passwords, keys and tokens that anybody who reads the file can use.
 *
 * @param stack - its name, for the line that encrypts the value.
 * @param config - what the stack file says below `config:`, or what the engine says of it. A secret that it does not have
 *   came from elsewhere, such as a directory.
 */
export function plainSecrets(
  { lab }: Pick<StackSettings, "lab">,
  stack: string,
  config: Readonly<Record<string, unknown>>,
): Problem[] {
  if (lab) return [];
  return Object.entries(config).flatMap(([key, written]) => {
    // A list or section may be one text of JSON.
    const value = typeof written === "string" ? parseValue(written) : written;
    const [owner = "", ...words] = key.split(":");
    const [of, name, isOwn] = [`${owner}:`, words.join(":"), key.startsWith(namespace)];
    const paths = isOwn ? secretsOf(topSettings[name], value, [name]) : secretsOfOthers(value, [name]);
    return paths.map((path) => ({
      ...(isOwn ? {} : { namespace: of }),
      path,
      message: refusal(of, path, stack),
    }));
  });
}

const topSettings: Readonly<Record<string, z.core.$ZodType>> = stackSchema.shape;

type Path = readonly (string | number)[];

/** Where what the schema calls a secret is a text. */
function secretsOf(schema: z.core.$ZodType | undefined, value: unknown, path: Path): Path[] {
  if (schema === undefined || value === undefined || value === null || isSecret(value)) return [];
  if (z.globalRegistry.get(schema)?.secret === true) {
    const isText = typeof value !== "object" && !(path[0] === "certificates" && isPemFile(String(value)));
    return isText ? [path] : [];
  }
  const { def } = schema._zod as unknown as { readonly def: Definition };
  if (def.innerType !== undefined) return secretsOf(def.innerType, value, path);
  if (def.in !== undefined) return secretsOf(def.in, value, path);
  if (typeof value !== "object") return [];
  return entriesOf(value).flatMap(([key, inner]) =>
    secretsOf(def.element ?? def.shape?.[key], inner, [...path, key]),
  );
}

/** The parts of a schema's definition that hold others. */
interface Definition {
  readonly innerType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly shape?: Readonly<Record<string | number, z.core.$ZodType>>;
}

/** Providers do not say which of their settings are secrets; their names do, as `cloudflare:apiToken`. */
function secretsOfOthers(value: unknown, path: Path): Path[] {
  if (isSecret(value) || value === null || value === "") return [];
  if (typeof value === "object")
    return entriesOf(value).flatMap(([key, inner]) => secretsOfOthers(inner, [...path, key]));
  const name = String(path.findLast((part) => typeof part === "string"));
  const isOpen = /public/i.test(name) || !/(?:token|secret|password|passphrase|key|keyMaterial)$/i.test(name);
  return isOpen ? [] : [path];
}

function entriesOf(value: object): (readonly [string | number, unknown])[] {
  return Array.isArray(value) ? [...value.entries()] : Object.entries(value);
}

function refusal(of: string, path: Path, stack: string): string {
  const input = ["privateKey", "key"].includes(String(path.at(-1))) ? " < key.pem" : "";
  const setting = `${of}${formatPath(path)}`;
  const words = path.length > 1 ? `--path '${setting}'` : setting;
  const command = `npx pulumi config set --secret ${words} --stack ${stack}${input}`;
  return `is in plain text, which only a lab's file may hold: encrypt it with \`${command}\``;
}
