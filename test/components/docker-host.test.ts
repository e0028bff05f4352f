import { Provider } from "@pulumi/docker/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { ConfigurationVolume } from "../../components/configuration-volume.ts";
import { inputsOf } from "./carried.ts";
import { record } from "./recorder.ts";

const far = "ssh://docker@192.0.2.25";

/** The engine to which a configuration is brought. */
async function engineOf(opts: () => pulumi.ComponentResourceOptions, dockerHost?: string): Promise<unknown> {
  const [, resources] = await record(
    () => new ConfigurationVolume("stub", { image: "sha256:1", files: [], dockerHost }, opts()),
  );
  return inputsOf(resources, "stub-served").dockerHost;
}

test.each<[string, string | undefined, () => pulumi.ComponentResourceOptions, string?]>([
  ["its Docker provider's", far, () => ({ provider: new Provider("far", { host: far }) })],
  ["its parent's", far, () => ({ parent: new Parent(new Provider("far", { host: far })) })],
  ["the one that is written", far, () => ({ provider: new Provider("far", { context: "far" }) }), far],
  ["the one that `docker` would ask", undefined, () => ({})],
  ["… which a provider may leave to it as well", undefined, () => ({ provider: new Provider("any", {}) })],
])("a configuration is brought to the engine of the server: %s", async (_, expected, opts, dockerHost) => {
  expect(await engineOf(opts, dockerHost)).toBe(expected);
});

test("… which is the default provider's, where the stack's configuration names one", async () => {
  pulumi.runtime.setConfig("docker:host", far);
  try {
    expect(await engineOf(() => ({}))).toBe(far);
  } finally {
    pulumi.runtime.setAllConfig({});
  }
});

class Parent extends pulumi.ComponentResource {
  constructor(provider: Provider) {
    super("maildomain:test:Parent", "parent", {}, { provider });
  }
}
