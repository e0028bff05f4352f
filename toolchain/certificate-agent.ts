import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { goBuild } from "./go.ts";
import type { Report } from "./report.ts";
import type { Step } from "./step.ts";
import { projectFolder, versions } from "./versions.ts";

const SOURCES = "images/certificate-agent/agent";
/** In the context that the images are built with, and ignored by git. */
const BUILT_IN = join(projectFolder, "images", ".built", "certificate-agent");

const agentVersion = versions.maildomain ?? "development";

/** What Go calls the architectures that an engine or Node may name. */
const architectures: Readonly<Record<string, string>> = {
  x64: "amd64",
  x86_64: "amd64",
  aarch64: "arm64",
};

/** Path of the certificate agent's program, where the image's build finds it. @param architecture - as an engine or Node names it. */
export function certificateAgentProgram(architecture: string = process.arch): string {
  return join(BUILT_IN, architectures[architecture] ?? architecture);
}

/**
 * The certificate agent, built from its sources and Go modules where those can be reached: neither the engine nor the
 * image's build needs to.
 *
 * @param architecture - of the engine that runs it.
 */
export function certificateAgent(architecture: string = process.arch): Step {
  const program = certificateAgentProgram(architecture);
  return {
    name: "certificate agent",

    async inspect() {
      const ready = existsSync(program) && builtFrom(program) === sourcesDigest();
      if (ready) return { ready, found: "certificate agent" };
      return { ready, found: "no certificate agent of this version", remedy: "build it from Go modules" };
    },

    async ensure(report) {
      const before = await this.inspect();
      if (!before.ready) await build(report, program, architectures[architecture] ?? architecture);
      return this.inspect();
    },
  };
}

/** The same for tests: where it cannot be had, those that need it are skipped by name. */
export function certificateAgentForTests(): Step {
  const step = certificateAgent();
  return {
    ...step,

    async ensure(report) {
      try {
        return await step.ensure(report);
      } catch (error) {
        report.note(`Without the certificate agent the tests that use it are skipped: ${String(error)}`);
        return await step.inspect();
      }
    },
  };
}

async function build(report: Report, program: string, architecture: string): Promise<void> {
  await mkdir(BUILT_IN, { recursive: true });
  const digest = sourcesDigest();
  await report.during("building the certificate agent", (onLine) =>
    goBuild({
      module: SOURCES,
      package: ".",
      variables: { "main.version": agentVersion },
      output: `${program}.unfinished`,
      architecture,
      onLine,
    }),
  );
  await rename(`${program}.unfinished`, program);
  await writeFile(digestFile(program), digest);
}

/** What the program was built from; `undefined` where that is not known. */
function builtFrom(program: string): string | undefined {
  const file = digestFile(program);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function digestFile(program: string): string {
  return `${program}.sources`;
}

/** Of what the program is made from, go.sum and with it every module among it. */
function sourcesDigest(): string {
  const folder = join(projectFolder, SOURCES);
  const digest = createHash("sha256").update(agentVersion);
  for (const name of readdirSync(folder).sort()) {
    digest.update(`\0${name}\0`).update(readFileSync(join(folder, name)));
  }
  return digest.digest("hex");
}
