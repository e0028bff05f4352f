/** Every publisher of zones, as far as it is known without Pulumi; `index.ts` has what creates their zones. */
import { cloudflare } from "./cloudflare/facts.ts";
import type { PublisherFacts } from "./facts.ts";
import { local } from "./local/facts.ts";
import type { PublisherName } from "./zone-settings.ts";

/** The first one is the default. */
export const publisherFacts = [local, cloudflare] as const satisfies readonly (PublisherFacts & {
  readonly name: PublisherName;
})[];
