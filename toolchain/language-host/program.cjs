/**
 * Loaded before Pulumi's SDK where that is about to run this project's program. Node strips the program's types by itself,
 * and Pulumi.yaml says so; a language host older than that setting has the SDK load TypeScript all the same, with ts-node and
 * the source maps of the SDK. And for functions that are turned into text, which are none of this program's, the SDK has
 * V8's debugger look at every script. Together they cost as much as the program. What writes traces is a fifth of all modules.
 */
const { Module } = require("node:module");
const { join, resolve } = require("node:path");
const compiled = require("./compiled-program.cjs");

const project = resolve(__dirname, "../..");
const [, sdk = "", ...words] = process.argv;
const folder = words[words.indexOf("--pwd") + 1] ?? "";

if (resolve(folder, words.at(-1) ?? "") === join(project, "index.ts")) {
  // Read before anything else of the SDK's, which asks for the text "true".
  process.env.PULUMI_NODEJS_TYPESCRIPT = "false";
  if (compiled.isCurrent()) process.argv[process.argv.length - 1] = join(__dirname, "compiled-program.mjs");
  const { resolve: find } = Module.createRequire(sdk);
  standIn(find("source-map-support/register"), () => ({}));
  standIn(find("../../runtime/closure/v8Hooks.js"), (load) => ({
    isInitializedAsync: async () => {},
    getSessionAsync: () => load().getSessionAsync(),
    getScriptUrl: (/** @type {string} */ id) => load().getScriptUrl(id),
  }));
  const isTraced = Boolean(process.env.TRACEPARENT) || words.some((word) => /^--tracing(?:=|$)/.test(word));
  // Spans that nobody records, which are what the SDK itself makes then.
  if (!isTraced)
    standIn(find("./tracing.js"), () => ({ newSpan: (/** @type {string} */ name) => newSpan(find, name) }));
}

/**
 * @param {(name: string) => string} find
 * @param {string} name
 */
function newSpan(find, name) {
  return require(find("@opentelemetry/api")).trace.getTracer("nodejs-runtime").startSpan(name);
}

/**
 * @param {string} file - of a module that is not loaded yet
 * @param {(load: () => Record<string, (...words: unknown[]) => unknown>) => object} make - what stands for it, until it is needed
 */
function standIn(file, make) {
  const module = new Module(file);
  module.filename = file;
  module.loaded = true;
  module.exports = make(() => {
    if (require.cache[file] === module) delete require.cache[file];
    return require(file);
  });
  require.cache[file] = module;
}
