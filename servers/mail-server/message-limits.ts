import type { ConfigurationFile } from "../generation/configuration-file.ts";

/**
 * What one message may have and cost at the filter. Mail that people and programs write has a hundredth of it. A message
 * beyond is refused with 554; see `images/mail-server/message-gate`, which reads this at each message.
 */
export const messageLimits = {
  /** Fields of its header. */
  fields: 2_000,
  "header-bytes": 2 ** 20,
  /** Lines that may begin a MIME part; Rspamd makes a part of each, and needs some 5 kB for it. */
  parts: 10_000,
  /** Messages inside of it, at any depth. */
  messages: 1_000,
  /** Seconds of CPU at one step of the filter's work. */
  "cpu-seconds": 6,
  /**
   * What one of the filter's processes may hold: 200 for the message, and at least 37 are its own. The last few are what
   * it can grow by between two looks.
   */
  "memory-mib": 230,
} as const;

/** How much text of one message the filter reads; see `images/mail-server/rspamd/text_limit.lua`. A message that has more is not refused. */
export const readTextBytes: number = 2 ** 20;

export function renderMessageLimits(): ConfigurationFile {
  const lines = Object.entries(messageLimits).map(([name, most]) => `${name} ${most}\n`);
  return { path: "rspamd/message-limits", content: lines.join("") };
}
