import { Config } from "@pulumi/pulumi";
import { comparableName } from "../records/index.ts";

interface DeclaredDomain {
  readonly name: string;
  readonly dmarc?: { readonly policy?: string };
}

/** Whether the stack's file says that it is a lab; the engine hands the stack's configuration to the pack. */
export function isLab(): boolean {
  return new Config("maildomain").getBoolean("lab") ?? false;
}

/** The DMARC policy that the stack's file, which nothing has checked yet, declares for a domain, `quarantine` where it says nothing. */
export function declaredDmarc(domain: string): string | undefined {
  const declared = new Config("maildomain").getObject<readonly DeclaredDomain[]>("domains") ?? [];
  const found = declared.find(({ name }) => comparableName(name) === comparableName(domain));
  return found === undefined ? undefined : (found.dmarc?.policy ?? "quarantine");
}
