import { getCACertificates } from "node:tls";
import {
  isMtaSts,
  type MtaStsPolicy,
  parseMtaSts,
  parseMtaStsPolicy,
  policyHost,
  policyNames,
  services,
} from "../../records/index.ts";
import { findingOf, reading } from "../cause.ts";
import { type Finding, FindingError, judged, type Outcome, ok } from "../check.ts";
import { type NameResolver, textsAt } from "../probes/dns.ts";
import { askHttp, type HttpAnswer } from "../probes/http.ts";
import type { PublicDomain } from "../public-domain.ts";
import { findAddresses } from "../public-target.ts";
import { theOne } from "./the-one.ts";

const path = "/.well-known/mta-sts.txt";

/** The record, and the policy that it announces (RFC 8461 section 3). */
export async function judgeMtaSts({ name, mail }: PublicDomain, resolver: NameResolver): Promise<Outcome> {
  const at = `_mta-sts.${name}`;
  const text = theOne(at, await textsAt(resolver, at), {
    isOne: isMtaSts,
    meant: /stsv1/i,
    standard: "MTA-STS",
    rule: "RFC 8461 section 3.1",
    start: "v=STSv1;",
  });
  if (text === undefined) return ok("not published");
  const { id } = reading(at, () => parseMtaSts(text));
  const host = policyHost(name);
  const url = `https://${host}${path}`;
  const answer = await fetchPolicy(host, resolver);
  const policy = reading(url, () => parseMtaStsPolicy(answer.body));
  return judged(
    [...typeFinding(answer, url), ...missingHosts(policy, mail.exchanges)],
    `${policy.mode}, id ${id}`,
  );
}

/** One address that serves it is enough, as for others. */
async function fetchPolicy(host: string, resolver: NameResolver): Promise<HttpAnswer> {
  const { addresses, findings } = await findAddresses(host, resolver);
  const advice = `Serve the policy at https://${host}${path}, or remove the record.`;
  if (addresses.length === 0)
    throw new FindingError(findings.map(({ seen }) => seen).join("; ") || `${host} has no address`, advice);
  // Whom this machine trusts, as others' machines do; no redirect is followed (RFC 8461 section 3.3).
  const caCertificate = getCACertificates("default");
  let last: Finding | undefined;
  for (const address of addresses) {
    try {
      const answer = await askHttp({ address, port: services.https.port, host, path, caCertificate });
      if (answer.status === 200) return answer;
      last = { seen: `the policy answers ${answer.status}`, remedy: statusAdvice(answer.status, host) };
    } catch (error) {
      last = findingOf(error, host);
    }
  }
  throw new FindingError(last?.seen ?? "", last?.remedy ?? advice);
}

function statusAdvice(status: number, host: string): string {
  return status >= 300 && status < 400
    ? `Serve it at https://${host}${path} itself: others follow no redirect (RFC 8461 section 3.3).`
    : `Serve it at https://${host}${path}.`;
}

/** A page that somebody else may write is not a policy (RFC 8461 section 3.3). */
function typeFinding({ headers }: HttpAnswer, url: string): Finding[] {
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  if (type.trim().toLowerCase() === "text/plain") return [];
  return [
    {
      seen: `the policy is served as ${type || "no type at all"}`,
      remedy: `Serve ${url} with content-type: text/plain (RFC 8461 section 3.3).`,
    },
  ];
}

function missingHosts(policy: MtaStsPolicy, exchanges: PublicDomain["mail"]["exchanges"]): Finding[] {
  if (policy.mode === "none") return [];
  return exchanges
    .filter(({ host }) => !policyNames(policy, host))
    .map(({ host }) => ({
      seen: `the policy does not name ${host}`,
      remedy: `Add mx: ${host} to the policy, and change the id of the record.`,
    }));
}
