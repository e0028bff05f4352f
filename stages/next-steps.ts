import type { DmarcPolicy } from "../records/dmarc.ts";
import { nextDmarcRung } from "./dmarc-ladder.ts";
import type { FormerHostName } from "./former-host-names.ts";
import { dkimUse, type KeyUse, type StagedKeys, serverKeyUse } from "./key-rotation.ts";
import type { StagedMtaSts } from "./mta-sts-ladder.ts";
import { formatTime, isDue, type Staged } from "./staged.ts";

/** What a stack reports about its stages. */
export interface StackStages {
  readonly servers: readonly ServerStagesInForce[];
  readonly domains: readonly DomainStagesInForce[];
}

export interface ServerStagesInForce {
  readonly hostName: string;
  readonly formerNames?: readonly FormerHostName[] | undefined;
  readonly keys: StagedKeys<"serving">;
}

export interface DomainStagesInForce {
  readonly domain: string;
  readonly dkim: StagedKeys<"signing">;
  readonly dmarc: Staged<DmarcPolicy>;
  readonly mtaSts?: StagedMtaSts | undefined;
}

/** One former name, key, policy or issuer: its stage, and the next step. */
export interface StageReport {
  /** A domain, or the server's name. */
  readonly owner: string;
  /** @example "DKIM rsa2" */
  readonly name: string;
  readonly stage: string;
  /** ISO 8601 in UTC; `undefined` where nothing depends on it. */
  readonly since?: string | undefined;
  /** What to write next; `undefined` where nothing is left to do. */
  readonly next?: string | undefined;
  /** When that is safe, ISO 8601 in UTC; `undefined` where it is at any time. */
  readonly safeFrom?: string | undefined;
}

/** Every name, key and policy of a stack with its next step: the servers' first, then domain by domain. */
export function nextSteps({ servers, domains }: StackStages): StageReport[] {
  return [
    ...servers.flatMap(({ hostName, formerNames = [], keys }) => [
      ...formerNames.map((former) => formerNameStep(hostName, former)),
      ...keySteps(hostName, "server key", serverKeyUse, keys),
    ]),
    ...domains.flatMap(({ domain, dkim, dmarc, mtaSts }) => [
      ...keySteps(domain, "DKIM", dkimUse, dkim),
      { ...common(domain, "DMARC", dmarc), ...dmarcStep(dmarc) },
      ...(mtaSts === undefined ? [] : [{ ...common(domain, "MTA-STS", mtaSts), ...mtaStsStep(mtaSts) }]),
    ]),
  ];
}

function common(
  owner: string,
  name: string,
  { stage, since }: Staged,
): StageReport & { readonly since: string } {
  return { owner, name, stage, since };
}

function formerNameStep(owner: string, { name, until }: FormerHostName): StageReport {
  const next = "run `npm run up`, which removes what it no longer needs";
  return { owner, name: `former name ${name}`, stage: "kept", next, safeFrom: until };
}

function keySteps<InUse extends string>(
  owner: string,
  kind: string,
  use: KeyUse<InUse>,
  keys: StagedKeys<InUse>,
): StageReport[] {
  return Object.entries(keys).map(([name, key]) => ({
    ...common(owner, `${kind} ${name}`, key),
    ...keyStep(use, key),
  }));
}

function keyStep<InUse extends string>(
  { inUse }: KeyUse<InUse>,
  { stage, nextFrom }: Staged,
): Pick<StageReport, "next" | "safeFrom"> {
  if (stage === "published") {
    return {
      next: `write stage: ${inUse}, once the name servers answer with its record`,
      safeFrom: nextFrom,
    };
  }
  return stage === "retired" ? { next: "take it out", safeFrom: nextFrom } : {};
}

function dmarcStep({ stage, nextFrom }: Staged<DmarcPolicy>): Pick<StageReport, "next" | "safeFrom"> {
  const rung = nextDmarcRung(stage);
  if (rung === undefined) return {};
  return { next: `write policy: ${rung}, where the reports name no sender of your own`, safeFrom: nextFrom };
}

function mtaStsStep({ stage, nextFrom }: StagedMtaSts): Pick<StageReport, "next" | "safeFrom"> {
  if (stage === "testing") {
    return { next: "write mode: enforce, where the reports name no failure of your own", safeFrom: nextFrom };
  }
  return stage === "none" ? { next: "take it out", safeFrom: nextFrom } : {};
}

/** The same for people, a line each. */
export function formatSteps(reports: readonly StageReport[], now: Date): string {
  const width = Math.max(0, ...reports.map(({ name }) => name.length));
  const owners = [...new Set(reports.map(({ owner }) => owner))];
  const blocks = owners.map((owner) => {
    const lines = reports
      .filter((report) => report.owner === owner)
      .map((report) => `  ${report.name.padEnd(width)}  ${formatStep(report, now)}`);
    return [owner, ...lines].join("\n");
  });
  return `${blocks.join("\n\n")}\n`;
}

function formatStep({ stage, since, next, safeFrom }: StageReport, now: Date): string {
  const stands = since === undefined ? stage : `${stage} since ${formatTime(since)}`;
  if (next === undefined) return stands;
  const safe =
    safeFrom === undefined || isDue({ nextFrom: safeFrom }, now)
      ? "safe now"
      : `safe from ${formatTime(safeFrom)}`;
  return `${stands}; next: ${next} (${safe})`;
}
