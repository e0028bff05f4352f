/** The scalar values of a stack's configuration: how each is written, and what it becomes. */
import { isIPv4, isIPv6 } from "node:net";
import * as z from "zod";
import { isPem } from "../../keys/certificate-chain.ts";
import { reservedLabelProblem } from "../../naming/resources.ts";
import { furtherNameProblem } from "../../naming/servers.ts";
import { suggest } from "../../naming/suggestion.mjs";
import { unseenIn } from "../../naming/unseen.mjs";
import {
  addressProblem,
  canonicalIPv6,
  localPartProblem,
  nameProblem,
  normalizeAddress,
  normalizeName,
  serverAddress,
  services,
  targetProblem,
} from "../../records/index.ts";

/** An object of known keys; an unknown one is an error that suggests the key that was probably meant. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      // One line per key, in the order of `keys`: formatProblems gives each its own path.
      if (issue.code === "unrecognized_keys") {
        return (issue.keys as string[]).map((key) => unknownKey(key, known)).join("\n");
      }
      return issue.code === "invalid_type" ? `write a section with keys such as ${known[0]}:` : undefined;
    },
  });
}

/** What to write instead of a key that is none. */
export function unknownKey(key: string, known: readonly string[]): string {
  const meant = suggest(key, known);
  return meant !== undefined
    ? `unknown key: did you mean "${meant}"?`
    : `unknown key: write one of ${known.join(", ")}`;
}

/**
 * Text that people, headers and terminals show; whatever nobody sees in it is refused. YAML reads unquoted digits as a
 * number, which is never what is meant here.
 */
export function text(what: string): z.ZodString {
  return anyText(what).check(
    refuse((written) => {
      const unseen = unseenIn(written);
      return unseen === undefined
        ? undefined
        : `has ${unseen}, a character that nobody sees or that changes how the others are shown: remove it`;
    }),
  );
}

/** Text that nobody is shown, of any characters. */
export function anyText(what: string): z.ZodString {
  return z.string({
    error: ({ input }) =>
      input === undefined ? `is missing: write ${what}` : `write ${what}, in quotes if it is made of digits`,
  });
}

export function domainName(what: string) {
  return text(what)
    .check(refuse((name) => nameProblem(name) ?? reservedLabelProblem(normalizeName(name))))
    .transform((name) => normalizeName(name));
}

/** What a stack knows one of its further mail servers by. */
export function furtherServerName(what: string) {
  return text(what)
    .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i, {
      error: "write letters, digits, and hyphens or dots between them, such as partner",
    })
    .check(
      refuse((name) => {
        const problem = furtherNameProblem(name.toLowerCase());
        return problem && `${problem}: use another name, such as partner`;
      }),
    )
    .transform((name) => name.toLowerCase());
}

/** What stands before the @ of an address that is created here. */
export function localPart(what: string) {
  return text(what)
    .check(refuse((name) => localPartProblem(name, "created")))
    .transform((name) => name.toLowerCase());
}

/** An address that takes reports, here or elsewhere; its domain is normalized and its local part lower case. */
export function mailAddress(what: string) {
  return text(what)
    .check(refuse((address) => addressProblem(address, "existing", what)))
    .transform(normalizeAddress);
}

/** An address that mail is sent on to, here or elsewhere. */
export function targetAddress(what: string) {
  return text(what)
    .check(refuse((address) => targetProblem(address, what)))
    .transform(normalizeAddress);
}

const sender = "an address such as sales@example.org, or @example.org for every address without an owner";
/** An address to send as, of a domain here. */
export const sendingAddress = text(sender)
  .check(
    refuse((address) => {
      if (!address.startsWith("@")) return addressProblem(address, "created", sender);
      const domain = address.slice(1);
      const problem = nameProblem(domain);
      return problem === undefined ? undefined : `"${domain}" ${problem}`;
    }),
  )
  .transform(normalizeAddress);

/** Stands for a value that only the stack's passphrase opens, where a stack file is read without it. */
export const encryptedValue = "an encrypted value";

/** Whether a text is the path of a file with PEM in it. */
export function isPemFile(written: string): boolean {
  return /^[^\s]+\.(pem|crt|cer|key)$/i.test(written);
}

/** PEM in its place, or the path of a file that has it. */
export function pemOrFile(what: string) {
  return anyText(`${what}, in PEM or as the path of a file`).check(
    refuse((written) =>
      isPem(written) || written === encryptedValue || isPemFile(written)
        ? undefined
        : `write ${what} in PEM (-----BEGIN …), or the path of a file that ends in .pem, .crt, .cer or .key`,
    ),
  );
}

