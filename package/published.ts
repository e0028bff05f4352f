/** The package.json of what is published, made from the checkout's. */

/** What the program that uses the package brings itself: one copy of each, from the lowest to the highest version tested. */
export const peers = {
  "@pulumi/pulumi": { lowest: "3.200.0", highest: "3.276.0", optional: false },
  "@pulumi/docker": { lowest: "5.0.0", highest: "5.2.0", optional: false },
  "@pulumi/cloudflare": { lowest: "6.11.0", highest: "6.22.1", optional: true },
} as const;

/** The modules that users import, by their names. */
export const entries = {
  ".": "components/index",
  "./records": "records/index",
  "./testing": "components/testing",
} as const;

/** The provider, which the Pulumi CLI starts. */
export const providerProgram = "provider/main";
/** How Pulumi's host for Node.js starts the provider: it loads the package's `main`, which programs do not reach. */
export const pluginFile = { name: "PulumiPlugin.yaml", text: "runtime: nodejs\n" };
/** What npm links into `node_modules/.bin`, where `npx pulumi` finds it. */
export const providerLauncher = "provider/pulumi-resource-maildomain";

/** Of the checkout's package.json, what the published one is made from. */
export interface ProjectManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly keywords: readonly string[];
  readonly repository?: unknown;
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * @param imported - the npm packages that the published modules import.
 * @param files - what is published, relative to its folder.
 * @throws Error when one of them is neither a dependency nor a peer.
 */
export function publishedManifest(
  project: ProjectManifest,
  imported: readonly string[],
  files: readonly string[],
): Record<string, unknown> {
  const { name, version, description, license, keywords, repository, engines } = project;
  const own = imported.filter((each) => !(each in peers)).toSorted();
  const missing = own.filter((each) => project.dependencies[each] === undefined);
  if (missing.length > 0) {
    throw new Error(`package.json: ${missing.join(", ")}: imported by what is published, and no dependency`);
  }
  const optional = Object.entries(peers).filter(([, peer]) => peer.optional);
  const main = entries["."];
  return {
    name,
    version,
    description,
    license,
    keywords,
    ...(repository === undefined ? {} : { repository }),
    type: "module",
    engines,
    // Programs get what `exports` names: only who loads the folder itself gets this.
    main: `./${providerProgram}.js`,
    types: `./${main}.d.ts`,
    exports: {
      ...Object.fromEntries(
        Object.entries(entries).map(([entry, path]) => [
          entry,
          { types: `./${path}.d.ts`, default: `./${path}.js` },
        ]),
      ),
      "./package.json": "./package.json",
    },
    // For TypeScript's `moduleResolution: node`, which does not know `exports`.
    typesVersions: {
      "*": Object.fromEntries(
        Object.entries(entries)
          .filter(([entry]) => entry !== ".")
          .map(([entry, path]) => [entry.slice("./".length), [`${path}.d.ts`]]),
      ),
    },
    bin: { "pulumi-resource-maildomain": providerLauncher },
    files,
    pulumi: { resource: true, name, version },
    dependencies: Object.fromEntries(own.map((each) => [each, `^${project.dependencies[each]}`])),
    peerDependencies: Object.fromEntries(
      Object.entries(peers).map(([each, { lowest }]) => [each, `^${lowest}`]),
    ),
    peerDependenciesMeta: Object.fromEntries(optional.map(([each]) => [each, { optional: true }])),
  };
}
