/** DKIM keys of OpenDKIM and Rspamd, from the folders in which docker-mailserver keeps them. */
import { readSigningKey } from "../keys/signing-key.ts";
import { comparableName } from "../records/index.ts";
import type { DraftDomain, DraftKey } from "./draft.ts";
import { type KeyFile, rspamdKeys } from "./rspamd-keys.ts";
import { linesOf, type Report, type SourceFolder } from "./source.ts";

/** Fewer bits than RFC 8301 section 3.2 recommends. */
const recommendedBits = 2048;

/** Adds the keys to their domains. @returns what deserves a look */
export function readSigningKeys(
  folder: SourceFolder,
  drafts: ReadonlyMap<string, DraftDomain>,
  report: Report,
): string[] {
  const notes: string[] = [];
  for (const { file, domain: name, selector } of [
    ...openDkimKeys(folder, report),
    ...rspamdKeys(folder, [...drafts.keys()], report),
  ]) {
    const domain = drafts.get(name);
    if (domain === undefined) {
      report(file, `signs for ${name}, which has no account`);
      continue;
    }
    const key = readKey(file, selector, folder, report);
    if (key === undefined) continue;
    if (domain.dkim.some((other) => other.selector === selector && other.privateKey === key.privateKey))
      continue;
    domain.dkim.push(key);
    const bits = key.algorithm === "ed25519" ? recommendedBits : readSigningKey(key.privateKey).bits;
    if (bits < recommendedBits) {
      notes.push(
        `${file} has ${bits} bits; ${recommendedBits} are recommended (RFC 8301): replace it in time.`,
      );
    }
  }
  return notes;
}

function readKey(file: string, selector: string, folder: SourceFolder, report: Report): DraftKey | undefined {
  try {
    const { type, bits, privateKeyPem } = readSigningKey(folder.get(file) ?? "");
    const algorithm = type === "ed25519" ? type : bits === recommendedBits ? "rsa-2048" : "rsa";
    return { place: file, selector, algorithm, privateKey: privateKeyPem };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report(file, error.message);
    return undefined;
  }
}

const openDkimFile = /^opendkim\/keys\/([^/]+)\/([^/]+)\.private$/;

/** `opendkim/keys/DOMAIN/SELECTOR.private`; where there is a KeyTable, it says which of them sign. */
function openDkimKeys(folder: SourceFolder, report: Report): KeyFile[] {
  const table = "opendkim/KeyTable";
  const files = new Map<string, KeyFile>();
  for (const file of folder.keys()) {
    const [, domain, selector] = openDkimFile.exec(file) ?? [];
    if (domain !== undefined && selector !== undefined)
      files.set(file, { file, domain: comparableName(domain), selector: selector.toLowerCase() });
  }
  if (!folder.has(table)) return [...files.values()];
  const signing = linesOf(table, folder).flatMap(({ place, value }) => {
    // mail._domainkey.example.org example.org:mail:/etc/opendkim/keys/example.org/mail.private
    const [domain = "", selector = "", path = ""] = (value.trim().split(/\s+/)[1] ?? "").split(":");
    const file = `opendkim/keys/${path.replace(/^.*?\/keys\//, "")}`;
    if (folder.has(file)) return [{ file, domain: comparableName(domain), selector: selector.toLowerCase() }];
    report(place, `names a key that is not there: ${file}`);
    return [];
  });
  const named = new Set(signing.map(({ file }) => file));
  for (const file of files.keys()) {
    if (!named.has(file)) report(file, `is not in ${table}: nothing was signed with it`);
  }
  return signing;
}
