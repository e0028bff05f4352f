/** Where the certificates of a stack's servers may come from. */
export const certificateIssuers = ["private", "files", "acme"] as const;
export type CertificateIssuer = (typeof certificateIssuers)[number];
