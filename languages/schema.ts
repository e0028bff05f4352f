/** What programs in other languages can write: the package's schema, as Pulumi's CLI makes SDKs of it. */
import type {
  LabCertificate,
  LabCertificateArgs,
  MailDomain,
  MailDomainArgs,
  MailServer,
  MailServerArgs,
} from "../components/index.ts";

const text = (description: string) => ({ type: "string", description });
const plain = (description: string) => ({ type: "string", plain: true, description });
const secretText = (description: string) => ({ type: "string", description, secret: true });
const list = (items: object, description: string) => ({ type: "array", items, description });
const plainList = (items: object, description: string) => ({
  type: "array",
  items,
  plain: true,
  description,
});

/** @param version - the provider's. */
export function schema(version: string) {
  /** Only what the component has: arguments, and outputs. */
  const component = <Args, Component>(
    description: string,
    inputs: { readonly [Name in keyof Args]?: object },
    requiredInputs: readonly (keyof Args)[],
    outputs: { readonly [Name in keyof Component]?: object },
  ) => ({
    isComponent: true,
    description,
    inputProperties: inputs,
    requiredInputs,
    properties: outputs,
    required: Object.keys(outputs),
  });
  return {
    name: "maildomain",
    version,
    description: "A whole mail domain: DNS, keys, server, mailboxes and clients.",
    types: {
      "maildomain:index:HostAddresses": {
        type: "object",
        description: "Where a host is reached.",
        properties: {
          ipv4: plain("Its IPv4 address."),
          ipv6: plain("Its IPv6 address."),
        },
      },
      "maildomain:index:Mailbox": {
        type: "object",
        properties: {
          address: plain("The whole address, lower case."),
          displayName: plain("The person's name, as clients show it."),
          quotaBytes: {
            type: "number",
            plain: true,
            description: "How much mail it holds, in bytes. 1 GiB by default.",
          },
          aliases: plainList({ type: "string", plain: true }, "Further addresses of the mailbox."),
          password: secretText("The password to log in with. Without it one is generated."),
          passwordHash: secretText("In place of the password its hash, with Dovecot's scheme."),
        },
        required: ["address"],
      },
      "maildomain:index:SealedZone": {
        type: "object",
        properties: {
          zone: plain("The zone."),
          nameServer: plain("Where its name server is reached from the mail server."),
          ds: text("What the resolver validates it by."),
        },
        required: ["zone", "nameServer"],
      },
    },
    resources: {
      "maildomain:index:MailDomain": component<MailDomainArgs, MailDomain>(
        "A mail domain: its signing keys and its mailboxes. A MailServer serves it.",
        {
          domain: plain("The domain, lower case, A-labels."),
          hostName: plain("The mail server's name, to which the MX points."),
          addresses: {
            $ref: "#/types/maildomain:index:HostAddresses",
            plain: true,
            description: "Where its clients reach the server.",
          },
          mailboxes: plainList(
            { $ref: "#/types/maildomain:index:Mailbox", plain: true },
            "The mailboxes, at least one. The first receives what is for postmaster and abuse.",
          ),
          catchAll: plainList(
            { type: "string", plain: true },
            "Who receives mail to every address without an owner.",
          ),
          ttl: {
            type: "integer",
            plain: true,
            description: "TTL of each record, in seconds. 3600 by default.",
          },
        },
        ["domain", "hostName", "addresses", "mailboxes"],
        {
          domain: text("The domain."),
          clientNames: list(
            { type: "string" },
            "The names that clients are set up with, and the server's certificate is for.",
          ),
        },
      ),
      "maildomain:index:LabCertificate": component<LabCertificateArgs, LabCertificate>(
        "A server certificate from an authority of the stack's own, which clients must be configured to trust.",
        {
          hostNames: plainList(
            { type: "string", plain: true },
            "Every name by which clients reach the server.",
          ),
          authorityName: plain("The name of its authority, as people see it when they trust it."),
          days: {
            type: "integer",
            plain: true,
            description: "How long it is valid, in days. 365 by default.",
          },
        },
        ["hostNames"],
        {
          certificate: text("The server's own certificate, PEM."),
          authorityCertificate: text("The authority's certificate, PEM: what clients have to trust."),
        },
      ),
      "maildomain:index:MailServer": component<MailServerArgs, MailServer>(
        "A mail server (Postfix, Dovecot, Rspamd) in one container, for any number of domains.",
        {
          hostName: plain("The server's own name, to which the domains' MX points."),
          domains: plainList(
            { $ref: "#/resources/maildomain:index:MailDomain", plain: true },
            "The domains that it serves; users of the first may log in by their bare user name.",
          ),
          certificate: {
            $ref: "#/resources/maildomain:index:LabCertificate",
            plain: true,
            description: "Its key and certificate.",
          },
          address: plain("The host's address on which it answers."),
          keepMail: {
            type: "boolean",
            plain: true,
            description: "Whether the mail stays on the engine when the stack is destroyed. True by default.",
          },
          sealedZones: plainList(
            { $ref: "#/types/maildomain:index:SealedZone", plain: true },
            "The zones that its resolver knows, where it is to know no others (a lab).",
          ),
        },
        ["hostName", "domains", "certificate", "address"],
        {
          containerName: text("The container's name on the engine."),
          generation: text("The id of the configuration that the server is to serve."),
          image: text("The id of its image on the engine."),
          passwords: {
            type: "object",
            additionalProperties: { type: "string" },
            secret: true,
            description: "The passwords in use, by address.",
          },
        },
      ),
    },
  };
}
