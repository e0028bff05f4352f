import { join } from "node:path";
import { pulumiVariables } from "../toolchain/environment.ts";
import { runInForeground } from "../toolchain/foreground.mjs";
import { allSteps } from "../toolchain/steps.ts";
import { projectFolder } from "../toolchain/versions.ts";
import type { Command } from "./command.ts";

export const command: Command = {
  usage: "[--seed NUMBER] [--only CHANGE[,CHANGE]] [--together NUMBER]",
  options: {
    seed: {
      type: "string",
      value: "NUMBER",
      description: "the order of an earlier run, which has printed it",
    },
    only: { type: "string", value: "CHANGES", description: "these changes and what they need, by their ids" },
    together: {
      type: "string",
      value: "NUMBER",
      description: "so many of those that only reload servers are made by one `up`; 1 by default",
    },
  },
  setUp: allSteps,

  run({ values }) {
    const env = { ...process.env, PATH: pulumiVariables().PATH };
    const options = Object.entries(values).map(([name, value]) => `--${name}=${value}`);
    const script = join(projectFolder, "test/lab/catalogue/main.ts");
    return runInForeground(process.execPath, [script, ...options], { env });
  },
};
