import type { Scene } from "../scene.ts";
import type { RecordFault, StepName } from "../step.ts";

/** What a check found missing. A step is passed when nothing is. */
export type Missing =
  | { readonly kind: "not-provisioned" }
  | { readonly kind: "server-problem"; readonly problem: string }
  | { readonly kind: "name-unknown"; readonly name: string }
  | { readonly kind: "name-elsewhere"; readonly name: string; readonly found: string }
  | { readonly kind: "no-login" }
  | { readonly kind: "no-message" }
  | { readonly kind: "no-forgery" }
  | { readonly kind: "not-broken" }
  | { readonly kind: "not-found"; readonly answer: string | undefined }
  | { readonly kind: "not-repaired"; readonly problem: string }
  | { readonly kind: "no-mail-at-25" }
  | { readonly kind: "no-message-after" }
  | { readonly kind: "no-wrong-password" }
  | { readonly kind: "no-distrust" }
  | { readonly kind: "no-login-after" };

export interface StepText {
  readonly title: string;
  /** What to do, a line each. */
  readonly task: (scene: Scene) => readonly string[];
}

/** The words of the exercise, in one language. */
export interface ExerciseText {
  readonly steps: Readonly<Record<StepName, StepText>>;
  readonly missing: (missing: Missing, scene: Scene) => string;
  readonly passed: string;
  readonly open: string;
  /** How a step is checked. */
  readonly checkWith: (command: string) => string;
  /** What `--break` says. */
  readonly broken: (step: RecordFault, command: string) => string;
  readonly nextStep: (command: string) => string;
  readonly allPassed: string;
  readonly list: { readonly heading: string; readonly minutes: string; readonly next: string };
  readonly sheet: {
    readonly title: string;
    readonly student: string;
    readonly step: string;
    readonly result: string;
    readonly passedAt: string;
    readonly tries: string;
    readonly mark: (passed: number, all: number) => string;
  };
}
