/** What programs in other languages can declare: how each component is made from what they hand over, and what it gives. */
import type { ComponentResource, ComponentResourceOptions, CustomResource } from "@pulumi/pulumi";
import {
  AcmeCertificate,
  type AcmeCertificateArgs,
  CertificateAgent,
  type CertificateAgentArgs,
  CertificateAuthority,
  DnsZones,
  type DnsZonesArgs,
  LabCertificate,
  type LabCertificateArgs,
  LocalDnsServer,
  type LocalDnsServerArgs,
  MailDomain,
  type MailDomainArgs,
  MailServer,
  type MailServerArgs,
  OwnCertificate,
  type OwnCertificateArgs,
  Webmail,
  type WebmailArgs,
  WebServer,
  type WebServerArgs,
} from "../components/index.ts";

/** Components hand on to each other what no other language could hold: there, the components themselves stand for it. */
interface ForeignDnsZonesArgs extends Omit<DnsZonesArgs, "domains"> {
  readonly domains: readonly MailDomain[];
}

interface ForeignDnsServerArgs extends Omit<LocalDnsServerArgs, "zones"> {
  readonly zones: DnsZones;
}

export interface ForeignComponent {
  make(name: string, args: never, opts: ComponentResourceOptions): ComponentResource;
  /** Its values that are outputs. */
  readonly outputs: readonly string[];
}

/** What every kind of certificate has, and a server is given for some of its names. */
const pair = ["certificate", "chain", "privateKey"];

/** By their names, which are those of their classes. */
export const foreignComponents: Readonly<Record<string, ForeignComponent>> = {
  MailDomain: {
    make: (name, args: MailDomainArgs, opts) => new MailDomain(name, args, opts),
    outputs: ["domain", "clientNames"],
  },
  LabCertificate: {
    make: (name, args: LabCertificateArgs, opts) => new LabCertificate(name, args, opts),
    outputs: [...pair, "authorityCertificate"],
  },
  OwnCertificate: {
    make: (name, args: OwnCertificateArgs, opts) => new OwnCertificate(name, args, opts),
    outputs: pair,
  },
  AcmeCertificate: {
    make: (name, args: AcmeCertificateArgs, opts) => new AcmeCertificate(name, args, opts),
    outputs: [...pair, "request"],
  },
  CertificateAgent: {
    make: (name, args: CertificateAgentArgs, opts) => new CertificateAgent(name, args, opts),
    outputs: ["containerName", "generation"],
  },
  MailServer: {
    make: (name, args: MailServerArgs, opts) => new MailServer(name, args, opts),
    outputs: ["containerName", "generation", "image", "passwords"],
  },
  DnsZones: {
    make: (name, { domains, ...args }: ForeignDnsZonesArgs, opts) =>
      new DnsZones(name, { ...args, domains: domains.map((domain) => domain.recordDescription) }, opts),
    outputs: ["instructions", "reverseNameInstructions"],
  },
  LocalDnsServer: {
    make: (name, { zones, ...args }: ForeignDnsServerArgs, opts) =>
      new LocalDnsServer(name, { ...args, zones: zones.localZones }, opts),
    outputs: ["containerName", "generation", "image"],
  },
  WebServer: {
    make: (name, args: WebServerArgs, opts) => new WebServer(name, args, opts),
    outputs: ["containerName", "generation"],
  },
  Webmail: {
    make: (name, args: WebmailArgs, opts) => new Webmail(name, args, opts),
    outputs: ["containerName", "generation"],
  },
};

export interface ForeignResource {
  /** One that the program hands on. */
  readonly find?: (name: string, urn: string) => CustomResource;
  /** Its values that are not arguments. */
  readonly outputs: readonly string[];
}

/** Resources of the provider that a program may declare itself. All others are the components' own. */
export const foreignResources: Readonly<Record<string, ForeignResource>> = {
  CertificateAuthority: {
    find: (name, urn) => new CertificateAuthority(name, { commonName: "" }, { urn }),
    outputs: ["certificate", "privateKey", "issuedAt", "notAfter"],
  },
  ServerCertificate: {
    outputs: ["certificate", "privateKey", "issuedAt", "notAfter", "fingerprint", "spkiSha256", "keyDigests"],
  },
  DnssecKey: { outputs: ["dnskey", "ds", "privateKey"] },
  AcmeAccount: { outputs: ["uri", "caaDomain", "terms", "privateKey"] },
};

/** Any of those that a server takes its key and certificate from. */
const anyCertificate = "LabCertificate|OwnCertificate|AcmeCertificate";

/**
 * Arguments for which a component or resource stands, by component and name; one of several where `|` is between them,
 * and a list where `[]` is at the end.
 */
export const foreignArguments: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  LabCertificate: { authority: "CertificateAuthority" },
  MailServer: { certificate: anyCertificate },
  WebServer: { certificate: anyCertificate, policyServer: "WebServer" },
  CertificateAgent: { after: "LocalDnsServer|WebServer[]" },
  DnsZones: { domains: "MailDomain[]", policyServer: "WebServer" },
  LocalDnsServer: { zones: "DnsZones", policyServer: "WebServer" },
};

/** Arguments that are an object of the program's own, which no other language has. */
export const nativeArguments: readonly string[] = ["rollout"];

/** @example "maildomain:index:MailDomain" */
export function tokenOf(component: string): string {
  return `maildomain:index:${component}`;
}
