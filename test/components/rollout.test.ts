import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { LocalDnsServer, type ReplacedServer, Rollout } from "../../components/index.ts";
import { generationId } from "../../servers/generation/generation-id.ts";
import { record, registrationOrder, value } from "./recorder.ts";

/** What the servers of {@link declare} run now; one of them is new. */
const images = new Map([
  ["first", "sha256:former"],
  ["second", "sha256:next"],
  ["third", "sha256:former"],
]);

async function declare(rehearse: (server: ReplacedServer) => Promise<string | undefined>) {
  const rollout = new Rollout({ images, rehearse });
  const declared = ["first", "new", "second", "third"].map(
    (name) => new LocalDnsServer(name, { zones: [], image: "sha256:next", rollout }),
  );
  await rollout.close();
  return declared;
}

const ofContainers = () => registrationOrder().filter((name) => /-(?:container|served)$/.test(name));

test("new images are tried one after another before anything changes, and then one server after another is replaced", async () => {
  const tried: ReplacedServer[] = [];
  let running = 0;
  const [[, , , third]] = await record(() =>
    declare(async (server) => {
      expect([running++, ofContainers()]).toEqual([0, []]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running--;
      tried.push(server);
      return undefined;
    }),
  );
  expect(tried.map(({ name, image, volume }) => `${name} ${image} ${volume}`)).toEqual([
    "first sha256:next maildomain-test-first-configuration",
    "third sha256:next maildomain-test-third-configuration",
  ]);
  if (tried[1] === undefined || third === undefined) throw new Error("the third server is missing");
  expect(generationId(tried[1].generation)).toBe(await value(third.generation));
  const order = ofContainers().filter((name) => !name.startsWith("new-"));
  expect(order.filter((name) => name.endsWith("-container"))).toEqual([
    "first-container",
    "second-container",
    "third-container",
  ]);
  expect(order.lastIndexOf("third-configuration-served")).toBeLessThan(order.indexOf("second-container"));
});

test("a preview tries nothing", async () => {
  const [, resources] = await record(() => declare(() => expect.unreachable()), true);
  expect(resources.filter(({ name }) => name.endsWith("-container"))).toHaveLength(4);
});

test("nothing may depend on what a new image has refused, and every refusal is reported", async () => {
  await record(() => undefined);
  const rollout = new Rollout({ images, rehearse: async ({ name }) => `${name}: no` });
  const [first] = ["first", "second", "third", "new"].map((name) =>
    rollout.enter({
      name,
      volume: "",
      image: pulumi.output("sha256:next"),
      generation: pulumi.output(""),
      capabilities: [],
    }),
  );
  const refused = await rollout.close().catch((error: unknown) => error);
  expect(refused).toEqual(new pulumi.RunError("first: no\nthird: no\nNo server has been stopped."));
  expect(await Promise.race([first, Promise.resolve("waits")])).toBe("waits");
});
