import type { Report } from "./report.ts";

/** What a step found on this machine. */
export interface State {
  readonly ready: boolean;
  /** One line for people: what is there (with its version and place), or what is missing. */
  readonly found: string;
  /** What {@link Step.ensure} would do about it, as a phrase ("install docker.io with apt"); set where it is not ready and something can be done from here. */
  readonly remedy?: string | undefined;
  /** What `npm run doctor` says beside it: what does not work with what is there. */
  readonly note?: string | undefined;
}

/** One concern of a ready machine. Both halves may be called any number of times. */
export interface Step {
  readonly name: string;
  /** Whether it only makes what follows faster: where all else is ready, it is made without a word. @default false */
  readonly isCache?: boolean | undefined;
  /** Looks, and changes nothing. Must be fast: all steps' inspections together stay below 2 s. */
  inspect(): Promise<State>;
  /**
   * Makes it so, and says what it does. An interrupted run leaves nothing half installed.
   *
   * @returns what is there afterwards
   * @throws ToolchainError that says what the user can do
   */
  ensure(report: Report): Promise<State>;
}

/** An error for people: its message says what is wrong and what to do; no stack is shown. */
export class ToolchainError extends Error {
  override readonly name = "ToolchainError";
}
