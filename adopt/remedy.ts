import type { LiveRecord } from "../publishers/live.ts";
import { conflictSentences, type SlotKind } from "../records/index.ts";
import type { WantedRecord } from "./wanted-record.ts";

type Obstacle = SlotKind | "delegation";

/** The effect of a conflict, and what to do about it. */
export function remedyOf(
  kind: Obstacle,
  wanted: readonly WantedRecord[],
  live: readonly LiveRecord[],
): string {
  const name = live[0]?.name ?? "";
  if (kind === "alias" && live.every(({ type }) => type === "CNAME") && wanted[0]?.record.type !== "CNAME") {
    return `${name} is an alias, which allows no other record at its name: the addresses would be refused. Delete the alias.`;
  }
  if (kind === "alias" && live.some(({ type }) => type !== "CNAME")) {
    return `${name} is to become an alias, which allows no other record at its name: delete what is there, or leave the delegation out.`;
  }
  if (kind === "delegation") {
    return `${name} is delegated to other name servers, which would hide these records. Publish them there, or delete the delegation.`;
  }
  if (wanted.length === 0) {
    return `It would exist beside yours, and ${conflictSentences[kind]} Delete it, or keep it on purpose.`;
  }
  const [first] = wanted;
  return `After \`up\` both would exist: ${conflictSentences[kind]} ${advice(kind, first)}`;
}

function advice(kind: SlotKind, wanted: WantedRecord | undefined): string {
  const settings = wanted?.settings ?? "";
  switch (kind) {
    case "spf":
      return "Settle on one policy, then take the record over.";
    case "dkim":
      return `Give your key another selector (${settings}.dkim), so that mail in transit can still be verified by the old one.`;
    case "dmarc":
      return `Write what is there in ${settings}.dmarc, or take the record over: \`up\` then changes it.`;
    case "mx":
      return "Take the record over when mail is to move: `up` then changes it in place.";
    case "alias":
      return `Write its target in ${settings}.delegations, or take the record over.`;
    default:
      return "Take the record over, and `up` changes it in place; or delete it.";
  }
}
