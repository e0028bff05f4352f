import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { dockerName } from "../../components/index.ts";

test.each([
  ["maildomain", "lab", "maildomain-lab-mail-server"],
  ["one-domain", "dev", "one-domain-dev-mail-server"],
])("on the engine, project %s and stack %s begin every name", async (project, stack, name) => {
  await pulumi.runtime.setMocks(
    { newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: ({ inputs }) => inputs },
    project,
    stack,
  );
  expect(dockerName("mail-server")).toBe(name);
});
