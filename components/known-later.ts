/** Values that may be known later, such as the address of a machine that the same program makes. */
import * as pulumi from "@pulumi/pulumi";
import type { ConfigurationFile } from "../servers/generation/configuration-file.ts";
import type { ConfigurationFileArgs } from "./configuration-volume.ts";

/** @returns a value's text; while it is not known, the example, which has to pass the same checks. */
export type TextOf = (value: pulumi.Input<string>, example: string) => string;

export const textOrExample: TextOf = (value, example) => (typeof value === "string" ? value : example);

/** What a check makes of a text, which it refuses at once where it is plain, and otherwise as soon as it is known. */
export function checkedText(
  value: pulumi.Input<string>,
  check: (text: string) => string,
): string | pulumi.Output<string> {
  return typeof value === "string" ? check(value) : pulumi.output(value).apply(check);
}

/**
 * Files whose texts follow from values that may be known later. Which files there are does not: they are rendered with
 * the examples first, so that what is plain is checked in every preview.
 */
export function filesFrom(render: (textOf: TextOf) => readonly ConfigurationFile[]): ConfigurationFileArgs[] {
  const later = new Set<pulumi.Input<string>>();
  const files = render((value, example) => {
    if (typeof value === "string") return value;
    later.add(value);
    return example;
  });
  if (later.size === 0) return [...files];
  const values = [...later];
  const known = pulumi.all(values).apply((texts) => {
    const byValue = new Map(values.map((value, index) => [value, texts[index] ?? ""]));
    return render((value) => (typeof value === "string" ? value : (byValue.get(value) ?? "")));
  });
  return files.map((file, index) => ({ ...file, content: known.apply((all) => all[index]?.content ?? "") }));
}
