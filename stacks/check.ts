/** A stack's written settings, read and checked as a whole. */
import { type StackSettings, stackSchema } from "./config.ts";
import { type Problem, problemsOf } from "./problems.ts";

export type CheckedSettings =
  | { readonly settings: StackSettings; readonly problems?: undefined }
  | { readonly settings?: undefined; readonly problems: readonly Problem[] };

/** @param written - the keys of a stack file, without the project's name before them. */
export function checkSettings(written: unknown): CheckedSettings {
  const result = stackSchema.safeParse(written);
  return result.success ? { settings: result.data } : { problems: problemsOf(result.error.issues) };
}
