import type { AuthoritativeQuestion } from "./authoritative-servers.ts";
import type { Failure } from "./inputs.ts";
import type { Values, WireValues } from "./wire.ts";

/** What `check` makes of the inputs that a program gives. */
export interface Checked {
  /** The inputs that `check` fills in or normalises. All others stay unchanged, secret marks included. */
  readonly filled: WireValues;
  /** Inputs that `check` alone needs, and that the state does without. @default none */
  readonly dropped?: readonly string[];
  /** Everything that is wrong with the inputs, not only the first problem. */
  readonly failures: readonly Failure[];
  /** What name servers have to answer first; asked only where nothing is wrong. @default nothing */
  readonly toConfirm?: readonly Confirmation[];
}

/** A question to name servers, and the failure that it is when they do not answer so. */
export interface Confirmation {
  readonly question: AuthoritativeQuestion;
  /** @param problem - the end of a sentence: what the servers answered instead. */
  readonly failure: (problem: string) => Failure;
}

/** What an update would do. */
export interface Difference {
  /** Whether there is anything to update. */
  readonly changes: boolean;
  /** The inputs whose change needs another resource in place of this one. */
  readonly replaces: readonly string[];
  /** What name servers have to answer first. @default nothing */
  readonly toConfirm?: readonly Confirmation[];
}

/** What `create` made. */
export interface Created {
  readonly id: string;
  /** The computed properties; the inputs join them in the state. */
  readonly outputs: WireValues;
}

/** What a refresh has found that the state does not have, or has differently. */
export interface Found {
  /** Inputs as they would have been declared for what there is: what the program declares is then a change. */
  readonly inputs: WireValues;
  readonly outputs: WireValues;
}

/** What an import has found: a resource with what it was made from. */
export interface Imported extends Created {
  readonly inputs: WireValues;
}

/** One type of resource. `olds` of `check` are the former inputs, elsewhere the former state. */
export interface ResourceImplementation {
  /**
   * Inputs that are not repeated among the outputs: the engine stores, logs and hands on both, at each step. `olds` has them
   * all the same.
   *
   * @default all inputs are outputs as well
   */
  readonly inputsAlone?: readonly string[];
  check(olds: Values, news: Values, now: Date): Checked;
  diff(olds: Values, news: Values): Difference;
  create(inputs: Values): Promise<Created>;
  update(olds: Values, inputs: Values): Promise<WireValues>;
  /** The outputs that `update` would leave; in a preview, where inputs may be unknown. */
  preview(olds: Values, inputs: Values): WireValues;
  /** The outputs that `create` would make. @default they are unknown until then */
  previewCreate?(inputs: Values): WireValues;
  /** Looks at what there is. @default everything there is to read is in the state */
  read?(state: Values): Promise<Found>;
  /**
   * What `pulumi import` takes over of what the user writes as the id: the path of a file, and what else the type needs.
   * Where nothing can be taken over, what to do instead.
   */
  readonly importing: ((id: string) => Imported) | string;
}
