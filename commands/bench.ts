import { join } from "node:path";
import { pulumiVariables } from "../toolchain/environment.ts";
import { runInForeground } from "../toolchain/foreground.mjs";
import { allSteps } from "../toolchain/steps.ts";
import { projectFolder } from "../toolchain/versions.ts";
import type { Command } from "./command.ts";

export const command: Command = {
  usage: "",
  options: {},
  setUp: allSteps,

  run() {
    const env = { ...process.env, PATH: pulumiVariables().PATH };
    return runInForeground(process.execPath, [join(projectFolder, "bench/main.ts")], { env });
  },
};
