import type { RunningStack } from "../outputs/running-stack.ts";
import type { Result } from "./check.ts";
import type { Correspondent } from "./journey.ts";
import { type PlanOptions, planChecks } from "./plan.ts";
import type { NameResolver } from "./probes/dns.ts";
import { planPublicChecks } from "./public-plan.ts";
import { type RunOptions, runChecks } from "./run.ts";

/** Checks a running domain from the outside. See {@link exitStatus} and {@link formatReport} for the outcome. */
export function verify(running: RunningStack, options: RunOptions & PlanOptions = {}): Promise<Result[]> {
  return runChecks(planChecks(running, options), options);
}

/**
 * Checks a domain by its name, whoever made it.
 *
 * @param user - whose login and mail to itself are tried as well; without it the public side alone is checked.
 */
export async function verifyDomain(
  name: string,
  resolver: NameResolver,
  options: RunOptions & { readonly user?: Correspondent | undefined } = {},
): Promise<Result[]> {
  return runChecks(await planPublicChecks(name, resolver, options.user), options);
}
