import { DmarcPolicy } from "../records/dmarc.ts";
import { MtaStsMode, type MtaStsPolicy } from "../records/mta-sts.ts";
import type { DnssecStage } from "../stages/dnssec-ladder.ts";
import { dkimUse } from "../stages/key-rotation.ts";
import type { StagedMtaSts } from "../stages/mta-sts-ladder.ts";
import { InputReader, known, type Maybe } from "./inputs.ts";
import { type DeclaredKeys, readStages, stagedOf } from "./staged-keys.ts";
import { isMap, unknown, type Value } from "./wire.ts";

/** The inputs of DomainStages as a program gives them. */
export interface DomainStageInputs {
  readonly domain: Maybe<string>;
  readonly ttl: Maybe<number>;
  readonly zone: Maybe<string>;
  readonly nameServers: Maybe<readonly string[]>;
  readonly askNameServers: Maybe<boolean>;
  readonly settings: Maybe<string>;
  readonly exchanges: Maybe<readonly string[]>;
  readonly exchangesSetting: Maybe<string>;
  readonly dkim: DeclaredKeys<"signing"> | undefined;
  readonly dmarc: Maybe<string>;
  /** Empty where nobody looks at it. */
  readonly dnssec: Maybe<string>;
  /** Empty where there is no policy, otherwise one. */
  readonly mtaSts: Maybe<readonly MtaStsPolicy[]>;
}

const dnssecStages: readonly DnssecStage[] = ["signed", "withdrawn", "unsigned"];

/** Inputs that serve `check` alone, and that the state does without. */
export const checkOnly = [
  "zone",
  "nameServers",
  "askNameServers",
  "settings",
  "exchanges",
  "exchangesSetting",
] as const satisfies readonly (keyof DomainStageInputs)[];

export function readDomainStages(reader: InputReader): DomainStageInputs {
  const anyText = () => undefined;
  const oneOf = (words: readonly string[]) => (text: string) =>
    words.includes(text) ? undefined : `must be one of ${words.filter((word) => word !== "").join(", ")}`;
  return {
    domain: reader.text("domain", anyText),
    ttl: reader.integer("ttl", { min: 0, max: 2_147_483_647, fallback: 3600 }),
    zone: reader.text("zone", anyText),
    nameServers: reader.texts("nameServers", anyText),
    askNameServers: reader.flag("askNameServers", true),
    settings: reader.text("settings", anyText, ""),
    exchanges: reader.texts("exchanges", anyText),
    exchangesSetting: reader.text("exchangesSetting", anyText, "exchanges"),
    dkim: readStages(reader, "dkim", dkimUse),
    dmarc: reader.text("dmarc", oneOf(Object.keys(DmarcPolicy))),
    dnssec: reader.text("dnssec", oneOf(["", ...dnssecStages]), ""),
    mtaSts: readPolicy(reader, oneOf(Object.keys(MtaStsMode))),
  };
}

function readPolicy(
  outer: InputReader,
  modeRule: (text: string) => string | undefined,
): Maybe<readonly MtaStsPolicy[]> {
  const section = outer.section("mtaSts");
  if (section === unknown || section === undefined) return section;
  if (Object.keys(section).length === 0) return [];
  const reader = new InputReader(section);
  const policy: { readonly [Key in keyof MtaStsPolicy]: Maybe<MtaStsPolicy[Key]> } = {
    mode: reader.text("mode", modeRule) as Maybe<MtaStsMode>,
    mx: reader.texts("mx", () => undefined),
    maxAge: reader.integer("maxAge", { min: 0, max: 31_557_600, fallback: 604_800 }),
  };
  reader.refuseOthers();
  for (const { property, reason } of reader.failures) outer.fail(`mtaSts.${property}`, reason);
  return reader.failures.length > 0 ? undefined : [known(policy)];
}

/** The MTA-STS policy of the state; `undefined` where there is none. */
export function stagedMtaStsOf(value: Value | undefined): StagedMtaSts | undefined {
  const staged = stagedOf<MtaStsMode>(value);
  if (staged === undefined || !isMap(value)) return undefined;
  const { mx, maxAge, bound } = value;
  const until = isMap(bound) ? bound.until : undefined;
  return {
    ...staged,
    mx: texts(mx),
    maxAge: Number(maxAge),
    ...(isMap(bound) && typeof until === "string" ? { bound: { until, mx: texts(bound.mx) } } : {}),
  };
}

function texts(value: Value | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
