import { domainToUnicode } from "node:url";
import type { Brand } from "../../clients/brand.ts";
import { devices, userAgents } from "../../clients/devices.ts";
import { pageLinkMarker, renderErrorPage, renderPageLink } from "../../clients/error-page.ts";
import { languages, setUpTexts } from "../../clients/set-up-text/languages.ts";
import { type ErrorKind, errorKinds } from "../../clients/set-up-text/set-up-text.ts";
import { services } from "../../records/service.ts";
import { byPath, type ConfigurationFile, compareText } from "../generation/configuration-file.ts";
import { GENERATION } from "../generation/container-paths.ts";
import { HTTP_QUESTION, renderHealthQuestions } from "../generation/health-questions.ts";
import { renderListeners } from "../generation/listening.ts";
import { pairPaths, renderPairs, type TlsPairs } from "../generation/tls-pairs.ts";
import { TLS_GROUPS, TLS12_CIPHERS } from "../generation/tls-policy.ts";
import { requireDomain } from "../mail-server/address.ts";
import { largestRequest, requireContainer, WEBMAIL_PORT } from "../webmail/webmail.ts";
import {
  addHeaders,
  documentHeaders,
  hideHeaders,
  strictTransport,
  strictTransportVariable,
  webmailHeaders,
} from "./response-headers.ts";
import { errorPath, WebDocument } from "./web-documents.ts";

const HTTP = services.http.port;
const HTTPS = services.https.port;

/** Everything about a web server except documents and secrets. */
export interface WebServerDescription {
  readonly domains: readonly ServedDomain[];
  /** The host's port for HTTPS, to which clients are sent on from plain HTTP: 1 to 65535. */
  readonly httpsPort: number;
  /**
   * Whether browsers are to insist on HTTPS: with certificates alone that all of them trust, since nobody can then open what
   * they do not. On another port than 443 it is not sent, as they would look for the site on that one.
   *
   * @default false
   */
  readonly strictTransport?: boolean | undefined;
  /** Where webmail answers. @default nowhere */
  readonly webmail?: WebmailPlace | undefined;
  /** The container that answers challenges on port 80; the engine's own DNS knows it. @default none */
  readonly certificateAgent?: string | undefined;
  /** What error pages look like. @default nobody's */
  readonly brand?: Brand | undefined;
  /** What is shown to whom; without a default pair each name has one of `named`. @default one pair for everybody */
  readonly pairs?: TlsPairs | undefined;
}

/**
 * Webmail's container, which the engine's own DNS knows. It may be there or not: the rest is served all the same.
 *
 * @typeParam Content - a name that is known later.
 */
export interface WebmailPlace<Content = never> {
  /** Its name. @example "maildomain-lab-webmail" */
  readonly container: string | Content;
  /** Maximum message size, in bytes. @example 52428800 */
  readonly messageSizeLimitBytes: number;
}

export interface ServedDomain {
  /** A-labels, lower case. */
  readonly name: string;
  /** The names under which its documents are served; no name belongs to two domains. */
  readonly hostNames: readonly string[];
  /** The name under which its MTA-STS policy is served, and nothing else; none without a policy. */
  readonly policyHost?: string | undefined;
  /** The name under which webmail is, and nothing else; none without webmail. */
  readonly webmailHost?: string | undefined;
  /** Where its set-up page is, to which its error pages lead. @default nowhere @example "https://mail.example.org/" */
  readonly pageUrl?: string | undefined;
}

/** Requests and their headers are small here; what is larger is refused before it takes memory. */
const largestRequestKiB = 16;

/**
 * The web server's configuration. A complete generation also contains the documents, and the pair of key
 * and certificate.
 *
 * @throws RangeError if a name would change the file's meaning.
 */
export function renderWebServer(description: WebServerDescription): ConfigurationFile[] {
  return byPath([
    { path: "nginx/nginx.conf", content: renderConfiguration(description) },
    ...errorPages(description.webmail === undefined ? ["error", "missing"] : errorKinds, description.brand),
    renderListeners([`tcp ${HTTP}`, `tcp ${HTTPS}`]),
    ...renderPairs(description.pairs),
    renderHealthQuestions([{ daemon: "nginx", socket: `tcp ${HTTP}`, request: HTTP_QUESTION }]),
  ]);
}

