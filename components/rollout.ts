import * as pulumi from "@pulumi/pulumi";

/** A server that has a container, and gets one of another image. */
export interface ReplacedServer {
  /** Its component's name. */
  readonly name: string;
  /** The id of the image that it is to run. */
  readonly image: string;
  /** The generation that it is to serve, as its configuration volume will have it. */
  readonly generation: Buffer;
  /** What its container may do, without `CAP_`. */
  readonly capabilities: readonly string[];
  /** Its configuration volume's name on the engine. */
  readonly volume: string;
}

/** A port of the host, as an engine lists it. */
export interface BoundPort {
  /** @example "0.0.0.0" */
  readonly address: string;
  /** @example 25 */
  readonly port: number;
  /** @example "tcp" */
  readonly protocol: string;
  /** The container's port that it leads to. @example 25 */
  readonly internal: number;
}

export interface RolloutArgs {
  /**
   * The id of the image that each server runs now, by its component's name; only of those that have a container.
   *
   * @example new Map([["mail-server", "sha256:…"]])
   */
  readonly images: ReadonlyMap<string, string>;
  /**
   * The host's ports of each container that is there, by its server's name, in the order in which its engine lists them.
   * Where one is bound at several addresses, and all are as declared, no order of them counts as a change.
   *
   * @default unknown
   * @example new Map([["mail-server", [{ address: "::", port: 25, protocol: "tcp", internal: 25 }]]])
   */
  readonly ports?: ReadonlyMap<string, readonly BoundPort[]> | undefined;
  /** Tries a new image before anything is stopped. */
  readonly rehearse: (server: ReplacedServer) => Promise<string | undefined>;
}

/** A server that takes part, before it has a container. */
export interface RolloutServer extends Pick<ReplacedServer, "name" | "capabilities" | "volume"> {
  readonly image: pulumi.Output<string>;
  /** As base64. */
  readonly generation: pulumi.Output<string>;
}

/**
 * Replaces the containers of several servers with as little interruption as there can be: every new image has served
 * what it is to serve before anything changes, and then one server after another is replaced, in the order in which they
 * are declared; the next one waits until the one before is healthy. Servers without a container so far wait for nobody.
 *
 * ```ts
 * const rollout = new Rollout({ images, rehearse });
 * new MailServer("mail-server", { ...args, rollout });
 * new WebServer("web-server", { ...args, rollout });
 * await rollout.close();
 * ```
 *
 * A generation must not depend on any of the containers.
 */
export class Rollout {
  readonly #args: RolloutArgs;
  readonly #rehearsals: Promise<string | undefined>[] = [];
  readonly #accepted = Promise.withResolvers<pulumi.Resource[]>();
  /** The rehearsals that have begun: they come one after another, since the servers at work need the machine. */
  #turn: Promise<unknown> = Promise.resolve();
  #last: pulumi.Resource | undefined;

  constructor(args: RolloutArgs) {
    this.#args = args;
  }

  /**
   * Called when all servers are declared; nothing of any server changes before this. Where a new image is refused, no
   * server ever changes, and what waits for one never ends: the program has to.
   *
   * @throws RunError with what is wrong with every new image.
   */
  async close(): Promise<void> {
    const problems = (await Promise.all(this.#rehearsals)).filter((problem) => problem !== undefined);
    if (problems.length > 0) {
      throw new pulumi.RunError([...problems, "No server has been stopped."].join("\n"));
    }
    this.#accepted.resolve([]);
  }

  /** @returns what a server's configuration depends on. */
  enter(server: RolloutServer): Promise<pulumi.Resource[]> {
    this.#rehearsals.push(this.#rehearse(server));
    return this.#accepted.promise;
  }

  /** @returns what a server's container depends on. */
  get before(): readonly pulumi.Resource[] {
    return this.#last === undefined ? [] : [this.#last];
  }

  /** The ports of the container that a server has now. */
  portsOf({ name }: Pick<RolloutServer, "name">): readonly BoundPort[] {
    return this.#args.ports?.get(name) ?? [];
  }

  /** The container of a server that has entered. */
  leave({ name }: Pick<RolloutServer, "name">, container: pulumi.Resource): void {
    if (this.#args.images.has(name)) this.#last = container;
  }

  async #rehearse({ image, generation, ...place }: RolloutServer): Promise<string | undefined> {
    const former = this.#args.images.get(place.name);
    if (former === undefined || pulumi.runtime.isDryRun()) return undefined;
    const next = await settled(image);
    if (next === undefined || next === former) return undefined;
    const encoded = await settled(generation);
    if (encoded === undefined) return undefined;
    const server = { ...place, image: next, generation: Buffer.from(encoded, "base64") };
    const turn = this.#turn.then(() => this.#args.rehearse(server));
    this.#turn = turn;
    return turn;
  }
}

/** Its value; undefined where it stays unknown, as in an update of some resources alone (`--target`). */
function settled<T>(output: pulumi.Output<T>): Promise<T | undefined> {
  return (output as unknown as { promise(): Promise<T | undefined> }).promise();
}
