import type { AuthenticateResult } from "mailauth";
import { type Check, failed, type Outcome, ok } from "../check.ts";
import { type Journey, type Route, travel } from "../journey.ts";

/**
 * The way of a test message, asked about in three questions. The message travels once.
 *
 * @param policies - the checks of what its receiver judges it by
 */
export function roundTripChecks(domain: string, route: Route, policies: readonly string[] = []): Check[] {
  const { submission, from, to } = route;
  let journey: Promise<Journey> | undefined;
  const travelOnce = () => {
    journey ??= travel(route);
    return journey;
  };
  const question = (id: string, title: string, why: string, judge: (journey: Journey) => Outcome): Check => ({
    id: `mail.${id}.${submission.name}.${domain}`,
    group: `Mail of ${domain}`,
    title: `${title} (${submission.name} ${submission.port})`,
    why,
    remedy: `Follow the message in \`docker logs\` of the mail server: it is sent from ${from.address} to ${to.address}.`,
    run: async () => judge(await travelOnce()),
  });
  return [
    question("imap", "sent, read by IMAP, removed", "It is what the server is for.", judgeDelivery),
    ...(route.pop3s
      ? [question("pop3", "read by POP3", "Some clients fetch their mail by POP3.", judgePop3)]
      : []),
    {
      ...question(
        "authentication",
        "DKIM, SPF and DMARC",
        "Receivers refuse or hide mail of a domain whose signature and sender do not agree (RFC 9989).",
        judgeAuthentication(domain),
      ),
      follows: policies,
    },
  ];
}

function judgeDelivery({ refusal, arrived, milliseconds, removed }: Journey): Outcome {
  if (refusal !== undefined) {
    return failed(`refused: ${refusal.text}`, "The reply names the rule: look it up in the server's log.");
  }
  const seconds = `${(milliseconds / 1000).toFixed(1)} s`;
  if (!arrived) {
    return failed(
      `accepted, but not in the inbox after ${seconds}`,
      "See the queue with `docker exec … postqueue -p`.",
    );
  }
  if (removed !== 1) {
    return failed(
      `${removed} copies were in the inbox`,
      "Look for an alias that reaches the same mailbox twice.",
    );
  }
  return ok(`there after ${seconds}`);
}

function judgePop3({ arrived, byPop3 }: Journey): Outcome {
  if (byPop3) return ok("the same message");
  return arrived
    ? failed("not in the maildrop", "Check that POP3 and IMAP read the same mailbox: `docker logs`.")
    : failed("no message arrived", "Fix the delivery first.");
}

function judgeAuthentication(domain: string): (journey: Journey) => Outcome {
  return ({ authentication }) => {
    if (authentication === undefined) return failed("no message arrived", "Fix the delivery first.");
    const verdicts = verdictsIn(authentication, domain);
    const seen = verdicts.map(({ name, verdict }) => `${name} ${verdict}`).join(", ");
    const wrong = verdicts.filter(({ verdict }) => verdict !== "pass");
    if (wrong.length === 0) return ok(seen);
    return failed(seen, wrong.map(({ advice }) => advice).join(" "));
  };
}

interface Verdict {
  readonly name: string;
  readonly verdict: string;
  readonly advice: string;
}

function verdictsIn({ dkim, spf, dmarc }: AuthenticateResult, domain: string): Verdict[] {
  const signatures = (dkim?.results ?? []).filter(({ signingDomain }) => signingDomain === domain);
  const signed = signatures.map(({ selector, status }) => ({
    name: `DKIM ${selector ?? ""}`,
    verdict: status.result + (status.result === "pass" || !status.comment ? "" : ` (${status.comment})`),
    advice: "Compare the key that signs with the published one: `npm run up` publishes it.",
  }));
  const unsigned = {
    name: "DKIM",
    verdict: "none",
    advice: `Check that Rspamd has a key for ${domain} and signs submitted mail.`,
  };
  return [
    ...(signed.length > 0 ? signed : [unsigned]),
    {
      name: "SPF",
      verdict: spf ? spf.status.result : "none",
      advice: "Name the server's address in the SPF record.",
    },
    {
      name: "DMARC",
      verdict: dmarc ? dmarc.status.result : "none",
      advice: `Publish _dmarc.${domain}, and fix DKIM or SPF.`,
    },
  ];
}
