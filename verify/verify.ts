import type { RunningStack } from "../outputs/running-stack.ts";
import { serverViews } from "../outputs/server-views.ts";
import type { Result } from "./check.ts";
import type { Correspondent } from "./journey.ts";
import { type PlanOptions, planChecks } from "./plan.ts";
import type { NameResolver } from "./probes/dns.ts";
import { planPublicChecks } from "./public-plan.ts";
import { reportedEngine } from "./reported-engine.ts";
import { type RunOptions, runChecks } from "./run.ts";
import { choicesOf, type UserChoices } from "./user-choices.ts";

/** Checks a running domain from the outside. See {@link exitStatus} and {@link formatReport} for the outcome. */
export async function verify(
  running: RunningStack,
  options: RunOptions & PlanOptions = {},
): Promise<Result[]> {
  const choices = options.choices ?? (await allChoices(running));
  return runChecks(planChecks(running, { ...options, choices }), options);
}

async function allChoices(running: RunningStack): Promise<UserChoices> {
  const engine = reportedEngine(running.endpoint);
  const each = await Promise.all(serverViews(running).map((view) => choicesOf(engine, view)));
  return {
    passwords: new Set(each.flatMap(({ passwords }) => [...passwords])),
    rules: new Set(each.flatMap(({ rules }) => [...rules])),
  };
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
