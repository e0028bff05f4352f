import type { RunningStack } from "../../outputs/running-stack.ts";
import { type Check, failed, ok } from "../check.ts";

/** M3AAWG's DKIM key rotation practices advise half a year; a gate waits twice as long before it closes. */
const oldestDays = 365;

/** How long each DKIM key has been in use. */
export function keyAgeChecks({ keys }: RunningStack): Check[] {
  return keys.map(({ name, created }) => ({
    id: `age.${name}`,
    group: "Host",
    title: `age of the key ${name}`,
    why: "The longer a key signs, the more a copy of it is worth; DKIM keys are cheap to change (RFC 6376 section 8.13).",
    run: async () => {
      const days = Math.floor((Date.now() - Date.parse(created)) / 86_400_000);
      if (days <= oldestDays) return ok(`${days} days`);
      return failed(
        `${days} days`,
        "Declare a key under a new selector in `dkim`, run `npm run up`, and remove the old one a week later.",
      );
    },
  }));
}