function errorPages(kinds: readonly ErrorKind[], brand: Brand | undefined): ConfigurationFile[] {
  return kinds.flatMap((kind) =>
    languages.map((language) => ({
      path: errorPath(kind, language),
      content: renderErrorPage(kind, setUpTexts[language], brand),
    })),
  );
}

function renderConfiguration(description: WebServerDescription): string {
  const { domains, httpsPort, webmail, pairs, certificateAgent } = description;
  const strict = description.strictTransport === true && httpsPort === HTTPS;
  const additional = strict ? strictTransport : {};
  const owners = new Map(
    domains.flatMap(({ name, hostNames }) =>
      hostNames.map((host) => [requireDomain(host), requireDomain(name)]),
    ),
  );
  const policyOwners = new Map(
    domains.flatMap(({ name, policyHost }) =>
      policyHost === undefined ? [] : [[requireDomain(policyHost), requireDomain(name)]],
    ),
  );
  const webmailHosts = domains.flatMap(({ webmailHost }) =>
    webmail === undefined || webmailHost === undefined ? [] : [requireDomain(webmailHost)],
  );
  const all = new Map([...owners, ...policyOwners]);
  const hashSize = hashSizeFor(all.size + webmailHosts.length);
  const groups = groupsOf(pairs);
  const plain = { httpsPort, challenges: challengeLocation(certificateAgent) };
  return `load_module /usr/lib/nginx/modules/ngx_http_js_module.so;
daemon off;
pid /run/nginx/nginx.pid;
error_log stderr warn;
worker_processes 1;
# Whoever says nothing is cut off after ten seconds, and until then costs others no place.
worker_rlimit_nofile 20000;
events {
    worker_connections 16384;
}

http {
    js_path /usr/lib/maildomain/server;
    js_import answers.js;
    js_var $languages "${languages.join(" ")}";
    js_set $language answers.language;
    client_body_temp_path /run/nginx/body;
    proxy_temp_path /run/nginx/proxy;
    fastcgi_temp_path /run/nginx/fastcgi;
    uwsgi_temp_path /run/nginx/uwsgi;
    scgi_temp_path /run/nginx/scgi;

    # Without the query, which holds addresses.
    log_format plain '$remote_addr "$request_method $host$uri" $status $body_bytes_sent';
    access_log /dev/stdout plain if=$logged;
    server_tokens off;
    types {}
    charset utf-8;
    charset_types text/plain text/html;

    # A request is held in memory or refused; slow clients are cut off.
    client_max_body_size ${largestRequestKiB}k;
    client_body_buffer_size ${largestRequestKiB}k;
    client_header_buffer_size 1k;
    large_client_header_buffers 4 8k;
    client_header_timeout 10s;
    client_body_timeout 10s;
    send_timeout 10s;
    keepalive_timeout 15s;
    reset_timedout_connection on;
    server_names_hash_max_size ${hashSize};
    server_names_hash_bucket_size 256;
    map_hash_max_size ${hashSize};
    map_hash_bucket_size 256;

${pairLines(groups.byDefault, "    ")}    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ${TLS12_CIPHERS.join(":")};
    ssl_ecdh_curve ${TLS_GROUPS.join(":")};
    ssl_session_tickets off;
    ssl_session_cache shared:tls:1m;

${errorLines(errorStatuses, "    ")}    add_header Vary $vary;
${addHeaders({ ...documentHeaders, ...additional }, "    ")}
${strict ? strictTransportVariable : ""}    map $remote_addr $logged {
        default 1;
        127.0.0.1 0;
    }

    map $host $domain {
        default "";
${mapEntries(all)}    }
${unicodeDomains(domains)}${pageLinks(domains, webmail !== undefined)}    map $http_user_agent $device {
        default "";
${devices.map((device) => `        "~*${userAgents[device].source}" ${device};\n`).join("")}    }
${webmailHosts.length === 0 ? "" : webmailVariables}    map $request_uri $vary {
        default "";
        ~^/(\\?|$) "Accept-Language, User-Agent";
        ~^/(${languages.join("|")})(\\?|$) User-Agent;
    }

    # Names that are not served here. Over TLS they get the alert for it (RFC 6066 section 3) instead of a certificate
    # for other names, which Thunderbird shows as an attack: it asks the IMAP server's name for an address book.
    server {
        listen [::]:${HTTP} default_server ipv6only=off;
        listen [::]:${HTTPS} ssl default_server ipv6only=off;
        ssl_reject_handshake on;
        http2 on;
${errorLocation}${plain.challenges}        location / {
            return 421;
        }
    }
${owners.size === 0 ? "" : settingsServers([...owners.keys()], groups, plain)}${
  policyOwners.size === 0 ? "" : policyServers([...policyOwners.keys()], groups)
}${webmail === undefined || webmailHosts.length === 0 ? "" : webmailServers(webmailHosts, groups, webmail, { plain, additional })}}
`;
}

