import { compareText } from "../generation/configuration-file.ts";
import { DKIM_KEYS } from "../generation/container-paths.ts";
import type { HostedDomain } from "./description.ts";
import { dkimKeyName } from "./key-files.ts";

/** The domains whose mail is signed, each with its selectors. */
export function renderSigningKeys(domains: readonly HostedDomain[]): string {
  return domains
    .filter(({ dkimSelectors }) => dkimSelectors.length > 0)
    .map(({ name, dkimSelectors }) => {
      const keys = dkimSelectors.map((selector) => `${selector} ${DKIM_KEYS}/${dkimKeyName(name, selector)}`);
      return `${name} ${keys.join(" ")}\n`;
    })
    .sort(compareText)
    .join("");
}
