/** A password that is declared, and another one. */
export const declared = { before: "correct horse battery staple", after: "quite another long password" };

const ana = { name: "ana", displayName: "Ana Lima", password: declared.before };
const organisation = {
  name: "example.org",
  mailboxes: [ana, { name: "rui" }],
  aliases: [{ name: "sales", to: ["ana@example.org", "rui@example.org"] }],
};
const rsa = (selector: string, stage: string) => ({ selector, algorithm: "rsa-2048", stage });
const network = {
  name: "example.net",
  mailboxes: [{ name: "eva" }],
  dkim: [rsa("rsa1", "signing"), rsa("rsa2", "published")],
};

/** What is provisioned before each change. */
export const provisioned = { domains: [organisation, network] };

/** Whoever looks at it asks no resolver: what the world says of these names is not for a test. */
const toAcme = {
  certificates: {
    acme: { agreeToTerms: true, contact: ["hostmaster@example.org"], resolver: "127.0.0.1:1" },
  },
};

/** One kind of change each, as a stack's settings; each has a real preview in `previews/`. */
export const scenarios = {
  "no-change": provisioned,
  mailboxes: {
    domains: [
      {
        ...organisation,
        mailboxes: [
          {
            ...ana,
            displayName: "Ana Maria Lima",
            quota: "512 MiB",
            aliases: ["office"],
            password: declared.after,
          },
          { name: "leo", quota: "5 GiB" },
        ],
        aliases: [{ name: "sales", to: ["ana@example.org"] }],
      },
      { ...network, aliases: [{ name: "info", to: ["eva@example.net"] }] },
    ],
  },
  records: {
    domains: [
      { ...organisation, spf: { includes: ["_spf.example.com"] }, dmarc: { policy: "reject" } },
      { ...network, ttl: 300, dmarc: { policy: "none" } },
    ],
  },
  keys: {
    certificateDays: 90,
    serverKeys: [{ name: "key1" }, { name: "key2", stage: "published" }],
    domains: [
      {
        ...organisation,
        dkim: [rsa("rsa1", "signing"), { selector: "ed1", algorithm: "ed25519" }, rsa("rsa2", "published")],
      },
      { ...network, dkim: [rsa("rsa1", "retired"), rsa("rsa2", "signing")] },
    ],
  },
  "key-goes": { domains: [organisation, { ...network, dkim: [rsa("rsa1", "signing")] }] },
  ports: { ...provisioned, legacyPorts: true, ports: { imaps: 2993 } },
  "message-size": { ...provisioned, messageSizeLimit: "25 MiB" },
  "host-name": { ...provisioned, hostName: "mx1.example.org" },
  "to-acme": { ...provisioned, ...toAcme },
  "domain-leaves": { domains: [organisation] },
  "first-domain-changes": { domains: [network, organisation] },
} as const;

const withWeb = { ...provisioned, web: { enabled: true } };
const withWebmail = { ...provisioned, web: { enabled: true, webmail: true } };

/** The same for changes to what stands beside the mail server, in an order in which each `up` has little to do. */
export const transitions = {
  "web-comes": { before: provisioned, after: withWeb },
  "web-to-acme": { before: withWeb, after: { ...withWeb, ...toAcme } },
  "webmail-comes": { before: withWeb, after: withWebmail },
  "webmail-leaves": { before: withWebmail, after: withWeb },
  "web-leaves": { before: withWebmail, after: provisioned },
} as const;
