import { comparableName, nameProblem, normalizeName } from "./name.ts";

/** An address in its two parts (RFC 5321 section 4.1.2): the local part lower case, the domain in A-labels. */
export interface MailAddress {
  readonly local: string;
  readonly domain: string;
}

/**
 * Which addresses a place takes.
 *
 * - `created`: a mailbox or an alias here. Narrower than RFC 5321: `+` begins a sub-address, `!` and `%` are
 *   source routes to Postfix, `/` would leave the mailbox's folder.
 * - `existing`: one that is somebody else's, any Dot-string of RFC 5321 section 4.1.2.
 */
export type AddressForm = "created" | "existing";

/** In octets (RFC 5321 section 4.5.3.1). */
const maxLocalPart = 64;
/** In octets: a path of 256 (RFC 5321 section 4.5.3.1.3) without its angle brackets. */
const maxAddress = 254;

const createdForm = /^(?!.*\.\.)[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_-])?$/i;
const atom = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+";
const existingForm = new RegExp(`^${atom}(?:\\.${atom})*$`, "i");

/** What is wrong with the part before the @, and what to write instead; `undefined` when nothing is. */
export function localPartProblem(local: string, form: AddressForm): string | undefined {
  if (local.includes("@")) return `"${local}" has an @: write only what stands before it`;
  if (form === "created" && local.includes("+")) {
    return `"${local}" has a +, which separates a sub-address: write the name without it`;
  }
  if (Buffer.byteLength(local) > maxLocalPart) {
    return `is longer than ${maxLocalPart} characters (RFC 5321 section 4.5.3.1.1): use a shorter one`;
  }
  if (form === "created" && !createdForm.test(local)) {
    return `"${local}" is not a valid local part: use letters, digits, "_", "-" and single dots, starting with a letter, a digit or "_" and not ending with a dot`;
  }
  if (!existingForm.test(local)) {
    return `"${local}" is not a valid local part: use ASCII letters, digits, !#$%&'*+-/=?^_\`{|}~ and single dots between them (RFC 5321 section 4.1.2)`;
  }
  return undefined;
}

/**
 * What is wrong with a whole address, and what to write instead; `undefined` when nothing is.
 *
 * @param use - what the place is for. @example "an address such as dmarc@example.org"
 */
export function addressProblem(
  address: string,
  form: AddressForm,
  use = "one such as ana@example.org",
): string | undefined {
  const parts = cut(address);
  if (parts === undefined || parts.local === "" || parts.local.includes("@")) {
    return `"${address}" is not a valid address: use ${use}`;
  }
  const { local, domain } = parts;
  const problem = localPartProblem(local, form);
  if (problem !== undefined) return problem.startsWith('"') ? problem : `the part before the @ ${problem}`;
  const inDomain = nameProblem(domain);
  if (inDomain !== undefined) return `"${domain}" ${inDomain}`;
  const length = local.length + 1 + normalizeName(domain).length;
  if (form === "existing" && length > maxAddress) {
    return `is longer than ${maxAddress} characters (RFC 5321 section 4.5.3.1.3): use a shorter one`;
  }
  return undefined;
}

/** What keeps mail from being sent on to an address; `undefined` when nothing does. */
export function targetProblem(address: string, use?: string): string | undefined {
  // Of all characters only this one: `#`, `|`, `/`, `!`, `%` and `$` mean nothing in the values of a table that
  // virtual_alias_maps names (virtual(5)), nor before an @ (trivial-rewrite(8)). But Postfix bounces a recipient
  // that looks like an option of a command (postconf(5), allow_min_user).
  if (address.startsWith("-")) {
    return `"${address}" starts with a hyphen, and Postfix sends no mail there: use another address`;
  }
  return addressProblem(address, "existing", use);
}

/** @throws Error when it is not a valid address of that form. */
export function parseAddress(address: string, form: AddressForm): MailAddress {
  const problem = addressProblem(address, form);
  if (problem !== undefined) throw new Error(problem);
  return { local: localPartOf(address).toLowerCase(), domain: domainOf(address) };
}

export function formatAddress({ local, domain }: MailAddress): string {
  return `${local}@${domain}`;
}

/**
 * The one spelling of an address that a person typed, for comparing; text that is not an address only becomes
 * lower case.
 */
export function normalizeAddress(address: string): string {
  const parts = cut(address);
  if (parts === undefined) return address.toLowerCase();
  return formatAddress({ local: parts.local.toLowerCase(), domain: comparableName(parts.domain) });
}

/** What stands before the last @; empty where there is none. */
export function localPartOf(address: string): string {
  return cut(address)?.local ?? "";
}

/**
 * What stands after the last @, in A-labels.
 *
 * @throws Error when that is not a host name.
 */
export function domainOf(address: string): string {
  return normalizeName(cut(address)?.domain ?? address);
}

/** Who every domain owes the world an answer from (RFC 5321 section 4.5.1, RFC 2142). */
export const roleLocalParts = ["postmaster", "abuse"] as const;

/** Where what nobody else takes goes. */
export function postmasterOf(domain: string): string {
  return formatAddress({ local: "postmaster", domain });
}

/** Stands in tables for every address of a domain that is nobody's. @example `@example.org` */
export function catchAllOf(domain: string): string {
  return formatAddress({ local: "", domain });
}

/** An address cut at its last @, as it is written: nothing is checked. */
export function cut(address: string): MailAddress | undefined {
  const at = address.lastIndexOf("@");
  return at < 0 ? undefined : { local: address.slice(0, at), domain: address.slice(at + 1) };
}

/** What begins a tag that the sender of a message chooses (RFC 5233). */
const tagSign = "+";

/** A sub-address, `ana+tag@example.org`, as the address that it belongs to and its tag with the `+`; others: `undefined`. */
export function cutTag(address: string): { readonly address: string; readonly tag: string } | undefined {
  const { local = "", domain = "" } = cut(address) ?? {};
  const at = local.indexOf(tagSign);
  if (at <= 0) return undefined;
  return { address: formatAddress({ local: local.slice(0, at), domain }), tag: local.slice(at) };
}

/** The address that a sub-address belongs to; any other as it is written. */
export function withoutTag(address: string): string {
  return cutTag(address)?.address ?? address;
}

/** A DKIM selector here: one label (RFC 6376 section 3.1 takes several). */
export const selectorForm = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The name of an app password, or of a server's key: 1 to 32 characters. */
export const shortNameForm = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;
