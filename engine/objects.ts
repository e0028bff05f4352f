/** What an engine has under a name of its own. */
export interface EngineObject {
  readonly kind: "container" | "network" | "volume";
  /** Unique on the engine; a volume's is its name. */
  readonly id: string;
  readonly name: string;
}

export interface ListedContainer extends EngineObject {
  readonly kind: "container";
  /** Such as `running`, or `created` for one that was never started. */
  readonly state: string;
}

/** A volume or container that has a label. */
export interface MarkedObject extends EngineObject {
  readonly kind: "volume" | "container";
  /** The label's. */
  readonly value: string;
}

/** The part of the API's list of containers that is read here. */
export interface AskedContainer {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly State?: string;
}

/** Its own name. The others are what those that it is linked to call it. */
export function nameOf({ Names }: AskedContainer): string {
  return (Names.find((name) => !name.includes("/", 1)) ?? "").slice(1);
}
