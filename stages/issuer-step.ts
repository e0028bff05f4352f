import { knownAcmeAuthority } from "../records/acme-authority.ts";
import { policyHost } from "../records/mta-sts.ts";
import type { StageReport } from "./next-steps.ts";

/** Who issues a stack's certificates. */
export interface IssuerInForce {
  /** The main server's name. */
  readonly hostName: string;
  readonly issuer: "private" | "files" | "acme";
  /** The URL of the directory of whoever is asked by ACME. */
  readonly directory?: string | undefined;
  /** Domains whose MTA-STS policy is announced once the certificate with which it is served is there. @default none */
  readonly awaited?: readonly string[] | undefined;
  /** Whether it is a lab, where nobody but its own clients has to trust the authority. */
  readonly isLab: boolean;
}

/** The issuer, and the next step towards certificates that everybody trusts and that renew themselves. */
export function issuerStep(stack: IssuerInForce): StageReport {
  return { owner: stack.hostName, name: "certificates", stage: issuerName(stack), next: nextStep(stack) };
}

function issuerName({ issuer, directory = "" }: IssuerInForce): string {
  if (issuer === "private") return "private authority";
  if (issuer === "files") return "files of your own";
  const known = knownAcmeAuthority(directory);
  if (known !== undefined) return known.isTrusted ? known.caaDomain : `${known.caaDomain} (staging)`;
  return URL.canParse(directory) ? new URL(directory).host : directory;
}

function nextStep({ issuer, directory = "", awaited = [], isLab }: IssuerInForce): string | undefined {
  if (issuer === "private" && !isLab) {
    // Not by way of staging, which clients that have been given this authority would refuse.
    return "write certificates.acme in its place; what is in service stays until the next is there, as do keys, TLSA records and sessions";
  }
  if (issuer !== "acme") return undefined;
  if (knownAcmeAuthority(directory)?.isTrusted === false) {
    return "remove directory: staging, where `verify` finds nothing wrong but that nobody trusts the authority";
  }
  if (awaited.length === 0) return undefined;
  const hosts = awaited.map(policyHost).join(", ");
  return `run \`npm run up\` once the certificate of ${hosts} is there: it announces the policy`;
}
