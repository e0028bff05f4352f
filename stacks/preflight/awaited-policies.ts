/**
 * MTA-STS policies whose record waits: other servers read a policy only over a certificate that they trust (RFC 8461
 * section 3.3), and a new name has none before an authority has asked the servers that this run declares.
 */
import * as z from "zod";
import { type AgentEngine, agentState, isInService } from "../../outputs/certificate-agent.ts";
import { policyHost, policyRecordName } from "../../records/index.ts";
import { plannedOrders } from "../program/acme-settings.ts";
import { serverOf } from "../program/servers.ts";
import { webDescription } from "../program/web.ts";
import type { StackSettings } from "../schema/config.ts";
import { type KnownResource, reportedOutputs } from "./former-engine.ts";

export interface AwaitedPolicies {
  /** The domains whose records are not published yet. */
  readonly awaited: ReadonlySet<string>;
  /** A line each, which begins with the setting's path. */
  readonly notes: readonly string[];
}

const formerOutputs = z.object({
  zones: z.array(z.object({ records: z.array(z.object({ name: z.string(), type: z.string() })) })),
});

/**
 * What is announced stays so: senders keep a policy, whatever becomes of a certificate.
 *
 * @param agent - the id of the agent's container; undefined where there is none.
 */
export async function awaitedPolicies(
  settings: StackSettings,
  known: readonly KnownResource[],
  agent: string | undefined,
  engine: AgentEngine,
): Promise<AwaitedPolicies> {
  const { zones = [] } = formerOutputs.safeParse(reportedOutputs(known)).data ?? {};
  const announced = new Set(
    zones.flatMap(({ records }) => records.map(({ name, type }) => `${name} ${type}`)),
  );
  const pairs = new Map(
    plannedOrders(settings).flatMap(({ pair, hostNames }) => hostNames.map((name) => [name, pair] as const)),
  );
  const candidates = settings.domains.flatMap((domain, index) => {
    const web = webDescription(domain, serverOf(domain.name, settings), settings);
    const pair = pairs.get(policyHost(domain.name));
    const isNew = web?.mtaSts?.announced === true && !announced.has(`${policyRecordName(domain.name)} TXT`);
    return pair !== undefined && isNew ? [{ domain: domain.name, index, pair }] : [];
  });
  if (candidates.length === 0) return { awaited: new Set(), notes: [] };
  const certificates = await certificatesOf(agent, engine);
  const now = new Date();
  const waiting = candidates.filter(
    ({ domain, pair }) => !isInService(certificates.get(pair), policyHost(domain), now),
  );
  return {
    awaited: new Set(waiting.map(({ domain }) => domain)),
    notes: waiting.map(
      ({ domain, index }) =>
        `domains[${index}].mtaSts: the record that announces the policy waits for the certificate of ${policyHost(domain)}: ` +
        "`npm run up` publishes it once that is there, `pulumi up` when it runs again",
    ),
  };
}

/** Nothing where nobody can be asked: then what waits still waits. */
async function certificatesOf(agent: string | undefined, engine: AgentEngine) {
  if (agent === undefined) return new Map();
  try {
    return (await agentState(engine, agent)).certificates;
  } catch {
    return new Map();
  }
}
