/** What a program declares of a zone, in plain types: users of the package read them, and need no schema to do so. */

/** Who publishes a zone. */
export type PublisherName = "local" | "cloudflare";

/**
 * The settings that a domain has for the publishers, all of them together; each is in its publisher's `facts.ts`.
 *
 * @typeParam Content - a text that is known later, such as the id of a zone that the same program makes.
 */
export interface PublisherSettings<Content = never> {
  /** The id of the Cloudflare zone. @default none: needed with `dns: "cloudflare"` @example "023e105f4ecef8ad9ca31a8372d0c353" */
  readonly cloudflareZone?: string | Content | undefined;
}

/** One zone, and who publishes it, with what that publisher needs to know of it. */
export interface DeclaredZone<Content = never> extends PublisherSettings<Content> {
  /** Its apex, lower case, A-labels. It may hold several domains. @example "example.org" */
  readonly name: string;
  /** Who publishes it. @default "local" */
  readonly dns?: PublisherName | undefined;
  /** How long others may keep what is a local zone's own, such as its name server, in seconds. @default 3600 */
  readonly ttl?: number | undefined;
  /** Whether a zone of the stack's own server is signed (DNSSEC). @default true */
  readonly dnssec?: boolean | undefined;
  /** Whether the parent of a signed zone has, or is to have, its DS record. @default true */
  readonly ds?: boolean | undefined;
}
