/** Builds the npm package: what people install who use the components in a Pulumi program of their own. */
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { localFolder } from "../toolchain/environment.ts";
import { projectFolder } from "../toolchain/versions.ts";
import { compile, packagesOf, reachedFrom } from "./compile.ts";
import { entries, pluginFile, providerLauncher, providerProgram, publishedManifest } from "./published.ts";

/** Where it is built. */
export const packageFolder = join(localFolder, "package");

/** Beside the compiled modules. The README is the page on the package, not the checkout's. */
const copied: Readonly<Record<string, string>> = {
  images: "images",
  [providerLauncher]: providerLauncher,
  LICENSE: "LICENSE",
  "CHANGELOG.md": "CHANGELOG.md",
  "docs/package.md": "README.md",
  "docs/components.md": "components.md",
};

/** Builds it in `folder`, of which nothing stays. */
export async function buildPackage(folder = packageFolder): Promise<void> {
  const modules = Object.values(entries);
  const compiled = compile([...modules, providerProgram], "everything");
  // The provider is a program: nobody needs its types but those that the components name.
  const declarations = reachedFrom(
    modules.map((module) => `${module}.d.ts`),
    compiled,
  );
  const texts = [...compiled].filter(
    ([path]) => declarations.has(path) || (!/\.d\.m?ts$/.test(path) && path !== "package.json"),
  );
  const imported = texts.flatMap(([path, text]) =>
    /\.[mc]?js$|\.d\.m?ts$/.test(path) ? packagesOf(text) : [],
  );

  await rm(folder, { recursive: true, force: true });
  for (const [path, text] of texts) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  for (const [from, to] of Object.entries(copied)) {
    await cp(join(projectFolder, from), join(folder, to), { recursive: true });
  }
  await writeFile(join(folder, pluginFile.name), pluginFile.text);
  const project = JSON.parse(await readFile(join(projectFolder, "package.json"), "utf8"));
  const files = (await readdir(folder)).toSorted();
  const manifest = publishedManifest(project, [...new Set(imported)], files);
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
}
