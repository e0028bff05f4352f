import axe from "axe-core";
import type { Page } from "playwright-core";

/** What axe finds wrong with a page as it is shown, each with the elements. The page's policy does not concern it. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = (await page.evaluate("axe.run().then(({ violations }) => violations)")) as axe.Result[];
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => `${id}: ${help} (${target.join(" ")})`),
  );
}
