import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { expect, test } from "vitest";
import "../../provider/long-texts.ts";

/** As the engine, a Go program, reads and writes it: a field's number and form, its length, and UTF-8. */
function wire(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x1a, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

test.each([
  "",
  "short",
  "São João, 東京, 📧",
  ...["x", "ã", "東", "📧"].flatMap((character) =>
    [127, 128, 129, 1_000_000].map((length) => character.repeat(length)),
  ),
])("a text is the same UTF-8 on the way, whatever its length: %.8s", (text) => {
  const value = new structs.Value().setStringValue(text);
  expect(Buffer.from(value.serializeBinary()).equals(wire(text))).toBe(true);
  expect(structs.Value.deserializeBinary(wire(text)).getStringValue()).toBe(text);
});
