import { setTimeout as sleep } from "node:timers/promises";
import { DockerEngine } from "../engine/docker-engine.ts";
import { EngineUnreachableError } from "../engine/errors.ts";
import { changedFiles, generationInForce, retakeGeneration } from "../engine/generation.ts";
import { identityMark } from "../naming/engine.ts";
import { InputReader } from "./inputs.ts";
import type {
  Checked,
  Created,
  Difference,
  Found,
  ResourceImplementation,
} from "./resource-implementation.ts";
import { isMap, same, unknown, type Value, type Values, type WireValues } from "./wire.ts";

/** What is asked of a Docker Engine here. */
export type AskedEngine = Pick<DockerEngine, "exec">;

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
 * Knows which generation a server is to serve, and what a refresh has found instead.
 *
 * @param open - the engine that the inputs name
 */
export function servedGeneration(
  open: (inputs: Values) => AskedEngine = engineOf,
  patience: Patience = ordinary,
): ResourceImplementation {
  return {
    importing: "declare the server whose configuration it compares",
    check,
    diff,
    create,
    preview,
    previewCreate: (inputs) => preview({}, inputs),

    async read(state): Promise<Found> {
      const found = await drift(open(state), target(state), patience);
      if (found === undefined) return { inputs: {}, outputs: {} };
      return { inputs: { drift: found }, outputs: { inForce: found.inForce ?? target(state).generation } };
    },

    async update(olds, inputs): Promise<WireValues> {
      const found = isMap(olds.drift) ? olds.drift : {};
      if (Object.keys(found).length > 0) {
        // What is damaged in the volume arrives again after this, and a new generation, too.
        const arrives = found.volume !== undefined || !same(olds.generation, inputs.generation);
        await repair(open(inputs), target(inputs), arrives, patience);
      }
      return preview(olds, inputs);
    },
  };
}

function check(_olds: Values, news: Values): Checked {
  const reader = new InputReader(news);
  reader.text("container", () => undefined);
  reader.text("generation", (id) =>
    /^[0-9a-f]{16}$/.test(id) ? undefined : "must be the 16 hexadecimal digits of a generation",
  );
  reader.optionalText("dockerHost", () => undefined);
  reader.optionalText("engineIdentity", () => undefined);
  reader.section("drift");
  reader.refuseOthers();
  return { filled: {}, failures: reader.failures };
}

function diff(olds: Values, news: Values): Difference {
  const names = ["container", "generation", "dockerHost", "engineIdentity", "drift"];
  return { changes: names.some((name) => !same(olds[name] ?? null, news[name] ?? null)), replaces: [] };
}

/** The server may not exist yet: only a refresh asks it. */
async function create(inputs: Values): Promise<Created> {
  return { id: String(inputs.container), outputs: preview({}, inputs) };
}

function preview(olds: Values, { generation = unknown }: Values): WireValues {
  const { repairs = 0, drift: found } = olds;
  const isDamaged = isMap(found) && found.volume !== undefined;
  return {
    ...(typeof generation === "string" ? { inForce: generation } : {}),
    repairs: Number(repairs) + (isDamaged ? 1 : 0),
  };
}

interface Target {
  readonly container: string;
  readonly generation: string;
}

function target({ container, generation }: Values): Target {
  return { container: String(container), generation: String(generation) };
}

function engineOf({ dockerHost, engineIdentity }: Values): DockerEngine {
  const text = (value: Value | undefined) => (typeof value === "string" ? value : undefined);
  const identity = text(engineIdentity);
  return new DockerEngine(
    text(dockerHost),
    identity === undefined || identity === "" ? undefined : identityMark(identity),
  );
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
  { container, generation }: Target,
  patience: Patience,
): Promise<WireValues | undefined> {
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
    return undefined;
  }
}

/** What it serves once it has had the time to take what an `up` may have given it a moment ago. */
async function settled(
  engine: AskedEngine,
  { container, generation }: Target,
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

async function repair(
  engine: AskedEngine,
  served: Target,
  arrives: boolean,
  patience: Patience,
): Promise<void> {
  try {
    await retakeGeneration(engine, served.container);
  } catch (error) {
    // One that is not there, or does not run, is made again after this, and starts with what is in its volume.
    if (error instanceof EngineUnreachableError) throw error;
    return;
  }
  if (arrives) return;
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
