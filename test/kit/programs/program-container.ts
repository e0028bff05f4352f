import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker } from "../engine.ts";
import type { Lab } from "../lab.ts";

/**
 * An image with Debian's own programs and a user `person`, which stays on the engine. It can be built while a lab comes
 * up, and has to be before its {@link ProgramContainer}, which asks nobody where Debian's archive is.
 */
export async function programImage(packages: readonly string[]): Promise<string> {
  const text = `FROM debian:trixie-slim
RUN apt-get update -qq \\
    && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends ${packages.join(" ")} >/dev/null 2>&1 \\
    && rm -rf /var/lib/apt/lists/* \\
    && useradd --create-home person
`;
  const image = `maildomain/test-programs:${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
  const context = await mkdtemp(join(tmpdir(), "maildomain-programs-"));
  try {
    await writeFile(join(context, "Dockerfile"), text);
    await docker("build", "--quiet", "--tag", image, context);
  } finally {
    await rm(context, { recursive: true });
  }
  return image;
}

/** A person's machine, with the programs of {@link programImage}: it asks the lab's DNS server and no other. */
export class ProgramContainer {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  /** @param folders - are found under the same paths inside; the first may not be written to. */
  static async create(lab: Lab, image: string, ...folders: readonly string[]): Promise<ProgramContainer> {
    const container = new ProgramContainer(`${lab.prefix}-client`);
    await docker(
      ...["run", "--detach", "--init", "--name", container.name, "--network", "host"],
      ...folders.flatMap((folder, index) => ["--volume", `${folder}:${folder}${index === 0 ? ":ro" : ""}`]),
      ...[image, "sleep", "infinity"],
    );
    await container.run(`echo 'nameserver ${lab.address}' >/etc/resolv.conf`);
    return container;
  }

  /** What a script prints, run by root or by the person. */
  run(script: string, user = "root"): Promise<string> {
    return docker("exec", "--user", user, "--workdir", "/home", this.name, "sh", "-euc", script);
  }

  async start(script: string, user: string): Promise<void> {
    await docker("exec", "--detach", "--user", user, this.name, "sh", "-euc", script);
  }

  async remove(): Promise<void> {
    await docker("rm", "--force", this.name);
  }
}
