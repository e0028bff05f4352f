import { join } from "node:path";
import { run } from "../toolchain/child-process.ts";
import { npmDependencies } from "../toolchain/node.ts";
import { projectFolder } from "../toolchain/versions.ts";
import type { Command } from "./command.ts";

const checks = [
  { what: "types", program: "tsc", args: [] },
  { what: "format and lint", program: "biome", args: ["check", "--error-on-warnings"] },
  { what: "dead code", program: "knip", args: [] },
  {
    what: "direction of dependencies",
    program: "depcruise",
    args: ["--config", ".dependency-cruiser.cjs", "--output-type", "err", "."],
  },
] as const;

/** All of them run, also after one has failed. Exit status 1 if one has. */
export const command: Command = {
  usage: "",
  options: {},
  setUp: [npmDependencies],

  async run({ report }) {
    let failed = 0;
    for (const { what, program, args } of checks) {
      const started = performance.now();
      const path = join(projectFolder, "node_modules/.bin", program);
      const { status, output } = await report.during(what, () => run(path, args, { cwd: projectFolder }));
      const time = performance.now() - started;
      if (status === 0) {
        report.done(`${what} (${program})`, time);
        continue;
      }
      failed += 1;
      report.fail(`${what} (${program})`, time);
      process.stdout.write(output);
    }
    return failed === 0 ? 0 : 1;
  },
};
