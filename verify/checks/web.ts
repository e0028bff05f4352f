import { randomUUID } from "node:crypto";
import { renderAutoconfig } from "../../clients/autoconfig.ts";
import { outlookSchema, renderAutodiscover } from "../../clients/autodiscover.ts";
import type { ClientDescription } from "../../clients/description.ts";
import { isLeftOut } from "../../outputs/left-out-names.ts";
import { type RunningStack, reachableAddress, type StackDomain } from "../../outputs/running-stack.ts";
import { formatMtaStsPolicy, policyHost } from "../../records/index.ts";
import { type Check, failed, type Outcome, ok } from "../check.ts";
import { askHttp, type HttpAnswer, type HttpRequest } from "../probes/http.ts";
import { webPlacesOf } from "../services.ts";
import { certificateCheck, renewals } from "./tls.ts";

/** What the web server answers to other mail servers and to clients; nothing where there is none. */
export function webChecks(running: RunningStack, domain: StackDomain): Check[] {
  const { https, http } = running.endpoint.ports;
  if (!domain.web || https === undefined || http === undefined) return [];
  const { clients } = domain.web;
  const address = reachableAddress(running, "https");
  const { caCertificate } = running;
  const ask: Ask = (host, path, more = {}) =>
    askHttp({ address, port: https, host, path, caCertificate, ...more });
  return [
    ...policyChecks(domain, ask),
    ...autoconfigChecks(domain, clients, ask, {
      address: reachableAddress(running, "http"),
      port: http,
      isPlain: true,
    }),
    ...domain.web.hostNames
      .filter((host) => host === domain.name || host === `autodiscover.${domain.name}`)
      .map((host) => autodiscoverCheck(host, domain, clients, ask)),
    pageCheck(domain, domain.web.page, ask),
    ...(domain.web.webmail ? [webmailCheck(domain, domain.web.webmail, ask)] : []),
  ];
}

/**
 * The web server has one certificate for all of its names, and one under any of them shows the life that is left of it.
 * Where an authority is asked for it, each name is looked at.
 */
export function webCertificateChecks(running: RunningStack): Check[] {
  const { certificateIssuer } = running;
  const places = webPlacesOf(running).filter(({ serverName }) => !isLeftOut(running, serverName));
  const [page] = running.domains.flatMap(({ web }) => (web ? [new URL(web.page).hostname] : []));
  const shown =
    certificateIssuer === "acme" ? places : places.filter(({ serverName }) => serverName === page);
  return shown.map((place) => certificateCheck({ name: "https", ...place }, renewals[certificateIssuer]));
}

type Ask = (host: string, path: string, more?: Partial<HttpRequest>) => Promise<HttpAnswer>;

const remedy =
  "See `docker logs` of the web server, and that the name points to it; `npm run up` recreates it as declared.";

function policyChecks({ name, web }: StackDomain, ask: Ask): Check[] {
  const policy = web?.policy;
  if (!policy) return [];
  const wanted = formatMtaStsPolicy(policy);
  return [
    {
      id: `web.mta-sts.${name}`,
      group: `Web of ${name}`,
      title: `MTA-STS policy, ${policy.mode}`,
      why: "Other servers deliver by the served policy, and look for it once its record exists (RFC 8461 3.3).",
      remedy,
      run: async () => compare(await ask(policyHost(name), "/.well-known/mta-sts.txt"), "text/plain", wanted),
    },
  ];
}

function autoconfigChecks(
  { name, web }: StackDomain,
  clients: ClientDescription,
  ask: Ask,
  plain: Partial<HttpRequest>,
): Check[] {
  const file = "/mail/config-v1.1.xml";
  const check = (scheme: string, host: string, path: string, more: Partial<HttpRequest>): Check => ({
    id: `web.autoconfig.${scheme}.${host}`,
    group: `Web of ${name}`,
    title: `settings for Thunderbird, ${scheme}://${host}`,
    why: "Thunderbird, Evolution and K-9 set themselves up by this file.",
    remedy,
    run: async () => compare(await ask(host, path, more), "text/xml", renderAutoconfig(clients)),
  });
  const own = web?.hostNames.includes(name) === true;
  return [
    check("https", `autoconfig.${name}`, file, {}),
    check("http", `autoconfig.${name}`, file, plain),
    ...(own ? [check("https", name, `/.well-known/autoconfig${file}`, {})] : []),
  ];
}

/** Asks for an address that nobody has: the answer must be the same as for everybody. */
function autodiscoverCheck(host: string, { name }: StackDomain, clients: ClientDescription, ask: Ask): Check {
  return {
    id: `web.autodiscover.${host}`,
    group: `Web of ${name}`,
    title: `settings for Outlook, https://${host}`,
    why: "Outlook sets itself up by this answer, which must not reveal whether an address exists.",
    remedy,
    run: async () => {
      const address = `${randomUUID()}@${name}`;
      const body = `<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>${address}</EMailAddress><AcceptableResponseSchema>${outlookSchema}</AcceptableResponseSchema></Request></Autodiscover>`;
      const headers = { "content-type": "text/xml" };
      const answer = await ask(host, "/autodiscover/autodiscover.xml", { method: "POST", body, headers });
      return compare(answer, "text/xml", renderAutodiscover(clients, address));
    },
  };
}

function pageCheck({ name }: StackDomain, page: string, ask: Ask): Check {
  return {
    id: `web.page.${name}`,
    group: `Web of ${name}`,
    title: `set-up page, ${page}`,
    why: "People find there what their program does not find automatically.",
    remedy,
    run: async () => {
      const { status, body } = await ask(new URL(page).hostname, "/en");
      if (status !== 200) return failed(`status ${status}`, remedy);
      return body.includes(name) ? ok(`${body.length} bytes`) : failed("another page", remedy);
    },
  };
}

function webmailCheck({ name }: StackDomain, url: string, ask: Ask): Check {
  const advice = "See `docker logs` of webmail; `npm run up` starts it where it is missing.";
  return {
    id: `web.webmail.${name}`,
    group: `Web of ${name}`,
    title: `webmail, ${url}`,
    why: "It gives people without a mail program access to their mail.",
    remedy: advice,
    run: async () => {
      const { status, body } = await ask(new URL(url).hostname, "/");
      if (status !== 200) return failed(`status ${status}`, advice);
      return body.includes('id="rcmloginuser"')
        ? ok("asks for name and password")
        : failed("another page", advice);
    },
  };
}

function compare({ status, headers, body }: HttpAnswer, type: string, wanted: string): Outcome {
  if (status !== 200) return failed(`status ${status}`, remedy);
  const [given] = (headers["content-type"] ?? "").split(";");
  if (given !== type) return failed(`type ${given} instead of ${type}`, remedy);
  if (body === wanted) return ok(`as declared, ${body.length} bytes`);
  const difference = body.split("\n").find((line) => !wanted.includes(line)) ?? "something is missing";
  return failed(`not as declared: ${difference.trim().slice(0, 80)}`, remedy);
}
