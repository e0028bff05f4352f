/** Keys in stages as they travel between a program, a state and the rules of `stages/`. */
import type { KeyStage, KeyUse, StagedKeys } from "../stages/key-rotation.ts";
import type { Staged } from "../stages/staged.ts";
import type { AuthoritativeQuestion } from "./authoritative-servers.ts";
import type { InputReader } from "./inputs.ts";
import type { Confirmation } from "./resource-implementation.ts";
import { isMap, unknown, type Value, type Values } from "./wire.ts";

/** The authoritative servers that have to answer with a key's record. */
export interface RecordPlace extends Omit<AuthoritativeQuestion, "content"> {
  /** Where the key's stage is declared. */
  readonly path: string;
}

/** Keys by name, each in the stage that is declared, with the other inputs that it has. */
export type DeclaredKeys<InUse extends string> = ReadonlyMap<
  string,
  { readonly stage: KeyStage<InUse>; readonly path: string; readonly values: Values }
>;

/** Reads them; which keys there are is plain data. */
export function readStages<InUse extends string>(
  reader: InputReader,
  name: string,
  { inUse }: KeyUse<InUse>,
): DeclaredKeys<InUse> | undefined {
  const sections = reader.sections(name);
  if (sections === undefined) return undefined;
  if (sections === unknown) return reader.fail(name, "must be known before anything is made");
  const stages: readonly KeyStage<InUse>[] = ["published", inUse, "retired"];
  const read = Object.entries(sections).map(([key, values]) => {
    const stage = stages.find((known) => known === values.stage);
    const place = `${name}[${JSON.stringify(key)}].stage`;
    const path = typeof values.path === "string" ? values.path : place;
    if (stage !== undefined) return [key, { stage, path, values }] as const;
    reader.fail(place, `must be one of ${stages.join(", ")}`);
    return undefined;
  });
  return read.every((entry) => entry !== undefined) ? new Map(read) : undefined;
}

/** The stages alone. */
export function stagesOf<InUse extends string>(
  keys: DeclaredKeys<InUse>,
): Readonly<Record<string, KeyStage<InUse>>> {
  return Object.fromEntries([...keys].map(([name, { stage }]) => [name, stage]));
}

/** A stage of the state; `undefined` where there is none, or it was kept in another form. */
export function stagedOf<Stage extends string>(value: Value | undefined): Staged<Stage> | undefined {
  if (!isMap(value)) return undefined;
  const { stage, since, nextFrom } = value;
  return typeof stage === "string" && typeof since === "string" && typeof nextFrom === "string"
    ? { stage: stage as Stage, since, nextFrom }
    : undefined;
}

/** The keys of the state; `undefined` where there are none yet. */
export function stagedKeysOf<InUse extends string>(value: Value | undefined): StagedKeys<InUse> | undefined {
  if (!isMap(value)) return undefined;
  const entries = Object.entries(value).flatMap(([name, key]) => {
    const staged = stagedOf<KeyStage<InUse>>(key);
    return staged === undefined ? [] : [[name, staged] as const];
  });
  return Object.fromEntries(entries);
}

/** That the servers answer with a key's record, as a step requires. */
export function confirmation(key: string, content: string, { path, ...question }: RecordPlace): Confirmation {
  return {
    question: { ...question, content },
    failure: (problem) => ({
      property: path,
      reason:
        `${key} cannot be used yet: ${problem}. Leave stage: published until the servers answer; where they cannot ` +
        "be asked from here, write maildomain:askNameServers: false, and see to it yourself",
    }),
  };
}
