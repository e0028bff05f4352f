import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { allConfig } from "@pulumi/pulumi/runtime/config.js";
import { dockerName } from "../components/docker-name.ts";
import { checkSettings } from "./check.ts";
import type { StackSettings } from "./config.ts";
import { expandDirectories, withoutConsequences } from "./expand.ts";
import { findTakenPorts, openedPorts } from "./ports.ts";
import { formatPlaced, formatProblems } from "./problems.ts";

const namespace = `${pulumi.getProject()}:`;

/**
 * The running stack's settings, as plain data: what exists is decided from them before any value is known.
 * Passwords are in them; whoever passes one on makes it a secret.
 *
 * @throws RunError with every problem and its path.
 */
export function readStackSettings(): StackSettings {
  const expanded = expandDirectories(writtenSettings(allConfig()), (path) =>
    readFileSync(resolve(import.meta.dirname, path)),
  );
  const { settings, problems = [] } = checkSettings(expanded.written);
  if (settings !== undefined && expanded.problems.length === 0) return settings;
  throw new pulumi.RunError(formatPlaced(stackFile(), withoutConsequences(problems, expanded), expanded));
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
