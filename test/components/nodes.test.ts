/** What every component has for those who need more than its arguments. */
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import * as exported from "../../components/index.ts";
import { declareEvery } from "./every-component.ts";
import { childrenOf, ownName, record, registeredOutputs, value } from "./recorder.ts";

/** All resources within reach of a value. */
function resourcesIn(reached: unknown): pulumi.Resource[] {
  if (pulumi.Resource.isInstance(reached)) return [reached];
  if (pulumi.Output.isInstance(reached) || typeof reached !== "object" || reached === null) return [];
  return Object.values(reached).flatMap(resourcesIn);
}

async function urnsIn(reached: unknown): Promise<string[]> {
  return await Promise.all(resourcesIn(reached).map(({ urn }) => value(urn)));
}

/** What is a secret by the word of the provider alone, which is not asked here. */
const ofTheProvider = new Set(["privateKey", "hashes"]);

/** The names of a component's public values, but for secrets, which stay with the resource that makes them. */
async function publicValues(component: object): Promise<string[]> {
  const base = new Set(Object.keys(new pulumi.ComponentResource("test:index:Bare", "bare")));
  const names = Object.entries(component).map(async ([name, each]) => {
    const isValue =
      pulumi.Output.isInstance(each) || typeof each === "string" || (Array.isArray(each) && !isDeep(each));
    return base.has(name) ||
      !isValue ||
      ofTheProvider.has(name) ||
      (await pulumi.isSecret(pulumi.output(each)))
      ? []
      : [name];
  });
  return (await Promise.all(names)).flat();
}

/** A list of what has passwords or keys in it. */
function isDeep(list: readonly object[]): boolean {
  return list.some((each) => "passwords" in Object(each) || "privateKey" in Object(each));
}

/** The classes of components that the package exports. */
const classes = Object.values(exported).filter(
  (each) => typeof each === "function" && each.prototype instanceof pulumi.ComponentResource,
);

test("every component gives its resources, its outputs, and children whose names are theirs", async () => {
  const [every] = await record(() => declareEvery((text) => pulumi.output(text)));
  const { dnsServer, mailServer, webmail, webServer, agent } = every;
  const servers = [dnsServer, mailServer, webmail, webServer, agent];
  const inner = [mailServer.nodes.logins, ...servers.map(({ nodes }) => nodes.configuration)];
  const declared = Object.values(every);
  for (const each of classes) expect(declared.map((component) => component.constructor)).toContain(each);
  for (const component of [...declared, ...inner]) {
    const urn = await value(component.urn);
    const children = childrenOf(urn);
    expect(children, urn).not.toEqual([]);
    expect((await urnsIn(component.nodes)).map(ownName).toSorted(), urn).toEqual(
      expect.arrayContaining(children.toSorted()),
    );
    const registered = registeredOutputs(urn);
    expect(registered, urn).toEqual(expect.arrayContaining(await publicValues(component)));
    // Zones and mailboxes have names of their own in the whole world.
    const [, name = ""] = ownName(urn).split(" ");
    const named = children.map((child) => child.split(" ")[1] ?? "");
    const others = named.filter((child) => !child.startsWith(`${name}-`));
    expect(others, urn).toEqual(
      others.filter((child) => /^example\.(?:org|net)-zone|@example\.org$/.test(child)),
    );
  }
});
