import { addressProblem, cut, nameProblem, normalizeName, targetProblem } from "../../records/index.ts";

export function localPart(address: string): string {
  return cut(address)?.local ?? "";
}

export function domainPart(address: string): string {
  return cut(address)?.domain ?? address;
}

/** @throws RangeError if `name` is not a domain name in lower-case A-label form. */
export function requireDomain(name: string): string {
  if (nameProblem(name) !== undefined || normalizeName(name) !== name) {
    throw new RangeError(`"${name}" is not a lower-case domain name: write one like example.org`);
  }
  return name;
}

/** Of each address that was found good, its domain: there may be ten thousand, and each is asked for several times. */
const known = new Map<string, string>();
const mostKnown = 100_000;

/** @throws RangeError if `address` cannot be a mailbox (or alias) of `domain`, in lower case. */
export function requireAddress(address: string, domain: string): string {
  if (known.get(address) === domain) return address;
  const problem = addressProblem(address, "created");
  if (problem !== undefined || domainPart(address) !== domain || address !== address.toLowerCase()) {
    throw new RangeError(
      `"${address}" cannot be an address of ${domain}: write lower-case letters, digits, "-", "_" and ` +
        `single dots before @${domain}`,
    );
  }
  if (known.size >= mostKnown) known.clear();
  known.set(address, domain);
  return address;
}

/** @throws RangeError if mail cannot be sent on to `address` by a table entry. */
export function requireTarget(address: string): string {
  const problem = targetProblem(address);
  if (problem !== undefined) {
    throw new RangeError(`"${address}" cannot be the target of an alias: ${problem}`);
  }
  return address;
}
