import type { LiveRecord } from "../publishers/live.ts";
import { conflictSentences, type SlotKind } from "../records/index.ts";
import { isOfDomain, type WantedRecord } from "./wanted-record.ts";

/** What stands in the way: one of the same slot, or what the DNS allows nothing beside. */
type Obstacle = SlotKind | "kept" | "beside-alias" | "become-alias" | "delegation";

/**
 * The effect of a conflict, and what to do about it.
 *
 * @param effect - of both standing there: a sentence's second half.
 * @param settings - where the stack file describes whose record it is.
 */
export function remedyOf(
  kind: Obstacle,
  wanted: readonly WantedRecord[],
  live: readonly LiveRecord[],
  effect?: string,
  settings?: string,
): string {
  const keeper = live.find((record) => record.keeper !== undefined)?.keeper;
  const kept =
    keeper === undefined ? "" : `${capitalize(keeper.name)} manages what is there. ${keeper.remedy}`;
  const name = live[0]?.name ?? "";
  switch (kind) {
    case "kept":
      return kept;
    case "delegation":
      return `${name} is delegated to other name servers, which would hide these records. ${kept || "Publish them there, or delete the delegation."}`;
    case "become-alias":
      return `${name} is to become an alias, which allows no other record at its name: ${kept || "delete what is there, or leave the delegation out."}`;
    case "beside-alias":
      return besideAlias(name, wanted, kept);
  }
  const both = effect ?? conflictSentences[kind];
  if (wanted.length === 0) {
    const [they, it] = live.length > 1 ? ["They", "them"] : ["It", "it"];
    const isSetting = kind === "caa" && settings !== undefined && isOfDomain(settings);
    const instead = isSetting ? `write ${it} in ${settings}.certificates` : `keep ${it} on purpose`;
    return `${they} would exist beside yours, and ${both} ${kept || `Delete ${it}, or ${instead}.`}`;
  }
  const rest =
    live.length > wanted.length && kept === ""
      ? ` It changes ${wanted.length === 1 ? "the first one" : `the first ${wanted.length}`} alone: delete the rest.`
      : "";
  return `After \`up\` both would exist: ${both} ${kept || `${advice(kind, wanted[0])}${rest}`}`;
}

function besideAlias(name: string, wanted: readonly WantedRecord[], kept: string): string {
  const isAddress = wanted.some(({ record: { type } }) => type === "A" || type === "AAAA");
  const effect = isAddress
    ? "is an alias, beside which no address can be: the addresses would be refused"
    : "is an alias, which hides every other record at its name (RFC 1034 section 3.6.2)";
  const key = wanted.find((each) => each.record.role.startsWith("dkim-") && isOfDomain(each.settings));
  const isWeb = wanted.some(({ record }) => record.role === "web");
  const instead =
    key !== undefined
      ? `, or give your key another selector (${key.settings}.dkim)`
      : isWeb
        ? ", or leave the name to its web site (maildomain:web.bareNames: false)"
        : "";
  return `${name} ${effect}. ${kept || `Delete the alias${instead}.`}`;
}

function advice(kind: SlotKind, wanted: WantedRecord | undefined): string {
  const settings = wanted?.settings ?? "";
  if (wanted !== undefined && isOfDomain(wanted.settings)) {
    switch (kind) {
      case "spf":
        if (wanted.record.role === "spf") return "Settle on one policy, then take the record over.";
        break;
      case "dkim":
        return `Give your key another selector (${settings}.dkim), so that mail in transit can still be verified by the old one.`;
      case "dmarc":
        return `Write what is there in ${settings}.dmarc, or take the record over: \`up\` then changes it.`;
      case "alias":
        return `Write its target in ${settings}.delegations, or take the record over.`;
      case "caa":
        return `Write what is there in ${settings}.certificates, take the record over, or delete it.`;
    }
  }
  if (kind === "mx" && wanted?.record.content !== "0 .") {
    return "Take the record over when mail is to move: `up` then changes it in place.";
  }
  return "Take the record over, and `up` changes it in place; or delete it.";
}

function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
