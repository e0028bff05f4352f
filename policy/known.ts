import { UnknownValueError } from "@pulumi/policy";

/**
 * A property's value, or nothing where a preview cannot know it. To touch such a value ends a policy, with all else
 * that it would have looked at; `up` runs it again, with every value known.
 */
export function known<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnknownValueError) return undefined;
    throw error;
  }
}
