/** What a description would break, found before anything changes. */
export interface RecordProblem {
  /** The server, domain or zone that it is about. @example "example.org" */
  readonly subject: string;
  /** The key of its description. @example "spf" */
  readonly part: string;
  /** What is wrong, and what to do instead. */
  readonly message: string;
}

/** A description whose records would break something; the message lists everything at once, one problem per line. */
export class RecordPlanError extends Error {
  override readonly name = "RecordPlanError";
  readonly problems: readonly RecordProblem[];

  constructor(problems: readonly RecordProblem[]) {
    const lines = problems.map(({ subject, part, message }) => `  ${subject}, ${part}: ${message}`);
    super(["The DNS records cannot be published as described:", ...lines].join("\n"));
    this.problems = problems;
  }
}

/** Gathers problems, so that the first one hides no other. */
export class ProblemList {
  readonly found: RecordProblem[] = [];

  report(subject: string, part: string, message: string): void {
    this.found.push({ subject, part, message });
  }

  /** Builds records; what a value is refused for becomes a problem of its part. */
  attempt<Item>(subject: string, part: string, build: () => Item[]): Item[] {
    try {
      return build();
    } catch (error) {
      // A TypeError and its like are mistakes in here, never of a description.
      if (!(error instanceof Error) || error.name !== "Error") throw error;
      this.report(subject, part, error.message);
      return [];
    }
  }
}
