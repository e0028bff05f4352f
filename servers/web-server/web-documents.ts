import type { Language } from "../../clients/set-up-text/languages.ts";
import type { ErrorKind } from "../../clients/set-up-text/set-up-text.ts";
import type { ConfigurationFile } from "../generation/configuration-file.ts";
import { requireDomain } from "../mail-server/address.ts";

/** What the web server serves for a domain, by the file that it serves it from. */
export const WebDocument = {
  /** MTA-STS policy (RFC 8461 section 3.2). */
  policy: "mta-sts.txt",
  /** Thunderbird's configuration file. */
  autoconfig: "config-v1.1.xml",
  /** Outlook's, to a request that names nobody. */
  autodiscover: "autodiscover.xml",
  /** Outlook's, with {@link addressMarker}. */
  autodiscoverLogin: "autodiscover-login.xml",
  /** Where Outlook's is. */
  autodiscoverJson: "autodiscover.json",
  /** Apple's profile, with {@link addressMarker} and {@link uuidMarker}. */
  profile: "profile.mobileconfig",
  /** The certificate of a lab's authority, PEM. */
  authority: "ca.crt",
} as const;
export type WebDocument = (typeof WebDocument)[keyof typeof WebDocument] | `${Language}.html`;

/** The set-up page. */
export function pageDocument(language: Language): WebDocument {
  return `${language}.html`;
}

/** What the web server answers for no domain in particular. */
export const SharedDocument = {
  /** Reply to a malformed Autodiscover request. */
  invalidRequest: "autodiscover-invalid.xml",
  /** Reply for a schema that is not served. */
  notProvided: "autodiscover-unavailable.xml",
} as const;
export type SharedDocument = (typeof SharedDocument)[keyof typeof SharedDocument];

/** Stands in a document for the address that was asked for; the web server puts it there, escaped. */
export const addressMarker = "{{address}}";

/** Stands in a document for the UUID of `mailto:ADDRESS#PAYLOAD` (RFC 9562 section 5.5, namespace URL). */
export function uuidMarker(payload: string): string {
  return `{{uuid:${payload}}}`;
}

/** Path of a domain's document below the configuration volume. */
export function documentPath(domain: string, document: WebDocument): string {
  return `web/${requireDomain(domain)}/${document}`;
}

export function sharedDocumentFile(document: SharedDocument, content: string): ConfigurationFile {
  return { path: `web/${document}`, content };
}

/** Path of an error page below the configuration volume; nginx has a variable in the language's place. */
export function errorPath(kind: ErrorKind, language: Language | "$language"): string {
  return `web/${kind}.${language}.html`;
}
