/**
 * An engine could not be asked: it did not answer, or not in time. Nothing is known about what runs there, so that
 * nothing may be reported as broken or missing.
 */
export class EngineUnreachableError extends Error {
  override readonly name = "EngineUnreachableError";
  /** What to do about it. */
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/**
 * The engine that answers is not the one that was meant. Of what was asked nothing is known either, and nothing that
 * this engine has counts as the other's.
 */
export class OtherEngineError extends EngineUnreachableError {}

/** An engine, or a program in one of its containers, answered with a refusal: the message is what it says. */
export class EngineError extends Error {
  override readonly name = "EngineError";
}
