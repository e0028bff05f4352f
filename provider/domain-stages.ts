import { randomUUID } from "node:crypto";
import { DmarcPolicy } from "../records/dmarc.ts";
import { climbDmarc } from "../stages/dmarc-ladder.ts";
import { dkimUse, rotate } from "../stages/key-rotation.ts";
import type { Refusal } from "../stages/staged.ts";
import { type Failure, InputReader, known, type Maybe } from "./inputs.ts";
import type { Checked, Created, Difference, ResourceImplementation } from "./resource-implementation.ts";
import {
  confirmation,
  type DeclaredKeys,
  readStages,
  stagedKeysOf,
  stagedOf,
  stagesOf,
} from "./staged-keys.ts";
import { encode, same, type Value, type Values, type WireValues } from "./wire.ts";

/** Remembers since when each stage of a domain is in force, and refuses a step that is not to be taken. */
export const domainStages: ResourceImplementation = { check, diff, create, update, foresee };

/** What the state holds. */
const kept = ["domain", "ttl", "dkim", "dmarc"];
/** What serves `check` alone. */
const dropped = ["zone", "nameServers", "askNameServers", "settings"];

function check(olds: Values, news: Values, now: Date): Checked {
  const reader = new InputReader(news);
  const inputs = readInputs(reader);
  reader.refuseOthers();
  if (reader.failures.length > 0) return { filled: {}, dropped, failures: reader.failures };

  const { domain, ttl, zone, nameServers, askNameServers: asked, settings, dkim, dmarc } = known(inputs);
  const moment = { now, asked, ttlSeconds: Math.max(Number(olds.ttl ?? 0), ttl) };
  const place = (selector: string) => dkim.get(selector)?.path ?? "dkim";
  const places = { list: `${settings}dkim`, stage: place };
  const rotation = rotate(dkimUse, stagedKeysOf(olds.dkim), stagesOf(dkim), moment, places);
  const ladder = climbDmarc(stagedOf(olds.dmarc), dmarc as DmarcPolicy, moment, `${settings}dmarc.policy`);
  return {
    filled: {
      ttl,
      dkim: encode(rotation.keys as unknown as Value),
      dmarc: encode({ ...ladder.dmarc }),
    },
    dropped,
    failures: [...rotation.refusals, ...ladder.refusals].map(asFailure),
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

interface Inputs {
  readonly domain: Maybe<string>;
  readonly ttl: Maybe<number>;
  readonly zone: Maybe<string>;
  readonly nameServers: Maybe<readonly string[]>;
  readonly askNameServers: Maybe<boolean>;
  readonly settings: Maybe<string>;
  readonly dkim: DeclaredKeys<"signing"> | undefined;
  readonly dmarc: Maybe<string>;
}

function readInputs(reader: InputReader): Inputs {
  const anyText = () => undefined;
  return {
    domain: reader.text("domain", anyText),
    ttl: reader.integer("ttl", { min: 0, max: 2_147_483_647, fallback: 3600 }),
    zone: reader.text("zone", anyText),
    nameServers: reader.texts("nameServers", anyText),
    askNameServers: reader.flag("askNameServers", true),
    settings: reader.text("settings", anyText),
    dkim: readStages(reader, "dkim", dkimUse),
    dmarc: reader.text("dmarc", (text) =>
      Object.hasOwn(DmarcPolicy, text) ? undefined : `"${text}" is no DMARC policy`,
    ),
  };
}

function asFailure({ path, message }: Refusal): Failure {
  return { property: path, reason: message };
}

function diff(olds: Values, news: Values): Difference {
  const changed = kept.filter((name) => !same(olds[name], news[name]));
  // Another domain begins anew.
  return { changes: changed.length > 0, replaces: changed.filter((name) => name === "domain") };
}

async function create(): Promise<Created> {
  return { id: randomUUID(), outputs: {} };
}

/** Everything is in the inputs, so that a preview shows it. */
async function update(): Promise<WireValues> {
  return {};
}

function foresee(): WireValues {
  return {};
}
