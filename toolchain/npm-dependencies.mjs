import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { printError } from "./print.mjs";

/**
 * The one step that runs before anything is installed, hence plain JavaScript.
 *
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage
 * @typedef {Readonly<Record<string, LockedPackage>>} LockedPackages
 */

/** How often a line says that the installation is still running. */
const PROGRESS_MS = 15_000;

/**
 * What is missing or differs, compared with package-lock.json.
 *
 * @param {string} folder the checkout
 * @returns {{ packages: number, differing: readonly string[] }}
 */
export function inspectDependencies(folder) {
  const wanted = readPackages(join(folder, "package-lock.json"));
  // npm writes this file last: an interrupted installation does not have it.
  const installed = readPackages(join(folder, "node_modules/.package-lock.json"));
  return { packages: Object.keys(wanted).length - 1, differing: differingPackages(wanted, installed) };
}

/**
 * @param {LockedPackages} wanted
 * @param {LockedPackages} installed
 * @returns {string[]} the folders of packages that lack or have another version or content
 */
export function differingPackages(wanted, installed) {
  return Object.entries(wanted)
    .filter(([folder]) => folder !== "")
    .filter(([folder, { version, integrity, optional }]) => {
      const found = installed[folder];
      // Optional ones are for other systems, most of them.
      if (found === undefined) return optional !== true;
      return found.version !== version || found.integrity !== integrity;
    })
    .map(([folder]) => folder);
}

/**
 * @param {string} path
 * @returns {LockedPackages}
 */
function readPackages(path) {
  if (!existsSync(path)) return {};
  return JSON.parse(readFileSync(path, "utf8")).packages;
}

/**
 * `npm ci`: exactly what package-lock.json names, verified by its hashes.
 *
 * @param {string} folder the checkout
 * @returns {Promise<void>}
 */
export async function installDependencies(folder) {
  const started = performance.now();
  const seconds = () => `${Math.round((performance.now() - started) / 1000)} s`;
  const timer = setInterval(() => {
    printError(`… installing npm dependencies (${seconds()})\n`);
  }, PROGRESS_MS);
  printError("… installing npm dependencies with npm ci\n");
  const { status, output } = await npmCi(folder).finally(() => clearInterval(timer));
  if (status !== 0) throw new Error(`npm ci failed (exit status ${status}):\n${output.trimEnd()}`);
  printError(`✔ npm dependencies (${seconds()})\n`);
}

/**
 * @param {string} folder
 * @returns {Promise<{ status: number, output: string }>}
 */
function npmCi(folder) {
  // The npm that runs this script, else the one on the PATH.
  const [program, args] = process.env.npm_execpath?.endsWith(".js")
    ? [process.execPath, [process.env.npm_execpath]]
    : ["npm", []];
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args, "ci", "--include=dev", "--no-audit", "--no-fund"], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ status: code ?? 1, output }));
  });
}
