/** The outcome of a check. `seen` is what was observed, `remedy` what a person does about it. */
export type Outcome =
  | { readonly status: "ok"; readonly seen: string }
  | { readonly status: "failed"; readonly seen: string; readonly remedy: string }
  | { readonly status: "skipped"; readonly seen: string; readonly remedy: string };

/** One question asked to a running domain. It changes nothing there but its own test message. */
export interface Check {
  /** Stable name for machines, unique within a run, such as `tls.imaps`. */
  readonly id: string;
  /** The heading of the report under which people find it. */
  readonly group: string;
  readonly title: string;
  /** Why a mail domain needs this, with the RFC where there is one. */
  readonly why: string;
  /**
   * What to do if `run` throws, where its one cause is known, for example that nothing listens. A check of what somebody
   * else has written has none: there the cause decides.
   *
   * @default what the cause asks for
   */
  readonly remedy?: string | undefined;
  /** Whether a failure is a hint and does not decide on the exit status, as where it depends on the machine's speed. @default false */
  readonly isHint?: boolean | undefined;
  /** The ids of checks whose failure is the cause of one of this: the report then names it there alone. @default none */
  readonly follows?: readonly string[] | undefined;
  /** Milliseconds that it may take, where it waits for what is on its way. @default the run's */
  readonly timeoutMs?: number | undefined;
  run(): Promise<Outcome>;
}

/** A check with its outcome and the time it took. */
export interface Result extends Omit<Check, "run" | "remedy" | "timeoutMs"> {
  readonly outcome: Outcome;
  readonly milliseconds: number;
}

/** Something that is wrong, and its remedy. */
export interface Finding {
  readonly seen: string;
  readonly remedy: string;
}

/** Thrown by a probe for something that is wrong where it looked. */
export class FindingError extends Error implements Finding {
  override readonly name = "FindingError";
  readonly seen: string;
  readonly remedy: string;
  constructor(seen: string, remedy: string) {
    super(seen);
    this.seen = seen;
    this.remedy = remedy;
  }
}

/** Thrown by a probe that lacks what it needs to look at all, such as a password. */
export class CannotCheckError extends Error {
  override readonly name = "CannotCheckError";
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

export function ok(seen: string): Outcome {
  return { status: "ok", seen };
}

export function failed(seen: string, remedy: string): Outcome {
  return { status: "failed", seen, remedy };
}

/** All that is wrong with one thing; `seen` where nothing is. */
export function judged(findings: readonly Finding[], seen: string): Outcome {
  if (findings.length === 0) return ok(seen);
  return failed(
    findings.map((finding) => finding.seen).join("; "),
    [...new Set(findings.map(({ remedy }) => remedy))].join(" "),
  );
}
