import type { HttpAnswer } from "../../verify/probes/http.ts";

const everywhere = {
  "x-content-type-options": "nosniff",
  "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** What every response of the web server says: pages, documents, redirects and errors. */
export const documentHeaders = {
  ...everywhere,
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "content-security-policy":
    "default-src 'none'; script-src 'sha256-RGsckDMUo8USKFeUztvs1Xw+hAaV8YbUlx3LyjUKwTQ='; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
};

/** What every response of webmail says, in addition to how long it may be kept. */
export const webmailHeaders = {
  ...everywhere,
  "x-frame-options": "SAMEORIGIN",
  "referrer-policy": "same-origin",
  "content-security-policy":
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: http: https:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
};

/** Those of an answer, and what must not be there: a version, or HSTS before certificates that the public trusts. */
export function securityHeaders({ headers }: Pick<HttpAnswer, "headers">): Record<string, unknown> {
  const names = [...Object.keys(documentHeaders), "strict-transport-security", "x-powered-by"];
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  );
}
