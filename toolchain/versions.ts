import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The checkout's folder. */
export const projectFolder = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/**
 * The versions that package.json pins. This is the only place that reads them; the Go modules in `go/` must
 * name the same ones, which a test holds.
 */
export const versions = readVersions(`${projectFolder}/package.json`);

interface Versions {
  /** This project's own. */
  readonly maildomain: string | undefined;
  /** The Node of the npm package `node`. */
  readonly node: string;
  /** The CLI's version is that of the npm package `pulumi`; that package lets PULUMI_VERSION override it. */
  readonly pulumi: string;
  /** The plugin's version is that of the npm package `@pulumi/docker`. */
  readonly dockerPlugin: string;
  /** A further plugin's version is that of its npm package. @example "@pulumi/cloudflare" */
  readonly pluginOf: (npmPackage: string) => string;
}

/** @internal */
export function readVersions(packageFile: string, env: NodeJS.ProcessEnv = process.env): Versions {
  const parsed = JSON.parse(readFileSync(packageFile, "utf8")) as Record<string, Record<string, string>> & {
    readonly version?: string;
  };
  const pinned = { ...parsed.devDependencies, ...parsed.dependencies };
  const versionOf = (name: string): string => {
    const version = pinned[name];
    if (version === undefined || !/^\d+\.\d+\.\d+/.test(version)) {
      throw new Error(
        `${packageFile}: ${name} must be pinned to an exact version, not ${version ?? "absent"}.`,
      );
    }
    return version;
  };
  return {
    maildomain: parsed.version,
    node: versionOf("node"),
    pulumi: env.PULUMI_VERSION || versionOf("pulumi"),
    dockerPlugin: versionOf("@pulumi/docker"),
    pluginOf: versionOf,
  };
}
