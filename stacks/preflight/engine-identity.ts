/**
 * Whether an engine is the one that a stack runs on. Two addresses may lead to one engine, and one address to another
 * engine than before; so what counts is what the engine carries, and not how it is reached.
 */
import { DockerEngine } from "../../engine/docker-engine.ts";
import { EngineUnreachableError } from "../../engine/errors.ts";
import {
  identityLabel,
  identityMark,
  objectName,
  parseObjectName,
  type StackName,
} from "../../naming/engine.ts";
import type { FormerEngine } from "./former-engine.ts";

/** What an engine was found to be. */
export interface Examined {
  /** The identity that its objects with the stack's names carry. */
  readonly identity: string | undefined;
  /** Why the stack may not be changed there, and what to do. */
  readonly problem?: string | undefined;
  /** What people should know of an engine that is the stack's. */
  readonly note?: string | undefined;
  /** Whether the volume with the identity was removed, which a refresh notices. */
  readonly isVolumeMissing?: boolean | undefined;
}

/** What an engine has of a stack. */
interface Found {
  readonly identity: string | undefined;
  readonly hasVolume: boolean;
}

/**
 * @param former - the engine that the state knows, if there is one
 * @param engine - the one that is declared
 * @throws EngineUnreachableError or EngineError where it cannot be asked
 */
export async function examine(
  stack: StackName,
  former: FormerEngine | undefined,
  engine: DockerEngine,
): Promise<Examined> {
  const found = await find(stack, engine);
  const { identity } = found;
  if (former === undefined) return { identity };
  if (former.identity === undefined) return { identity, ...(await compareIds(stack, former, engine)) };
  if (identity !== former.identity) {
    return { identity, problem: await explain(stack, former.identity, former.host, engine, identity) };
  }
  const isVolumeMissing = !found.hasVolume;
  if (former.host === engine.host) return { identity, isVolumeMissing };
  return { identity, isVolumeMissing, ...(await compareWithFormer(stack, identity, former, engine)) };
}

async function find(stack: StackName, engine: DockerEngine): Promise<Found> {
  const own = (await engine.marked(identityLabel)).filter(
    ({ kind, name, value }) => value !== "" && parseObjectName(stack, kind, name) !== undefined,
  );
  const carrier = identityVolume(stack);
  const volume = own.find(({ kind, name }) => kind === "volume" && name === carrier);
  return {
    // Containers carry the same, and are still there where somebody has removed unused volumes.
    identity: (volume ?? own[0])?.value,
    hasVolume: volume !== undefined,
  };
}

/** The volumes with the stack's names, but for the one with its identity. */
async function otherVolumes(stack: StackName, engine: DockerEngine): Promise<string[]> {
  const carrier = identityVolume(stack);
  return (await engine.volumes())
    .map(({ name }) => name)
    .filter((name) => name !== carrier && parseObjectName(stack, "volume", name) !== undefined)
    .toSorted();
}

/** A stack from before identities: ids that no two engines have in common, but for clones. */
async function compareIds(
  stack: StackName,
  former: FormerEngine,
  engine: DockerEngine,
): Promise<Pick<Examined, "note" | "problem">> {
  if (former.host === engine.host) return {};
  const things = await Promise.all([engine.containers(), engine.networks()]);
  if (things.flat().some(({ id }) => former.ids.has(id))) return { note: sameEngine(former.host, engine) };
  return { problem: [...otherEngine(stack, former.host, engine), ...whereTheMailIs(former.host)].join("\n") };
}

