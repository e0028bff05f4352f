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
