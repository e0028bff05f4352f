/** What other servers do where they cannot deliver over TLS (RFC 8461). */
import { formatTime } from "../stages/staged.ts";
import type { Change, Risk } from "./change.ts";
import { type Properties, propertiesOf, type Step, stepsOf, textOf } from "./preview.ts";
import { formatSeconds } from "./records.ts";

export function reviewMtaSts(steps: readonly Step[]): Change[] {
  return stepsOf(steps, "maildomain:index:DomainStages")
    .filter(({ operation }) => operation === "update")
    .flatMap(({ before, after }) => {
      const name = textOf(after.domain) ?? "";
      const [old, next] = [propertiesOf(before.mtaSts), propertiesOf(after.mtaSts)];
      return [...reviewMode(name, old, next), ...reviewAge(name, old, next), ...reviewHosts(name, old, next)];
    });
}

function reviewMode(name: string, old: Properties, next: Properties): Change[] {
  const [before, after] = [textOf(old.stage), textOf(next.stage)];
  if (before === after) return [];
  const change = { subject: "domain", name, property: "MTA-STS" } as const;
  return [
    {
      ...change,
      kind: "changed",
      before,
      after,
      effect: effectOf(after, next),
      risk: riskOf(before, after, old, next),
    },
  ];
}

function effectOf(mode: string | undefined, { nextFrom }: Properties): string {
  if (mode === "testing") return "Other servers report where TLS fails, and deliver all the same.";
  if (mode === "enforce") return "Other servers deliver over TLS with a valid certificate, or not at all.";
  if (mode === undefined) return "Other servers find no policy any longer.";
  const from = textOf(nextFrom);
  const until = from === undefined ? "" : ` It may be removed from ${formatTime(from)} on.`;
  return `Other servers forget the policy that they know.${until}`;
}

function riskOf(
  before: string | undefined,
  after: string | undefined,
  old: Properties,
  next: Properties,
): Risk | undefined {
  if (after === "enforce") {
    const age = formatAge(next.maxAge);
    return {
      id: "mta-sts-stricter",
      reason: `Other servers stop delivering wherever TLS fails or the certificate is not valid: their mail waits, and comes back to its sender after some days. Those that have read the policy keep to it for ${age}, also after \`testing\` is declared again. Check first that the TLS reports name no failure of your own.`,
    };
  }
  if (before !== "enforce") return undefined;
  return {
    id: "mta-sts-weaker",
    reason: `Other servers deliver to whoever answers, also without TLS, as soon as they have read the new policy, at the latest ${formatAge(old.maxAge)} after \`up\`: mail can be read or diverted on the way.`,
  };
}

function reviewAge(name: string, old: Properties, next: Properties): Change[] {
  const [before, after] = [old.maxAge, next.maxAge];
  if (before === undefined || after === undefined || before === after) return [];
  const effect = `Other servers keep the policy for so long; those that have the former one for ${formatAge(before)}.`;
  return [
    {
      subject: "domain",
      kind: "changed",
      name,
      property: "MTA-STS, kept for",
      before: formatAge(before),
      after: formatAge(after),
      effect,
    },
  ];
}

function reviewHosts(name: string, old: Properties, next: Properties): Change[] {
  const [before, after] = [old.mx, next.mx].map((mx) => (Array.isArray(mx) ? mx.join(", ") : undefined));
  if (before === undefined || after === undefined || before === after) return [];
  const effect = "Other servers that keep to the policy deliver to these hosts alone.";
  return [{ subject: "domain", kind: "changed", name, property: "MTA-STS, hosts", before, after, effect }];
}

function formatAge(seconds: unknown): string {
  return typeof seconds === "number" ? formatSeconds(seconds) : "its time";
}
