/** One module a DNS standard, and the plan of all the records that a mail domain needs. */
export * from "./address.ts";
export * from "./dkim.ts";
export * from "./dmarc.ts";
export * from "./mx.ts";
export * from "./name.ts";
export * from "./plan.ts";
export * from "./record.ts";
export * from "./spf.ts";
export * from "./tag-list.ts";
export * from "./zone-file.ts";
