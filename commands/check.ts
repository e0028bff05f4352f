import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { apiReport, apiReportFile } from "../package/api-report.ts";
import { schemaFiles } from "../package/components-page.ts";
import { run } from "../toolchain/child-process.ts";
import { npmDependencies } from "../toolchain/node.ts";
import { print } from "../toolchain/print.mjs";
import { projectFolder } from "../toolchain/versions.ts";
import type { Command } from "./command.ts";
import { checkEnglish } from "./english.ts";

const checks = [
  { what: "types (tsc)", run: program("tsc") },
  { what: "format and lint (biome)", run: program("biome", "check", "--error-on-warnings") },
  { what: "dead code (knip)", run: program("knip") },
  {
    what: "direction of dependencies (depcruise)",
    run: program("depcruise", "--config", ".dependency-cruiser.cjs", "--output-type", "err", "."),
  },
  { what: "the package's interface", run: checkApiReport },
  { what: "the package's schema", run: checkSchema },
  { what: "English", run: () => checkEnglish(projectFolder) },
];

/** All of them run, also after one has failed. Exit status 1 if one has. */
export const command: Command = {
  usage: "",
  options: {},
  setUp: [npmDependencies],

  async run({ report }) {
    let failed = 0;
    for (const check of checks) {
      const started = performance.now();
      const { status, output } = await report.during(check.what, check.run);
      const time = performance.now() - started;
      if (status === 0) {
        report.done(check.what, time);
        continue;
      }
      failed += 1;
      report.fail(check.what, time);
      print(output);
    }
    return failed === 0 ? 0 : 1;
  },
};

async function checkApiReport() {
  if ((await readFile(apiReportFile, "utf8")) === apiReport()) return { status: 0, output: "" };
  return {
    status: 1,
    output: "package/api.md is not what the components export: `npm run package` writes it.\n",
  };
}

async function checkSchema() {
  const stale = [];
  for (const [file, text] of schemaFiles()) {
    if ((await readFile(file, "utf8")) !== text) stale.push(relative(projectFolder, file));
  }
  if (stale.length === 0) return { status: 0, output: "" };
  const files = stale.join(", ");
  return { status: 1, output: `${files}: not what the components say: \`npm run package\` writes it.\n` };
}

function program(name: string, ...args: string[]) {
  return () => run(join(projectFolder, "node_modules/.bin", name), args, { cwd: projectFolder });
}
