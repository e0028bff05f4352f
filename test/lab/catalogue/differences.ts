import type { NamedChange } from "../../../review/review.ts";
import { type Change, ServerEffect } from "./change.ts";
import type { Observation } from "./load.ts";
import { isRow } from "./rows.ts";

/** What a review said before a change. */
export interface Announcement {
  readonly risks: readonly string[];
  readonly changes: readonly Pick<NamedChange, "id" | "subject" | "kind" | "name" | "isUncertain">[];
}

/** What the engine has of a server. */
export interface ServerState {
  /** The same as long as the container has neither been replaced nor restarted. */
  readonly incarnation: string;
  /** What it serves, and with how much memory: what may change while it runs. */
  readonly served: string;
}

/** What is on the engine, by names without the stack's own. */
export interface EngineState {
  readonly servers: ReadonlyMap<string, ServerState>;
  readonly volumes: ReadonlySet<string>;
}

/** What is left of a change once it has been made. */
export interface Outcome {
  readonly announced: Announcement;
  readonly before: EngineState;
  readonly after: EngineState;
  readonly observed: Observation;
  /** What a preview says afterwards, where it does not say that nothing changes. */
  readonly leftOver?: string | undefined;
}

type Effects = ReadonlyMap<string, ServerEffect>;

/** Whatever differs between what is written of a change, what was announced, and what happened; a sentence each. */
export function findDifferences(change: Change, outcome: Outcome): string[] {
  const declared: Effects = new Map(Object.entries(change.servers ?? {}));
  return [
    ...compareAnnouncement(change, outcome.announced),
    ...compareEffects(
      "the review announces",
      announceable(change, declared),
      announcedEffects(outcome.announced),
    ),
    ...compareEffects("what happened is", settled(declared, outcome), measuredEffects(outcome)),
    ...compareVolumes(change, outcome),
    ...compareObservation(declared, outcome.observed),
    ...(outcome.leftOver === undefined ? [] : [`an \`up\` after it would change: ${outcome.leftOver}`]),
  ];
}

/** What was done by hand is in the notes of `npm run up`: a review compares what is declared. */
function announceable({ damage }: Change, declared: Effects): Effects {
  return damage === undefined ? declared : new Map();
}

function compareAnnouncement({ risks = [], rows = [] }: Change, announced: Announcement): string[] {
  const found = [...new Set(announced.risks)].toSorted();
  // Packages are those that Debian has by then.
  const ids = announced.changes
    .filter(({ subject }) => subject !== "server" && subject !== "package")
    .map(({ id }) => id);
  return [
    ...(JSON.stringify(found) === JSON.stringify([...risks].toSorted())
      ? []
      : [`the review names the risks ${list(found)} instead of ${list(risks)}`]),
    ...rows.filter((row) => !ids.some((id) => isRow(id, row))).map((row) => `the review has no row ${row}`),
    ...ids.filter((id) => !rows.some((row) => isRow(id, row))).map((id) => `the review has the row ${id}`),
  ];
}

/** What a review says of servers. */
export function announcedEffects({ changes }: Announcement): Effects {
  const kinds = { changed: "reload", replaced: "replaced", added: "added", removed: "removed" } as const;
  return new Map(
    changes
      .filter(({ subject }) => subject === "server")
      .map(({ name, kind, isUncertain }) => [name, isUncertain ? ServerEffect.mayBeReplaced : kinds[kind]]),
  );
}

/** Where a server may be replaced, what `up` has made of it. */
function settled(declared: Effects, outcome: Outcome): Effects {
  const measured = measuredEffects(outcome);
  return new Map(
    [...declared].flatMap(([server, effect]) => {
      if (effect !== ServerEffect.mayBeReplaced) return [[server, effect] as const];
      const found = measured.get(server);
      return found === undefined ? [] : [[server, found] as const];
    }),
  );
}

export function measuredEffects({ before, after }: Pick<Outcome, "before" | "after">): Effects {
  const names = new Set([...before.servers.keys(), ...after.servers.keys()]);
  const effects = [...names].flatMap((name): [string, ServerEffect][] => {
    const [old, next] = [before.servers.get(name), after.servers.get(name)];
    if (old === undefined) return [[name, ServerEffect.added]];
    if (next === undefined) return [[name, ServerEffect.removed]];
    if (old.incarnation !== next.incarnation) return [[name, ServerEffect.replaced]];
    return old.served === next.served ? [] : [[name, ServerEffect.reload]];
  });
  return new Map(effects);
}

function compareEffects(where: string, expected: Effects, found: Effects): string[] {
  const servers = [...new Set([...expected.keys(), ...found.keys()])].toSorted();
  return servers
    .filter((server) => expected.get(server) !== found.get(server))
    .map(
      (server) =>
        `${server}: ${where} ${found.get(server) ?? "nothing"} instead of ${expected.get(server) ?? "nothing"}`,
    );
}

function compareVolumes({ volumes = {} }: Change, { before, after }: Outcome): string[] {
  const came = [...after.volumes].filter((volume) => !before.volumes.has(volume)).toSorted();
  const went = [...before.volumes].filter((volume) => !after.volumes.has(volume)).toSorted();
  return [
    ...differ("volumes added", volumes.added ?? [], came),
    ...differ("volumes removed", volumes.removed ?? [], went),
  ];
}

function differ(what: string, expected: readonly string[], found: readonly string[]): string[] {
  if (JSON.stringify([...expected].toSorted()) === JSON.stringify(found)) return [];
  return [`${what}: ${list(found)} instead of ${list(expected)}`];
}

/** Nobody but the clients of a server that stops may notice anything, and nobody loses mail. */
function compareObservation(declared: Effects, { seen, cut, lost }: Observation): string[] {
  const stops = (server: string) => {
    const effect = declared.get(server);
    return effect !== undefined && effect !== ServerEffect.reload;
  };
  const interrupted = seen
    .filter(({ server, needs, outage }) => outage > 0 && ![server, ...needs].some(stops))
    .map(
      ({ service, server, outage, problem }) =>
        `${service} of ${server} was away for ${formatSeconds(outage)}: ${problem}`,
    );
  return [
    ...interrupted,
    ...seen.flatMap(({ service, server, refused }) =>
      refused.map((answer) => `${service} of ${server} refused for good: ${answer}`),
    ),
    ...seen
      .filter(({ served }) => served === 0)
      .map(({ service, server }) => `${service} of ${server} served nobody`),
    ...cut
      .filter((server) => !stops(server))
      .map((server) => `${server} closed a session that waited for mail`),
    ...lost.map((subject) => `lost: ${subject}`),
  ];
}

/** @param milliseconds - a time, as people read it @example "2.1 s" */
export function formatSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function list(words: readonly string[]): string {
  return words.length === 0 ? "none" : words.join(", ");
}
