/** What programs in other languages can declare: how each component is made from what they hand over, and what it gives. */
import type { ComponentResource, ComponentResourceOptions } from "@pulumi/pulumi";
import {
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

/** By their names, which are those of their classes. */
export const foreignComponents: Readonly<Record<string, ForeignComponent>> = {
  MailDomain: {
    make: (name, args: MailDomainArgs, opts) => new MailDomain(name, args, opts),
    outputs: ["domain", "clientNames"],
  },
  LabCertificate: {
    make: (name, args: LabCertificateArgs, opts) => new LabCertificate(name, args, opts),
    outputs: ["certificate", "authorityCertificate"],
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

/** Arguments for which a component stands, by component and name; in a list where its name is followed by `[]`. */
export const foreignArguments: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  MailServer: { certificate: "LabCertificate" },
  WebServer: { certificate: "LabCertificate", policyServer: "WebServer" },
  DnsZones: { domains: "MailDomain[]", policyServer: "WebServer" },
  LocalDnsServer: { zones: "DnsZones", policyServer: "WebServer" },
};

/** Arguments that are an object of the program's own, which no other language has. */
export const nativeArguments: readonly string[] = ["rollout", "authority"];

/** @example "maildomain:index:MailDomain" */
export function tokenOf(component: string): string {
  return `maildomain:index:${component}`;
}
