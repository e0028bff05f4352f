import { docker } from "../engine.ts";
import type { Lab } from "../lab.ts";

/**
 * A person's machine, on which Debian's own programs are installed: it asks the lab's DNS server and no other.
 * Debian's archive has to be reached before that, so that the names are looked up by the machine's resolver until then.
 */
export class ProgramContainer {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  /** @param folder - is found under the same path inside. */
  static async create(lab: Lab, packages: readonly string[], folder: string): Promise<ProgramContainer> {
    const container = new ProgramContainer(`${lab.prefix}-client`);
    await docker(
      ...["run", "--detach", "--init", "--name", container.name, "--network", "host"],
      ...["--volume", `${folder}:${folder}:ro`, "debian:trixie-slim", "sleep", "infinity"],
    );
    await container.run(
      "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends " +
        `${packages.join(" ")} >/dev/null 2>&1 && useradd --create-home person`,
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