/** All that nginx answers by itself, with a page that names it. */
const errorStatuses = [
  400, 403, 404, 405, 408, 411, 412, 413, 414, 415, 416, 421, 429, 494, 495, 496, 497, 500, 501, 502, 503,
  504, 505,
];

const documents = `${GENERATION}/web`;

/** A link to the set-up page of the domain that a name belongs to, in the reader's language; none for other names. */
function pageLinks(domains: readonly ServedDomain[], hasWebmail: boolean): string {
  const pages = domains.flatMap(({ hostNames, policyHost, webmailHost, pageUrl }): [string, string][] =>
    pageUrl === undefined
      ? []
      : [...hostNames, policyHost, hasWebmail ? webmailHost : undefined].flatMap((host) =>
          host === undefined ? [] : [[requireDomain(host), pageUrl]],
        ),
  );
  return `    map $host $page_url {
        default "";
${mapEntries(new Map(pages))}    }
    map $language $page_link_there {
${languages.map((language) => `        ${language} '${renderPageLink("$page_url", setUpTexts[language])}';\n`).join("")}    }
    map $page_url $page_link {
        default $page_link_there;
        "" "";
    }
`;
}

/** Which page each status has. */
function errorLines(statuses: readonly number[], indent: string): string {
  const others = statuses.filter((status) => status !== 404);
  return `${indent}error_page 404 /-/missing;\n${indent}error_page ${others.join(" ")} /-/error;\n`;
}

function errorPage(kind: ErrorKind): string {
  return `        location = /-/${kind} {
            internal;
            default_type text/html;
            sub_filter '${pageLinkMarker}' $page_link;
            alias ${GENERATION}/${errorPath(kind, "$language")};
        }
`;
}

const errorLocation = errorPage("error") + errorPage("missing");

/** A location that serves one file, for GET and HEAD. */
function documentLocation(match: string, document: WebDocument, type: string): string {
  return `        location ${match} {
            default_type ${type};
            alias ${documents}/$domain/${document};
        }
`;
}

const autoconfigLocations = ["/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"]
  .map((path) => documentLocation(`= ${path}`, WebDocument.autoconfig, "text/xml"))
  .join("");

const authorityLocation = documentLocation("= /ca.crt", WebDocument.authority, "application/x-x509-ca-cert");

function scriptLocation(match: string, handler: string): string {
  return `        location ${match} {
            js_content answers.${handler};
        }
`;
}

function settingsServers(hostNames: readonly string[], groups: PairGroups, plain: PlainHttp): string {
  return `
    # Clients ask for the configuration file by plain HTTP as well; there is nothing secret in it. The authority's certificate
    # is wanted before HTTPS is trusted.
${plainServer(hostNames, plain, autoconfigLocations + authorityLocation)}${tlsServers(hostNames, groups, settingsLocations)}`;
}

