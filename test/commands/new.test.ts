import fc from "fast-check";
import { expect, test } from "vitest";
import {
  cloudflareFile,
  labFile,
  movedPorts,
  nextSteps,
  portOffsets,
} from "../../commands/new-stack-file.ts";
import { refusePlaceholders } from "../../commands/pulumi.ts";
import { openedPorts } from "../../stacks/preflight/ports.ts";
import { parseStackFile } from "../../stacks/reading/stack-file.ts";
import { stackFileProblems } from "../../stacks/reading/stack-file-problems.ts";

const directory = new TextEncoder().encode("name,displayName\nana,Ana Lima\n");
const problemsOf = (name: string, text: string) =>
  stackFileProblems(`stacks/Pulumi.${name}.yaml`, name, text, () => directory);

const stacks = fc.record({
  name: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/),
  // Words that YAML takes for something else, such as a number, true or a key, stay names.
  domain: fc.oneof(
    fc.domain(),
    fc.constantFrom("1e5.test", "true.test", "0x1f.example", "xn--mller-kva.example"),
  ),
  directory: fc.option(fc.constantFrom("users.csv", "../my users: all.csv", "/srv/#1/users.json"), {
    nil: undefined,
  }),
});

test("whatever it is called, what `new` writes has no problems", () => {
  fc.assert(
    fc.property(stacks, fc.boolean(), (stack, isMoved) => {
      const json = stack.directory?.endsWith(".json") === true ? undefined : stack.directory;
      const from = { ...stack, directory: json };
      expect(
        problemsOf(stack.name, labFile(from, isMoved ? { smtp: 10_025, imaps: 10_993 } : {})),
      ).toBeUndefined();
      expect(problemsOf(stack.name, cloudflareFile(from))).toBeUndefined();
    }),
    { numRuns: 50 },
  );
});

test("ports are those that are asked for, on this machine alone", () => {
  const { settings } = parseStackFile("x", labFile({ name: "x", domain: "x.test" }, { smtp: 10_025 }));
  const smtp = openedPorts(settings).filter(({ setting }) => setting === "ports.smtp");
  expect(smtp).toMatchObject([{ address: "127.0.0.1", port: 10_025 }]);
});

test("a class of 60 has a set of ports each, the ones that are recognised best first", () => {
  expect(portOffsets.slice(0, 7)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000, 1000]);
  const ports = portOffsets.flatMap((offset) => {
    const { settings } = parseStackFile("x", labFile({ name: "x", domain: "x.test" }, movedPorts(offset)));
    return openedPorts(settings).map(({ port, protocol }) => `${port}/${protocol}`);
  });
  expect(portOffsets).toHaveLength(60);
  expect(new Set(ports).size).toBe(ports.length);
  expect(ports.map((port) => Number.parseInt(port, 10)).filter((port) => port > 65_535)).toEqual([]);
});

test("an internationalized domain is in the file as the DNS has it, and as people read it", () => {
  const stack = { name: "x", domain: "xn--mller-kva.example" };
  const line = '- name: "xn--mller-kva.example" # müller.example\n';
  expect(labFile(stack, {})).toContain(line);
  expect(cloudflareFile(stack)).toContain(line);
});

test("a secret that is still to come is asked for, with the line to type", () => {
  const text = cloudflareFile({ name: "company", domain: "example.org" });
  expect(() => refusePlaceholders("f", text)).toThrow(
    "npx pulumi config set --secret cloudflare:apiToken --stack company",
  );
});

test("the next steps", () => {
  expect(
    nextSteps({ name: "class", domain: "class.test" }, "stacks/Pulumi.class.yaml", false),
  ).toMatchInlineSnapshot(`
    "Next:
      1. npm run preview -- --stack class
      2. npm run up -- --stack class
    "
  `);
});
