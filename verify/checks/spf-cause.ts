import { isIP } from "node:net";
import { isSpf, parseSpf, type Spf } from "../../records/index.ts";
import { findingOf } from "../cause.ts";
import type { Finding } from "../check.ts";
import { maxLookups, policyAt, type SpfEvaluation } from "../probes/spf.ts";
import { several } from "./the-one.ts";

/** Why receivers cannot use a domain's policy, or only some of them can, with the remedy of that cause. */
export function spfCause(domain: string, evaluation: SpfEvaluation): Finding | undefined {
  const { verdict, reason } = evaluation;
  if (verdict === "none") return noPolicy(domain, evaluation);
  if (verdict === "temperror") return withoutAnswer(domain, evaluation);
  if (verdict === "permerror") {
    const [, cause] = causes.find(([pattern]) => pattern.test(reason)) ?? [];
    const name = /(?:for|domain) (\S+)$/.exec(reason)?.[1] ?? domain;
    const { seen, remedy } = cause?.(domain, evaluation, name) ??
      malformed(evaluation) ?? {
        seen: reason || "an error",
        remedy: `Correct the policy of ${domain} (RFC 7208 section 4.6).`,
      };
    return { seen: `permerror: ${seen}`, remedy };
  }
  return evaluation.isMalformed ? (malformed(evaluation) ?? misplaced(domain, evaluation)) : undefined;
}

type Cause = (domain: string, evaluation: SpfEvaluation, name: string) => Finding;

/** What mailauth says of an error, and what follows from it. */
const causes: readonly (readonly [RegExp, Cause])[] = [
  [
    /^multiple SPF records/,
    (_domain, { texts }, name) =>
      several(name, (texts.get(name) ?? []).filter(isSpf), "SPF", "RFC 7208 section 4.5"),
  ],
  [
    /^no SPF records/,
    (domain, evaluation, name) => {
      const by = namedBy(evaluation, name) ?? domain;
      return {
        seen: `${name} has no SPF record, and ${by} names it`,
        remedy: `Remove the term of ${by} that names ${name}, or have a policy published there (RFC 7208 section 5.2).`,
      };
    },
  ],
  [
    /^Too many void/,
    (domain, { empty }) => ({
      seen: `${empty.length} names lead nowhere, and receivers stop at the third: ${empty.join(", ")}`,
      remedy: `Remove the terms of ${domain} that name ${empty.join(", ")}, or what they include (RFC 7208 section 4.6.4).`,
    }),
  ],
  [/^Too many DNS requests/, tooMany],
  [
    /^Invalid domain/,
    (domain, evaluation, name) => {
      const by = namedBy(evaluation, name);
      const version = isIP(name);
      if (by !== undefined && version !== 0)
        return {
          seen: `"${name}" is an address where a name belongs`,
          remedy: `Write ip${version}:${name} instead in the policy of ${by}.`,
        };
      return {
        seen: `"${name}" is not a full domain name`,
        remedy:
          by === undefined
            ? `Write a host's full name instead of ${name} in the MX record that the policy of ${domain} follows.`
            : `Write the full name instead of ${name} in the policy of ${by}.`,
      };
    },
  ],
  [
    /invalid characters/,
    (domain, { texts }) => {
      const foreign = /[^ -~]/;
      const control = /[^ -\u{10ffff}]/u;
      const [name = domain, all = []] =
        [...texts].find(([, all]) => all.some((text) => /spf1/i.test(text) && foreign.test(text))) ?? [];
      const isControl = all.some((text) => /spf1/i.test(text) && control.test(text));
      return {
        seen: `the policy of ${name} has ${isControl ? "a tab, a line break or another control character" : "characters that are not ASCII"}`,
        remedy: `Write the policy of ${name} again in plain ASCII: names as A-labels, spaces and hyphens from the keyboard.`,
      };
    },
  ],
];

