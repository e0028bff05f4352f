import type { DomainDescription, RecordDescription, ServerDescription } from "../../records/index.ts";

export const server: ServerDescription = {
  hostName: "mail.example.org",
  ttl: 3600,
  addresses: { ipv4: "192.0.2.25", ipv6: "2001:db8::25" },
};

/** A domain with what every domain has. */
export const domain: DomainDescription = {
  domain: "example.org",
  ttl: 3600,
  exchanges: [{ host: "mail.example.org", preference: 10 }],
  addresses: { ipv4: "192.0.2.25" },
  clientLabels: ["mail", "imap"],
  services: { imaps: { host: "imap.example.org", port: 993 } },
  spf: {},
  dkim: [{ selector: "ed1", content: "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" }],
  dmarc: { policy: "quarantine", reportAddresses: ["postmaster@example.org"] },
};

/** A description with changes to its one server and its one domain. */
export function describeOne(
  changes: Partial<DomainDescription> = {},
  serverChanges: Partial<ServerDescription> = {},
  rest: Partial<RecordDescription> = {},
): RecordDescription {
  return {
    zones: [{ name: "example.org", signed: true }],
    servers: [{ ...server, ...serverChanges }],
    domains: [{ ...domain, ...changes }],
    parkedDomains: [],
    ...rest,
  };
}

/** A domain that has everything. */
export const fullDomain: DomainDescription = {
  ...domain,
  exchanges: [
    { host: "mail.example.org", preference: 10 },
    { host: "mx.backup.example", preference: 20, label: "backup" },
  ],
  addresses: { ipv4: "192.0.2.25", ipv6: "2001:db8::25" },
  clientLabels: ["mail", "smtp", "imap", "pop3"],
  services: {
    submissions: { host: "smtp.example.org", port: 465 },
    submission: { host: "smtp.example.org", port: 587 },
    imaps: { host: "imap.example.org", port: 993 },
    pop3s: { host: "pop3.example.org", port: 995 },
    sieve: { host: "imap.example.org", port: 4190 },
  },
  spf: { includes: ["_spf.example.net"], relays: ["198.51.100.0/24", "relay.example.net"] },
  dkim: [
    { selector: "rsa1", content: `v=DKIM1; k=rsa; p=${"A".repeat(392)}` },
    { selector: "ed1", content: "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" },
    { selector: "ed0", content: "v=DKIM1; p=" },
  ],
  dmarc: {
    policy: "reject",
    nonexistentPolicy: "reject",
    reportAddresses: ["postmaster@example.org", "d1@reports.example", "dmarc@example.com"],
  },
  reportsFor: ["subsidiary.example"],
  tlsReporting: { reportAddresses: ["postmaster@example.org"] },
  web: {
    addresses: { ipv4: "192.0.2.80" },
    mtaSts: {
      policy: { mode: "enforce", mx: ["mail.example.org", "mx.backup.example"], maxAge: 604_800 },
      announced: true,
    },
    autoconfig: true,
    bareName: true,
    webmail: true,
    autodiscover: { host: "autodiscover.example.org", port: 443 },
  },
  certificates: {
    issuers: [{ authority: "letsencrypt.org", accountUri: "https://acme.example/acct/1" }],
    wildcardIssuers: [],
    reportAddress: "security@example.org",
  },
  delegations: [{ label: "s1._domainkey", target: "s1.domainkey.example.net" }],
};

export const full: RecordDescription = {
  zones: [
    { name: "example.org", signed: true, ds: `60485 13 2 ${"d4".repeat(32)}` },
    { name: "example.com", signed: false },
    { name: "example.net", signed: true },
  ],
  servers: [
    {
      ...server,
      keys: [
        { name: "key1", stage: "serving", content: `3 1 1 ${"aa".repeat(32)}` },
        { name: "key2", stage: "published", content: `3 1 1 ${"bb".repeat(32)}` },
      ],
      tlsReporting: { reportAddresses: ["postmaster@example.org"] },
    },
  ],
  domains: [fullDomain, { ...domain, domain: "example.com", clientLabels: [], services: {} }],
  parkedDomains: [{ domain: "example.net", ttl: 86_400, reportAddresses: ["dmarc@example.org"] }],
};

/** A stack of many domains with everything, whose reports go to one another. */
export function describeMany(count: number): RecordDescription {
  const names = Array.from({ length: count }, (_, index) => `d${index}.example`);
  return {
    zones: ["example.org", ...names].map((name) => ({ name, signed: true })),
    servers: [server],
    domains: names.map((domain) => ({
      ...fullDomain,
      domain,
      dmarc: { policy: "reject", reportAddresses: [`dmarc@${names[0]}`, "d@reports.example"] },
    })),
    parkedDomains: [],
  };
}
