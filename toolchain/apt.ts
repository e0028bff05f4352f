import { existsSync, rmSync, writeFileSync } from "node:fs";
import { findProgram, runOrThrow } from "./child-process.ts";
import type { Report } from "./report.ts";

/** Whether this process may install packages here: Debian or Ubuntu, as root. */
export function canInstallPackages(): boolean {
  return process.getuid?.() === 0 && findProgram("apt-get") !== undefined;
}

/** Installs Debian packages; apt verifies them by the archive's signatures. */
export async function installPackages(report: Report, packages: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // Another apt may be running, on a fresh cloud machine above all: wait for it instead of failing.
  const wait = ["-o", "DPkg::Lock::Timeout=600"];
  await report.during(`installing ${packages.join(", ")} with apt`, async (onLine) => {
    await runOrThrow("Reading the package lists", "apt-get", [...wait, "update"], { env, onLine });
    await runOrThrow(
      "Installing packages",
      "apt-get",
      [...wait, "install", "--yes", "--no-install-recommends", ...packages],
      { env, onLine },
    );
  });
}

/** Debian's packages start their services on installation, unless this program says no (its exit status 101). */
const policy = "/usr/sbin/policy-rc.d";

/** Like {@link installPackages}, without starting what they bring: a test's tool is nobody's service. */
export async function installIdlePackages(report: Report, packages: readonly string[]): Promise<void> {
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    await installPackages(report, packages);
  } finally {
    if (isOurs) rmSync(policy);
  }
}
