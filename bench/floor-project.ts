import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { collectLess, localFolder } from "../toolchain/environment.ts";
import { withoutLog } from "../toolchain/pulumi-home.ts";
import { TemporaryProject } from "./temporary-project.ts";

const provider = fileURLToPath(new URL("../provider", import.meta.url));

const files = (volume: string): Readonly<Record<string, string>> => ({
  "Pulumi.yaml": JSON.stringify({
    name: "floor",
    runtime: { name: "nodejs", options: { typescript: false } },
    main: "index.js",
    plugins: { providers: [{ name: "maildomain", path: provider }] },
  }),
  "package.json": JSON.stringify({ name: "floor", main: "index.js" }),
  "index.js": `const pulumi = require("@pulumi/pulumi");
const { Volume } = require("@pulumi/docker/volume");
new Volume("volume", { name: "${volume}" });
new pulumi.CustomResource("maildomain:index:GeneratedSecret", "secret", { length: 32 });
`,
});

/**
 * What no preview can be below: the same CLI, plugin and provider, with a resource each and a program of four lines.
 *
 * @param volume - the name of the one that it makes
 */
export async function floorProject(volume: string): Promise<TemporaryProject> {
  const project = await TemporaryProject.create(files(volume), (folder) => ({
    NODE_COMPILE_CACHE: join(folder, "compile-cache"),
    ...collectLess(process.env),
    ...withoutLog(process.env, localFolder),
  }));
  await project.preview();
  return project;
}
