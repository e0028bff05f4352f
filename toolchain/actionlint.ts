import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { localFolder } from "./environment.ts";
import { goBuild, requiredVersion } from "./go.ts";
import type { Step } from "./step.ts";

const MODULE = "github.com/rhysd/actionlint";

/** Path of the program by which a test judges `.github/workflows/`; its name contains its version. */
export function actionlintProgram(): string {
  return join(localFolder, `actionlint-${requiredVersion("toolchain/go/actionlint", MODULE)}`);
}

/** actionlint, built from its Go module; where it cannot be had, the test that needs it is skipped by name. */
export const actionlint: Step = {
  name: "actionlint",

  async inspect() {
    if (existsSync(actionlintProgram())) return { ready: true, found: "actionlint" };
    return { ready: false, found: "no actionlint", remedy: "build it from its Go module" };
  },

  async ensure(report) {
    const output = actionlintProgram();
    if (existsSync(output)) return this.inspect();
    try {
      await mkdir(localFolder, { recursive: true });
      await report.during("building actionlint", (onLine) =>
        goBuild({ module: "toolchain/go/actionlint", package: `${MODULE}/cmd/actionlint`, output, onLine }),
      );
    } catch (error) {
      report.note(`Without actionlint the test of the workflows is skipped: ${String(error)}`);
    }
    return this.inspect();
  },
};
