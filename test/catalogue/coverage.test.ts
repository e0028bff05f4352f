import { expect, test } from "vitest";
import * as z from "zod";
import { stackSchema } from "../../stacks/schema/config.ts";
import { changes } from "../lab/catalogue/changes/index.ts";

/** Settings with a default that no change of the catalogue touches, each with the reason. */
const untouched: readonly (readonly [setting: RegExp, reason: string])[] = [
  [/^(domains|parkedDomains)\[\]\.dns$/, "one publisher alone runs in a lab"],
  [/^parkedDomains\[\]\.(dnssec|ds)$/, "the same as for any domain"],
  [/^ports\./, "one port stands for all"],
  [/^limits\./, "the memory of two kinds of servers stands for all"],
  [/^logs\.driver$/, "its options stand for it: either makes the same new containers"],
  [
    /^certificates\./,
    "needs an authority elsewhere: test/lab/stages.test.ts serves and renews its certificates",
  ],
  [/^web\.hsts$/, "counts with a certificate that public roots trust, which no lab has"],
  [/^images\./, "builds images from Debian's archive as of another day"],
];

interface Schema {
  readonly type?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** @example "domains[].mailboxes[].quota" */
function withDefault(schema: Schema, path = ""): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const at = path === "" ? key : `${path}.${key}`;
    if (property.properties !== undefined) return withDefault(property, at);
    const inner = property.items?.properties === undefined ? [] : withDefault(property.items, `${at}[]`);
    return [...(property.default === undefined ? [] : [at]), ...inner];
  });
}

/** The settings that a value sets, itself and what is in it. */
function within(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((entry) => within(entry, `${path}[]`))];
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, entry]) => within(entry, path === "" ? key : `${path}.${key}`));
}

test("a change of the catalogue touches each setting that has a default", () => {
  const touched = new Set(
    changes
      .flatMap(({ edit }) => Object.entries(edit))
      .flatMap(([path, value]) => {
        const plain = path.replaceAll(/\[[^\]]*\]/g, "[]");
        // A list changes with its entries.
        const lists = [...plain.matchAll(/\[\]/g)].map(({ index }) => plain.slice(0, index));
        return [...lists, ...within(value, plain)];
      }),
  );
  const schema = z.toJSONSchema(stackSchema, { io: "input" }) as Schema;
  const missing = withDefault(schema).filter((path) => !touched.has(path));
  expect(missing.filter((path) => !untouched.some(([setting]) => setting.test(path)))).toEqual([]);
  const idle = untouched.filter(([setting]) => !missing.some((path) => setting.test(path)));
  expect(idle).toEqual([]);
});
