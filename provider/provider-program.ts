import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";

const program = "pulumi-resource-maildomain";

/**
 * Whether the Pulumi CLI finds the provider's program, which it does not look for in `node_modules`.
 *
 * @param env - the environment that the CLI has handed on
 * @param folder - the program's folder, or one below the project's
 */
export function isProviderFound(env: NodeJS.ProcessEnv, folder: string): boolean {
  return (
    (env.PATH ?? "").split(delimiter).some((entry) => existsSync(join(entry, program))) ||
    (env.PULUMI_DEBUG_PROVIDERS ?? "").includes("maildomain:") ||
    isInstalled(join(env.PULUMI_HOME || join(homedir(), ".pulumi"), "plugins")) ||
    isNamedByProject(folder)
  );
}

/** By `pulumi plugin install`. */
function isInstalled(plugins: string): boolean {
  return existsSync(plugins) && readdirSync(plugins).some((name) => name.startsWith("resource-maildomain-v"));
}

function isNamedByProject(folder: string): boolean {
  for (const name of ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"]) {
    const file = join(folder, name);
    if (existsSync(file))
      return /(?:^|[\s{,])"?(?:plugins|packages)"?:[\s\S]*\bmaildomain\b/.test(readFileSync(file, "utf8"));
  }
  return dirname(folder) !== folder && isNamedByProject(dirname(folder));
}

export const providerNotFound = `Pulumi does not find the provider of maildomain, since it does not look into node_modules. One of these is enough:
  npx pulumi …, in place of pulumi …
  pulumi plugin install resource maildomain VERSION --file node_modules/maildomain/provider/${program}
  in Pulumi.yaml: plugins: { providers: [{ name: maildomain, path: node_modules/maildomain/provider }] }`;
