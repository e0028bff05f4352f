import { compareText } from "../generation/configuration-file.ts";
import type { HostedDomain } from "./description.ts";

/** Who may send to how many recipients per hour; users without a line may send to any number. */
export function renderSendLimits(domains: readonly HostedDomain[]): string {
  return domains
    .flatMap(({ mailboxes }) => mailboxes)
    .flatMap(({ address, recipientsPerHour }) => {
      if (recipientsPerHour === undefined) return [];
      if (!Number.isInteger(recipientsPerHour) || recipientsPerHour < 1) {
        throw new RangeError(
          `${recipientsPerHour} recipients per hour is not a valid limit for ${address}: use 1 or more`,
        );
      }
      return [`${address} ${recipientsPerHour}\n`];
    })
    .sort(compareText)
    .join("");
}
