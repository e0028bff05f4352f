/**
 * The renderers' own guard: an address with a space, a colon or a slash would change the meaning of the
 * table or the path that it is written to. Narrower than RFC 5322 s3.2.3 on purpose: `+` separates the
 * tag, `!` and `%` are source routes to Postfix, `/` would leave the mailbox's folder.
 */
const LOCAL_PART = /^[a-z0-9_](?:[a-z0-9_'-]|\.(?=[a-z0-9_'-]))*$/;
const DOMAIN =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const TARGET = /^[^\s@,:"\\<>()#|/][^\s@,:"\\<>()|/]*@[a-z0-9.-]+$/i;

export function localPart(address: string): string {
  return address.slice(0, address.lastIndexOf("@"));
}

export function domainPart(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}

/** @throws RangeError if `name` is not a domain name in lower-case A-label form. */
export function requireDomain(name: string): string {
  if (!DOMAIN.test(name)) {
    throw new RangeError(`"${name}" is not a lower-case domain name: write one like example.org`);
  }
  return name;
}

/** @throws RangeError if `address` cannot be a mailbox (or alias) of `domain`. */
export function requireAddress(address: string, domain: string): string {
  const local = localPart(address);
  if (domainPart(address) !== domain || !LOCAL_PART.test(local) || local.length > 64) {
    throw new RangeError(
      `"${address}" cannot be an address of ${domain}: write lower-case letters, digits, "-", "_", "'" and ` +
        `single dots before @${domain}`,
    );
  }
  return address;
}

/** @throws RangeError if mail cannot be sent on to `address` by a table entry. */
export function requireTarget(address: string): string {
  if (!TARGET.test(address)) {
    throw new RangeError(`"${address}" cannot be the target of an alias: write one plain address`);
  }
  return address;
}
