import type { ChallengeAliases } from "./acme-challenge.ts";
import { formatMailto } from "./mailto.ts";
import { normalizeName } from "./name.ts";
import type { PersistentProofs } from "./persistent-proof.ts";
import type { DnsRecord } from "./record.ts";

/**
 * Which authority may issue certificates for a name and all below it (RFC 8659 section 4).
 *
 * @example `0 issue "letsencrypt.org"`
 */
export interface Caa {
  /** 128: an authority that does not know the tag must not issue (section 4.1). */
  readonly flags: 0 | 128;
  readonly tag: "issue" | "issuewild" | "iodef";
  /** The authority's domain with its parameters, `;` for none, or a URL for `iodef`. */
  readonly value: string;
}

export function formatCaa({ flags, tag, value }: Caa): string {
  if (!/^[ !#-~]*$/.test(value)) throw new Error(`"${value}" cannot be a CAA value: ASCII without quotes`);
  return `${flags} ${tag} "${value}"`;
}

export function parseCaa(content: string): Caa {
  // Tags are matched without case (section 4.1).
  const [, flags, tag, value] = /^(0|128)\s+(issue|issuewild|iodef)\s+"([ !#-~]*)"$/i.exec(content) ?? [];
  if (value === undefined) throw new Error(`"${content}" is not a known CAA record`);
  return { flags: flags === "128" ? 128 : 0, tag: tag?.toLowerCase() as Caa["tag"], value };
}

/**
 * The value of `issue` and `issuewild` (RFC 8659 section 4.2).
 *
 * @example `letsencrypt.org; accounturi=https://acme-v02.api.letsencrypt.org/acme/acct/1; validationmethods=dns-01`
 */
export interface CaaIssuer {
  /** The authority, by the domain that it asks for in its documentation. @example "letsencrypt.org" */
  readonly authority: string;
  /**
   * The only account that may ask for certificates (RFC 8657 section 3).
   *
   * @default any account
   * @example "https://acme-v02.api.letsencrypt.org/acme/acct/1"
   */
  readonly accountUri?: string | undefined;
  /** The only validation methods allowed (RFC 8657 section 4). @default all of them @example ["dns-01"] */
  readonly validationMethods?: readonly string[] | undefined;
}

export function formatIssuer({ authority, accountUri, validationMethods = [] }: CaaIssuer): string {
  if (accountUri !== undefined && (!URL.canParse(accountUri) || !/^[!#-:<-~]+$/.test(accountUri))) {
    throw new Error(`"${accountUri}" is not a valid ACME account: use its URL, without ";" and quotes`);
  }
  for (const method of validationMethods) {
    if (!/^[a-z0-9-]+$/i.test(method))
      throw new Error(`"${method}" is not a valid validation method: use one such as dns-01`);
  }
  return [
    normalizeName(authority),
    ...(accountUri === undefined ? [] : [`accounturi=${accountUri}`]),
    ...(validationMethods.length === 0 ? [] : [`validationmethods=${validationMethods.join(",")}`]),
  ].join("; ");
}

/** @throws Error for a parameter that no standard knows: an authority could take it for anything. */
export function parseIssuer(value: string): CaaIssuer {
  const [authority = "", ...parameters] = value.split(";").map((part) => part.trim());
  const known = new Map<string, string>();
  for (const parameter of parameters.filter((part) => part !== "")) {
    const [, name = "", text = ""] = /^([a-z0-9-]+)\s*=\s*(\S*)$/i.exec(parameter) ?? [];
    if (name !== "accounturi" && name !== "validationmethods") {
      throw new Error(`"${parameter}" is not a valid CAA parameter: use accounturi=… or validationmethods=…`);
    }
    if (known.has(name)) throw new Error(`the CAA parameter "${name}" stands twice`);
    known.set(name, text);
  }
  const accountUri = known.get("accounturi");
  const methods = known.get("validationmethods");
  return {
    authority: normalizeName(authority),
    ...(accountUri === undefined ? {} : { accountUri }),
    ...(methods === undefined ? {} : { validationMethods: methods.split(",") }),
  };
}

/**
 * Who may issue certificates for a domain.
 *
 * @typeParam Content - a record's text that is known later.
 */
export interface CertificateIssuers<Content = never> {
  /** Empty where any may. @example [{ authority: "letsencrypt.org" }] */
  readonly issuers: readonly CaaIssuer[];
  /**
   * The whole text of a further record, that of whoever issues the stack's own certificates: its account is known only
   * once it exists.
   *
   * @default none
   * @example account.uri.apply((uri) => `0 issue "letsencrypt.org; accounturi=${uri}; validationmethods=http-01"`)
   */
  readonly ordered?: string | Content | undefined;
  /** Who may issue wildcard certificates; empty for nobody. @default the same as {@link issuers} @example [] */
  readonly wildcardIssuers?: readonly CaaIssuer[] | undefined;
  /**
   * The names that the stack's own certificates are for, where they are proved in the DNS.
   *
   * @default none
   * @example { zone: "acme.example.net", names: ["mail.example.org"] }
   */
  readonly challenges?: ChallengeAliases | undefined;
  /**
   * The records that prove these names for as long as they stand, where they are proved so.
   *
   * @default none
   * @example { names: ["mail.example.org"], content: account.uri.apply((accountUri) => formatIssuer({ authority, accountUri })) }
   */
  readonly proofs?: PersistentProofs<Content> | undefined;
  /** The address that hears of refused requests (`iodef`). @default none @example "hostmaster@example.org" */
  readonly reportAddress?: string | undefined;
}

/** The set is not ordered, so that a role is the authority's domain; an account may change beside it. */
export function caaRecords<Content = never>(
  domain: string,
  ttl: number,
  certificates: CertificateIssuers<Content>,
): DnsRecord<string | Content>[] {
  const record = (role: string, tag: Caa["tag"], value: string, why: string): DnsRecord => ({
    role,
    name: domain,
    type: "CAA",
    ttl,
    content: formatCaa({ flags: 0, tag, value }),
    why,
  });
  const { issuers, ordered, wildcardIssuers: wild, reportAddress } = certificates;
  // A set allows what any of its records allows, whoever wrote them: none can promise that it is the only one.
  const allowed = "This authority may issue certificates for the domain, others if a CAA says so (RFC 8659)";
  const allowedWild =
    "This authority may issue wildcard certificates, others if a CAA says so (RFC 8659 4.3)";
  const own: DnsRecord<string | Content>[] =
    ordered === undefined
      ? []
      : [
          {
            role: "caa-acme",
            name: domain,
            type: "CAA",
            ttl,
            content: ordered,
            why: "This stack's own account may have certificates issued for the domain, others if a CAA says so (RFC 8657)",
          },
        ];
  return [
    ...own,
    ...issuers.map((issuer) =>
      record(`caa-${normalizeName(issuer.authority)}`, "issue", formatIssuer(issuer), allowed),
    ),
    ...(wild ?? []).map((issuer) =>
      record(`caa-wild-${normalizeName(issuer.authority)}`, "issuewild", formatIssuer(issuer), allowedWild),
    ),
    ...(wild?.length === 0
      ? [
          record(
            "caa-wild-none",
            "issuewild",
            ";",
            "Nobody may issue wildcard certificates unless another CAA allows it (RFC 8659 4.3)",
          ),
        ]
      : []),
    ...(reportAddress === undefined
      ? []
      : [
          record(
            "caa-iodef",
            "iodef",
            formatMailto(reportAddress),
            "Where authorities report requests that they refused (CAA, RFC 8659 4.4)",
          ),
        ]),
  ];
}
