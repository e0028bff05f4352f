/** Secrets that a stack file holds in plain text. */
import { parse } from "yaml";
import type { DomainSettings, StackSettings } from "../schema/config.ts";
import { formatPath } from "../schema/cross-check.ts";
import { isPemFile } from "../schema/fields.ts";
import { parseValue } from "./parse-value.ts";
import type { Problem } from "./problems.ts";
import { isSecret, namespace } from "./stack-file.ts";

/**
 * What only a lab's file may hold: passwords and signing keys that anybody who reads the file can use.
 *
 * @param stack - its name, for the line that encrypts the value.
 * @param source - the stack file's text, or what it says where all of it counts as plain. What it does not have at a
 *   setting's place came from elsewhere, such as a directory.
 */
export function plainSecrets(
  settings: StackSettings,
  stack: string,
  source: string | Readonly<Record<string, unknown>>,
): Problem[] {
  if (settings.lab) return [];
  const written = typeof source === "string" ? configIn(source) : asWritten(source);
  return secretPaths(settings)
    .filter((path) => {
      const text = plainAt(written, [`${namespace}${String(path[0])}`, ...path.slice(1)]);
      return text !== undefined && !(path[0] === "certificates" && isPemFile(text));
    })
    .map((path) => ({ path, message: refusal(path, stack) }));
}

function asWritten(settings: Readonly<Record<string, unknown>>): unknown {
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

function secretPaths({ domains, certificates }: StackSettings): Path[] {
  const files: Path[] = certificates.files.map((_, at) => ["certificates", "files", at, "key"]);
  const account: Path[] =
    certificates.acme?.externalAccount === undefined
      ? []
      : [["certificates", "acme", "externalAccount", "hmacKey"]];
  const { tsig, cloudflare } = certificates.acme?.dns ?? {};
  const zone: Path[] = [
    ...(tsig === undefined ? [] : [["certificates", "acme", "dns", "tsig", "secret"]]),
    ...(cloudflare === undefined ? [] : [["certificates", "acme", "dns", "cloudflare", "token"]]),
  ];
  const keys = [...files, ...account, ...zone];
  return keys.concat(domains.flatMap(secretPathsOf));
}

function secretPathsOf({ mailboxes, dkim }: DomainSettings, index: number): (string | number)[][] {
  return [
    ...dkim.map((_, at) => ["domains", index, "dkim", at, "privateKey"]),
    ...mailboxes.flatMap(({ appPasswords }, at) => {
      const mailbox = ["domains", index, "mailboxes", at];
      const ofApps = appPasswords.map((_, app) => [...mailbox, "appPasswords", app, "password"]);
      return [[...mailbox, "password"], ...ofApps];
    }),
  ];
}

/** The text that stands at the path, none of it encrypted. */
function plainAt(value: unknown, path: Path): string | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return typeof value === "string" ? value : undefined;
  if (typeof value !== "object" || value === null || isSecret(value)) return undefined;
  return plainAt((value as Readonly<Record<string | number, unknown>>)[key], rest);
}

function refusal(path: Path, stack: string): string {
  const input = ["privateKey", "key"].includes(String(path.at(-1))) ? " < key.pem" : "";
  const command = `npx pulumi config set --secret --path '${namespace}${formatPath(path)}' --stack ${stack}${input}`;
  return `is in plain text, which only a lab's file may hold: encrypt it with \`${command}\``;
}
