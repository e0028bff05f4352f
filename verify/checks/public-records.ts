import { getCACertificates } from "node:tls";
import {
  domainOf,
  dsOf,
  formatDs,
  parseDmarc,
  parseDs,
  parseMtaSts,
  parseMtaStsPolicy,
  parseTlsReporting,
  policyHost,
  policyNames,
  reportAuthorizationRecord,
  reportReceivers,
  reverseName,
  services,
} from "../../records/index.ts";
import { type Check, failed, type Outcome, ok } from "../check.ts";
import { ask, type NameResolver, query } from "../probes/dns.ts";
import { askHttp } from "../probes/http.ts";
import { addressesOf, type Exchange, type PublicDomain } from "../public-domain.ts";

const answers = "Check that the domain's name servers, and the resolver, answer.";

/** What the DNS says about a domain without a plan: each record by its own standard. */
export function publicRecordChecks(domain: PublicDomain, resolver: NameResolver): Check[] {
  const { name, exchanges } = domain;
  const check = (id: string, title: string, why: string, run: () => Promise<Outcome>): Check => ({
    id: `${id}.${name}`,
    group: `DNS of ${name}`,
    title,
    why,
    remedy: answers,
    run,
  });
  return [
    check("mx", "MX", "Where others deliver the domain's mail (RFC 5321 section 5.1).", async () =>
      judgeExchanges(exchanges, resolver),
    ),
    check(
      "dmarc",
      "DMARC",
      "What others do with mail that falsely claims to come from here (RFC 9989).",
      async () => judgeDmarc(name, await textsAt(`_dmarc.${name}`, "v=DMARC1", resolver)),
    ),
    check(
      "dmarc.reports",
      "DMARC reports are authorized where they are sent",
      "Nobody sends reports to a domain that has not authorized them (RFC 9990 section 4).",
      async () => judgeReceivers(name, resolver),
    ),
    check(
      "mta-sts",
      "MTA-STS",
      "Asks others to deliver over TLS only (RFC 8461); a record without its policy does harm.",
      async () => judgeMtaSts(domain, await textsAt(`_mta-sts.${name}`, "v=STSv1", resolver), resolver),
    ),
    check("tls-rpt", "TLS-RPT", "Where others report that TLS failed (RFC 8460).", async () => {
      const [text] = await textsAt(`_smtp._tls.${name}`, "v=TLSRPTv1", resolver);
      if (text === undefined) return ok("not published");
      parseTlsReporting(text);
      return ok(text);
    }),
    check(
      "dnssec",
      "DNSSEC",
      "Without it DANE is worthless; with a wrong DS record nobody finds the domain (RFC 4035 section 5.2).",
      async () => judgeDnssec(name, resolver),
    ),
    ...exchanges.flatMap(({ addresses, host }) =>
      addresses.map((address) => ({
        ...check(
          `reverse.${address}`,
          `reverse name of ${address}`,
          "Many servers refuse mail from an address whose name does not lead back to it (RFC 1912 section 2.1).",
          () => judgeReverse(address, host, resolver),
        ),
        id: `reverse.${address}`,
      })),
    ),
  ];
}

async function textsAt(name: string, start: string, resolver: NameResolver): Promise<string[]> {
  return ((await ask(resolver, name, "TXT")) ?? []).filter((text) => text.startsWith(start));
}

async function judgeExchanges(exchanges: readonly Exchange[], resolver: NameResolver): Promise<Outcome> {
  if (exchanges.length === 0) return failed("none", "Publish an MX record with the mail server's name.");
  const lost = exchanges.find(({ addresses }) => addresses.length === 0);
  if (lost !== undefined) return failed(`${lost.host} has no address`, "Publish its A or AAAA record.");
  for (const { host } of exchanges) {
    const [alias] = (await ask(resolver, host, "CNAME")) ?? [];
    if (alias !== undefined)
      return failed(`${host} is an alias of ${alias}`, "Name the host itself (RFC 2181 section 10.3).");
  }
  return ok(exchanges.map(({ host }) => host).join(", "));
}

