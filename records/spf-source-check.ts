import { isIP } from "node:net";
import { nameProblem } from "./name.ts";

/** A DNS name that is not a host's: labels such as `_spf` have their underscore (RFC 8552). */
const policyName = /^(?:[a-z0-9_-]{1,63}\.)+[a-z0-9-]{2,63}$/;

/** What is wrong with the domain of a third party's policy (RFC 7208 section 5.2); `undefined` when nothing is. */
export function includeProblem(domain: string): string | undefined {
  return policyName.test(domain) && domain.length <= 253
    ? undefined
    : "write the domain of a third party's SPF, lower case, such as _spf.example.net";
}

/** A host that sends mail, as SPF names it (RFC 7208 section 5): an address, a network or a host name. */
export function relayProblem(relay: string): string | undefined {
  const [address = "", bits, ...more] = relay.split("/");
  // A zone (RFC 4007) is the sender's own: no receiver knows it.
  const family = address.includes("%") ? 0 : isIP(address);
  if (family === 0) {
    const problem = nameProblem(relay);
    return problem === undefined ? undefined : `"${relay}" is not a valid address, network or host name`;
  }
  if (bits === undefined) return undefined;
  const most = family === 4 ? 32 : 128;
  const isLength = /^\d{1,3}$/.test(bits) && Number(bits) <= most && more.length === 0;
  return isLength ? undefined : `"${relay}" is not a valid network: use one such as 192.0.2.0/24`;
}
