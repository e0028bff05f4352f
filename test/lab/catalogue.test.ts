import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { changes } from "./catalogue/changes/index.ts";
import { Driver } from "./catalogue/driver.ts";
import { drawOrder, randomNumbers, seedFor } from "./catalogue/order.ts";
import { inGroups, together } from "./catalogue/together.ts";

const fast = changes.filter(({ isFast }) => isFast);

/**
 * One order for as long as the changes are these: what fails here fails again. CATALOGUE_SEED makes them in another, and
 * `npm run catalogue` draws one each time.
 */
const seed = Number(process.env.CATALOGUE_SEED ?? seedFor(fast));
const random = randomNumbers(seed);
const order = drawOrder(fast, random);
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
