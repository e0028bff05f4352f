import { parseGeneration } from "../../servers/generation/generation.ts";
import type { Recorded } from "./recorder.ts";

/** The inputs of a resource that a program registered. */
export function inputsOf(resources: readonly Recorded[], name: string): Record<string, unknown> {
  const found = resources.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`no resource is named ${name}`);
  return found.inputs;
}

/** The generation of a server, as it arrives in its volume. */
export function generationOf(resources: readonly Recorded[], server: string): Buffer {
  const { content } = inputsOf(resources, `${server}-configuration-served`);
  return Buffer.from(String(content), "base64");
}

/** What the generation says, by path. */
export function contentsOf(resources: readonly Recorded[], server: string): Record<string, string> {
  return contentsIn(generationOf(resources, server));
}

/** What policies, and whoever reads the state, see of it. */
export function plainContentsOf(resources: readonly Recorded[], server: string): Record<string, string> {
  const { plain } = inputsOf(resources, `${server}-configuration-served`);
  return contentsIn(Buffer.from(String(plain), "base64"));
}

function contentsIn(generation: Buffer): Record<string, string> {
  return Object.fromEntries(parseGeneration(generation).map(({ path, content }) => [path, content]));
}

/** Which files of the generation say who reads them, as `mode owner path`. */
export function accessOf(resources: readonly Recorded[], server: string): string[] {
  return parseGeneration(generationOf(resources, server)).flatMap(({ path, owner, mode }) =>
    owner === undefined && mode === undefined ? [] : [`${mode?.toString(8)} ${owner} ${path}`],
  );
}
