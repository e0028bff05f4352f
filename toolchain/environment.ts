import { delimiter, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { dockerContext, engineAddress } from "../engine/address.ts";
import { sharedSshFolder } from "../engine/shared-ssh.ts";
import { pulumiFolder } from "./pulumi-cli.ts";
import { withoutLog } from "./pulumi-home.ts";
import { projectFolder } from "./versions.ts";

/** What this project keeps on a machine, ignored by git: the state, its passphrase, caches. */
export const localFolder = join(projectFolder, ".maildomain");

/** The first of Pulumi's PATH: the `node` that its language host starts the program with. */
export const languageHostFolder = join(projectFolder, "toolchain", "language-host");

/**
 * The address of a state in local files, as PULUMI_BACKEND_URL has it. Of each file that it writes the CLI would put the MD5 into one
 * beside it, which it never compares: a sixth of what it does for ten thousand mailboxes.
 */
export function stateAddress(folder: string): string {
  return `${pathToFileURL(folder).href}?metadata=skip`;
}

/** The state's folder and passphrase file, each undefined where the user has chosen otherwise. */
export interface LocalState {
  readonly folder: string | undefined;
  readonly passphraseFile: string | undefined;
}

/**
 * Where the state is, unless the user's environment says otherwise. {@link pulumiVariables} in that environment
 * are not the user's choice but this one.
 */
export function localState(env: NodeJS.ProcessEnv = process.env, folder = localFolder): LocalState {
  const state = join(folder, "state");
  const passphraseFile = join(folder, "passphrase");
  const { PULUMI_BACKEND_URL: backend, PULUMI_CONFIG_PASSPHRASE_FILE: file } = env;
  // An empty passphrase is one, too: Pulumi takes a variable that is set and empty for it.
  // The second form is what earlier versions gave a shell.
  const ours = [stateAddress(state), pathToFileURL(state).href];
  const chosen = env.PULUMI_CONFIG_PASSPHRASE !== undefined || (Boolean(file) && file !== passphraseFile);
  return {
    folder: backend && !ours.includes(backend) ? undefined : state,
    passphraseFile: chosen ? undefined : passphraseFile,
  };
}

/** The folder of the state, which may be one that the user has chosen; undefined where it is elsewhere. */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { folder } = localState(env);
  const { PULUMI_BACKEND_URL: backend = "" } = env;
  if (folder !== undefined || !/^file:\/\/\//.test(backend)) return folder;
  return fileURLToPath(backend);
}

/** The variables that plain `pulumi` needs in addition to the user's own. */
export function pulumiVariables(
  env: NodeJS.ProcessEnv = process.env,
  folder = localFolder,
): Record<string, string> {
  const { folder: state, passphraseFile } = localState(env, folder);
  const programs = [languageHostFolder, join(projectFolder, "node_modules", ".bin"), pulumiFolder()];
  const passing = [...programs, sharedSshFolder()];
  const others = (env.PATH ?? "")
    .split(delimiter)
    .filter((entry) => !passing.includes(entry) && !isOfNpm(entry));
  return {
    // A state elsewhere may need the credentials in the user's own home.
    ...(state === undefined ? {} : { PULUMI_BACKEND_URL: stateAddress(state), ...withoutLog(env, folder) }),
    ...(passphraseFile === undefined ? {} : { PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile }),
    // The stack file of a lab is everybody's, its salt is this machine's: the CLI takes it from the state.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The language host's Node compiles the program's dependencies once, not at each preview.
    NODE_COMPILE_CACHE: join(folder, "compile-cache"),
    ...collectLess(env),
    ...engineVariables(env),
    // The language host takes the first `node` of the PATH, and it has to be one that runs TypeScript.
    PATH: [...programs, ...others].join(delimiter),
  };
}

/**
 * The CLI and its plugins, which are Go programs, live for seconds: they collect garbage less often, unless they would need
 * much memory. It is an eighth of a preview's CPU time.
 */
export function collectLess({
  GOGC = "400",
  GOMEMLIMIT = "1GiB",
}: NodeJS.ProcessEnv): Record<string, string> {
  return { GOGC, GOMEMLIMIT };
}

/**
 * Whether npm has put a folder before the PATH of its scripts: a `node_modules/.bin` in the project and in each folder
 * above it, in which others may write, and its own node-gyp.
 */
function isOfNpm(entry: string): boolean {
  const programs = `${sep}${join("node_modules", ".bin")}`;
  if (!entry.endsWith(programs)) return entry.endsWith(`${sep}node-gyp-bin`);
  return projectFolder.startsWith(`${entry.slice(0, -programs.length)}${sep}`);
}

/**
 * The engine that `docker` itself would ask: the plugin reads neither the client's configuration file nor contexts
 * outside of ~/.docker, and prefers a context to `DOCKER_HOST`.
 */
function engineVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  if (env.DOCKER_HOST) return env.DOCKER_CONTEXT ? { DOCKER_CONTEXT: "" } : {};
  const context = dockerContext();
  if (context === undefined) return {};
  const address = engineAddress();
  // Over TCP a context has certificates, too.
  const needsNoMore = address !== undefined && /^(?:ssh|unix):/.test(address);
  return needsNoMore ? { DOCKER_HOST: address, DOCKER_CONTEXT: "" } : { DOCKER_CONTEXT: context };
}

/** The whole environment for a `pulumi` process. */
export function pulumiEnvironment(): NodeJS.ProcessEnv {
  const variables = pulumiVariables();
  const ssh = sharedSshFolder();
  if (ssh === undefined) return { ...process.env, ...variables };
  return {
    ...process.env,
    ...variables,
    PATH: [ssh, variables.PATH].join(delimiter),
    // An SSH server allows 10 sessions per connection by default, and this program's own commands need some.
    PULUMI_PARALLEL: process.env.PULUMI_PARALLEL ?? "4",
  };
}
