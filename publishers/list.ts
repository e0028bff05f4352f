/** Every publisher of zones, as far as it is known without Pulumi; `index.ts` has what creates their zones. */
import { cloudflare } from "./cloudflare/facts.ts";
import { local } from "./local/facts.ts";

/** The first one is the default. */
export const publisherFacts = [local, cloudflare] as const;
