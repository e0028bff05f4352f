/** What creates the zones of each publisher in `list.ts`. */
import { cloudflarePublisher } from "./cloudflare/zone.ts";
import { localPublisher } from "./local/zone.ts";
import type { Publisher } from "./publisher.ts";
import type { PublisherName } from "./zone-settings.ts";

export const publishers: Readonly<Record<PublisherName, Publisher>> = {
  local: localPublisher,
  cloudflare: cloudflarePublisher,
};
