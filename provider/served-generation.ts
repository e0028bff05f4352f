import { setTimeout as sleep } from "node:timers/promises";
import { createTar } from "nanotar";
import { DockerEngine } from "../engine/docker-engine.ts";
import { EngineUnreachableError } from "../engine/errors.ts";
import { changedFiles, generationInForce, retakeGeneration } from "../engine/generation.ts";
import type { VolumePlace } from "../engine/volume-carrier.ts";
import { identityMark } from "../naming/engine.ts";
import { ARRIVING_GENERATION, CONFIGURATION } from "../servers/generation/container-paths.ts";
import { generationId } from "../servers/generation/generation-id.ts";
import { InputReader } from "./inputs.ts";
import type {
  Checked,
  Created,
  Difference,
  Found,
  ResourceImplementation,
} from "./resource-implementation.ts";
import { encode, isMap, same, unknown, type Value, type Values, type WireValues } from "./wire.ts";

/** What is asked of a Docker Engine here. */
export type AskedEngine = Pick<DockerEngine, "exec" | "unpackIntoVolume" | "volumes">;

/** How long a server may take, in milliseconds. */
export interface Patience {
  /** To put into force what has just arrived. */
  readonly settle: number;
  /** To serve again what is declared. */
  readonly repair: number;
  readonly between: number;
}

const ordinary: Patience = { settle: 20_000, repair: 60_000, between: 300 };

/**
 * Brings a server's generation into its configuration volume, and knows what a refresh has found there instead.
 *
 * @param open - the engine that the inputs name
 */
export function servedGeneration(
  open: (inputs: Values) => AskedEngine = engineOf,
  patience: Patience = ordinary,
): ResourceImplementation {
  // From the check to what carries it, which the engine has the same process do: the state would have each secret a second
  // time, of ten thousand mailboxes a megabyte, and write it at each step.
  const checked = new Map<string, string>();
  const carry = (inputs: Values) => carryInto(open(inputs), inputs, checked.get(String(inputs.generation)));
  return {
    importing: "declare the server whose configuration it is",
    inputsAlone: ["plain"],
    check: (_olds, news) => check(news, checked),
    diff,
    preview: (_olds, inputs) => preview(inputs),
    previewCreate: preview,

    async create(inputs): Promise<Created> {
      await carry(inputs);
      return { id: String(inputs.volume), outputs: preview(inputs) };
    },

    async read(state): Promise<Found> {
      const found = await drift(open(state), target(state), patience);
      if (found === undefined) return { inputs: {}, outputs: {} };
      return { inputs: { drift: found }, outputs: { inForce: found.inForce ?? target(state).generation } };
    },

    async update(olds, inputs): Promise<WireValues> {
      const found = isMap(olds.drift) ? olds.drift : {};
      const isNew = places.some((name) => differs(name, olds, inputs));
      if (isNew || found.volume !== undefined) await carry(inputs);
      // One that it takes for the first time it may refuse: `up` asks for that.
      if (Object.keys(found).length > 0) await repair(open(inputs), target(inputs), !isNew, patience);
      return preview(inputs);
    },
  };
}

/** What is carried, and where to: a change of it has it carried again. */
const places = ["generation", "volume", "dockerHost", "engineIdentity"];

/** @param checked - the contents by their ids, to which it adds this one */
function check(news: Values, checked: Map<string, string>): Checked {
  const reader = new InputReader(news);
  const content = reader.text("content", generationProblem);
  reader.optionalText("plain", generationProblem);
  reader.text("volume", () => undefined);
  reader.text("image", () => undefined);
  reader.optionalText("container", () => undefined);
  reader.optionalText("dockerHost", () => undefined);
  reader.optionalText("engineIdentity", () => undefined);
  reader.section("drift");
  reader.refuseOthers();
  const { failures } = reader;
  if (failures.length > 0) return { filled: {}, failures };
  if (typeof content !== "string") return { filled: { generation: encode(unknown) }, dropped, failures };
  const generation = idOf(content);
  checked.set(generation, content);
  return { filled: { generation }, dropped, failures };
}

const dropped = ["content"];

function generationProblem(text: string): string | undefined {
  return idForm.test(idOf(text))
    ? undefined
    : "must be a generation as base64, as renderGeneration() makes one";
}

const idForm = /^[0-9a-f]{16}$/;

/** From the beginning alone: all of it may be a megabyte. */
function idOf(content: string): string {
  return generationId(Buffer.from(content.slice(0, 32), "base64"));
}

function diff(olds: Values, news: Values): Difference {
  const names = [...places, "container", "drift"];
  return { changes: names.some((name) => differs(name, olds, news)), replaces: [] };
}

function differs(name: string, olds: Values, news: Values): boolean {
  return !same(olds[name] ?? null, news[name] ?? null);
}

/** The server may not exist yet, or may not have it yet: only a refresh asks it. */
function preview({ generation }: Values): WireValues {
  return typeof generation === "string" ? { inForce: generation } : {};
}

