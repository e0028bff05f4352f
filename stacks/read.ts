import * as pulumi from "@pulumi/pulumi";
import { allConfig } from "@pulumi/pulumi/runtime/config.js";
import { type StackSettings, stackSchema } from "./config.ts";
import { formatProblems } from "./problems.ts";

const namespace = `${pulumi.getProject()}:`;

/**
 * The running stack's settings, as plain data: what exists is decided from them before any value is known.
 * Passwords are in them; whoever passes one on makes it a secret.
 *
 * @throws RunError with every problem and its path.
 */
export function readStackSettings(): StackSettings {
  const result = stackSchema.safeParse(writtenSettings(allConfig()));
  if (result.success) return result.data;
  throw new pulumi.RunError(formatProblems(`stacks/Pulumi.${pulumi.getStack()}.yaml`, result.error.issues));
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
