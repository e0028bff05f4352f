/**
 * Mozilla's guideline 6.0, intermediate: ECDHE with an AEAD cipher only. The daemons' own defaults still
 * take CBC, CCM, ARIA and Camellia suites under TLS 1.2.
 */
export const TLS12_CIPHERS: readonly string[] = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
];

/** In order of preference; the first is the post-quantum hybrid, which Postfix does not offer by itself. */
export const TLS_GROUPS: readonly string[] = ["X25519MLKEM768", "X25519", "prime256v1", "secp384r1"];
