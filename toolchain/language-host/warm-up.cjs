/**
 * Loaded after program.cjs, with the words of a language host: loads what the SDK would load, and ends before it asks an engine for
 * anything. Node's compile cache has all of it then.
 */
const { createRequire, Module } = require("node:module");
const { resolve } = require("node:path");

const [, sdk = "", ...words] = process.argv;
const find = createRequire(sdk);
const file = require.resolve(sdk);
const main = new Module(file);
main.loaded = true;
// What it loads asks for it, too, which would start it.
require.cache[file] = main;
for (const name of ["./instrumentation", "../../log", "../../runtime/settings", "minimist", "./run"])
  find(name);
find(resolve(words[words.indexOf("--pwd") + 1] ?? "", words.at(-1) ?? ""));
process.exit();
