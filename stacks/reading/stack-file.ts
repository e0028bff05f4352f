import { parseDocument } from "yaml";
import { type StackSettings, stackSchema } from "../schema/config.ts";
import { encryptedValue } from "../schema/fields.ts";
import { checkSettings } from "./check.ts";
import { expandDirectories } from "./expand.ts";
import { parseValue } from "./parse-value.ts";
import { formatPlaced } from "./problems.ts";
import { type ReadYaml, readYaml } from "./read-yaml.ts";
import { describeYamlMistakes } from "./yaml-mistakes.ts";

/** What a stack file says, read without the engine: it need not have been provisioned. */
export interface StackFile {
  readonly settings: StackSettings;
  /** The values of other namespaces, such as `cloudflare:baseUrl`; an encrypted one is `secret`. */
  readonly provider: Readonly<Record<string, string | typeof secret>>;
}

/** Stands for a value that only the stack's passphrase opens. */
export const secret: unique symbol = Symbol("secret");

/** Before each of the project's own keys. */
export const namespace = "maildomain:";

/** The settings of a stack cannot be read; the message has every problem and its path. */
export class StackFileError extends Error {
  override readonly name = "StackFileError";
}

/**
 * @param file - how people know the file, such as `stacks/Pulumi.production.yaml`.
 * @param read - the content of a file that it names, by its path below `stacks/`; without it mailboxes of directories are
 *   left out.
 * @throws StackFileError
 */
export function parseStackFile(file: string, text: string, read?: (path: string) => Uint8Array): StackFile {
  const config = configOf(file, text);
  const written = writtenSettings(config);
  const provider: Record<string, string | typeof secret> = {};
  for (const [key, value] of Object.entries(config)) {
    if (!key.startsWith(namespace)) provider[key] = isSecret(value) ? secret : String(value);
  }
  const { settings, problems } = checkSettings(
    read === undefined ? written : expandDirectories(written, read).written,
  );
  if (problems !== undefined) throw new StackFileError(formatPlaced(file, problems));
  return { settings, provider };
}

/**
 * The Docker Engine that a stack file names, undefined where it names none. The rest of the file may have problems.
 *
 * @throws StackFileError
 */
export function dockerHostIn(file: string, text: string): string | undefined {
  const parsed = stackSchema.shape.dockerHost.safeParse(configOf(file, text)[`${namespace}dockerHost`]);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ message }) => ({ path: ["dockerHost"], message }));
  throw new StackFileError(formatPlaced(file, problems));
}

/** The same file with another day of the images' packages; its comments stay. */
export function withPackages(text: string, day: string): string {
  const document = parseDocument(text);
  document.setIn(["config", `${namespace}images`, "packages"], day);
  return document.toString({ lineWidth: 0 });
}

function configOf(file: string, text: string): Readonly<Record<string, unknown>> {
  const yaml = readYaml(text);
  const mistakes = describeYamlMistakes(file, yaml);
  if (mistakes !== undefined) throw new StackFileError(mistakes);
  return configIn(yaml);
}

/** What is below `config:`, as written. */
export function configIn({ document }: ReadYaml): Readonly<Record<string, unknown>> {
  for (const warning of document.warnings) process.emitWarning(warning);
  const content = document.toJS() as { readonly config?: Readonly<Record<string, unknown>> } | null;
  return content?.config ?? {};
}

/** The project's own keys, as the program gets them from the engine. */
export function writtenSettings(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = Object.entries(config).filter(([key]) => key.startsWith(namespace));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(namespace.length), asGiven(value)]));
}

/** `secure: v1:…`, which is how the CLI writes an encrypted value at any depth. */
export function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).join() === "secure";
}

/** As the program gets it from the engine. */
function asGiven(value: unknown): unknown {
  return typeof value === "string" ? parseValue(value) : withoutSecrets(value);
}

function withoutSecrets(value: unknown): unknown {
  if (isSecret(value)) return encryptedValue;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}
