import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { allConfig } from "@pulumi/pulumi/runtime/config.js";
import { dockerName } from "../components/docker-name.ts";
import { checkSettings } from "./check.ts";
import type { StackSettings } from "./config.ts";
import { findTakenPorts, openedPorts } from "./ports.ts";
import { formatPlaced, formatProblems } from "./problems.ts";

const stacksFolder = import.meta.dirname;
const namespace = `${pulumi.getProject()}:`;

/**
 * The running stack's settings, as plain data: what exists is decided from them before any value is known.
 * Passwords are in them; whoever passes one on makes it a secret.
 *
 * @throws RunError with every problem and its path.
 */
export function readStackSettings(): StackSettings {
  const { settings, problems } = checkSettings(writtenSettings(allConfig()));
  if (problems === undefined) return settings;
  throw new pulumi.RunError(formatPlaced(stackFile(), problems));
}

/**
 * Makes sure, before anything is created, that the stack can open its ports.
 *
 * @throws RunError that names each taken port, who holds it, and the setting that moves it.
 */
export async function refuseTakenPorts(settings: StackSettings): Promise<void> {
  const isOwn = (containerName: string) => containerName.startsWith(dockerName(""));
  const problems = await findTakenPorts(openedPorts(settings), settings.dockerHost, isOwn);
  if (problems.length > 0) throw new pulumi.RunError(formatProblems(stackFile(), problems));
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
          `domains[${index}].mailboxes[${at}].sieve: there is no file stacks/${sieve}: write it, or leave this out`,
        );
      }
    }
  }
  if (problems.length > 0) throw new pulumi.RunError(formatProblems(stackFile(), problems));
  return texts;
}

function stackFile(): string {
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

function parseValue(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
