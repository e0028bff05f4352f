import { timeAfter } from "./staged.ts";

/**
 * A name that a mail server had before. Other servers deliver to it for as long as they hold an MX record that names it,
 * and most return a message at once where it has no address by then (RFC 5321 section 5.1).
 */
export interface FormerHostName {
  readonly name: string;
  /** Until when others may hold such a record. */
  readonly until: string;
}

/** What was last published of a mail server. */
export interface PublishedHost {
  readonly hostName: string;
  readonly formerNames: readonly FormerHostName[];
}

/**
 * The names whose records stay, the latest first.
 *
 * @param hostName - the name that is declared.
 * @param ttlSeconds - for how long an MX record that leads to a name is kept by others.
 */
export function keptHostNames(
  hostName: string,
  last: PublishedHost,
  ttlSeconds: (name: string) => number,
  now: Date,
): FormerHostName[] {
  const left =
    last.hostName === hostName
      ? []
      : [{ name: last.hostName, until: timeAfter(now, ttlSeconds(last.hostName)) }];
  const before = last.formerNames.filter(({ name }) => name !== last.hostName && name !== hostName);
  return [...left, ...before].filter(({ until }) => Date.parse(until) > now.getTime());
}
