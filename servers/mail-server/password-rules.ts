import { domainToUnicode } from "node:url";
import { ARGON2ID, SHORTEST_PASSWORD } from "../../keys/password-scheme.ts";
import { byPath, type ConfigurationFile, compareText } from "../generation/configuration-file.ts";
import { type MailServerDescription, MOST_APP_PASSWORDS } from "./description.ts";

/** What the image's own programs have to know of passwords: one number per file, and names that none is built from. */
export function renderPasswordRules(description: MailServerDescription): ConfigurationFile[] {
  const rules: Readonly<Record<string, number>> = {
    "app-passwords-per-mailbox": MOST_APP_PASSWORDS,
    "argon2-lanes": ARGON2ID.lanes,
    "argon2-memory-kib": ARGON2ID.memoryKib,
    "argon2-passes": ARGON2ID.passes,
    "argon2-tag-bytes": ARGON2ID.tagBytes,
    shortest: SHORTEST_PASSWORD,
  };
  return byPath([
    ...Object.entries(rules).map(([name, value]) => ({ path: `passwords/${name}`, content: `${value}\n` })),
    { path: "passwords/names", content: renderNames(description) },
  ]);
}

/**
 * A tab between an address, or a domain after its @, and what else it is called. What an address says already is left out: of
 * ten thousand mailboxes most are called what their address says.
 */
function renderNames({ domains, names = {} }: MailServerDescription): string {
  const people = domains
    .flatMap(({ mailboxes }) => mailboxes)
    .map(({ address }) => [address, names[address] ?? ""] as const);
  const written = domains.map(({ name }) => [`@${name}`, domainToUnicode(name)] as const);
  const lines = [...people, ...written]
    .filter(([known, name]) => wordsOf(name).some((word) => !known.includes(word)))
    .toSorted(([a], [b]) => compareText(a, b))
    .map((line) => `${line.join("\t")}\n`);
  // Never an empty file, as with tableText().
  return ["# who is also called what\n", ...lines].join("");
}

function wordsOf(name: string): string[] {
  return name
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}