const settingsLocations = `${errorLocation}${autoconfigLocations}${[
  // Outlook writes the path in capitals of its own choice.
  scriptLocation("~* ^/autodiscover/autodiscover\\.xml$", "autodiscover"),
  scriptLocation("~* ^/autodiscover/autodiscover\\.json(/|$)", "autodiscoverJson"),
  scriptLocation("= /profile.mobileconfig", "profile"),
  ...["", ...languages].map((path) => scriptLocation(`= /${path}`, "setUpPage")),
].join("")}${authorityLocation}        location / {
            return 404;
        }
`;

/** Nothing but the policy: who may write to this name decides how others deliver (RFC 8461 section 10.2). */
function policyServers(hostNames: readonly string[], groups: PairGroups): string {
  return tlsServers(
    hostNames,
    groups,
    `${errorLocation}${documentLocation(
      "= /.well-known/mta-sts.txt",
      WebDocument.policy,
      "text/plain",
    )}        location / {
            return 404;
        }
`,
  );
}

/** What the servers of webmail refer to. */
const webmailVariables = `    # Pages and their parts say themselves how long they may be kept, errors do not.
    map "$uri $upstream_http_cache_control" $uncached {
        default "";
        "~^/-/" no-store;
        "~ $" no-store;
    }
    map $uri $retry_after {
        default "";
        /-/too-many 60;
        /-/webmail-unavailable 60;
    }
    # One socket takes IPv4 as well, whose addresses have six groups before them there.
    map $remote_addr $client_address {
        default $remote_addr;
        ~^::ffff:(?<ipv4>[0-9.]+)$ $ipv4;
    }
`;

/** Its names are its own, and so are its cookies. */
function webmailServers(
  hostNames: readonly string[],
  groups: PairGroups,
  { container, messageSizeLimitBytes }: WebmailPlace,
  { plain, additional }: { plain: PlainHttp; additional: Readonly<Record<string, string>> },
): string {
  const headers = { ...webmailHeaders, ...additional };
  const locations = `        # By a variable: the name is looked up for each request, and need not be there when this starts.
        resolver 127.0.0.11 valid=5s ipv6=off;
        set $webmail ${requireContainer(container)};

        # Passed on without buffering: neither a message nor an answer is stored here.
        client_max_body_size ${largestRequest(messageSizeLimitBytes)};
        client_body_timeout 60s;
        send_timeout 60s;
        proxy_http_version 1.1;
        proxy_request_buffering off;
        proxy_max_temp_file_size 0;
        proxy_connect_timeout 5s;
        proxy_read_timeout 150s;
        proxy_set_header Host $http_host;
        proxy_set_header Connection "";
        proxy_set_header X-Forwarded-For $client_address;
${hideHeaders(headers, "        ")}${addHeaders({ ...headers, "Cache-Control": "$uncached", "Retry-After": "$retry_after" }, "        ")}
        # What webmail answers without a page of its own gets one here. Its own are those of 401 and 403.
        proxy_intercept_errors on;
${errorLines(
  errorStatuses.filter((status) => ![403, 413, 429, 502, 503, 504].includes(status)),
  "        ",
)}        error_page 413 /-/too-large;
        error_page 429 /-/too-many;
        error_page 502 503 504 =503 /-/webmail-unavailable;
${(["too-large", "too-many", "webmail-unavailable"] as const).map(errorPage).join("")}${errorLocation}        location / {
            proxy_pass http://$webmail:${WEBMAIL_PORT};
        }
`;
  return `
${plainServer(hostNames, plain)}${tlsServers(hostNames, groups, locations)}`;
}

/** Which names have a pair of their own, and where it is. */
interface PairGroups {
  /** The pair of all other names; undefined where there are none. */
  readonly byDefault: string | undefined;
  /** Whether there are several, so that what signs has to be shown which. */
  readonly areSeveral: boolean;
  readonly pathOf: ReadonlyMap<string, string>;
}