function judgeDmarc(domain: string, texts: readonly string[]): Outcome {
  const [text] = texts;
  const where = `_dmarc.${domain}`;
  if (text === undefined)
    return failed("no policy", `Publish one, first v=DMARC1; p=none; rua=mailto:… at ${where}.`);
  if (texts.length > 1)
    return failed(`${texts.length} policies, so none counts`, `Keep only one of them at ${where}.`);
  parseDmarc(text);
  return ok(text);
}

async function judgeReceivers(domain: string, resolver: NameResolver): Promise<Outcome> {
  const [text] = await textsAt(`_dmarc.${domain}`, "v=DMARC1", resolver);
  if (text === undefined) return ok("no reports are requested");
  const dmarc = parseDmarc(text);
  for (const receiver of reportReceivers(domain, dmarc)) {
    const { name, content } = reportAuthorizationRecord(domain, receiver, 3600);
    if ((await textsAt(name, content, resolver)).length === 0)
      return failed(
        `${receiver} has not authorized them`,
        `Have ${receiver} publish the TXT record \`${content}\` at ${name}.`,
      );
  }
  const domains = new Set((dmarc.reportAddresses ?? []).map(domainOf));
  return ok(domains.size === 0 ? "no reports are requested" : `to ${[...domains].join(", ")}`);
}

async function judgeMtaSts(
  { name, exchanges }: PublicDomain,
  texts: readonly string[],
  resolver: NameResolver,
): Promise<Outcome> {
  const [text] = texts;
  if (text === undefined) return ok("not published");
  const { id } = parseMtaSts(text);
  const host = policyHost(name);
  const [address] = await addressesOf(host, resolver);
  if (address === undefined)
    return failed(`${host} has no address`, "Serve the policy there, or remove the record.");
  const path = "/.well-known/mta-sts.txt";
  // Whom this machine trusts, as others' machines do; no redirect is followed (RFC 8461 section 3.3).
  const caCertificate = getCACertificates("default");
  const answer = await askHttp({ address, port: services.https.port, host, path, caCertificate });
  if (answer.status !== 200)
    return failed(`the policy answers ${answer.status}`, `Serve it at https://${host}${path}.`);
  const policy = parseMtaStsPolicy(answer.body);
  const missing = exchanges.find((exchange) => !policyNames(policy, exchange.host));
  if (missing !== undefined && policy.mode !== "none")
    return failed(`the policy does not name ${missing.host}`, `Add mx: ${missing.host}, and change the id.`);
  return ok(`${policy.mode}, id ${id}`);
}

async function judgeDnssec(domain: string, resolver: NameResolver): Promise<Outcome> {
  const [keys, parent] = await Promise.all([
    query(resolver, domain, "DNSKEY"),
    query(resolver, domain, "DS"),
  ]);
  const wanted = parent.records.map(({ content }) => content).filter((content) => / [24] \S+$/.test(content));
  if (keys.records.length === 0 && wanted.length === 0) return ok("not signed");
  if (wanted.length === 0) return ok("signed, but the parent zone has no DS record, so nobody validates it");
  const shown = keys.records.map(({ content }) => formatDs(dsOf(domain, content)));
  const isSha256 = (ds: string) => parseDs(ds).digestType === 2;
  if (wanted.filter(isSha256).some((ds) => shown.includes(formatDs(parseDs(ds)))))
    return ok(`signed, key ${parseDs(wanted[0] ?? "").keyTag}`);
  return failed(
    shown.length === 0
      ? "the parent has a DS record, but the zone has no key"
      : "no key matches the parent's DS record",
    "Have the parent publish the DS record of the zone's key, or remove it.",
  );
}

async function judgeReverse(address: string, host: string, resolver: NameResolver): Promise<Outcome> {
  const [name] = (await ask(resolver, reverseName(address), "PTR")) ?? [];
  const advice = `Have the provider of the address set its reverse name to ${host}.`;
  if (name === undefined) return failed("none", advice);
  const back = await addressesOf(name, resolver);
  return back.includes(address) ? ok(name) : failed(`${name}, which does not lead back`, advice);
}