/** A day such as 2027-01-31. The CLI reads one without quotes as a moment, its midnight, and writes that in one of two forms. */
export const day = text("a day such as 2027-01-31")
  .check(
    refuse((written) => {
      const date = /^(\d{4}-\d\d-\d\d)(?:T00:00:00Z| 00:00:00 \+0000 UTC)?$/.exec(written)?.[1];
      const moment = new Date(`${date}T00:00:00Z`);
      if (date !== undefined && !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(date)) {
        return undefined;
      }
      return `"${written}" is not a valid day: use one like 2027-01-31`;
    }),
  )
  .transform((written) => written.slice(0, 10));

export const ipAddress = text("an IP address such as 127.0.0.1")
  .check(
    refuse((address) =>
      isIPv4(address) || isHostIPv6(address) ? undefined : `"${address}" is not a valid IP address`,
    ),
  )
  .transform((address) => (isIPv4(address) ? address : canonicalIPv6(address)));
export const ipv4Address = text("an IPv4 address such as 192.0.2.25").check(
  refuse((address) => (isIPv4(address) ? undefined : `"${address}" is not a valid IPv4 address`)),
);
export const ipv6Address = text("an IPv6 address such as 2001:db8::25")
  .check(refuse((address) => (isHostIPv6(address) ? undefined : `"${address}" is not a valid IPv6 address`)))
  .transform(canonicalIPv6);

/** Neither one that only one link knows (RFC 4007 section 11) nor an IPv4 one in another spelling (RFC 4291 section 2.5.5.2). */
function isHostIPv6(address: string): boolean {
  return isIPv6(address) && !address.includes("%") && !canonicalIPv6(address).startsWith("::ffff:");
}

export function wholeNumber(minimum: number, maximum: number) {
  const error = `write a whole number from ${minimum} to ${maximum}`;
  return z.int({ error }).min(minimum, { error }).max(maximum, { error });
}

export const port = wholeNumber(1, 65_535);

const sizeForm = /^(\d+(?:\.\d+)?) ?(KiB|MiB|GiB|TiB)$/;
const unitBytes: Readonly<Record<string, number>> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** A size with its unit, as a number of bytes. */
export function size(minimumBytes: number, maximumBytes: number) {
  return text("a size such as 1 GiB")
    .check(
      refuse((written) => {
        const bytes = parseSize(written);
        if (bytes === undefined)
          return `"${written}" is not a valid size: use a number and KiB, MiB, GiB or TiB, such as 1 GiB`;
        if (bytes >= minimumBytes && bytes <= maximumBytes) return undefined;
        return `"${written}" is out of range: ${formatSize(minimumBytes)} to ${formatSize(maximumBytes)}`;
      }),
    )
    .transform((written) => parseSize(written) ?? 0);
}

export function parseSize(written: string): number | undefined {
  const [, amount, unit] = sizeForm.exec(written) ?? [];
  return unit === undefined ? undefined : Math.round(Number(amount) * (unitBytes[unit] ?? 0));
}

/** @example 1073741824 → `1 GiB` */
export function formatSize(bytes: number): string {
  const units = Object.entries(unitBytes).reverse();
  const [unit, unitSize] = units.find(([, factor]) => bytes >= factor) ?? ["KiB", 2 ** 10];
  return `${Math.round((bytes / unitSize) * 100) / 100} ${unit}`;
}

/** A network of 32 addresses. */
export function subnetProblem(subnet: string): string | undefined {
  const [network = "", bits, ...more] = subnet.split("/");
  const isAligned = Number(network.split(".")[3]) % 32 === 0;
  if (isIPv4(network) && bits === "27" && more.length === 0 && isAligned) return undefined;
  return `"${subnet}" is not a network of 32 addresses: use one such as 198.19.4.32/27`;
}

/** Where something is to be called from a server: over HTTPS, or by plain HTTP within a network of one's own. */
export function webhookProblem(written: string): string | undefined {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url !== undefined && ["https:", "http:"].includes(url.protocol) && url.hash === "") return undefined;
  return `"${written}" is not a valid URL: use one such as https://alerts.example.org/hooks/certificates`;
}

/** Whom questions about names are sent to. */
export function resolverProblem(written: string): string | undefined {
  if (serverAddress(written, services.dns.port) !== undefined) return undefined;
  return `"${written}" is not a valid resolver: use an address, with a port if need be, such as 192.0.2.53 or [2001:db8::53]:5353`;
}

/** What a parser says of a value that it refuses. */
export function thrownBy(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof Error && error.name === "Error") return error.message;
    throw error;
  }
}

/** A check that consists of its message alone: `undefined` passes. */
export function refuse(problem: (value: string) => string | undefined) {
  return (payload: z.core.ParsePayload<string>): void => {
    const message = problem(payload.value);
    if (message !== undefined) payload.issues.push({ code: "custom", input: payload.value, message });
  };
}
