import { expect, test } from "vitest";
import * as z from "zod";
import { stackSchema } from "../../../stacks/schema/config.ts";
import { renderReference } from "../../../stacks/schema/reference.ts";

test("docs/config.md is current", async () => {
  await expect(renderReference()).toMatchFileSnapshot("../../../docs/config.md");
});

test("every key is explained, and has a default or an example", () => {
  const unexplained: string[] = [];
  const visit = (path: string, schema: z.core.JSONSchema.BaseSchema): void => {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      if (typeof property === "boolean") continue;
      const isSection = property.properties !== undefined || property.type === "array";
      const illustrated = property.default !== undefined || property.example !== undefined;
      if (property.description === undefined || !(illustrated || isSection))
        unexplained.push(`${path}${key}`);
      visit(`${path}${key}.`, (property.items as z.core.JSONSchema.BaseSchema) ?? property);
    }
  };
  visit("", z.toJSONSchema(stackSchema, { io: "input" }));
  expect(unexplained).toEqual([]);
});
