import { copyScriptSource } from "../../clients/page-frame.ts";

/**
 * What every response says beside its content. nginx drops inherited headers wherever one more is added, so that each server
 * has all of them from here, and no location any of its own; test/lab/ holds the table of what each page has.
 */

/** Neither what is served nor webmail asks a browser for any of these. */
const permissions = ["camera", "display-capture", "geolocation", "microphone", "payment", "usb"]
  .map((feature) => `${feature}=()`)
  .join(", ");

const everywhere = {
  "X-Content-Type-Options": "nosniff",
  "Permissions-Policy": permissions,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/**
 * Documents load nothing, and run nothing but the page's one script, by its hash. None is kept: a profile or an answer to Outlook has somebody's address, the
 * others are small and change with the stack, and an MTA-STS policy must not come from a cache (RFC 8461 section 3.3).
 */
export const documentHeaders = {
  ...everywhere,
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Content-Security-Policy": [
    "default-src 'none'",
    `script-src ${copyScriptSource}`,
    "style-src 'unsafe-inline'",
    "img-src data:",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "Cache-Control": "no-store",
} as const;

/** Roundcube's own scripts are inline and evaluate text. Pictures of other servers show when the reader asks for them. */
export const webmailHeaders = {
  ...everywhere,
  "X-Frame-Options": "SAMEORIGIN",
  "Referrer-Policy": "same-origin",
  "Content-Security-Policy": [
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob: http: https:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join("; "),
} as const;

/**
 * Browsers ask by HTTPS from then on (RFC 6797), for a year, each name by itself: what else a domain serves is not ours. The
 * variable is empty by plain HTTP, where the header means nothing (section 7.2).
 */
export const strictTransport = { "Strict-Transport-Security": "$strict_transport" } as const;
export const strictTransportVariable = `    map $scheme $strict_transport {
        default "";
        https "max-age=31536000";
    }
`;

/** As nginx's lines, for errors as well. */
export function addHeaders(headers: Readonly<Record<string, string>>, indent: string): string {
  return Object.entries(headers)
    .map(([name, value]) => `${indent}add_header ${name} "${value}" always;\n`)
    .join("");
}

/** Webmail sends some of them itself, on some pages: what it says is replaced. */
export function hideHeaders(headers: Readonly<Record<string, string>>, indent: string): string {
  return Object.keys(headers)
    .map((name) => `${indent}proxy_hide_header ${name};\n`)
    .join("");
}
