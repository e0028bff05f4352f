import { isTlsReporting, parseTlsReporting } from "../../records/index.ts";
import { reading } from "../cause.ts";
import { type Check, judged, type Outcome, ok } from "../check.ts";
import { type NameResolver, textsAt } from "../probes/dns.ts";
import type { PublicDomain } from "../public-domain.ts";
import { judgeDmarc, judgeReceivers } from "./public-dmarc.ts";
import { judgeDnssec } from "./public-dnssec.ts";
import { judgeMtaSts } from "./public-mta-sts.ts";
import { judgeReverse } from "./public-reverse.ts";
import { theOne } from "./the-one.ts";

/** What the DNS says about a domain without a plan: each record by its own standard. */
export function publicRecordChecks(domain: PublicDomain, resolver: NameResolver): Check[] {
  const { name, mail, services } = domain;
  // None has a remedy of its own: what is wrong with somebody's record decides about it.
  const check = (id: string, title: string, why: string, run: () => Promise<Outcome>): Check => ({
    id,
    group: `DNS of ${name}`,
    title,
    why,
    run,
  });
  const addresses = new Map(
    mail.exchanges.flatMap(({ addresses, host }) => addresses.map((each) => [each, host])),
  );
  return [
    check(`mx.${name}`, "MX", "Where others deliver the domain's mail (RFC 5321 section 5.1).", async () =>
      judgeFound(mail),
    ),
    ...services.map((service) =>
      check(
        `srv.${service.name}`,
        `SRV ${service.name}`,
        "Where clients find the service (RFC 6186, RFC 8314 section 5.1).",
        async () => judgeFound(service),
      ),
    ),
    check(
      `dmarc.${name}`,
      "DMARC",
      "What others do with mail that falsely claims to come from here (RFC 9989).",
      () => judgeDmarc(name, resolver),
    ),
    check(
      `dmarc.reports.${name}`,
      "DMARC reports are authorized where they are sent",
      "Nobody sends reports to a domain that has not authorized them (RFC 9990 section 4).",
      () => judgeReceivers(name, resolver),
    ),
    check(
      `mta-sts.${name}`,
      "MTA-STS",
      "Asks others to deliver over TLS only (RFC 8461); a record without its policy does harm.",
      () => judgeMtaSts(domain, resolver),
    ),
    check(`tls-rpt.${name}`, "TLS-RPT", "Where others report that TLS failed (RFC 8460).", () =>
      judgeTlsReporting(name, resolver),
    ),
    check(
      `dnssec.${name}`,
      "DNSSEC",
      "Without it DANE is worthless; with a wrong DS record nobody finds the domain (RFC 4035 section 5.2).",
      () => judgeDnssec(name, resolver),
    ),
    ...[...addresses].map(([address, host]) =>
      check(
        `reverse.${address}`,
        `reverse name of ${address}`,
        "Many servers refuse mail from an address whose name does not lead back to it (RFC 1912 section 2.1).",
        () => judgeReverse(address, host, resolver),
      ),
    ),
  ];
}

type Found = Pick<PublicDomain["mail"], "findings" | "seen" | "failure">;

function judgeFound({ failure, findings, seen }: Found): Outcome {
  if (failure !== undefined) throw failure;
  return judged(findings, seen);
}

async function judgeTlsReporting(domain: string, resolver: NameResolver): Promise<Outcome> {
  const name = `_smtp._tls.${domain}`;
  const texts = await textsAt(resolver, name);
  const text = theOne(name, texts, {
    isOne: isTlsReporting,
    meant: /tlsrptv1/i,
    standard: "TLS-RPT",
    rule: "RFC 8460 section 3",
    start: "v=TLSRPTv1;",
  });
  if (text === undefined) return ok("not published");
  reading(name, () => parseTlsReporting(text));
  return ok(text);
}
