/** A stack's resources in a state of local files, as Pulumi's CLI writes it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StackName } from "../../naming/engine.ts";
import type { KnownResource } from "./former-engine.ts";

/** A resource as the file has it. */
interface StoredResource extends KnownResource {
  /** What was replaced, and is still to be deleted. */
  readonly delete?: boolean | undefined;
}

/** The place of one stack in the folder of a state. */
export function placeInState(
  folder: string,
  kind: "stacks" | "history" | "backups",
  { project, stack }: StackName,
): string {
  return join(folder, ".pulumi", kind, project, stack);
}

/**
 * What a state in local files has of a stack. Values that are secret are not decrypted.
 *
 * @param backend - the state's address, as PULUMI_BACKEND_URL has it
 * @returns undefined where the state is elsewhere, or in another form
 */
export function storedResources(
  stack: StackName,
  backend = process.env.PULUMI_BACKEND_URL,
): KnownResource[] | undefined {
  if (backend === undefined || !/^file:\/\/\//.test(backend)) return undefined;
  const stored = readStoredState(fileURLToPath(backend), stack);
  return stored?.resources
    .filter((resource) => resource.delete !== true)
    .map(({ urn, type, outputs }) => ({ urn, type, outputs, id: idIn(outputs) }));
}

/** What a file of the state holds of a stack. */
export interface StoredState {
  readonly resources: readonly StoredResource[];
  /** What an update had begun when it was cut off. */
  readonly pendingOperations: readonly unknown[];
}

/** @returns undefined where the folder has no state of the stack, or one in another form */
export function readStoredState(folder: string, stack: StackName): StoredState | undefined {
  const file = `${placeInState(folder, "stacks", stack)}.json`;
  // In a state that is compressed now, the file may be from before.
  if (!existsSync(file) || [".gz", ".zst"].some((form) => existsSync(file + form))) return undefined;
  return parseStoredState(readFileSync(file, "utf8"));
}

/** A resource's id among its outputs, where the engine hands it on. */
export function idIn(outputs: KnownResource["outputs"]): string | undefined {
  return typeof outputs?.id === "string" ? outputs.id : undefined;
}

/** @returns undefined for a text that is not a state */
export function parseStoredState(text: string): StoredState | undefined {
  try {
    const { version, checkpoint } = JSON.parse(text) as {
      readonly version?: unknown;
      readonly checkpoint?: {
        readonly latest?: {
          readonly resources?: readonly StoredResource[] | null;
          readonly pending_operations?: readonly unknown[] | null;
        } | null;
      } | null;
    };
    if (typeof version !== "number" || typeof checkpoint !== "object" || checkpoint === null)
      return undefined;
    const { resources, pending_operations: pending } = checkpoint.latest ?? {};
    return { resources: resources ?? [], pendingOperations: pending ?? [] };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
