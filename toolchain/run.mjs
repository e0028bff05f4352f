#!/usr/bin/env node
/**
 * The entry of every npm script. It must run on a bare checkout with Node 20: plain JavaScript, no dependency.
 * It makes the npm dependencies ready, which bring Node 24, and continues with that in `commands/main.ts`.
 */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { suggest } from "../naming/suggestion.mjs";
import { commandList } from "./command-list.mjs";
import { runInForeground } from "./foreground.mjs";
import { inspectDependencies, installDependencies } from "./npm-dependencies.mjs";
import { print, printError } from "./print.mjs";

const folder = fileURLToPath(new URL("..", import.meta.url));
const programs = join(folder, "node_modules", ".bin");
/** The first Node that runs TypeScript by itself. */
const NATIVE_TYPESCRIPT = [22, 18];

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  printError(`✘ ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/**
 * @param {readonly string[]} words
 * @returns {Promise<number>}
 */
async function main(words) {
  const [command = "--help"] = words;
  if (command === "--help" || command === "-h" || command === "help") {
    print(generalHelp());
    return 0;
  }
  if (!Object.hasOwn(commandList, command)) {
    const meant = suggest(command, Object.keys(commandList));
    const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
    printError(`✘ "${command}" is not a command.${hint} \`npm run help\` lists them.\n`);
    return 2;
  }
  const { differing, packages } = inspectDependencies(folder);
  const onlyLooks = command === "doctor" || words.includes("--help") || words.includes("-h");
  if (differing.length > 0 && !onlyLooks) await installDependencies(folder);
  const node = chooseNode();
  if (node !== undefined) return await goOn(node, words);
  if (command === "doctor") return doctorOfBareMachine(words.includes("--json"), differing.length, packages);
  print(generalHelp());
  return 0;
}

/** @returns {string | undefined} a Node that runs TypeScript */
function chooseNode() {
  const installed = join(programs, "node");
  if (existsSync(installed)) return installed;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = NATIVE_TYPESCRIPT;
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
    ? process.execPath
    : undefined;
}

/**
 * @param {string} node
 * @param {readonly string[]} words
 * @returns {Promise<number>}
 */
function goOn(node, words) {
  return runInForeground(
    node,
    ["--disable-warning=ExperimentalWarning", join(folder, "commands/main.ts"), ...words],
    {
      env: {
        ...process.env,
        PATH: [programs, process.env.PATH].join(delimiter),
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(folder, ".maildomain", "compile-cache"),
      },
    },
  );
}

/**
 * All that can be reported before there is a Node that runs the rest.
 *
 * @param {boolean} json
 * @param {number} differing
 * @param {number} packages
 * @returns {number}
 */
function doctorOfBareMachine(json, differing, packages) {
  const steps = [
    {
      name: "npm dependencies",
      ready: false,
      found: `${differing} of ${packages} npm packages are missing or differ from package-lock.json`,
      remedy: "install them with npm ci, and Node 24 with them",
    },
    {
      name: "everything else",
      ready: false,
      found: `not looked at: Node ${process.versions.node} does not run TypeScript, ${NATIVE_TYPESCRIPT.join(".")} does`,
      remedy: "continue with Node 24; `npm ci && npm run doctor` looks at the rest without setting it up",
    },
  ];
  if (json) print(`${JSON.stringify({ ready: false, steps }, undefined, 2)}\n`);
  else for (const step of steps) print(`✘ ${step.found}\n  up would: ${step.remedy}\n`);
  return 1;
}

/** @returns {string} */
function generalHelp() {
  const width = Math.max(...Object.keys(commandList).map((name) => name.length));
  const lines = Object.entries(commandList).map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: npm run COMMAND [-- OPTIONS]

${lines.join("\n")}

\`npm run COMMAND -- --help\` lists a command's options. No \`npm install\` is needed first.
`;
}
