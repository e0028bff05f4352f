import type { ResourceValidationPolicy } from "@pulumi/policy";
import { DmarcPolicy, readDmarc } from "../records/dmarc.ts";
import { type PolicyRecord, recordFormOf, recordsIn } from "./records-in.ts";
import { declaredDmarc } from "./stack-settings.ts";

/** The HTTP proxy passes no mail: whoever connects to a proxied name gets no answer on a mail port. */
export const noProxiedMailRecord: ResourceValidationPolicy = {
  name: "no-proxied-mail-record",
  description: "No record of a mail domain uses its publisher's HTTP proxy.",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    if (recordFormOf(type)?.isProxied?.(props) === true)
      report(`${props.type} ${props.name} is proxied: set proxied to false`);
  },
};

const strength: readonly string[] = [DmarcPolicy.none, DmarcPolicy.quarantine, DmarcPolicy.reject];

/** What is published is what the stack's file says, or stricter. */
export const dmarcAsDeclared: ResourceValidationPolicy = {
  name: "dmarc-as-declared",
  description: "DMARC is never weaker than the stack's file declares it (RFC 9989).",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    for (const record of recordsIn(type, props)) {
      const problem = dmarcProblem(record);
      if (problem !== undefined) report(problem);
    }
  },
};

function dmarcProblem({ name, type, content }: PolicyRecord): string | undefined {
  const domain = /^_dmarc\.(.+)$/.exec(name)?.[1];
  const reading = readDmarc(content);
  if (type !== "TXT" || domain === undefined || reading === undefined) return undefined;
  const declared = declaredDmarc(domain);
  if (declared === undefined) return undefined;
  const { policy, subdomainPolicy = policy, testing = false } = reading.dmarc;
  const least = strength.indexOf(declared);
  const weakest = Math.min(strength.indexOf(policy), strength.indexOf(subdomainPolicy));
  if (weakest < least)
    return `${name} says p=${policy}, sp=${subdomainPolicy}; the stack's file declares ${declared}`;
  return testing ? `${name} asks for one level less than ${declared} (t=y)` : undefined;
}