async function carryInto(
  engine: AskedEngine,
  { volume, image, generation }: Values,
  content: string | undefined,
): Promise<void> {
  if (content === undefined) {
    throw new Error(
      `the content of generation ${String(generation)} is not at hand: nothing has been declared`,
    );
  }
  const place = { volume: String(volume), image: String(image) };
  await carryGeneration(engine, place, Buffer.from(content, "base64"));
}

/** Brings a generation into a server's configuration volume, by a container that has the volume's name while it is there. */
export async function carryGeneration(
  engine: Pick<AskedEngine, "unpackIntoVolume">,
  { volume, image }: Pick<VolumePlace, "volume" | "image">,
  generation: Buffer,
): Promise<void> {
  const attrs = { mode: "644", uid: 0, gid: 0 };
  const archive = createTar([{ name: ARRIVING_GENERATION, data: generation, attrs }]);
  const place = { volume, image, folder: CONFIGURATION, container: volume };
  try {
    await engine.unpackIntoVolume(place, Buffer.from(archive));
  } catch (error) {
    if (!/no such image/i.test(String(error))) throw error;
    // The Docker plugin has built it on the engine that it was given.
    throw new Error(
      `${error instanceof Error ? error.message : error}: dockerHost has to name the engine that has it`,
    );
  }
}

/** What a refresh asks about. */
interface Target {
  /** Undefined where nobody is asked. */
  readonly container: string | undefined;
  readonly volume: string | undefined;
  readonly generation: string;
}

function target({ container, volume, generation }: Values): Target {
  return { container: textOf(container), volume: textOf(volume), generation: String(generation) };
}

function textOf(value: Value | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A new one each time: what it has found out of reach may be there again, and the engine's identity may come meanwhile. */
function engineOf({ dockerHost, engineIdentity }: Values): DockerEngine {
  const identity = textOf(engineIdentity) ?? "";
  return new DockerEngine(textOf(dockerHost), identity === "" ? undefined : identityMark(identity));
}

/** In what a server differs from what it is to serve. */
interface Drift {
  /** The generation that it serves instead. */
  readonly inForce?: string;
  /** Why it does not take the one that it was given. */
  readonly refused?: string;
  readonly volume?: readonly string[];
  readonly server?: readonly string[];
  readonly [name: string]: string | readonly string[] | undefined;
}

/**
 * @returns undefined where nothing is known: the container does not run, which its own refresh says, or the engine
 * does not answer, or is another one.
 */
async function drift(
  engine: AskedEngine,
  { container, volume: name, generation }: Target,
  patience: Patience,
): Promise<WireValues | undefined> {
  if (container === undefined) return undefined;
  try {
    const state = await settled(engine, { container, generation }, patience);
    const { volume, server } = await changedFiles(engine, container, generation);
    const found: Drift = {
      ...("id" in state && state.id !== generation ? { inForce: state.id } : {}),
      ...("refused" in state ? { refused: state.refused } : {}),
      ...(volume.length > 0 ? { volume } : {}),
      ...(server.length > 0 ? { server } : {}),
    };
    return found as WireValues;
  } catch {
    return (await isLost(engine, name)) ? { volume: [ARRIVING_GENERATION] } : undefined;
  }
}

/** A volume goes with the container that had it, or after it. */
async function isLost(engine: AskedEngine, volume: string | undefined): Promise<boolean> {
  if (volume === undefined) return false;
  const volumes = await engine.volumes().catch(() => undefined);
  return volumes !== undefined && !volumes.some(({ name }) => name === volume);
}

/** What it serves once it has had the time to take what an `up` may have given it a moment ago. */
async function settled(
  engine: AskedEngine,
  { container, generation }: { readonly container: string; readonly generation: string },
  { settle, between }: Patience,
): ReturnType<typeof generationInForce> {
  const deadline = performance.now() + settle;
  for (;;) {
    const state = await generationInForce(engine, container);
    if ("id" in state ? state.id === generation : state.refused.includes(generation)) return state;
    if ("refused" in state && !ofTheServer.test(state.refused)) throw new Error(state.refused);
    if (performance.now() > deadline) return state;
    await sleep(between);
  }
}

/** Anything else is the engine's answer: it says that the container does not run, or does not exist. */
const ofTheServer = /^(?:the )?generation |^no complete configuration /;

/** @param isAwaited - whether the server is known to take the generation, and has to serve it in the end */
async function repair(
  engine: AskedEngine,
  served: Target,
  isAwaited: boolean,
  patience: Patience,
): Promise<void> {
  if (served.container === undefined) return;
  try {
    await retakeGeneration(engine, served.container);
  } catch (error) {
    // One that is not there, or does not run, is made again after this, and starts with what is in its volume.
    if (error instanceof EngineUnreachableError) throw error;
    return;
  }
  if (!isAwaited) return;
  const deadline = performance.now() + patience.repair;
  for (;;) {
    const found = await drift(engine, served, { ...patience, settle: 0 });
    if (found === undefined || Object.keys(found).length === 0) return;
    if (performance.now() > deadline) {
      const { refused = `it differs in ${Object.keys(found).join(", ")}` } = found;
      throw new Error(`${served.container} does not serve generation ${served.generation}: ${refused}`);
    }
    await sleep(patience.between);
  }
}
