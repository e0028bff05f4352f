/** The DKIM keys of Rspamd's module, by its settings (rspamd.com, "DKIM signing module"). */
import { comparableName } from "../records/index.ts";
import type { Report, SourceFolder } from "./source.ts";
import { isObject, listOf, parseUcl, type UclObject, type UclValue } from "./ucl.ts";

/** A key's file, and what it signs. */
export interface KeyFile {
  readonly file: string;
  readonly domain: string;
  readonly selector: string;
}

const settingsFile = "rspamd/override.d/dkim_signing.conf";

/** Every private key in Rspamd's folder, by its name or what it is. */
export function isKeyFile(file: string, text: string): boolean {
  if (!file.startsWith("rspamd/dkim/") || /\.public\b/.test(file)) return false;
  return /\.(?:private|key|pem)(?:\.txt)?$/.test(file) || text.includes("PRIVATE KEY-----");
}

/** @param domains - those that have accounts; the settings may sign for all of them with one template. */
export function rspamdKeys(
  folder: SourceFolder,
  domains: readonly string[],
  report: Report,
): readonly KeyFile[] {
  const files = [...folder].filter(([file, text]) => isKeyFile(file, text)).map(([file]) => file);
  const text = folder.get(settingsFile);
  if (text === undefined) return keysByName(files, domains, report);
  try {
    return keysBySettings(text, folder, files, domains, report);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report(
      settingsFile,
      `cannot be read (${error.message}): which keys sign is not known, and none is imported`,
    );
    return [];
  }
}

function keysBySettings(
  text: string,
  folder: SourceFolder,
  files: readonly string[],
  domains: readonly string[],
  report: Report,
): readonly KeyFile[] {
  const { settings, macros } = parseUcl(text);
  for (const macro of macros)
    report(settingsFile, `"${macro}" is not followed: what it sets is not imported`);
  for (const key of ["selector_map", "path_map", "signing_table", "key_table"]) {
    if (settings[key] !== undefined)
      report(settingsFile, `"${key}" names keys in other files: they are not imported`);
  }
  // Without the second, what users send is not signed.
  const off = ["enabled", "sign_authenticated"].find((key) => isOff(settings[key]));
  if (off !== undefined) {
    for (const file of files) report(file, `nothing was signed with it: ${settingsFile} has ${off} = false`);
    return [];
  }
  const keys = declaredKeys(settings, domains).flatMap(({ path, ...key }) => {
    const file = fileAt(path);
    if (folder.has(file)) return [{ ...key, file }];
    // The template of all domains need not have a key for each.
    if (key.isNamed) report(settingsFile, `names a key that is not there: ${file}`);
    return [];
  });
  const used = new Set(keys.map(({ file }) => file));
  for (const file of files) {
    if (!used.has(file)) report(file, `is not in ${settingsFile}: nothing was signed with it`);
  }
  return keys.map(({ file, domain, selector }) => ({ file, domain, selector: selector.toLowerCase() }));
}

interface DeclaredKey {
  readonly domain: string;
  readonly selector: string;
  readonly path: string;
  /** Whether a section of its own declares it. */
  readonly isNamed: boolean;
}

/** Rspamd's own defaults. */
const defaultSelector = "dkim";
const defaultPath = "/var/lib/rspamd/dkim/$domain.$selector.key";

function declaredKeys(settings: UclObject, domains: readonly string[]): DeclaredKey[] {
  const sections = new Map(
    listOf(settings.domain)
      .filter(isObject)
      .flatMap((section) => Object.entries(section))
      .map(([name, section]): [string, UclValue] => [comparableName(name), section]),
  );
  const common = {
    selector: textOf(settings.selector),
    path: textOf(settings.path) ?? defaultPath,
  };
  const named = [...sections].flatMap(([domain, section]) =>
    listOf(section)
      .filter(isObject)
      .flatMap((one) => {
        // A section may have a key of its own and a list of further ones; all of them sign.
        const inner = listOf(one.selectors).filter(isObject);
        const hasOwn = inner.length === 0 || one.selector !== undefined || one.path !== undefined;
        return [...(hasOwn ? [one] : []), ...inner].map((key) => declared(domain, key, common, true));
      }),
  );
  // try_fallback: domains without a section are signed for as well.
  if (isOff(settings.try_fallback)) return named;
  const others = domains.filter((domain) => !sections.has(domain));
  return [...named, ...others.map((domain) => declared(domain, {}, common, false))];
}

function declared(
  domain: string,
  key: UclObject,
  common: { readonly selector: string | undefined; readonly path: string },
  isNamed: boolean,
): DeclaredKey {
  const written = textOf(key.selector) ?? common.selector;
  // Without a selector Rspamd would sign with one that nobody has published: the file's own name is what is meant.
  const generated =
    written === undefined ? selectorInName(fileAt(textOf(key.path) ?? ""), domain) : undefined;
  const selector = written ?? generated ?? defaultSelector;
  const values: Readonly<Record<string, string>> = { domain, selector };
  const path = (textOf(key.path) ?? common.path).replaceAll(
    /\$(?:\{(\w+)\}|(domain|selector))/g,
    (whole, braced?: string, bare?: string) => values[braced ?? bare ?? ""] ?? whole,
  );
  return { domain, selector, path, isNamed };
}

function textOf(value: UclValue | undefined): string | undefined {
  const [first] = listOf(value);
  return typeof first === "string" && first !== "" ? first : undefined;
}

function isOff(value: UclValue | undefined): boolean {
  return ["false", "no", "off"].includes(textOf(value)?.toLowerCase() ?? "");
}

/** docker-mailserver has the folder at /tmp/docker-mailserver. */
function fileAt(path: string): string {
  return path.replace(/^.*\/docker-mailserver\//, "").replace(/^.*\/(?=rspamd\/dkim\/)/, "");
}

const generatedName = /^rspamd\/dkim\/(?:rsa-\d+|ed25519)-(.+)\.private\.txt$/;

/** `rspamd/dkim/rsa-2048-SELECTOR-DOMAIN.private.txt`, as docker-mailserver's own tool names them. */
function selectorInName(file: string, domain: string): string | undefined {
  const name = generatedName.exec(file)?.[1]?.toLowerCase() ?? "";
  const [found] = [...name.matchAll(/-/g)]
    .map(({ index }) => index)
    .filter((index) => comparableName(name.slice(index + 1)) === domain);
  return found === undefined ? undefined : name.slice(0, found);
}

function keysByName(files: readonly string[], domains: readonly string[], report: Report): KeyFile[] {
  // Selector and domain may both have hyphens: the longest domain with accounts is meant.
  const longestFirst = domains.toSorted((a, b) => b.length - a.length);
  return files.flatMap((file) => {
    if (!generatedName.test(file)) {
      report(file, `what it signed is not known: there is no ${settingsFile}`);
      return [];
    }
    const [found] = longestFirst.flatMap((domain) => {
      const selector = selectorInName(file, domain);
      return selector === undefined ? [] : [{ file, domain, selector }];
    });
    if (found !== undefined) return [found];
    report(file, "signs for a domain that has no account");
    return [];
  });
}
