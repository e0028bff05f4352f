/** The reference of a stack's configuration, `docs/config.md`, written from the schema alone. */
import * as z from "zod";
import { stackSchema } from "./config.ts";

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly example?: unknown;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
}

const introduction = `# Configuration

Every key of \`stacks/Pulumi.<stack>.yaml\`, under \`config:\` and with \`maildomain:\` before the keys of the first table.
Unknown keys and wrong values are refused before anything changes, all at once, each with its path.

This file is written from the schema in \`stacks/schema/\`; \`npx vitest run test/stacks --update\` writes it.
`;

/** One table a section, in the schema's order, each below the key that holds it. */
export function renderReference(): string {
  const schema = z.toJSONSchema(stackSchema, { io: "input" }) as JsonSchema;
  return `${[introduction, ...renderSection("maildomain", schema)].join("\n")}`;
}

function renderSection(path: string, schema: JsonSchema): string[] {
  const properties = Object.entries(schema.properties ?? {});
  const rows = properties.map(([key, property]) => {
    const cells = [
      `\`${key}\``,
      kind(property),
      property.description ?? "",
      fallback(key, property, schema),
      example(property),
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  const table = [
    `## \`${path}\``,
    "",
    "| key | value | meaning | default | example |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ];
  const inner = properties.flatMap(([key, property]) => {
    const holder = path === "maildomain" ? `maildomain:${key}` : `${path}.${key}`;
    if (property.properties !== undefined) return renderSection(holder, property);
    return property.items?.properties === undefined ? [] : renderSection(`${holder}[]`, property.items);
  });
  return [...table, ...inner];
}

function kind(property: JsonSchema): string {
  if (property.enum !== undefined) return property.enum.map((value) => `\`${value}\``).join(", ");
  if (property.type === "array")
    return property.items?.properties === undefined ? "list of texts" : "list, see below";
  if (property.properties !== undefined) return "section, see below";
  const names: Readonly<Record<string, string>> = {
    string: "text",
    integer: "whole number",
    boolean: "`true`, `false`",
  };
  return names[property.type ?? ""] ?? property.type ?? "";
}

function fallback(key: string, property: JsonSchema, section: JsonSchema): string {
  if (section.required?.includes(key)) return "required";
  if (property.properties !== undefined || property.default === undefined) return "";
  return code(property.default);
}

function example(property: JsonSchema): string {
  return property.example === undefined ? "" : code(property.example);
}

function code(value: unknown): string {
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}
