import { Config } from "@pulumi/pulumi";
import { nameProblem, normalizeName } from "../records/index.ts";

interface DeclaredDomain {
  readonly name: string;
  readonly dmarc?: { readonly policy?: string };
}

/** Whether the stack's file says that it is a lab; the engine hands the stack's configuration to the pack. */
export function isLab(): boolean {
  return new Config("maildomain").getBoolean("lab") ?? false;
}

/** The DMARC policy that the stack's file declares for a domain, `quarantine` where it says nothing. */
export function declaredDmarc(domain: string): string | undefined {
  const declared = new Config("maildomain").getObject<readonly DeclaredDomain[]>("domains") ?? [];
  const found = declared.find(({ name }) => normalized(name) === domain);
  return found === undefined ? undefined : (found.dmarc?.policy ?? "quarantine");
}

/** The stack's file is not checked yet when a policy reads it: a name that is not valid is compared as written. */
function normalized(name: string): string {
  return nameProblem(name) === undefined ? normalizeName(name) : name;
}
