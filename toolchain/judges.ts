import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { canInstallPackages, installPackages } from "./apt.ts";
import { findProgram, runOrThrow } from "./child-process.ts";
import { localFolder } from "./environment.ts";
import type { Step } from "./step.ts";
import { projectFolder } from "./versions.ts";

const requirements = join(projectFolder, "test/kit/judges/requirements.txt");

/** Folder of the third-party Python programs by which the tests judge what is built; its name contains their versions. */
export function judgesFolder(): string {
  const digest = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  return join(localFolder, `judges-${digest.slice(0, 12)}`);
}

/** checkdmarc and dnspython, from PyPI; where they cannot be had, the tests that need them are skipped by name. */
export const judges: Step = {
  name: "judges",

  async inspect() {
    if (existsSync(judgesFolder())) return { ready: true, found: "judges (checkdmarc, dnspython)" };
    return { ready: false, found: "no checkdmarc and dnspython", remedy: "install them with pip" };
  },

  async ensure(report) {
    const folder = judgesFolder();
    if (existsSync(folder)) return this.inspect();
    const unfinished = `${folder}.unfinished`;
    try {
      if (findProgram("pip3") === undefined && canInstallPackages())
        await installPackages(report, ["python3-pip"]);
      await mkdir(localFolder, { recursive: true });
      await rm(unfinished, { recursive: true, force: true });
      const options = ["--quiet", "--disable-pip-version-check", "--no-warn-script-location"];
      await report.during("installing checkdmarc and dnspython with pip", async (onLine) => {
        await runOrThrow(
          "Installing the judges",
          "python3",
          ["-m", "pip", "install", ...options, "--target", unfinished, "--requirement", requirements],
          { onLine },
        );
      });
      await rename(unfinished, folder);
    } catch (error) {
      report.note(`Without checkdmarc and dnspython the tests that use them are skipped: ${String(error)}`);
    }
    return this.inspect();
  },
};
