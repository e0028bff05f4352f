import * as z from "zod";
import type { PublisherFacts } from "../facts.ts";
import { cloudflareForm } from "./record-form.ts";

/** https://developers.cloudflare.com/dns/ */
export const cloudflare = {
  name: "cloudflare",
  title: "Cloudflare",
  description: "Cloudflare (`cloudflare:apiToken`)",
  settings: {
    cloudflareZone: z
      .string({ error: "write the zone's id, in quotes if it is made of digits" })
      .regex(/^[0-9a-f]{32}$/, {
        error: "write the zone's id: 32 hexadecimal digits, on the zone's overview page",
      })
      .optional()
      .meta({
        description: "The id of the Cloudflare zone that holds the domain; needed with `dns: cloudflare`.",
        example: "023e105f4ecef8ad9ca31a8372d0c353",
      }),
  },
  needs: { cloudflareZone: "the zone's id" },
  isOwnServer: false,
  signing: "Cloudflare signs in its dashboard",
  form: cloudflareForm,
  live: {
    zoneSetting: "cloudflareZone",
    settings: ["cloudflare:apiToken", "cloudflare:baseUrl"],
    open(values) {
      const token = values["cloudflare:apiToken"] || process.env.CLOUDFLARE_API_TOKEN;
      if (!token) return undefined;
      const access = { token, baseUrl: values["cloudflare:baseUrl"] };
      // Its client is loaded only where somebody asks.
      return {
        read: async (zones) => (await import("./live-zones.ts")).readLiveZones(zones, access),
        check: async (zones, next) =>
          (await import("./live-zones.ts")).checkLiveZones(zones, { ...access, ...next }),
      };
    },
    missing: (stack) =>
      `cloudflare:apiToken: is missing: \`pulumi config set --secret cloudflare:apiToken --stack ${stack}\`, ` +
      "or set CLOUDFLARE_API_TOKEN.",
    plugin: "@pulumi/cloudflare",
    importId: (zone, record) => `${zone}/${record}`,
    // One that was imported has its zone's id before it.
    recordId: (id) => id.split("/").at(-1) ?? "",
  },
} as const satisfies PublisherFacts;
