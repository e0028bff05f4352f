import { DockerCommand, type EngineMark } from "./docker-command.ts";
import { askSocket } from "./engine-socket.ts";
import { EngineError } from "./errors.ts";
import { containersWithLabel, volumesWithLabel } from "./labels.ts";
import {
  type AskedContainer,
  type EngineObject,
  type ListedContainer,
  type MarkedObject,
  nameOf,
} from "./objects.ts";
import { VolumeCarrier, type VolumePlace } from "./volume-carrier.ts";

/** The part of `docker inspect` that is read here. */
export interface ContainerState {
  readonly Name: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Status: string;
    readonly StartedAt: string;
    readonly Health?: {
      readonly Status: string;
      readonly Log?: readonly { readonly Output: string }[];
    };
  };
  readonly NetworkSettings: {
    readonly Ports: Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>;
    /** By the network's name. */
    readonly Networks?: Record<string, NetworkPlace>;
  };
}

/** A container's place in a network; an empty text is none. */
export interface NetworkPlace {
  readonly Gateway: string;
  readonly IPAddress: string;
  readonly IPPrefixLen: number;
  readonly IPv6Gateway: string;
  readonly GlobalIPv6Address: string;
  readonly GlobalIPv6PrefixLen: number;
}

/** The part of the API's list of networks that is read here. */
interface AskedNetwork {
  readonly Id: string;
  readonly Name: string;
  readonly EnableIPv6?: boolean;
  readonly Containers?: Readonly<Record<string, unknown>> | null;
}

/** How a container is made in which an image's daemons start. */
export interface ServeOptions {
  /** Without `CAP_`. */
  readonly capabilities: readonly string[];
  /** As `docker run --volume` takes it. */
  readonly volume: string;
  readonly timeoutMs: number;
}

/** What an engine says of itself. */
export interface EngineFacts {
  readonly version: string;
  /** Of what it is made. @example ["Engine", "containerd"] */
  readonly components: readonly string[];
  /** @example ["name=seccomp,profile=default", "name=rootless"] */
  readonly securityOptions: readonly string[];
  readonly isExperimental: boolean;
  /** Whether its default network has IPv6. */
  readonly hasIPv6: boolean;
}

/**
 * A Docker Engine. Every method that asks it throws EngineUnreachableError when it does not answer, and EngineError
 * when it refuses.
 */
export class DockerEngine {
  /** Undefined for the engine that `docker` itself would ask. */
  readonly host: string | undefined;
  readonly #docker: DockerCommand;
  /** Undefined where any engine will do. */
  readonly #mark: EngineMark | undefined;

  /**
   * @param host - such as `ssh://root@mail.example.org`; by default the engine that `docker` itself would ask.
   * @param mark - what the engine must carry, or else nothing is asked of it: every method throws OtherEngineError.
   */
  constructor(host?: string, mark?: EngineMark) {
    this.host = host;
    this.#docker = new DockerCommand(host, mark);
    this.#mark = mark;
  }

