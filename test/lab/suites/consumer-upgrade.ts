import { readFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import type { Consumer } from "../../kit/consumer.ts";
import {
  expectEverything,
  expectSamePlaces,
  otherChanges,
  type UpgradePreview,
} from "../../kit/upgrade-steps.ts";

/** The stack of the program beside it: its name, and its state with the secrets encrypted. */
interface SavedStack {
  readonly stack: string;
  readonly deployment: unknown;
}

const read = (file: string) => readFile(new URL(`../upgrade/${file}`, import.meta.url), "utf8");

/**
 * A stack of consumer-program.ts, which has every kind of server, as the package of 29 November 2026 made it. Whoever has one
 * installs the new package, and keeps mail, keys, certificates, addresses and passwords. The certificate is renewed from
 * June 2028: until then a newer stack has to take its place.
 *
 * @param template - a project in TypeScript with the new package
 */
export function consumerUpgrade(template: () => Consumer): void {
  let saved: SavedStack;
  let preview: UpgradePreview;

  beforeAll(async () => {
    saved = JSON.parse(await read("consumer.json"));
    const consumer = await template().copy("upgrade");
    await consumer.write({ "index.ts": await read("consumer-program.ts") });
    await consumer.restore(saved);
    preview = JSON.parse(await consumer.pulumi("preview", "--json"));
  });

  test("only containers are replaced, for their images, and served what they are given by other means; everything else stays", () => {
    const means =
      /^(?:update maildomain:index:ServedGeneration|delete docker:index\/container:Container .*-configuration-generation$)/;
    expect(otherChanges(preview).filter((change) => !means.test(change))).toEqual([]);
    expectEverything(preview, saved.deployment);
  });

  test("a container that is replaced keeps its name, its addresses, its ports and its volumes", () => {
    expectSamePlaces(preview);
  });
}
