import type { DockerCommand, EngineMark } from "./docker-command.ts";
import { orderBySocket, parseJson, type Question } from "./engine-socket.ts";

/** A volume, and the container by which something reaches it without any that runs. */
export interface VolumePlace {
  readonly volume: string;
  /** The id of the image that gives the volume its owner and mode. */
  readonly image: string;
  /** Where the image has the volume. @example "/configuration" */
  readonly folder: string;
  /** What the container is called while it is there. */
  readonly container: string;
}

/** An engine that was recognised. */
interface CarrierEngine {
  readonly host: string | undefined;
  readonly docker: DockerCommand;
  /** What the container carries too, so that it is found if it stays. */
  readonly mark: EngineMark | undefined;
}

/** How long a machine that has much to do may need to make a container, and to take an archive, in milliseconds. */
const carryMs = 120_000;

/** A container that is never started, by which an archive reaches a volume. */
export class VolumeCarrier {
  readonly #place: VolumePlace;
  readonly #engine: CarrierEngine;

  constructor(place: VolumePlace, engine: CarrierEngine) {
    this.#place = place;
    this.#engine = engine;
  }

  /** @param archive - a tar @throws EngineError when the engine refuses */
  async unpack(archive: Buffer): Promise<void> {
    const { container } = this.#place;
    const carrier = await this.#create().catch(async (error: unknown) => {
      if (!/already in use/.test(String(error))) throw error;
      await this.#engine.docker.print(["rm", "--volumes", container]);
      return await this.#create();
    });
    try {
      await this.#fill(carrier, archive);
    } catch (error) {
      await this.#remove(carrier).catch(() => undefined);
      throw error;
    }
    await this.#remove(carrier);
  }

  async #create(): Promise<string> {
    const { volume, folder, image, container } = this.#place;
    const mount = `${volume}:${folder}`;
    const { label, value } = this.#engine.mark ?? {};
    const body = {
      Image: image,
      Labels: label === undefined ? {} : { [label]: value },
      HostConfig: { Binds: [mount], NetworkMode: "none" },
    };
    const path = `/containers/create?${new URLSearchParams({ name: container })}`;
    const answer = await this.#order({ method: "POST", path, body }, 201);
    if (answer !== undefined) return (parseJson(answer) as { readonly Id: string }).Id;
    const marked = label === undefined ? [] : ["--label", `${label}=${value}`];
    const options = ["--pull", "never", "--network", "none", ...marked, "--volume", mount];
    const create = ["create", "--name", container, ...options, image];
    return (await this.#engine.docker.print(create, carryMs)).trim();
  }

  async #fill(carrier: string, archive: Buffer): Promise<void> {
    const { folder } = this.#place;
    const path = `/containers/${carrier}/archive?${new URLSearchParams({ path: folder })}`;
    if ((await this.#order({ method: "PUT", path, body: archive }, 200)) !== undefined) return;
    await this.#engine.docker.print(["cp", "-", `${carrier}:${folder}`], carryMs, archive);
  }

  /** With the volumes that an image declares for itself; one with a name stays. */
  async #remove(carrier: string): Promise<void> {
    const path = `/containers/${carrier}?v=true`;
    if ((await this.#order({ method: "DELETE", path }, 204)) !== undefined) return;
    await this.#engine.docker.print(["rm", "--volumes", carrier]);
  }

  async #order(question: Omit<Question, "timeoutMs">, done: number): Promise<Buffer | undefined> {
    return await orderBySocket(this.#engine.host, { ...question, timeoutMs: carryMs }, done);
  }
}
