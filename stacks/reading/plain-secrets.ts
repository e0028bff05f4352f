/** Secrets that a stack file holds in plain text. */
import * as z from "zod";
import type { StackSettings } from "../schema/config.ts";
import { stackSchema } from "../schema/config.ts";
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
    const own = key.startsWith(namespace) ? key.slice(namespace.length) : undefined;
    const schema: z.core.$ZodType | undefined = (
      stackSchema.shape as Readonly<Record<string, z.core.$ZodType>>
    )[own ?? ""];
    if (own !== undefined)
      return schema === undefined
        ? []
        : secretsOf(schema, value, [own]).map((path) => ({ path, message: refusal(namespace, path, stack) }));
    const [other = "", ...name] = key.split(":");
    return secretsOfOthers(value, [name.join(":")]).map((path) => ({
      namespace: `${other}:`,
      path,
      message: refusal(`${other}:`, path, stack),
    }));
  });
}

type Path = readonly (string | number)[];

/** Where what the schema calls a secret is a text. */
function secretsOf(schema: z.core.$ZodType, value: unknown, path: Path): Path[] {
  if (value === undefined || value === null || isSecret(value)) return [];
  if (z.globalRegistry.get(schema)?.secret === true) {
    const isText = typeof value !== "object" && !(path[0] === "certificates" && isPemFile(String(value)));
    return isText ? [path] : [];
  }
  const { def } = schema._zod as unknown as { readonly def: Definition };
  if (def.innerType !== undefined) return secretsOf(def.innerType, value, path);
  if (def.in !== undefined) return secretsOf(def.in, value, path);
  if (typeof value !== "object") return [];
  const inner = (key: string | number) => def.element ?? def.shape?.[key];
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  return [...keys].flatMap((key) => {
    const schemaThere = inner(key);
    const there = (value as Readonly<Record<string | number, unknown>>)[key];
    return schemaThere === undefined ? [] : secretsOf(schemaThere, there, [...path, key]);
  });
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
    return Object.entries(value).flatMap(([key, inner]) =>
      secretsOfOthers(inner, [...path, Array.isArray(value) ? Number(key) : key]),
    );
  const name = String(path.findLast((part) => typeof part === "string"));
  const isOpen = /public/i.test(name) || !/(?:token|secret|password|passphrase|key|keyMaterial)$/i.test(name);
  return isOpen ? [] : [path];
}

function refusal(of: string, path: Path, stack: string): string {
  const input = ["privateKey", "key"].includes(String(path.at(-1))) ? " < key.pem" : "";
  const nested = path.length > 1 ? "--path " : "";
  const setting = `${of}${formatPath(path)}`;
  const command = `npx pulumi config set --secret ${nested}${nested === "" ? setting : `'${setting}'`} --stack ${stack}${input}`;
  return `is in plain text, which only a lab's file may hold: encrypt it with \`${command}\``;
}
