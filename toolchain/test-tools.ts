import { existsSync } from "node:fs";
import { canInstallPackages, installIdlePackages } from "./apt.ts";
import { findProgram } from "./child-process.ts";
import type { Step } from "./step.ts";

/** Third-party programs by which the tests judge what is built, with the Debian package of each. */
const packageOf: Readonly<Record<string, string>> = {
  certutil: "libnss3-tools",
  nslookup: "bind9-dnsutils",
  delv: "bind9-dnsutils",
  faketime: "faketime",
  gh: "gh",
  ip: "iproute2",
  "named-checkzone": "bind9-utils",
  openssl: "openssl",
  python3: "python3",
  sshd: "openssh-server",
};

function missing(): string[] {
  return Object.keys(packageOf).filter((program) => findProgram(program, ["/usr/sbin"]) === undefined);
}

/** A service manager would start the SSH server with the machine, for all the world. */
function isHarmless(program: string): boolean {
  return program !== "sshd" || !existsSync("/run/systemd/system");
}

/** What the tests compare with; where it cannot be installed, the tests that need it are skipped by name. */
export const testTools: Step = {
  name: "test tools",

  async inspect() {
    const absent = missing();
    if (absent.length === 0)
      return { ready: true, found: `test tools (${Object.keys(packageOf).join(", ")})` };
    return { ready: false, found: `no ${absent.join(", ")}`, remedy: "install them with apt" };
  },

  async ensure(report) {
    const packages = [
      ...new Set(
        missing()
          .filter(isHarmless)
          .flatMap((program) => packageOf[program] ?? []),
      ),
    ];
    if (packages.length > 0 && canInstallPackages()) await installIdlePackages(report, packages);
    const absent = missing();
    if (absent.length > 0) report.note(`Without ${absent.join(", ")} the tests that use them are skipped.`);
    return await this.inspect();
  },
};