function groupsOf(pairs: TlsPairs | undefined): PairGroups {
  const { byDefault, named } = pairPaths(pairs);
  return {
    byDefault: pairs !== undefined && pairs.byDefault === undefined ? undefined : byDefault,
    areSeveral: pairs !== undefined,
    pathOf: new Map(named.flatMap(({ path, hostNames }) => hostNames.map((name) => [name, path]))),
  };
}

function pairLines(path: string | undefined, indent: string): string {
  return path === undefined
    ? ""
    : `${indent}ssl_certificate ${path};\n${indent}ssl_certificate_key ${path};\n`;
}

/** A server by HTTPS for the names of each pair. */
function tlsServers(
  hostNames: readonly string[],
  { byDefault, areSeveral, pathOf }: PairGroups,
  locations: string,
): string {
  const names = Map.groupBy(hostNames, (name) => pathOf.get(name));
  const uncovered = byDefault === undefined ? names.get(undefined)?.[0] : undefined;
  if (uncovered !== undefined)
    throw new RangeError(`${uncovered} is in no TLS pair, and there is no default pair`);
  return [...names]
    .toSorted(([a = ""], [b = ""]) => compareText(a, b))
    .map(
      ([path, group]) => `
    server {
        listen [::]:${HTTPS} ssl;
        http2 on;
${serverName(group)}${pairLines(path, "        ")}${areSeveral ? `        set $pair ${path ?? byDefault};\n` : ""}${locations}    }
`,
    )
    .join("");
}

/** What is the same for every name by plain HTTP. */
interface PlainHttp {
  /** The host's port to which requests are sent on. */
  readonly httpsPort: number;
  /** The location of challenges; empty where nobody answers them. */
  readonly challenges: string;
}

/**
 * Where an authority asks whether a name leads here (RFC 8555 section 8.3), whatever name it is. By a variable, as the
 * agent's container may start later.
 */
function challengeLocation(container: string | undefined): string {
  if (container === undefined) return "";
  return `        location ^~ /.well-known/acme-challenge/ {
            resolver 127.0.0.11 valid=5s ipv6=off;
            set $certificate_agent ${requireContainer(container)};
            proxy_pass http://$certificate_agent:${HTTP};
            proxy_set_header Host $host;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_connect_timeout 5s;
            proxy_read_timeout 10s;
        }
`;
}

/** By plain HTTP there are these locations; everybody else is sent on. */
function plainServer(
  hostNames: readonly string[],
  { httpsPort, challenges }: PlainHttp,
  locations = "",
): string {
  return `    server {
        listen [::]:${HTTP};
${serverName(hostNames)}${errorLocation}${challenges}${locations}        location / {
            return 302 https://$host${portSuffix(httpsPort)}$request_uri;
        }
    }
`;
}

/** What a URL says of the port, after its host. */
export function portSuffix(httpsPort: number): string {
  return httpsPort === HTTPS ? "" : `:${httpsPort}`;
}

function serverName(hostNames: readonly string[]): string {
  const lines = hostNames.toSorted(compareText).map((name) => `            ${name}`);
  return `        server_name\n${lines.join("\n")};\n`;
}

/** How people write the domains that have a name in their own script (RFC 5890); nothing where there are none. */
function unicodeDomains(domains: readonly ServedDomain[]): string {
  const names = domains.flatMap(({ name }): [string, string][] => {
    const written = domainToUnicode(requireDomain(name));
    // Composed, as most write it, and decomposed, as Apple's programs do: nginx's JavaScript cannot make one of the other.
    const spellings = [written, written.normalize("NFD")].join(" ");
    return written === name || written === "" ? [] : [[name, `"${spellings}"`]];
  });
  if (names.length === 0) return "";
  return `    map $domain $unicode_domain {
        default "";
${mapEntries(new Map(names))}    }
`;
}

function mapEntries(owners: ReadonlyMap<string, string>): string {
  return [...owners]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([host, domain]) => `        ${host} ${domain};\n`)
    .join("");
}

/** Room for the names: nginx refuses to start with too little, and warns of it when it has to search. */
function hashSizeFor(names: number): number {
  return 2 ** Math.max(10, Math.ceil(Math.log2(Math.max(1, names) * 4)));
}
