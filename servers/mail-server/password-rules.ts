import { ARGON2ID, SHORTEST_PASSWORD } from "../../keys/password-scheme.ts";
import type { ConfigurationFile } from "../generation/configuration-file.ts";
import { MOST_APP_PASSWORDS } from "./description.ts";

/** What the image's own programs have to know of passwords: one number per file. */
export function renderPasswordRules(): ConfigurationFile[] {
  const rules: Readonly<Record<string, number>> = {
    "app-passwords-per-mailbox": MOST_APP_PASSWORDS,
    "argon2-lanes": ARGON2ID.lanes,
    "argon2-memory-kib": ARGON2ID.memoryKib,
    "argon2-passes": ARGON2ID.passes,
    "argon2-tag-bytes": ARGON2ID.tagBytes,
    shortest: SHORTEST_PASSWORD,
  };
  return Object.entries(rules).map(([name, value]) => ({ path: `passwords/${name}`, content: `${value}\n` }));
}
