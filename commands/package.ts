import { writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { apiReport, apiReportFile } from "../package/api-report.ts";
import { buildPackage, packageFolder } from "../package/build.ts";
import { schemaFiles } from "../package/components-page.ts";
import { certificateAgent } from "../toolchain/certificate-agent.ts";
import { npmDependencies } from "../toolchain/node.ts";
import { print } from "../toolchain/print.mjs";
import { projectFolder } from "../toolchain/versions.ts";
import type { Command } from "./command.ts";

/** Builds what `npm publish` and `npm pack` take, and writes down its interface. */
export const command: Command = {
  usage: "",
  options: {},
  // Whoever installs the package has neither its sources nor Go: it brings the program for each kind of engine.
  setUp: [npmDependencies, certificateAgent("amd64"), certificateAgent("arm64")],

  async run({ report }) {
    await writeFile(apiReportFile, apiReport());
    // The provider has the schema in it.
    for (const [file, text] of schemaFiles()) await writeFile(file, text);
    await report.during("building the package", () => buildPackage());
    const folder = relative(projectFolder, packageFolder);
    print(
      `${folder} holds the package: \`npm pack ./${folder}\` makes a file of it, \`npm publish ./${folder}\` publishes it.\n`,
    );
    return 0;
  },
};
