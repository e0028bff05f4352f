/** How long a certificate is valid, and when it is time for the next one. */
export interface Lifetime {
  readonly issuedAt: Date;
  readonly notAfter: Date;
}

const DAY = 24 * 60 * 60 * 1000;

/** The life of a certificate of so many days that must not outlive its issuer. */
export function lifetime(issuedAt: Date, days: number, issuerNotAfter?: Date): Lifetime {
  const own = issuedAt.getTime() + days * DAY;
  return { issuedAt, notAfter: new Date(Math.min(own, issuerNotAfter?.getTime() ?? own)) };
}

/** Whether a third or less of the life is left. */
export function renewalIsDue({ issuedAt, notAfter }: Lifetime, now: Date): boolean {
  return (notAfter.getTime() - now.getTime()) * 3 <= notAfter.getTime() - issuedAt.getTime();
}

/** The start of a certificate's validity: a little earlier than issued, for clients whose clocks are behind. */
export function notBefore(issuedAt: Date): Date {
  return new Date(issuedAt.getTime() - 5 * 60 * 1000);
}
