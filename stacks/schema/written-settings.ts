/** Settings as somebody has written them, for rules that span several keys: any of them may be missing or of another type. */
import type { SigningAlgorithm } from "../../keys/signing-key.ts";
import type { CertificateIssuer } from "../../outputs/certificate-issuer.ts";
import type { HostAddresses, MailService, ServiceName } from "../../records/index.ts";

export type Path = readonly (string | number)[];

export type Report = (path: Path, message: string) => void;

/** What remains of a setting after the checks of its parts: any of it may be missing or of another type. */
export type Partly<Value> = Value extends readonly (infer Item)[]
  ? readonly Partly<Item>[] | undefined
  : Value extends object
    ? { readonly [Key in keyof Value]?: Partly<Value[Key]> } | undefined
    : Value | undefined;

export interface Settings {
  lab: boolean;
  hostName: string;
  address: string;
  addresses: BoundEntry[];
  proxyProtocol: ProxyProtocol;
  publicAddresses: HostAddresses;
  ports: Record<ServiceName, number>;
  legacyPorts: boolean;
  web: { enabled: boolean; webmail: boolean };
  serverKeys: { name: string; stage: string }[];
  certificates: {
    issuer: CertificateIssuer;
    acme: {
      directory: string;
      externalAccount: object;
      agreeToTerms: boolean;
      dns: { zone: string; server: string; tsig: object; cloudflare: object };
      dnsPersist: boolean;
      report: { mail: string };
    };
    files: { name: string; stage: string }[];
    authority: string;
  };
  servers: {
    name: string;
    hostName: string;
    address: string;
    addresses: BoundEntry[];
    proxyProtocol: ProxyProtocol;
    publicAddresses: HostAddresses;
    ports: Record<MailService, number>;
    domains: string[];
    serverKeys: { name: string; stage: string }[];
  }[];
  domains: Domain[];
  parkedDomains: (Zone & { reports: string })[];
}

/** An address of the host, and which services are bound there: all of the server's without a list. */
export interface BoundEntry {
  address: string;
  services?: readonly ServiceName[] | undefined;
}

interface ProxyProtocol {
  from: string[];
  address: string;
  ports: Partial<Record<MailService, number>>;
}

export interface Zone {
  name: string;
  zone: string;
  dns: string;
}

export interface Domain extends Zone {
  mailboxes: Mailbox[];
  catchAll: string[];
  dmarc: { reports: string };
  tlsReports: string;
  certificates: { reports: string };
  aliases: { name: string; to: string[] }[];
  dkim: { selector: string; algorithm: SigningAlgorithm; privateKey: string }[];
}

interface Mailbox {
  name: string;
  displayName: string;
  password: string;
  passwordHash: string;
  aliases: string[];
  forward: { to: string[] };
  sendAs: string[];
  appPasswords: { name: string; password: string }[];
}

export function reportRepeated(
  entries: readonly { path: Path; key: string | undefined }[],
  report: Report,
): void {
  const first = new Map<string, Path>();
  for (const { path, key } of entries) {
    if (key === undefined) continue;
    const normal = key.toLowerCase();
    const earlier = first.get(normal);
    if (earlier === undefined) first.set(normal, path);
    else report(path, `"${key}" is already declared as ${formatPath(earlier)}: remove one of the two`);
  }
}

/** @example `domains[0].mailboxes[2].name` */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`,
    )
    .join("");
}

export function list<Item>(value: readonly Item[] | undefined): readonly Item[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
