import type { X509Certificate } from "node:crypto";

/**
 * By which names CAA records allow authorities that issue for mail servers, each as its own practice statement has them (RFC
 * 8659 section 4.2). By the organization in the issuer's name; of others nothing is known.
 */
const identities: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(?:let's encrypt|internet security research group)$/i, ["letsencrypt.org"]],
  [/^(?:sectigo limited|the usertrust network|zerossl( gmbh)?)$/i, ["sectigo.com", "usertrust.com"]],
  [/^google trust services( llc)?$/i, ["pki.goog"]],
  [/^digicert,? inc\.?$/i, ["digicert.com", "geotrust.com", "rapidssl.com", "thawte.com", "symantec.com"]],
  [/^globalsign( nv-sa)?$/i, ["globalsign.com"]],
  [/^amazon$/i, ["amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"]],
  [/^ssl corp(oration)?$/i, ["ssl.com"]],
  [/^(?:godaddy\.com|starfield technologies), inc\.$/i, ["godaddy.com", "starfieldtech.com"]],
];

/** The names by which a CAA record may allow whoever has issued a certificate; undefined where they are not known. */
export function caaIdentities({ issuer }: Pick<X509Certificate, "issuer">): readonly string[] | undefined {
  const organization = /^O=(.*)$/m.exec(issuer)?.[1]?.replaceAll('"', "") ?? "";
  return identities.find(([name]) => name.test(organization))?.[1];
}
