import { FormError } from "../records/index.ts";
import { type Finding, FindingError } from "./check.ts";
import { DnsError } from "./probes/dns-error.ts";

/**
 * What an error says of the domain, and the remedy of that cause: a server that does not answer, a certificate that
 * is not trusted, a record that cannot be read.
 *
 * @param where - the record or server that it is about, where that is known. @example "_dmarc.example.org"
 */
export function findingOf(error: unknown, where?: string): Finding {
  if (error instanceof FindingError || error instanceof DnsError) return error;
  if (error instanceof FormError)
    return { seen: error.wrong, remedy: `${where === undefined ? "" : `At ${where}: `}${error.advice}.` };
  return { seen: describe(error), remedy: remedyOf(error, where ?? "the server") };
}

/** What is read at `where` is judged by its standard. */
export function reading<Value>(where: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    const { seen, remedy } = findingOf(error, where);
    throw new FindingError(seen, remedy);
  }
}

/** imapflow calls every refusal "Command failed" and keeps what the server said beside it. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const said = "responseText" in error && error.responseText ? `: ${error.responseText}` : "";
  // Of several addresses that were tried, none has a message of its own.
  const each = error instanceof AggregateError ? error.errors.map(describe).join("; ") : "";
  return `${error.message || each || error.name}${said}`;
}

/** Codes of Node.js and OpenSSL; the first pattern that matches. */
const causes: readonly (readonly [RegExp, (where: string) => string])[] = [
  [
    /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    (where) => `Have a current certificate issued for ${where}, and find out why it was not renewed.`,
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    (where) =>
      `Have a certificate issued that holds the name of ${where}, and configure the server to show it.`,
  ],
  [
    /SELF_SIGNED|UNABLE_TO_|CERT_|ERR_TLS/,
    (where) =>
      `Show a certificate at ${where} from an authority that others trust, with its whole chain; for one of your own, set NODE_EXTRA_CA_CERTS=authority.pem.`,
  ],
  [
    /ERR_SSL|EPROTO/,
    (where) => `See in the log of ${where} why it does not agree on TLS: it has to offer TLS 1.2 or 1.3.`,
  ],
  [
    /ECONN|EPIPE|EHOST|ENET|ETIMEDOUT|ESOCKET|EDNS|ABORT|TIMEOUT|no .*(?:answer|handshake|greeting)|[Tt]imeout|timed out/,
    (where) => `Check that ${where} runs, and that no firewall is between it and this machine.`,
  ],
];

function remedyOf(error: unknown, where: string): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = `${code} ${describe(error)}`;
  const cause =
    causes.find(([pattern]) => pattern.test(code !== "" ? code : text)) ??
    causes.find(([pattern]) => pattern.test(text));
  return cause?.[1](where) ?? `See in the log of ${where} why it answers so.`;
}
