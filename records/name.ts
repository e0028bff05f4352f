import { domainToASCII } from "node:url";

const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/**
 * The A-label form of a host or domain name (RFC 5890), lower case, without a trailing dot.
 *
 * @throws Error when the name is not a fully qualified host name (RFC 1123 section 2.1, RFC 1035 section 2.3.4).
 */
export function normalizeName(name: string): string {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new Error(`"${name}" ${problem}`);
  return look(name).ascii;
}

/**
 * The one spelling of a name that a person or another program wrote, for comparing: lower case, A-labels, without a
 * trailing dot. A name in the DNS need not be a host's: `_dmarc` and `*` stay. Text that is not a name at all only
 * becomes lower case.
 */
export function comparableName(name: string): string {
  const bare = (name === "." ? name : name.replace(/\.$/, "")).toLowerCase();
  // What is ASCII already is not to be read as an address: 0x7f.1 is not a name to a browser.
  return /^[\x20-\x7e]*$/.test(bare) ? bare : domainToASCII(bare).replace(/\.$/, "") || bare;
}

/**
 * What is known of the names that were looked at last: ten thousand addresses are in a few domains, each is looked at several
 * times, and to read a name costs more than all else that is done with an address.
 */
const known = new Map<string, { readonly ascii: string; readonly problem: string | undefined }>();
const mostKnown = 1_000;

function look(name: string) {
  const found = known.get(name);
  if (found !== undefined) return found;
  if (known.size >= mostKnown) known.clear();
  const ascii = domainToASCII(name.replace(/\.$/, "")).toLowerCase();
  const looked = { ascii, problem: problemOf(name, ascii) };
  known.set(name, looked);
  return looked;
}

/** What is wrong with a host or domain name, and what to write instead; `undefined` when nothing is. */
export function nameProblem(name: string): string | undefined {
  return look(name).problem;
}

function problemOf(name: string, ascii: string): string | undefined {
  if (name !== name.trim() || name === "")
    return "is empty or has spaces around it: write the bare name, such as example.org";
  if (name.includes("@")) return "is an address: write only what stands after the @";
  if (name.includes("/")) return "is a URL: write only the host name";
  const labels = ascii.split(".");
  // An underscore is right in a service's label (RFC 8552), never in a host name.
  if (ascii === "" || labels.some((part) => !label.test(part))) {
    return "is not a valid host name: use labels of letters, digits and hyphens, joined by dots, such as example.org";
  }
  if (labels.length < 2) return "has one label only: write the full name, such as example.org";
  if (/^\d+$/.test(labels.at(-1) ?? "")) return "is an IP address or ends in a number: write a name";
  if (ascii.length > 253) return "is longer than 253 characters (RFC 1035 section 2.3.4)";
  return undefined;
}

/** Whether `name` is `domain` or is below it. */
export function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

/** The one spelling of a record's target: a host name, or `.` where the record says that there is none. */
export function normalizeTarget(target: string): string {
  return target === "." ? target : normalizeName(target);
}
