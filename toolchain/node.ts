import { join } from "node:path";
import { isProgram } from "./child-process.ts";
import { inspectDependencies } from "./npm-dependencies.mjs";
import { type Step, ToolchainError } from "./step.ts";
import { projectFolder, versions } from "./versions.ts";

/**
 * What `run.mjs` has made ready before any of this could run; listed here to be reported, mainly by `doctor`, which
 * works without it.
 */
export const npmDependencies: Step = {
  name: "npm dependencies",

  async inspect() {
    const { packages, differing } = inspectDependencies(projectFolder);
    if (differing.length === 0) return { ready: true, found: `${packages} npm packages` };
    return {
      ready: false,
      found: `${differing.length} of ${packages} npm packages are missing or differ from package-lock.json`,
      remedy: "install them with npm ci",
    };
  },

  async ensure() {
    const state = await this.inspect();
    if (state.ready) return state;
    throw new ToolchainError(`${state.found}. Run \`npm ci --include=dev\`, then this again.`);
  },
};

/** The Node that the language host runs the program with: the npm package `node`, first on the PATH. */
export const node: Step = {
  name: "Node",

  async inspect() {
    if (isProgram(join(projectFolder, "node_modules/.bin/node"))) {
      return { ready: true, found: `Node ${versions.node}` };
    }
    return {
      ready: false,
      found: "no Node from the npm package node",
      remedy: "install it with npm ci",
    };
  },

  async ensure() {
    const state = await this.inspect();
    if (state.ready) return state;
    throw new ToolchainError(
      "The npm package `node` is there without its program: npm is configured not to run install scripts. " +
        "Run `npm ci --include=dev --ignore-scripts=false`, then this again.",
    );
  },
};