/** Both addresses have the identity: one engine, or one that was copied, of which only one may run the servers. */
async function compareWithFormer(
  stack: StackName,
  identity: string,
  former: FormerEngine,
  engine: DockerEngine,
): Promise<Pick<Examined, "note" | "problem">> {
  const mark = identityMark(identity);
  const from = new DockerEngine(former.host);
  try {
    const [there, here] = await Promise.all([from.startsOf(mark), engine.startsOf(mark)]);
    const starts = new Set(here.map(({ start }) => start));
    const elsewhere = there.filter(({ start }) => !starts.has(start)).map(({ name }) => name);
    if (there.length === 0) {
      return {
        note: `${nameOfEngine(engine.host)} has the stack's identity, and none of its servers run at ${nameOfEngine(former.host)}`,
      };
    }
    if (elsewhere.length === 0) return { note: sameEngine(former.host, engine) };
    return {
      problem: [
        `dockerHost: ${nameOfEngine(engine.host)} is a copy of the engine that stack ${stack.stack} runs on (${nameOfEngine(former.host)}): it has the same identity, and the servers still run there. Nothing was changed.`,
        "Mail would arrive in two places. Set dockerHost back, or stop the servers there first:",
        `    ${docker(from)} stop ${elsewhere.toSorted().join(" ")}`,
      ].join("\n"),
    };
  } catch (error) {
    if (!(error instanceof EngineUnreachableError)) throw error;
    return {
      note: `${nameOfEngine(engine.host)} has the stack's identity; ${nameOfEngine(former.host)} does not answer, so that a copy could not be distinguished`,
    };
  }
}

async function explain(
  stack: StackName,
  identity: string,
  from: string | undefined,
  engine: DockerEngine,
  foundIdentity: string | undefined,
): Promise<string> {
  const giveBack = `    ${docker(engine)} volume create --label ${identityLabel}=${identity} ${identityVolume(stack)}`;
  const isSameAddress = from === engine.host;
  if (foundIdentity !== undefined) {
    return [
      ...otherEngine(stack, from, engine, "what it has of a stack of this name carries another identity"),
      ...(isSameAddress ? [] : whereTheMailIs(from)),
      "Where another state runs that stack, use that state, or give this stack another name.",
    ].join("\n");
  }
  const others = await otherVolumes(stack, engine);
  if (others.length > 0) {
    return [
      `dockerHost: ${nameOfEngine(engine.host)} has volumes of stack ${stack.stack} (${others.join(", ")}), and none that carries its identity: ${identityVolume(stack)} was removed there, or these are another stack's. Nothing was changed.`,
      "If they hold this stack's mail, give the engine its identity back and run `npm run up`:",
      giveBack,
    ].join("\n");
  }
  if (!isSameAddress) return [...otherEngine(stack, from, engine), ...whereTheMailIs(from)].join("\n");
  return [
    `dockerHost: ${nameOfEngine(engine.host)} has nothing of stack ${stack.stack}, which runs there: the address leads to another engine now, it was installed again, or all was removed. Nothing was changed.`,
    "If the stack is to continue there, restore its volumes with the mail; keys and passwords are in the state. Then give the engine the identity and run `npm run up`:",
    giveBack,
  ].join("\n");
}

function otherEngine(
  { stack }: StackName,
  from: string | undefined,
  engine: DockerEngine,
  reason?: string,
): string[] {
  const why = reason === undefined ? "" : `: ${reason}`;
  return [
    `dockerHost: ${nameOfEngine(engine.host)} is another engine than the one that stack ${stack} runs on (${nameOfEngine(from)})${why}. Nothing was changed.`,
  ];
}

function whereTheMailIs(from: string | undefined): string[] {
  return [
    `Its mail and its queue are on the volumes of ${nameOfEngine(from)}, and its servers there still accept mail. Set dockerHost back`,
    "to it, or move the stack as docs/remote-engine.md says.",
  ];
}

function sameEngine(from: string | undefined, { host }: DockerEngine): string {
  return `${nameOfEngine(host)} is the engine that was reached as ${nameOfEngine(from)}`;
}

/** An engine as messages name it. */
export function nameOfEngine(host: string | undefined): string {
  return host ?? "the environment's engine";
}

function docker({ host }: DockerEngine): string {
  return host === undefined ? "docker" : `docker --host ${host}`;
}

/** The volume that carries a stack's identity. */
function identityVolume(stack: StackName): string {
  return objectName(stack, { kind: "volume", use: "identity" });
}
