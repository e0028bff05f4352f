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

/** Debian's packages that {@link ProgramContainer.createWithSystemd} needs. */
export const systemdPackages = ["dbus", "libnss-resolve", "socat", "systemd", "systemd-resolved"];

const stub = "/run/systemd/resolve/stub-resolv.conf";
/** What systemd may do in its container: mount what it needs, a hierarchy of control groups of its own first. */
const systemdOptions = [
  ...["--cap-add", "SYS_ADMIN", "--security-opt", "seccomp=unconfined"],
  ...["--security-opt", "apparmor=unconfined", "--cgroupns", "private", "--tmpfs", "/run"],
];
const startSystemd =
  "ln -sf /dev/null /etc/systemd/system/tmp.mount; umount -R /sys/fs/cgroup; " +
  "mount -t cgroup2 cgroup2 /sys/fs/cgroup; exec /lib/systemd/systemd";

/** Whether the engine lets a container have its own control groups, as systemd needs. */
export async function canRunSystemd(): Promise<boolean> {
  const script = "umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup";
  const command = ["debian:trixie-slim", "sh", "-c", script];
  return docker("run", "--rm", ...systemdOptions, ...command).then(
    () => true,
    () => false,
  );
}

interface PublishedPort {
  readonly protocol: "tcp" | "udp";
  /** Address and port, on the engine's machine. */
  readonly published: string;
  /** The same of the container that has it. */
  readonly place: string;
}

async function portsOf(lab: Lab): Promise<PublishedPort[]> {
  const names = await docker("ps", "--filter", `name=^${lab.prefix}-`, "--format", "{{.Names}}");
  const found = names.split("\n").map(async (name) => {
    const address = await docker(
      "inspect",
      "--format",
      "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
      name,
    );
    const lines = await docker("port", name);
    return [...lines.matchAll(/^(\d+)\/(tcp|udp) -> (\S+)$/gm)].map(([, port, protocol, published]) => ({
      protocol: protocol as PublishedPort["protocol"],
      published: published ?? "",
      place: `${address}:${port}`,
    }));
  });
  return (await Promise.all(found)).flat();
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

  /**
   * The same with systemd at work in a network of its own, where nothing else has its resolver's address. Of the packages
   * of {@link systemdPackages}. The lab's ports are at the lab's address there, too.
   *
   * @param folders - see {@link create}
   */
  static async createWithSystemd(
    lab: Lab,
    image: string,
    ...folders: readonly string[]
  ): Promise<ProgramContainer> {
    const container = new ProgramContainer(`${lab.prefix}-client-systemd`);
    await docker(
      ...["run", "--detach", "--name", container.name, "--network", `${lab.prefix}-network`],
      ...systemdOptions,
      ...folders.flatMap((folder, index) => ["--volume", `${folder}:${folder}${index === 0 ? ":ro" : ""}`]),
      // As a machine has it, where nobody has mounted anything in the link's place.
      ...[image, "sh", "-euc", `umount /etc/resolv.conf; ln -sf ${stub} /etc/resolv.conf; ${startSystemd}`],
    );
    const isRunning =
      "for attempt in $(seq 240); do systemctl is-active -q multi-user.target && exit; sleep 0.5; done";
    await container.run(`${isRunning}; systemctl status; exit 1`);
    for (const { published, place, protocol } of await portsOf(lab)) {
      const listen = protocol === "tcp" ? "TCP-LISTEN" : "UDP-RECVFROM";
      const [address, port] = published.split(/:(?=\d+$)/);
      const socat = `socat ${listen}:${port},bind=${address},fork,reuseaddr ${protocol.toUpperCase()}:${place}`;
      await container.run(`systemd-run --quiet ${socat}`);
    }
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
