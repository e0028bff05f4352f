import { createHash } from "node:crypto";
import { FormError } from "./form-error.ts";
import { nameProblem, normalizeName } from "./name.ts";
import type { DnsRecord } from "./record.ts";
import { formatTagList } from "./tag-list.ts";

export const MtaStsMode = { testing: "testing", enforce: "enforce", none: "none" } as const;
export type MtaStsMode = (typeof MtaStsMode)[keyof typeof MtaStsMode];

/** How others deliver to a domain: to which servers, and over TLS alone (RFC 8461 section 3.2). */
export interface MtaStsPolicy {
  /** `testing` only reports, `enforce` delivers over verified TLS alone, `none` withdraws a policy. */
  readonly mode: MtaStsMode;
  /**
   * Names of the MX hosts; a leading `*.` stands for one label. At least one unless the mode is `none`.
   *
   * @example ["mail.example.org"]
   */
  readonly mx: readonly string[];
  /** How long other servers keep the policy, in seconds: 0 to 31557600 (a year). @example 604800 */
  readonly maxAge: number;
}

/** A year, in seconds. */
const longestAge = 31_557_600;

/** The text that `https://mta-sts.<domain>/.well-known/mta-sts.txt` serves, lines ended by CRLF. */
export function formatMtaStsPolicy({ mode, mx, maxAge }: MtaStsPolicy): string {
  if (!Number.isInteger(maxAge) || maxAge < 0 || maxAge > longestAge) {
    throw new Error(`an MTA-STS max_age of ${maxAge} is not between 0 and 31557600 (RFC 8461 section 3.2)`);
  }
  if (mode !== "none" && mx.length === 0) throw new Error("an MTA-STS policy names at least one mx");
  const hosts = mx.map((pattern) => `mx: ${normalizePattern(pattern)}`);
  const lines = ["version: STSv1", `mode: ${mode}`, ...hosts, `max_age: ${maxAge}`];
  return lines.map((line) => `${line}\r\n`).join("");
}

/** @throws FormError for what makes others ignore the policy (RFC 8461 section 3.2). */
export function parseMtaStsPolicy(text: string): MtaStsPolicy {
  const pairs = text
    .split(/\r?\n/)
    .filter((line) => line.includes(":"))
    .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()] as const);
  // The first of several counts, except for mx (section 3.2).
  const first = (key: string): string | undefined => pairs.find(([name]) => name === key)?.[1];
  /** What people write for a key: others ignore keys that they do not know. */
  const similar = (key: string): string => {
    const found = pairs.find(([name]) => name !== key && name.toLowerCase().trim().endsWith(key))?.[0];
    return found === undefined ? "" : `, not "${found}:"`;
  };
  const mode = first("mode") ?? "";
  const maxAge = first("max_age") ?? "";
  if (first("version") !== "STSv1")
    throw new FormError("an MTA-STS policy begins with version: STSv1", `add that line${similar("version")}`);
  if (!Object.hasOwn(MtaStsMode, mode))
    throw new FormError(
      `"${mode}" is not an MTA-STS mode`,
      `write mode: enforce, testing or none, in lower case${similar("mode")}`,
    );
  const inSeconds = `write whole seconds, such as max_age: 604800${similar("max_age")}`;
  if (!/^\d{1,10}$/.test(maxAge))
    throw new FormError(`"${maxAge}" is not a valid MTA-STS max_age`, inSeconds);
  if (Number(maxAge) > longestAge)
    throw new FormError(`an MTA-STS max_age of ${maxAge} is not between 0 and ${longestAge}`, inSeconds);
  const mx = pairs.filter(([name]) => name === "mx").map(([, host]) => parsePattern(host));
  if (mode !== "none" && mx.length === 0)
    throw new FormError("an MTA-STS policy names at least one mx", `add mx: and the MX host${similar("mx")}`);
  return { mode: mode as MtaStsMode, mx, maxAge: Number(maxAge) };
}

