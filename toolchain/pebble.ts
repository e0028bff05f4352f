import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { localFolder } from "./environment.ts";
import { goBuild, requiredVersion } from "./go.ts";
import type { Step } from "./step.ts";

const FOLDER = "toolchain/go/pebble";
const MODULE = "github.com/letsencrypt/pebble/v2";

/** Path of the ACME authority that tests order certificates from; its name contains its version. It is linked statically. */
export function pebbleProgram(): string {
  return join(localFolder, `pebble-${requiredVersion(FOLDER, MODULE)}`);
}

/** Pebble, built from its Go module; where it cannot be had, the tests that need it are skipped by name. */
export const pebble: Step = {
  name: "Pebble",

  async inspect() {
    if (existsSync(pebbleProgram())) return { ready: true, found: "Pebble" };
    return { ready: false, found: "no Pebble", remedy: "build it from its Go module" };
  },

  async ensure(report) {
    const output = pebbleProgram();
    if (existsSync(output)) return this.inspect();
    try {
      await mkdir(localFolder, { recursive: true });
      await report.during("building Pebble", (onLine) =>
        goBuild({ module: FOLDER, package: `${MODULE}/cmd/pebble`, output, onLine }),
      );
    } catch (error) {
      report.note(`Without Pebble the tests that order certificates are skipped: ${String(error)}`);
    }
    return this.inspect();
  },
};
