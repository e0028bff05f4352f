import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { allConfig } from "@pulumi/pulumi/runtime/config.js";
import type { Brand } from "../../clients/brand.ts";
import type { StackSettings } from "../schema/config.ts";
import { brandFrom } from "./brand.ts";
import { expandCertificates, type TextFile } from "./certificate-files.ts";
import { certificateProblems } from "./certificate-problems.ts";
import { checkSettings } from "./check.ts";
import { expandDirectories, withoutConsequences } from "./expand.ts";
import { parseValue } from "./parse-value.ts";
import { plainSecrets } from "./plain-secrets.ts";
import { formatPlaced, formatProblems, type Problem } from "./problems.ts";
import { readYaml } from "./read-yaml.ts";
import { configIn } from "./stack-file.ts";

const stacksFolder = resolve(import.meta.dirname, "..");
const namespace = `${pulumi.getProject()}:`;

/**
 * The running stack's settings, as plain data: what exists is decided from them before any value is known.
 * Passwords are in them; whoever passes one on makes it a secret.
 *
 * @throws RunError with every problem and its path.
 */
export function readStackSettings(): StackSettings {
  const asWritten = writtenSettings(allConfig());
  const certificates = expandCertificates(asWritten, readText);
  const expanded = expandDirectories(certificates.written, (path) =>
    readFileSync(resolve(stacksFolder, path)),
  );
  const { settings, problems = [] } = checkSettings(expanded.written);
  const reported = [
    ...withoutConsequences(problems, expanded),
    ...certificates.problems,
    ...plainSecretsOf(settings),
    ...(settings === undefined ? [] : certificateProblems(settings, new Date())),
  ];
  if (settings !== undefined && reported.length + expanded.problems.length === 0) return settings;
  throw new pulumi.RunError(formatPlaced(stackFile(), reported, expanded));
}

function readText(path: string): TextFile {
  const file = resolve(stacksFolder, path);
  return { text: readFileSync(file, "utf8"), isPublic: (statSync(file).mode & 0o004) !== 0 };
}

/**
 * Secrets in plain text, each by itself where the stack's file is where stacks are kept. Of another file the engine only
 * says which top keys hold a secret.
 */
function plainSecretsOf(settings: StackSettings | undefined): Problem[] {
  if (settings === undefined) return [];
  const file = resolve(stacksFolder, "..", stackFile());
  if (existsSync(file))
    return plainSecrets(settings, pulumi.getStack(), configIn(readYaml(readFileSync(file, "utf8"))));
  const plain = Object.entries(allConfig()).filter(([key]) => !hasSecret(key));
  return plainSecrets(settings, pulumi.getStack(), Object.fromEntries(plain));
}

/** Whether a top key of the stack file holds a secret somewhere; true where the engine does not say. */
function hasSecret(key: string): boolean {
  const secretKeys = process.env.PULUMI_CONFIG_SECRET_KEYS;
  return secretKeys === undefined || (JSON.parse(secretKeys) as string[]).includes(key);
}

/**
 * The texts of the Sieve files that the settings name, by their name there.
 *
 * @throws RunError with every file that cannot be read.
 */
export function readSieveFiles({ domains }: StackSettings): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const problems: string[] = [];
  for (const [index, { mailboxes }] of domains.entries()) {
    for (const [at, { sieve }] of mailboxes.entries()) {
      if (sieve === undefined || texts.has(sieve)) continue;
      try {
        texts.set(sieve, readFileSync(join(stacksFolder, sieve), "utf8"));
      } catch {
        problems.push(
          `domains[${index}].mailboxes[${at}].sieve: file stacks/${sieve} does not exist: create it, or leave this out`,
        );
      }
    }
  }
  if (problems.length > 0) throw new pulumi.RunError(formatProblems(stackFile(), problems));
  return texts;
}

/**
 * What the pages for people look like, with the logo that the settings name.
 *
 * @throws RunError if that cannot be read, or does not fit a page.
 */
export function readBrand(settings: StackSettings): Brand {
  const { brand, problem } = brandFrom(settings, (file) => {
    const path = join(stacksFolder, file);
    return existsSync(path) ? readFileSync(path) : undefined;
  });
  if (problem !== undefined) throw new pulumi.RunError(formatProblems(stackFile(), [problem]));
  return brand;
}

/** How people know the file that holds the running stack's settings. */
export function stackFile(): string {
  return `stacks/Pulumi.${pulumi.getStack()}.yaml`;
}

/** The project's own keys; the engine hands every value on as text, lists and sections as JSON. */
function writtenSettings(config: Readonly<Record<string, string>>): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    if (key.startsWith(namespace)) settings[key.slice(namespace.length)] = parseValue(value);
  }
  return settings;
}
