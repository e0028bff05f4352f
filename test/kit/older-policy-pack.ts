import { mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pulumiFolder } from "../../toolchain/pulumi-cli.ts";
import type { Outcome } from "./lab.ts";

/** The pack of policy/ by the older way, which every CLI has: a script beside it starts Node. */
export const olderPack = "test/kit/policy-pack";

/** The Node.js host that is built where Pulumi's site cannot be reached runs no packs itself. */
export function isWithoutPacks({ output }: Outcome): boolean {
  return /failed to start: .*not supported/.test(output);
}

/** A folder for the PATH, with the script that starts packs of the older way. */
export async function makePolicyScripts(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "maildomain-policy-"));
  const script = join(pulumiFolder(), "pulumi-analyzer-policy");
  await symlink(script, join(folder, "pulumi-analyzer-policy-script"));
  return folder;
}
