/**
 * Pulumi's SDK without what this program never uses, which was a third of a preview's work in it. To be imported before
 * anything that imports the SDK. Nothing is missing: what is left out is loaded when somebody asks for it.
 */
import { createRequire, Module } from "node:module";
import "../provider/long-texts.ts";

type Exports = Record<string, unknown>;
type Call = (...args: unknown[]) => unknown;

const require = createRequire(import.meta.url);
const sdk = "@pulumi/pulumi";

// The Automation API and what turns functions into text bring npm's own installer, TypeScript and a provider's server.
for (const folder of ["automation", "dynamic", "provider"]) {
  loadLater(`${sdk}/${folder}/index.js`, (load) => ({
    get: (_, name) => name === "__esModule" || Reflect.get(load(), name),
  }));
}
// Of these the SDK takes single functions as soon as it is loaded.
for (const module of ["serializeClosure", "codePaths"]) {
  loadLater(`${sdk}/runtime/closure/${module}.js`, (load) => ({
    get: (_, name) =>
      name === "__esModule" || ((...args: unknown[]) => (load()[String(name)] as Call)(...args)),
  }));
}

// Node strips types in place: there are no source maps by which each stack would have to be rewritten.
Reflect.deleteProperty(Error, "prepareStackTrace");
// Whoever looks for a promise that is never settled wants to see all that happens.
if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) leaveOutTraces();

/** Puts a stand-in in the place of a module, which loads it when it is first used. */
function loadLater(path: string, handler: (load: () => Exports) => ProxyHandler<Exports>): void {
  const file = require.resolve(path);
  if (require.cache[file] !== undefined) return;
  const standIn = new Module(file);
  standIn.filename = file;
  standIn.loaded = true;
  const load = (): Exports => {
    if (require.cache[file] === standIn) delete require.cache[file];
    return require(file) as Exports;
  };
  standIn.exports = new Proxy<Exports>({}, handler(load));
  require.cache[file] = standIn;
}

/**
 * The SDK notes a stack for each of its thousands of promises, which only the search for a leak prints, and for each resource
 * the whole way through this program to it, which travels to the engine and into the state; and it sends every step of
 * every resource to the engine, which only `--debug` shows.
 */
function leaveOutTraces(): void {
  const log = require(`${sdk}/log/index.js`) as Exports;
  log.debug = () => Promise.resolve();
  const { Resource } = require(`${sdk}/resource.js`) as { Resource: Exports };
  Resource.stackTrace = () => [];
  const debuggable = require(`${sdk}/runtime/debuggable.js`) as Exports;
  const { getStore } = require(`${sdk}/runtime/state.js`) as { getStore: () => PendingPromises };
  // Its first promise sets up the search for those that are still pending at the end.
  const first = Promise.resolve();
  (debuggable.debuggablePromise as Call)(first);
  getStore().leakCandidates.delete(first);
  debuggable.debuggablePromise = (promise: Promise<unknown>) => {
    const { leakCandidates } = getStore();
    leakCandidates.add(promise);
    return promise.then(
      (value) => {
        leakCandidates.delete(promise);
        return value;
      },
      (error: unknown) => {
        leakCandidates.delete(promise);
        throw error;
      },
    );
  };
}

/** What the SDK looks at when the program has come to its end. */
interface PendingPromises {
  readonly leakCandidates: Set<unknown>;
}
