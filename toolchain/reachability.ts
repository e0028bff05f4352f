/**
 * Distinguishes "this place cannot be reached from here" from "this place is slow". Only what the network itself says
 * counts as the former: a name that does not resolve, a refused or unroutable connection, a TLS handshake or
 * an HTTP request that is turned down. Time that passes proves nothing.
 */

const UNREACHABLE = [
  // Name resolution, as Node, Go, curl and glibc put it.
  /ENOTFOUND|EAI_AGAIN|EAI_FAIL|no such host|server misbehaving|could not resolve|name or service not known/i,
  /temporary failure in name resolution/i,
  // Connection. ETIMEDOUT is the kernel's own verdict after about two minutes without any answer.
  /ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT/,
  /connection refused|network is unreachable|no route to host|connection timed out/i,
  // TLS: an intercepting or blocking middlebox.
  /x509:|certificate|CERT_|ERR_TLS|ERR_SSL|tls: /i,
  // HTTP: the place, or a proxy before it, turns us down.
  /\b(?:HTTP(?: error)?|status(?: code)?|error:|CONNECT tunnel failed, response)[ :]*(?:40[1357]|41\d|451)\b/i,
  /proxyconnect|forbidden|(?<!permission )denied|toomanyrequests/i,
];

/** Whether what a program printed, or an error's text, says that the place cannot be reached. */
export function saysUnreachable(text: string): boolean {
  return UNREACHABLE.some((pattern) => pattern.test(text));
}
