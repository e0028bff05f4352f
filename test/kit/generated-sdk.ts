import { delimiter, join } from "node:path";
import { runOrThrow } from "../../toolchain/child-process.ts";
import { languageToolsFolder, pythonFolder } from "../../toolchain/language-tools.ts";

/** Writes an SDK of the schema in a file, as `pulumi package add` does. */
export async function generateSdk(language: string, schemaFile: string, folder: string): Promise<void> {
  await runOrThrow("generator", join(languageToolsFolder(), "sdk-generators"), [
    language,
    schemaFile,
    folder,
  ]);
}

/** Where Python finds modules, with Pulumi's own SDK. */
export function pythonPath(modules: string): string {
  return [modules, pythonFolder()].join(delimiter);
}

/** Installs an SDK for Python by pip into a folder of modules. */
export async function installPythonSdk(sdk: string, modules: string): Promise<void> {
  const options = [
    "--quiet",
    "--disable-pip-version-check",
    "--no-deps",
    "--no-build-isolation",
    "--no-index",
  ];
  await runOrThrow("pip", "python3", ["-m", "pip", "install", ...options, "--target", modules, sdk], {
    env: { ...process.env, PYTHONPATH: pythonPath(modules) },
  });
}
