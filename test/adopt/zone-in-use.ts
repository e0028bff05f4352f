/** A zone that another provider's mail has lived in, as people enter such things. */
export const zoneInUse: readonly object[] = [
  { type: "MX", name: "@", content: "mx.old.example", priority: 10, ttl: 1 },
  {
    type: "TXT",
    name: "@",
    content: "v=spf1 include:_spf.old.example ip4:198.51.100.7 a:app.example.org ~all",
  },
  { type: "TXT", name: "@", content: '"google-site-verification=abc"' },
  { type: "TXT", name: "_dmarc", content: '"v=DMARC1;p=none"' },
  { type: "TXT", name: "rsa1._domainkey", content: `"v=DKIM1; k=rsa; p=${"A".repeat(300)}"` },
  { type: "TXT", name: "_mta-sts", content: '"v=STSv1; id=1"' },
  // These are right but for what people need not care about.
  { type: "A", name: "mail", content: "192.0.2.25", proxied: true },
  {
    type: "TXT",
    name: "_smtp._tls",
    content: "v=TLSRPTv1;rua=mailto:postmaster@example.org",
    comment: "mine",
  },
  {
    type: "SRV",
    name: "_submission._tcp",
    data: { priority: 0, weight: 1, port: 587, target: "SMTP.example.org." },
    ttl: 3600,
  },
  // A client name and a host that have moved.
  { type: "CNAME", name: "imap", content: "imap.old.example" },
  { type: "A", name: "smtp", content: "198.51.100.9" },
  // None of a mail domain's business.
  { type: "CNAME", name: "@", content: "site.pages.example", proxied: true },
  { type: "A", name: "www", content: "198.51.100.1", proxied: true },
  { type: "CNAME", name: "status", content: "status.example.net" },
  { type: "NS", name: "lists", content: "ns.example.net" },
  { type: "CAA", name: "@", data: { flags: 0, tag: "issue", value: "letsencrypt.org" } },
];