  /** The engine's version, such as `20.10.24+dfsg1`. */
  async version(): Promise<string> {
    const answer = (await this.#ask("/version")) as { readonly Version?: string } | undefined;
    if (answer?.Version !== undefined) return answer.Version;
    return (await this.#docker.print(["version", "--format", "{{.Server.Version}}"])).trim();
  }

  /** What its processor is, as Go names it: `amd64`, `arm64`. */
  async architecture(): Promise<string> {
    const answer = (await this.#ask("/version")) as { readonly Arch?: string } | undefined;
    if (answer?.Arch !== undefined) return answer.Arch;
    return (await this.#docker.print(["version", "--format", "{{.Server.Arch}}"])).trim();
  }

  /** What an engine says of itself that decides how its ports are reached. */
  async facts(): Promise<EngineFacts> {
    const [version, info, hasIPv6] = await Promise.all([
      this.#askOrPrint("/version", ["version", "--format", "{{json .Server}}"]),
      this.#askOrPrint("/info", ["info", "--format", "{{json .}}"]),
      this.#bridgeHasIPv6(),
    ]);
    const { Version, Components } = version as {
      readonly Version?: string;
      readonly Components?: readonly { readonly Name?: string }[] | null;
    };
    const { ExperimentalBuild, SecurityOptions } = info as {
      readonly ExperimentalBuild?: boolean;
      readonly SecurityOptions?: readonly string[] | null;
    };
    return {
      version: Version ?? "",
      components: (Components ?? []).map(({ Name = "" }) => Name),
      securityOptions: SecurityOptions ?? [],
      isExperimental: ExperimentalBuild === true,
      hasIPv6,
    };
  }

  async #bridgeHasIPv6(): Promise<boolean> {
    const asked = (await this.#ask("/networks/bridge")) as AskedNetwork | undefined;
    if (asked !== undefined) return asked.EnableIPv6 === true;
    try {
      const inspect = ["network", "inspect", "--format", "{{.EnableIPv6}}", "bridge"];
      return (await this.#docker.print(inspect)).trim() === "true";
    } catch (error) {
      // Podman has no network of this name.
      if (error instanceof EngineError) return false;
      throw error;
    }
  }

  /**
   * What a container has printed since a moment, on standard output.
   *
   * @param timestamps - whether the engine's time (RFC 3339) is before each line
   */
  logsSince(name: string, moment: Date, { timestamps = false } = {}): Promise<string> {
    const options = ["--since", String(moment.getTime() / 1000), ...(timestamps ? ["--timestamps"] : [])];
    return this.#docker.print(["logs", ...options, name]);
  }

  /**
   * @param format - as of `docker image inspect`
   * @returns undefined when there is no such image
   */
  async describeImage(name: string, format: string): Promise<string | undefined> {
    try {
      return (await this.#docker.print(["image", "inspect", "--format", format, name])).trim();
    } catch (error) {
      if (error instanceof EngineError) return undefined;
      throw error;
    }
  }

  /** @throws also when there is no such container. */
  async inspect(name: string): Promise<ContainerState> {
    const asked = await this.#ask(`/containers/${encodeURIComponent(name)}/json`);
    if (asked !== undefined) return asked as ContainerState;
    // Without --format, docker prints `[]` for a missing container as well as its error.
    const printed = await this.#docker.print(["container", "inspect", "--format", "{{json .}}", name]);
    return JSON.parse(printed) as ContainerState;
  }

  /** What a program in a running container prints. @throws also when the program fails. */
  exec(name: string, command: readonly string[]): Promise<string> {
    return this.#docker.exec(name, command);
  }

  /** Runs a program in a container on this process' own output. @returns its exit status */
  execOnOutput(name: string, command: readonly string[]): Promise<number> {
    return this.#docker.stream(["exec", name, ...command]);
  }

  /**
   * What a program prints in a container of its own, as root, which is removed afterwards.
   *
   * @throws also when the program fails.
   */
  runOnce(image: string, [program = "", ...words]: readonly string[], timeoutMs: number): Promise<string> {
    const container = ["run", "--rm", "--no-healthcheck", "--user", "0:0", "--entrypoint", program, image];
    return this.#docker.print([...container, ...words], timeoutMs);
  }

  /**
   * What a program prints that starts the image's daemons in a container of its own, without a network and with nothing of
   * the engine but one volume; it is removed afterwards.
   *
   * @param input - what the program reads.
   * @throws EngineError with what the program prints when it fails.
   */
  serveOnce(
    image: string,
    [program = "", ...words]: readonly string[],
    input: Buffer,
    { capabilities, volume, timeoutMs }: ServeOptions,
  ): Promise<string> {
    const container = ["run", "--rm", "--interactive", "--no-healthcheck"];
    // Some daemons do not start without a resolver's address.
    const alone = ["--network", "none", "--dns", "127.0.0.1"];
    const confined = ["--security-opt", "no-new-privileges", "--cap-drop", "ALL"];
    const may = capabilities.flatMap((capability) => ["--cap-add", capability]);
    const written = ["--tmpfs", "/run", "--tmpfs", "/tmp", "--volume", volume];
    const options = [...container, ...alone, ...confined, ...may, ...written, "--entrypoint", program];
    return this.#docker.print([...options, image, ...words], timeoutMs, input);
  }

  /**
   * Unpacks an archive into a volume, by a container that is never started and is removed afterwards. One of its name that an
   * attempt before has left is removed first.
   *
   * @param archive - a tar
   */
  async unpackIntoVolume(place: VolumePlace, archive: Buffer): Promise<void> {
    await this.#recognise();
    await new VolumeCarrier(place, { host: this.host, docker: this.#docker, mark: this.#mark }).unpack(
      archive,
    );
  }

  /** The id of the image that a container runs, and a label of it. */
  async imageOf(container: string, label: string): Promise<{ readonly id: string; readonly label: string }> {
    const printed = await this.#docker.print(["container", "inspect", "--format", "{{.Image}}", container]);
    const id = printed.trim();
    return { id, label: (await this.#labelOf(label, id)).trim() };
  }

  /** The values that a label has on any image. */
  async imageLabels(label: string): Promise<string[]> {
    const ids = await this.#rows(["image", "ls", "--filter", `label=${label}`], ["ID"]);
    const words = [...new Set(ids.map(([id = ""]) => id))];
    if (words.length === 0) return [];
    return [...new Set((await this.#labelOf(label, ...words)).split("\n").filter(Boolean))];
  }

  /** A line for each image. */
  #labelOf(label: string, ...images: readonly string[]): Promise<string> {
    const format = `{{index .Config.Labels "${label}"}}`;
    return this.#docker.print(["image", "inspect", "--format", format, ...images]);
  }

  /** All containers, also those that do not run. */
  async containers(): Promise<ListedContainer[]> {
    const asked = (await this.#ask("/containers/json", { all: "1" })) as
      | readonly AskedContainer[]
      | undefined;
    if (asked !== undefined) {
      return asked.map((container) => ({
        kind: "container",
        id: container.Id,
        name: nameOf(container),
        state: container.State ?? "",
      }));
    }
    const rows = await this.#rows(["container", "ls", "--all"], ["ID", "Names", "State"]);
    return rows.map(([id = "", name = "", state = ""]) => ({ kind: "container", id, name, state }));
  }

  async networks(): Promise<EngineObject[]> {
    const asked = (await this.#ask("/networks")) as readonly AskedNetwork[] | undefined;
    if (asked !== undefined) {
      const networks = asked.map(({ Id, Name }) => ({ kind: "network" as const, id: Id, name: Name }));
      return networks.sort((one, other) => (one.name < other.name ? -1 : 1));
    }
    const rows = await this.#rows(["network", "ls"], ["ID", "Name"]);
    return rows.map(([id = "", name = ""]) => ({ kind: "network", id, name }));
  }

  async volumes(): Promise<EngineObject[]> {
    const rows = await this.#rows(["volume", "ls"], ["Name"]);
    return rows.map(([name = ""]) => ({ kind: "volume", id: name, name }));
  }

  /** The volumes and containers that have a label, with its value. */
  async marked(label: string): Promise<MarkedObject[]> {
    const asked = await this.#askMarked(label);
    if (asked !== undefined) return asked;
    const filter = ["--filter", `label=${label}`];
    const value = `Label "${label}"`;
    const [volumes, containers] = await Promise.all([
      this.#rows(["volume", "ls", ...filter], ["Name", value]),
      this.#rows(["container", "ls", "--all", ...filter], ["ID", "Names", value]),
    ]);
    return [
      ...volumes.map(([name = "", of = ""]) => ({ kind: "volume" as const, id: name, name, value: of })),
      ...containers.map(([id = "", name = "", of = ""]) => ({
        kind: "container" as const,
        id,
        name,
        value: of,
      })),
    ];
  }

  async #askMarked(label: string): Promise<MarkedObject[] | undefined> {
    await this.#recognise();
    const [volumes, containers] = await Promise.all([
      volumesWithLabel(this.host, label),
      containersWithLabel(this.host, label),
    ]);
    return volumes && containers && [...volumes, ...containers];
  }

  /** The running containers that carry a mark, each by its name and the moment of its start. */
  async startsOf({ label, value }: EngineMark): Promise<{ readonly name: string; readonly start: string }[]> {
    const list = ["container", "ls", "--quiet", "--no-trunc", "--filter", `label=${label}=${value}`];
    const ids = (await this.#docker.print(list)).split("\n").filter(Boolean);
    if (ids.length === 0) return [];
    const format = "{{.Name}} {{.Id}} {{.State.StartedAt}}";
    const printed = await this.#docker.print(["container", "inspect", "--format", format, ...ids]);
    return printed
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const [name = "", ...start] = line.split(" ");
        return { name: name.slice(1), start: start.join(" ") };
      });
  }

  /** Whether a running container is attached to the network. */
  async networkIsUsed(id: string): Promise<boolean> {
    const asked = (await this.#ask(`/networks/${id}`)) as AskedNetwork | undefined;
    if (asked !== undefined) return Object.keys(asked.Containers ?? {}).length > 0;
    return (
      Number(await this.#docker.print(["network", "inspect", "--format", "{{len .Containers}}", id])) > 0
    );
  }

  /** The running containers, in full. */
  async running(): Promise<ContainerState[]> {
    const asked = await this.#askRunning();
    if (asked !== undefined) return asked;
    const ids = (await this.#docker.print(["container", "ls", "--quiet"])).split("\n").filter(Boolean);
    if (ids.length === 0) return [];
    let printed: string;
    try {
      printed = await this.#docker.print(["container", "inspect", "--format", "{{json .}}", ...ids]);
    } catch (error) {
      // One that was removed between the two questions makes nothing of the second's answer: both are asked again.
      if (/no such container/i.test(String(error))) return await this.running();
      throw error;
    }
    return printed
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as ContainerState);
  }

  /** One that was removed between the two questions leaves it to `docker`. */
  async #askRunning(): Promise<ContainerState[] | undefined> {
    const listed = (await this.#ask("/containers/json")) as readonly AskedContainer[] | undefined;
    if (listed === undefined) return undefined;
    const states = await Promise.all(listed.map(({ Id }) => this.#ask(`/containers/${Id}/json`)));
    return states.every((state) => state !== undefined) ? (states as ContainerState[]) : undefined;
  }

  /** Whatever is asked without `docker` is asked of the engine that is meant, too. */
  async #recognise(): Promise<void> {
    if (this.#mark !== undefined) await this.#docker.recognise();
  }

  async #ask(path: string, query?: Readonly<Record<string, string>>): Promise<unknown> {
    await this.#recognise();
    return await askSocket(this.host, path, query);
  }

  /** @param command - what prints the same, as JSON */
  async #askOrPrint(path: string, command: readonly string[]): Promise<unknown> {
    return (await this.#ask(path)) ?? JSON.parse(await this.#docker.print(command));
  }

  /** Removes a container that does not run, or a network or volume that nothing uses. */
  async remove({ kind, id }: EngineObject): Promise<void> {
    await this.#docker.print([kind, "rm", id]);
  }

  /** Removes a container whether it runs or not; one that runs has the time to stop in good order. */
  async removeRunning(id: string): Promise<void> {
    await this.#docker.print(["container", "stop", id]);
    await this.#docker.print(["container", "rm", id]);
  }

  /** How far the engine's clock is ahead of this machine's, in seconds, give or take half the time of asking. */
  async clockOffset(): Promise<{ readonly seconds: number; readonly precision: number }> {
    // Which takes no part of the time of asking.
    await this.#recognise();
    const before = Date.now();
    const asked = (await this.#ask("/info")) as { readonly SystemTime?: string } | undefined;
    const time =
      asked?.SystemTime ?? (await this.#docker.print(["info", "--format", "{{.SystemTime}}"])).trim();
    const after = Date.now();
    return {
      seconds: (Date.parse(time) - (before + after) / 2) / 1000,
      precision: (after - before) / 2000,
    };
  }

  async #rows(list: readonly string[], fields: readonly string[]): Promise<string[][]> {
    const format = fields.map((field) => `{{.${field}}}`).join(" ");
    const untruncated = list[0] === "volume" ? [] : ["--no-trunc"];
    const printed = await this.#docker.print([...list, ...untruncated, "--format", format]);
    return printed
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(" "));
  }
}

/** The command with which a person removes an object for good, from the machine that this runs on. */
export function removalCommand({ host }: DockerEngine, { kind, name }: EngineObject): string {
  const place = host === undefined ? "" : ` --host ${host}`;
  return `docker${place} ${kind === "container" ? "rm --force" : `${kind} rm`} ${name}`;
}
