import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { changes } from "./catalogue/changes/index.ts";
import { Driver } from "./catalogue/driver.ts";
import { drawOrder, randomNumbers } from "./catalogue/order.ts";
import { inGroups, together } from "./catalogue/together.ts";

/** CATALOGUE_SEED makes the changes in the order of an earlier run. */
const seed = Number(process.env.CATALOGUE_SEED ?? Math.floor(Math.random() * 2 ** 32));
const random = randomNumbers(seed);
const order = drawOrder(
  changes.filter(({ isFast }) => isFast),
  random,
);
/** So many mild ones are made by one `up`; `npm run catalogue` makes each on its own. */
const groups = inGroups(order, 6);

/** The changes of the catalogue that every run makes, to one running lab under load. */
describe(`the catalogue of changes, CATALOGUE_SEED=${seed}`, () => {
  let driver: Driver;
  beforeAll(async () => {
    driver = await Driver.start(random);
  });
  afterAll(() => driver?.stop());

  for (const group of groups) {
    const { title, knownFault, ...change } = together(group);
    test.skipIf(knownFault !== undefined)(
      knownFault === undefined ? title : `${title} (known fault: ${knownFault})`,
      async () => {
        const { differences } = await driver.make({ title, ...change });
        expect(differences).toEqual([]);
      },
    );
  }
});
