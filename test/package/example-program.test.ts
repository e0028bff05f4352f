import { expect, test } from "vitest";
import { parse } from "yaml";
import { foreignComponents, foreignResources, tokenOf } from "../../languages/components.ts";
import schema from "../../languages/schema.json" with { type: "json" };
import { examples } from "../../package/example-program.ts";

interface Shape {
  readonly $ref?: string;
  readonly items?: Shape;
}

interface Properties {
  readonly properties: Readonly<Record<string, Shape>>;
  readonly required: readonly string[];
}

const types = schema.types as Readonly<Record<string, Partial<Properties>>>;

/** What a value has that its type does not, or lacks; a reference to another resource is a text here. */
function problems(value: unknown, shape: Shape, path: string): string[] {
  if (Array.isArray(value))
    return value.flatMap((each, index) => problems(each, shape.items ?? {}, `${path}[${index}]`));
  const type = types[shape.$ref?.replace("#/types/", "") ?? ""];
  if (type === undefined || typeof value !== "object" || value === null) return [];
  const { properties = {}, required = [] } = type;
  return inside(value, { properties, required }, path);
}

function inside(value: object, { properties, required }: Properties, path: string): string[] {
  const missing = required.filter((name) => !(name in value)).map((name) => `${path}.${name} is missing`);
  const entries = Object.entries(value).flatMap(([name, each]) => {
    const shape = properties[name];
    return shape === undefined
      ? [`${path}.${name} does not exist`]
      : problems(each, shape, `${path}.${name}`);
  });
  return [...missing, ...entries];
}

test.each([...Object.keys(foreignComponents), ...Object.keys(foreignResources)])(
  "the example of %s is what its schema takes",
  (component) => {
    const token = tokenOf(component) as keyof typeof schema.resources;
    const { inputProperties, requiredInputs } = schema.resources[token];
    const program = parse(examples.get(component)?.yaml ?? "") as Record<string, { properties: object }>;
    // After what it needs.
    const resource = Object.values(program).at(-1);
    const shape = { properties: inputProperties, required: requiredInputs };
    expect(inside(resource?.properties ?? {}, shape as Properties, component)).toEqual([]);
  },
);
