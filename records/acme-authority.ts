/** Authorities that issue by ACME (RFC 8555) and that a stack may name by a word. */
export interface AcmeAuthority {
  /** Where a client begins (RFC 8555 section 7.1.1). */
  readonly directory: string;
  /** The domain by which CAA records allow it (RFC 8659 section 4.2). */
  readonly caaDomain: string;
  /** Whether an account has to be bound to one that exists elsewhere (RFC 8555 section 7.3.4). */
  readonly wantsExternalAccount: boolean;
  /** Whether the world's programs know its root. */
  readonly isTrusted: boolean;
}

export const acmeAuthorities = {
  letsencrypt: {
    directory: "https://acme-v02.api.letsencrypt.org/directory",
    caaDomain: "letsencrypt.org",
    wantsExternalAccount: false,
    isTrusted: true,
  },
  staging: {
    directory: "https://acme-staging-v02.api.letsencrypt.org/directory",
    caaDomain: "letsencrypt.org",
    wantsExternalAccount: false,
    isTrusted: false,
  },
  zerossl: {
    directory: "https://acme.zerossl.com/v2/DV90",
    caaDomain: "sectigo.com",
    wantsExternalAccount: true,
    isTrusted: true,
  },
  google: {
    directory: "https://dv.acme-v02.api.pki.goog/directory",
    caaDomain: "pki.goog",
    wantsExternalAccount: true,
    isTrusted: true,
  },
} as const satisfies Readonly<Record<string, AcmeAuthority>>;

/** One of those, by its word or its directory; undefined for any other, such as a company's own. */
export function knownAcmeAuthority(named: string): AcmeAuthority | undefined {
  return Object.entries(acmeAuthorities).find(
    ([word, { directory }]) => word === named || directory === named,
  )?.[1];
}

/** What is wrong with a directory as it is written: a word of {@link acmeAuthorities}, or a URL. */
export function directoryProblem(written: string): string | undefined {
  if (knownAcmeAuthority(written) !== undefined) return undefined;
  const words = Object.keys(acmeAuthorities).join(", ");
  const instead = `use ${words}, or the URL of a directory such as https://ca.example.org/acme/acme/directory`;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url === undefined) return `"${written}" is not a valid directory: ${instead}`;
  if (url.protocol !== "https:") return `is not reached over HTTPS (RFC 8555 section 6.1): ${instead}`;
  if (url.username !== "" || url.password !== "" || url.hash !== "") {
    return `has a login or a fragment in its URL: ${instead}`;
  }
  return undefined;
}

/** The URL of a directory that passed {@link directoryProblem}. */
export function directoryUrl(written: string): string {
  return knownAcmeAuthority(written)?.directory ?? written;
}
