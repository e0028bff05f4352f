/** Mail domains as Pulumi components. */
export * from "../publishers/cloudflare/zone.ts";
export * from "../publishers/local/zone.ts";
export * from "../publishers/publisher.ts";
export * from "./accepted.ts";
export * from "./configuration-volume.ts";
export * from "./dns-zones.ts";
export * from "./docker-name.ts";
export * from "./issuer.ts";
export * from "./lab-certificate.ts";
export * from "./local-dns-server.ts";
export * from "./logins.ts";
export * from "./mail-domain.ts";
export * from "./mail-server.ts";
export * from "./mailbox.ts";
export type { ServerNodes } from "./server-container.ts";
export * from "./web-server.ts";
export * from "./webmail.ts";
export * from "./zone-view.ts";
