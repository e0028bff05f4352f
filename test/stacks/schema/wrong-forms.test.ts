import { expect, test } from "vitest";
import * as z from "zod";
import { checkSettings } from "../../../stacks/reading/check.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";

interface JsonSchema {
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
}

/** Settings in which a value stands at one place, and nothing but what leads there. */
type Place = (value: unknown) => unknown;

function* places(schema: JsonSchema, at: Place): Generator<Place> {
  yield at;
  for (const { properties = {}, items, additionalProperties } of [schema, ...(schema.anyOf ?? [])]) {
    for (const [key, below] of Object.entries(properties))
      yield* places(below, (value) => at({ [key]: value }));
    if (items !== undefined) yield* places(items, (value) => at([value]));
    if (typeof additionalProperties === "object")
      yield* places(additionalProperties, (value) => at({ key: value }));
  }
}

const wrong = [{}, [], [[]], [{}], "x", "", 1, -1, 1.5, 1e99, true, null, [1], [null]];

test("whatever stands at any place of a stack file, each problem says what to write there, and nothing throws", () => {
  const schema = z.toJSONSchema(stackSchema, { io: "input" }) as JsonSchema;
  const all = [...places(schema, (value) => value)];
  expect(all.length).toBeGreaterThan(200);
  const messages = all.flatMap((at) =>
    wrong.flatMap((value) => (checkSettings(at(value)).problems ?? []).map(({ message }) => message)),
  );
  // As the library says it where the schema says nothing.
  expect(messages.filter((message) => /^(?:Invalid|Too (?:big|small)|Unrecognized)\b/.test(message))).toEqual(
    [],
  );
});
