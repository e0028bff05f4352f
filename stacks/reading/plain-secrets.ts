/** Secrets that a stack file holds in plain text. */
import { parse } from "yaml";
import type { StackSettings } from "../schema/config.ts";
import { formatPath } from "../schema/cross-check.ts";
import { parseValue } from "./parse-value.ts";
import type { Problem } from "./problems.ts";
import { isSecret, namespace } from "./stack-file.ts";

/**
 * What only a lab's file may hold: passwords and signing keys that anybody who reads the file can use.
 *
 * @param stack - its name, for the line that encrypts the value.
 * @param text - the stack file's; what it does not have at a setting's place came from elsewhere, such as a directory.
 *   Without it all settings count as plain.
 */
export function plainSecrets(settings: StackSettings, stack: string, text?: string): Problem[] {
  if (settings.lab) return [];
  const written = text === undefined ? asWritten(settings) : configIn(text);
  return secretPaths(settings)
    .filter((path) => isPlain(written, [`${namespace}${String(path[0])}`, ...path.slice(1)]))
    .map((path) => ({ path, message: refusal(path, stack) }));
}

function asWritten(settings: StackSettings): unknown {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [`${namespace}${key}`, value]));
}

/** @returns its top keys; a list or section may be one text of JSON. */
function configIn(text: string): unknown {
  const { config } = (parse(text) ?? {}) as { readonly config?: Readonly<Record<string, unknown>> | null };
  return Object.fromEntries(
    Object.entries(config ?? {}).map(([key, value]) => [
      key,
      typeof value === "string" ? parseValue(value) : value,
    ]),
  );
}

type Path = readonly (string | number)[];

function secretPaths({ domains }: StackSettings): Path[] {
  return domains.flatMap(({ mailboxes, dkim }, index) => [
    ...dkim.map((_, at) => ["domains", index, "dkim", at, "privateKey"]),
    ...mailboxes.flatMap(({ appPasswords }, at) => {
      const mailbox = ["domains", index, "mailboxes", at];
      const ofApps = appPasswords.map((_, app) => [...mailbox, "appPasswords", app, "password"]);
      return [[...mailbox, "password"], ...ofApps];
    }),
  ]);
}

/** Whether a text stands at the path, none of it encrypted. */
function isPlain(value: unknown, path: Path): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return typeof value === "string";
  if (typeof value !== "object" || value === null || isSecret(value)) return false;
  return isPlain((value as Readonly<Record<string | number, unknown>>)[key], rest);
}

function refusal(path: Path, stack: string): string {
  const input = path.at(-1) === "privateKey" ? " < key.pem" : "";
  const command = `npx pulumi config set --secret --path '${namespace}${formatPath(path)}' --stack ${stack}${input}`;
  return `is in plain text, which only a lab's file may hold: encrypt it with \`${command}\``;
}