/** A host name as receivers compare it, which is without a final dot (section 4.1). */
function parsePattern(pattern: string): string {
  const problem = pattern.endsWith(".")
    ? "ends with a dot: leave it out"
    : nameProblem(pattern.replace(/^\*\./, ""));
  if (problem === undefined) return normalizePattern(pattern);
  const [wrong = "", advice = ""] = problem.split(/: (.*)/s);
  throw new FormError(`the mx "${pattern}" ${wrong}`, advice || "write the name of the MX host");
}

/** The name of the record that announces a domain's policy (RFC 8461 section 3.1). */
export function policyRecordName(domain: string): string {
  return `_mta-sts.${domain}`;
}

/** Where the policy is: `https://mta-sts.<domain>/.well-known/mta-sts.txt` (RFC 8461 section 3.3). */
export function policyHost(domain: string): string {
  return `mta-sts.${domain}`;
}

function normalizePattern(pattern: string): string {
  return pattern.startsWith("*.") ? `*.${normalizeName(pattern.slice(2))}` : normalizeName(pattern);
}

/** Whether a policy lets mail go to `host` (RFC 8461 section 4.1). */
export function policyNames({ mx }: MtaStsPolicy, host: string): boolean {
  const parent = host.slice(host.indexOf(".") + 1);
  return mx.some((pattern) => pattern === host || pattern === `*.${parent}`);
}

/** The id that announces a new policy: derived from the text, so that it changes exactly when the text does. */
export function policyId(policy: MtaStsPolicy): string {
  return createHash("sha256").update(formatMtaStsPolicy(policy)).digest("hex").slice(0, 20);
}

/**
 * The record by which others know that there is a policy, and whether it is a new one (RFC 8461 section 3.1).
 *
 * @example `v=STSv1; id=a336738fe97acec6dae7`
 */
export interface MtaSts {
  /** 1 to 32 letters and digits. */
  readonly id: string;
}

const fieldForm = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[!-:<>-~]*$/;
const idForm = /^[A-Za-z0-9]{1,32}$/;

export function formatMtaSts({ id }: MtaSts): string {
  if (!idForm.test(id)) throw new Error(`"${id}" is not a valid MTA-STS id: use 1 to 32 letters and digits`);
  return formatTagList([
    ["v", "STSv1"],
    ["id", id],
  ]);
}

/** Whether a text is an MTA-STS record at all: others discard what does not begin with `v=STSv1;` (section 3.1). */
export function isMtaSts(text: string): boolean {
  return /^v=STSv1[ \t]*;/.test(text);
}

/** @throws FormError when others discard the record. */
export function parseMtaSts(text: string): MtaSts {
  const wrong = `"${text}" is not a valid MTA-STS record`;
  if (!isMtaSts(text)) throw new FormError(wrong, "begin it with v=STSv1; in this case, without white space");
  const fields = text
    .split(/[ \t]*;[ \t]*/)
    .slice(1)
    .filter((field, index, all) => field !== "" || index < all.length - 1);
  const malformed = fields.find((field) => !fieldForm.test(field));
  if (malformed !== undefined)
    throw new FormError(wrong, `write name=value without white space instead of "${malformed}"`);
  // The first of several counts (section 3.1).
  const id = fields.find((field) => field.startsWith("id="))?.slice("id=".length) ?? "";
  if (!idForm.test(id)) throw new FormError(wrong, "write id= and 1 to 32 letters and digits");
  return { id };
}

export function mtaStsRecord(domain: string, ttl: number, policy: MtaStsPolicy): DnsRecord {
  return {
    role: "mta-sts",
    name: policyRecordName(domain),
    type: "TXT",
    ttl,
    content: formatMtaSts({ id: policyId(policy) }),
    why: "Announces the policy by which others deliver over TLS (MTA-STS, RFC 8461 3.1)",
  };
}
