import type { Answers } from "./foreign-records.ts";
import type { KeptMail } from "./kept-mail.ts";
import { engineWasAsked, keepRemovedMailDaysIn, rulesWereChecked } from "./preview.ts";

/** What no preview says, from those who know it. */
export interface Asked {
  /** What the DNS says to {@link questionsOf} the steps. @default nobody asked it */
  readonly answers?: Answers | undefined;
  /** Whether the preview compares the engine by its identity, and not by its address alone. @default true */
  readonly isEngineAsked?: boolean | undefined;
  /** Whether a mail server has compiled users' rules. @default true */
  readonly areRulesChecked?: boolean | undefined;
  /** For how many days servers keep the mail of removed mailboxes. @default that of the settings */
  readonly keepRemovedMailDays?: number | undefined;
  /** The mail of removed mailboxes. @default nobody could ask for it */
  readonly keptMail?: KeptMail | undefined;
}

/** What the text of a preview says beside its steps. */
export function saidBeside(text: string): Asked {
  return {
    isEngineAsked: engineWasAsked(text),
    areRulesChecked: rulesWereChecked(text),
    keepRemovedMailDays: keepRemovedMailDaysIn(text),
  };
}
