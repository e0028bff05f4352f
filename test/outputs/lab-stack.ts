import type { RunningStack } from "../../outputs/running-stack.ts";

/** The outputs of the course exercise's lab, two of its eight users. */
export const labStack: RunningStack = {
  endpoint: {
    address: "127.0.0.1",
    ports: { dns: 53, smtp: 25, submission: 587, submissions: 465, imaps: 993, pop3s: 995, sieve: 4190 },
  },
  containers: { mailServer: "maildomain-lab-mail-server", dnsServer: "maildomain-lab-dns-server" },
  generations: { mailServer: "0123456789abcdef", dnsServer: "fedcba9876543210" },
  hostName: "mail.vaamonde.pti",
  furtherServers: [],
  caCertificate: "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
  certificateIssuer: "private",
  acme: undefined,
  deliverability: undefined,
  domains: [
    {
      name: "vaamonde.pti",
      clientNames: {
        incoming: { imap: "imap.vaamonde.pti", pop3: "pop3.vaamonde.pti" },
        outgoing: "smtp.vaamonde.pti",
      },
      mailboxes: [
        { address: "robsonvaamonde@vaamonde.pti" },
        { address: "vaamonde@vaamonde.pti", displayName: "Admin SOA" },
      ],
    },
  ],
  zones: [
    {
      name: "vaamonde.pti",
      publisher: "local",
      records: [
        {
          name: "vaamonde.pti",
          type: "MX",
          ttl: 3600,
          content: "10 mail.vaamonde.pti",
          why: "mail comes here",
        },
        { name: "mail.vaamonde.pti", type: "A", ttl: 3600, content: "127.0.0.1", why: "the server" },
        {
          name: "rsa1._domainkey.vaamonde.pti",
          type: "TXT",
          ttl: 3600,
          content: "v=DKIM1; p=AAAA",
          why: "a key",
        },
      ],
    },
  ],
  instructions: [],
  backups: {},
  keys: [],
  passwords: { "robsonvaamonde@vaamonde.pti": "123456", "vaamonde@vaamonde.pti": "123456" },
};