function tooMany(domain: string, evaluation: SpfEvaluation): Finding {
  const loop = loopIn(domain, evaluation);
  if (loop !== undefined) {
    const [last = domain, first = domain] = [loop.at(-2), loop.at(-1)];
    return {
      seen: `the policy leads back to itself: ${loop.join(" → ")}`,
      remedy: `Remove the term of ${last} that names ${first} (RFC 7208 section 4.6.4).`,
    };
  }
  const { lookups } = evaluation;
  if (lookups <= maxLookups)
    return {
      seen: `an mx term names more than ${maxLookups} hosts`,
      remedy: "Write the addresses themselves instead (RFC 7208 section 4.6.4).",
    };
  return {
    seen: `${lookups} look-ups; receivers stop at ${maxLookups}`,
    remedy: "Leave out an include, or write the addresses themselves (RFC 7208 section 4.6.4).",
  };
}

/** The way from a domain to a policy that was on the way already. */
function loopIn(
  name: string,
  evaluation: SpfEvaluation,
  way: readonly string[] = [],
): readonly string[] | undefined {
  const at = way.indexOf(name);
  if (at >= 0) return [...way.slice(at), name];
  const policy = tryParse(policyAt(evaluation, name));
  for (const next of policy === undefined ? [] : ledTo(policy)) {
    const loop = loopIn(next, evaluation, [...way, name]);
    if (loop !== undefined) return loop;
  }
  return undefined;
}

function ledTo({ mechanisms, redirect }: Spf): string[] {
  const included = mechanisms
    .filter(({ name }) => name === "include")
    .map(({ argument }) => argument.slice(1));
  return [...included, ...(redirect === undefined ? [] : [redirect])].map((name) => name.replace(/\.$/, ""));
}

/** Whose policy has a term with that name. */
function namedBy(evaluation: SpfEvaluation, name: string): string | undefined {
  // Without the mechanism, and also without a network behind it; what stands in its place may have such signs.
  const values = (text: string) =>
    text
      .toLowerCase()
      .split(" ")
      .map((term) => term.replace(/^[+~?-]?[a-z0-9]+[:=]/, ""));
  const wanted = name.toLowerCase();
  const [found] =
    [...evaluation.texts].find(([, texts]) =>
      texts.some(
        (text) =>
          isSpf(text) && values(text).some((value) => value === wanted || value.split("/", 1)[0] === wanted),
      ),
    ) ?? [];
  return found;
}

function tryParse(text: string | undefined): Spf | undefined {
  try {
    return text === undefined ? undefined : parseSpf(text);
  } catch {
    return undefined;
  }
}

/** The first of the policies on the way that is not written as RFC 7208 asks. */
function malformed({ texts }: SpfEvaluation): Finding | undefined {
  for (const [name, all] of texts) {
    for (const text of all.filter(isSpf)) {
      try {
        parseSpf(text);
      } catch (error) {
        return findingOf(error, name);
      }
    }
  }
  return undefined;
}

/** A policy that some receivers do not see, since it does not begin as one. */
function misplaced(domain: string, { texts }: SpfEvaluation): Finding | undefined {
  const lost = [...texts].flatMap(([name, all]) =>
    all.filter((text) => /spf1/i.test(text) && !isSpf(text)).map((text) => ({ name, text })),
  )[0];
  return {
    seen:
      lost === undefined ? "an error that some receivers stop at" : `"${lost.text}" does not count for SPF`,
    remedy: `Let the policy at ${lost?.name ?? domain} begin with v=spf1 and a space, without anything before it (RFC 7208 section 4.5).`,
  };
}

function noPolicy(domain: string, evaluation: SpfEvaluation): Finding {
  const isMeant = (evaluation.texts.get(domain) ?? []).some((text) => /spf1/i.test(text));
  const lost = isMeant ? misplaced(domain, evaluation) : undefined;
  return lost ?? { seen: "there is no policy", remedy: `Publish one at ${domain}, such as v=spf1 mx -all.` };
}

function withoutAnswer(domain: string, { failures, reason }: SpfEvaluation): Finding {
  const [failure] = failures;
  if (failure === undefined)
    return { seen: `temperror: ${reason}`, remedy: `Find out why ${domain} could not be evaluated.` };
  const { name, type, code } = failure;
  const other = name === domain ? "" : ", or remove the term that names it";
  return {
    seen: `temperror: ${type} ${name} has no answer (${code.replace(/^E/, "")})`,
    remedy: `Have the name servers of ${name} answer${other}: until then, receivers defer mail or see no policy (RFC 7208 section 2.6.6).`,
  };
}
