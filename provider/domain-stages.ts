import { randomUUID } from "node:crypto";
import type { DmarcPolicy } from "../records/dmarc.ts";
import { climbDmarc } from "../stages/dmarc-ladder.ts";
import { type DnssecStage, leaveDnssec } from "../stages/dnssec-ladder.ts";
import { dkimUse, rotate } from "../stages/key-rotation.ts";
import { climbMtaSts } from "../stages/mta-sts-ladder.ts";
import type { Moment, Refusal } from "../stages/staged.ts";
import {
  checkOnly,
  type DomainStageInputs,
  readDomainStages,
  stagedMtaStsOf,
} from "./domain-stage-inputs.ts";
import { InputReader, type Known, known } from "./inputs.ts";
import type { Checked, Created, Difference, ResourceImplementation } from "./resource-implementation.ts";
import { confirmation, stagedKeysOf, stagedOf, stagesOf } from "./staged-keys.ts";
import { encode, same, type Value, type Values, type WireValues } from "./wire.ts";

/** Remembers when each stage of a domain took effect, and refuses a step that would break something. */
export const domainStages: ResourceImplementation = {
  check,
  diff,
  create,
  update,
  preview,
  importing: "declare the MailDomain with each key in its present stage, and it begins there",
};

/** What the state holds. */
const kept = ["domain", "ttl", "dkim", "dmarc", "dnssec", "mtaSts"];

function check(olds: Values, news: Values, now: Date): Checked {
  const reader = new InputReader(news);
  const inputs = readDomainStages(reader);
  reader.refuseOthers();
  if (reader.failures.length > 0) return { filled: {}, failures: reader.failures };

  const { domain, ttl, zone, nameServers, askNameServers: asked, dkim, ...policies } = known(inputs);
  const moment = { now, asked, ttlSeconds: Math.max(Number(olds.ttl ?? 0), ttl) };
  const place = (selector: string) => dkim.get(selector)?.path ?? "dkim";
  const places = { list: `${policies.settings}dkim`, stage: place };
  const rotation = rotate(dkimUse, stagedKeysOf(olds.dkim), stagesOf(dkim), moment, places);
  const { staged, refusals } = climb(olds, policies, moment);
  return {
    filled: { ttl, dkim: encode(rotation.keys as unknown as Value), ...staged },
    dropped: checkOnly,
    failures: [...rotation.refusals, ...refusals].map(({ path, message }) => ({
      property: path,
      reason: message,
    })),
    // A record whose text is not known yet is one that no server can answer with.
    toConfirm: rotation.toConfirm.map((selector) =>
      confirmation(selector, String(dkim.get(selector)?.values.record), {
        path: place(selector),
        zone,
        nameServers,
        name: `${selector}._domainkey.${domain}`,
        type: "TXT",
      }),
    ),
  };
}

type Policies = Pick<
  Known<DomainStageInputs>,
  "settings" | "dmarc" | "dnssec" | "mtaSts" | "exchanges" | "exchangesSetting"
>;

/** One change of all policies, each by its own rules. */
function climb(
  olds: Values,
  { settings, dmarc, dnssec, mtaSts: [policy], exchanges, exchangesSetting }: Policies,
  moment: Moment,
): { readonly staged: WireValues; readonly refusals: readonly Refusal[] } {
  const ladder = climbDmarc(stagedOf(olds.dmarc), dmarc as DmarcPolicy, moment, `${settings}dmarc.policy`);
  const zoneStep =
    dnssec === "" ? undefined : leaveDnssec(stagedOf(olds.dnssec), dnssec as DnssecStage, moment, settings);
  const transport = climbMtaSts(
    stagedMtaStsOf(olds.mtaSts),
    policy,
    exchanges,
    olds.dmarc === undefined,
    moment,
    { mode: `${settings}mtaSts.mode`, exchanges: exchangesSetting },
  );
  return {
    staged: {
      dmarc: encode({ ...ladder.dmarc }),
      ...(zoneStep && { dnssec: encode({ ...zoneStep.dnssec }) }),
      ...(transport.mtaSts && { mtaSts: encode(transport.mtaSts as unknown as Value) }),
    },
    refusals: [...ladder.refusals, ...(zoneStep?.refusals ?? []), ...transport.refusals],
  };
}

function diff(olds: Values, news: Values): Difference {
  const changed = kept.filter((name) => !same(olds[name], news[name]));
  // Another domain starts from nothing.
  return { changes: changed.length > 0, replaces: changed.filter((name) => name === "domain") };
}

async function create(): Promise<Created> {
  return { id: randomUUID(), outputs: {} };
}

/** Everything is in the inputs, so that a preview shows it. */
async function update(): Promise<WireValues> {
  return {};
}

function preview(): WireValues {
  return {};
}
