import { expect, test } from "vitest";
import { LARGEST_LOGO } from "../../../clients/brand.ts";
import { brandFrom } from "../../../stacks/reading/brand.ts";
import { checkSettings } from "../../../stacks/reading/check.ts";
import { formatPlaced } from "../../../stacks/reading/problems.ts";

function read(brand: object, files: Record<string, string> = {}) {
  const { settings, problems } = checkSettings({
    domains: [{ name: "example.org", mailboxes: [{ name: "ana" }] }],
    web: { brand },
  });
  if (settings === undefined) return formatPlaced("the file", problems ?? []);
  return brandFrom(settings, (file) =>
    files[file] === undefined ? undefined : Buffer.from(files[file], "latin1"),
  );
}

test("without one there is none; a logo comes as what a page carries", () => {
  expect(read({})).toEqual({ brand: {} });
  const logo = "<svg xmlns='http://www.w3.org/2000/svg'/>";
  const brand = { name: "Padaria do Bairro", color: "#8a1c1c" };
  expect(read({ ...brand, logo: "brand/logo.svg" }, { "brand/logo.svg": logo })).toEqual({
    brand: { ...brand, logo: `data:image/svg+xml;base64,${Buffer.from(logo).toString("base64")}` },
  });
});

test.each([
  [{ color: "red" }, 'web.brand.color: write six hexadecimal digits in quotes, such as "#8a1c1c"'],
  [{ color: "#fff;}" }, 'web.brand.color: write six hexadecimal digits in quotes, such as "#8a1c1c"'],
  [{ name: "" }, "web.brand.name: write a name, or leave this out"],
  [{ name: "a".repeat(61) }, "web.brand.name: write at most 60 characters"],
  [{ logo: "../secret.png" }, "web.brand.logo: write a file beside the stack file that ends in .svg"],
  [{ logo: "logo.gif" }, "web.brand.logo: write a file beside the stack file that ends in .svg"],
  [{ colour: "#8a1c1c" }, 'web.brand.colour: unknown key: did you mean "color"?'],
])("%j is refused by its path", (brand, problem) => {
  expect(read(brand)).toContain(problem);
});

test.each([
  ["missing.png", "does not exist: create it, or leave this out"],
  ["text.png", "is not a picture: write a PNG, JPEG, WebP or SVG file"],
  ["large.png", `has 9008 bytes: write a picture of at most ${LARGEST_LOGO}, which every page carries`],
])("the logo %s", (logo, problem) => {
  const files = { "text.png": "a text", "large.png": `\x89PNG\r\n\x1a\n${"x".repeat(9000)}` };
  expect(read({ logo }, files)).toEqual({ problem: `web.brand.logo: file stacks/${logo} ${problem}` });
});
