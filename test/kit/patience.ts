import { beforeEach } from "vitest";

/**
 * Fails each further test of a file at once when those that failed have waited for long enough. Where something is broken,
 * each would wait for it as long as it may, and the run for hours.
 *
 * @param patienceMs - how long the failing tests of one file may take together, in milliseconds
 */
export function limitPatience(patienceMs: number): void {
  let spentMs = 0;
  beforeEach(({ onTestFailed }) => {
    if (spentMs >= patienceMs) {
      const seconds = Math.round(spentMs / 1000);
      throw new Error(`Not run: the tests of this file that failed before it have waited for ${seconds} s.`);
    }
    const start = performance.now();
    onTestFailed(() => {
      spentMs += performance.now() - start;
    });
  });
}
