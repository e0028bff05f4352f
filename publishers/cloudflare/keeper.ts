/** Which of Cloudflare's own products keeps a record, by what the API gives with it. */
import type { RecordKeeper } from "../live.ts";

/** What the API says of a record beside what is published; what it says depends on the product. */
export interface RecordMeta {
  /** Kept by Email Routing, locked or not. */
  readonly email_routing?: unknown;
  /** Nobody can change it: DNSControl/dnscontrol#3850. */
  readonly read_only?: unknown;
  /** The Worker whose custom domain it is. */
  readonly origin_worker_id?: unknown;
  readonly managed_by_apps?: unknown;
  readonly managed_by_argo_tunnel?: unknown;
}

/** Nothing for a record that a person entered, or that Cloudflare found when the zone moved there (`auto_added`). */
export function keeperOf(meta: RecordMeta): RecordKeeper | undefined {
  // Unlocked and edited it is still linked, and would be deleted with the product: cloudflare/cloudflare-docs#32101.
  if (isSet(meta.email_routing)) {
    const routing = keeper("Email Routing", "Disable Email Routing for the zone first");
    return { ...routing, senders: ["_spf.mx.cloudflare.net"] };
  }
  if (isSet(meta.origin_worker_id)) {
    return keeper("a Worker", "Remove the custom domain from its Worker first");
  }
  if (isSet(meta.managed_by_argo_tunnel)) {
    return keeper("a Tunnel", "Remove the public host name from its Tunnel first");
  }
  if (isSet(meta.managed_by_apps)) return keeper("an app", "Uninstall the app first");
  if (!isSet(meta.read_only)) return undefined;
  return keeper("a Cloudflare product", "Turn that off first, as the dashboard shows with the record");
}

function keeper(name: string, action: string): RecordKeeper {
  return { name, remedy: `${action}, which removes its records; then run adopt again.` };
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== "";
}
