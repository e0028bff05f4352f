import { type Brand, defaultColor, textOn } from "../../clients/brand.ts";
import { languages, setUpTexts } from "../../clients/set-up-text/languages.ts";
import { SHORTEST_PASSWORD } from "../../keys/password-scheme.ts";
import { services } from "../../records/service.ts";
import {
  byPath,
  type ConfigurationFile,
  compareText,
  type SealedFile,
} from "../generation/configuration-file.ts";
import { GENERATION, PASSWORD_PORT } from "../generation/container-paths.ts";
import { HTTP_QUESTION, renderHealthQuestions } from "../generation/health-questions.ts";
import { renderListeners } from "../generation/listening.ts";
import { requireAddress, requireDomain } from "../mail-server/address.ts";
import { senderTable } from "../mail-server/address-tables.ts";
import type { HostedDomain } from "../mail-server/description.ts";

/** Everything about webmail (Roundcube) that is not secret. */
export interface WebmailDescription {
  /** The mail servers that it is for, at least one; no domain belongs to two. */
  readonly servers: readonly WebmailServer[];
  /** Whether the servers' certificates are from an authority of the stack's own, whose certificate travels beside it. */
  readonly ownAuthority: boolean;
  /** The largest message in bytes as transferred, that is with attachments already base64-encoded. */
  readonly messageSizeLimitBytes: number;
  /** The only address that may ask, that of the web server before it. Undefined: any. */
  readonly webServerAddress?: string | undefined;
  /** What the login looks like. @default each domain's own name */
  readonly brand?: Brand | undefined;
}

export interface WebmailServer {
  /** Its own name, which its certificate has. */
  readonly hostName: string;
  /** The name by which webmail reaches it: its container's in their network. */
  readonly place: string;
  readonly domains: readonly WebmailDomain[];
}

export interface WebmailDomain {
  readonly hosted: HostedDomain;
  /** The name under which people find it; a bare user name there is one of this domain. */
  readonly webmailHost: string;
  /** Where the set-up page is, to which the login leads. @default nowhere */
  readonly pageUrl?: string | undefined;
  /** People's names by the address of their mailbox. */
  readonly names: Readonly<Record<string, string>>;
}

/** The port inside the container at which the web server finds webmail. */
export const WEBMAIL_PORT = 8080;

const PHP_SOCKET = "/run/webmail/php.sock";
const DATA = "/var/lib/webmail";
const MIB = 2 ** 20;

/** Below a megabyte, for a form's own fields. */
const formBytes = 512 * 1024;

/**
 * The largest file that a message can carry: base64 makes four bytes of three and a line end of 76, and the message has
 * a header and a text.
 */
export function largestUpload(messageSizeLimitBytes: number): number {
  return Math.max(1024, Math.floor((messageSizeLimitBytes / 78) * 57 - 64 * 1024));
}

/** The largest request that carries one. */
export function largestRequest(messageSizeLimitBytes: number): number {
  return largestUpload(messageSizeLimitBytes) + formBytes;
}

/**
 * Every file of webmail that is not secret, sorted by path. A complete generation also contains
 * {@link webmailKeyFile}, and the authority's certificate at {@link WEBMAIL_AUTHORITY} where there is one.
 *
 * @throws RangeError if there is no server, or a name would change a file's meaning.
 */
export function renderWebmail(description: WebmailDescription): ConfigurationFile[] {
  check(description);
  return byPath([
    { path: "nginx/error.txt", content: "The request cannot be answered.\n" },
    { path: "nginx/nginx.conf", content: renderNginx(description) },
    { path: "php/php-fpm.conf", content: renderPhp(description) },
    { path: "roundcube/config.inc.php", content: renderRoundcube(description) },
    { path: "roundcube/senders.json", content: renderSenders(description) },
    renderListeners([`tcp ${WEBMAIL_PORT}`, `unix ${PHP_SOCKET}`]),
    renderHealthQuestions([{ daemon: "nginx", socket: `tcp ${WEBMAIL_PORT}`, request: HTTP_QUESTION }]),
  ]);
}

/** Where a generation has the certificate of the servers' authority, PEM. */
export const WEBMAIL_AUTHORITY = "tls/authority.pem";

/** What encrypts a session's password in the database: 32 characters for AES-256. */
export const webmailKeyFile: SealedFile<string> = {
  path: "roundcube/key",
  owner: "webmail",
  mode: 0o600,
  render: (key) => `${key}\n`,
};

function check({ servers }: WebmailDescription): void {
  if (servers.length === 0) throw new RangeError("webmail needs at least one mail server");
  for (const server of servers) {
    requireDomain(server.hostName);
    requireContainer(server.place);
    for (const { hosted, webmailHost } of server.domains) {
      requireDomain(hosted.name);
      requireDomain(webmailHost);
      for (const { address } of hosted.mailboxes) requireAddress(address, hosted.name);
    }
  }
}

/** @throws RangeError if `name` cannot be a container's name on an engine. */
export function requireContainer(name: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name))
    throw new RangeError(`"${name}" is not a valid container name`);
  return name;
}

function renderNginx({ messageSizeLimitBytes, webServerAddress }: WebmailDescription): string {
  const onlyTheWebServer =
    webServerAddress === undefined
      ? ""
      : `        # Only the web server connects here; it passes the client's address.
        set_real_ip_from ${webServerAddress};
        real_ip_header X-Forwarded-For;
        if ($realip_remote_addr != ${webServerAddress}) {
            return 403;
        }
`;
  return `daemon off;
pid /run/webmail/nginx.pid;
error_log stderr warn;
worker_processes 1;
# A body may come slowly. Until it is there it costs a connection, and no process of the program.
worker_rlimit_nofile 20000;
events {
    worker_connections 16384;
}

http {
    # A body is collected on the volume, and needs no memory.
    client_body_temp_path ${DATA}/uploads;
    fastcgi_temp_path /run/webmail/fastcgi;
    proxy_temp_path /run/webmail/proxy;
    uwsgi_temp_path /run/webmail/uwsgi;
    scgi_temp_path /run/webmail/scgi;
    fastcgi_max_temp_file_size 0;

    # Without the query, which holds addresses and searches.
    log_format plain '$remote_addr "$request_method $host$uri" $status $body_bytes_sent';
    map ${webServerAddress === undefined ? "$remote_addr" : "$realip_remote_addr"} $logged {
        default 1;
        127.0.0.1 0;
    }
    access_log /dev/stdout plain if=$logged;
    server_tokens off;
    types {
        text/css css;
        text/html html;
        text/javascript js;
        image/gif gif;
        image/jpeg jpg jpeg;
        image/png png;
        image/svg+xml svg;
        image/tiff tiff;
        image/webp webp;
        image/x-icon ico;
        application/pdf pdf;
        font/woff woff;
        font/woff2 woff2;
        font/ttf ttf;
        audio/mpeg mp3;
    }
    charset utf-8;
    client_max_body_size ${largestRequest(messageSizeLimitBytes)};
    client_header_timeout 10s;
    keepalive_timeout 60s;

    server {
        listen ${WEBMAIL_PORT};
${onlyTheWebServer}        root /var/lib/roundcube/public_html;
        error_page 400 403 404 405 408 413 414 500 502 503 504 /-/error;
        location = /-/error {
            internal;
            default_type text/plain;
            alias ${GENERATION}/nginx/error.txt;
        }

        location = / {
            rewrite ^ /index.php last;
        }
        # The one program. Nothing else in this folder is run, and only the parts of pages are served.
        location = /index.php {
            fastcgi_pass unix:${PHP_SOCKET};
            fastcgi_read_timeout 120s;
            fastcgi_param SCRIPT_FILENAME /var/lib/roundcube/public_html/index.php;
            fastcgi_param SCRIPT_NAME /index.php;
            fastcgi_param REQUEST_URI $request_uri;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param SERVER_PROTOCOL $server_protocol;
            fastcgi_param SERVER_NAME $host;
            fastcgi_param SERVER_PORT ${services.https.port};
            fastcgi_param HTTP_HOST $http_host;
            fastcgi_param HTTPS on;
            fastcgi_param REMOTE_ADDR $remote_addr;
            fastcgi_param HTTP_X_FORWARDED_FOR "";
        }
        location ~ ^/(?:plugins|program|skins)/[\\w./-]+\\.(?:css|gif|html|ico|jpe?g|js|mp3|pdf|png|svg|tiff|ttf|webp|woff2?)$ {
            expires 7d;
        }
        location = /favicon.ico {
            alias /usr/share/roundcube/skins/elastic/images/favicon.ico;
        }
        location / {
            return 404;
        }
    }
}
`;
}

function renderPhp({ messageSizeLimitBytes }: WebmailDescription): string {
  const upload = largestUpload(messageSizeLimitBytes);
  // A message is put together in memory, with its attachments and their base64 form.
  const memory = Math.ceil((128 * MIB + 4 * messageSizeLimitBytes) / MIB);
  return `[global]
error_log = /proc/self/fd/2
daemonize = no
process_control_timeout = 10s

[webmail]
listen = ${PHP_SOCKET}
listen.mode = 0600
; Memory has an end: whoever comes while all are busy waits.
pm = ondemand
pm.max_children = 8
pm.process_idle_timeout = 60s
pm.max_requests = 500
request_terminate_timeout = 120s
catch_workers_output = yes
decorate_workers_output = no
clear_env = yes
php_admin_value[memory_limit] = ${memory}M
php_admin_value[upload_max_filesize] = ${upload}
php_admin_value[post_max_size] = ${upload + formBytes}
php_admin_value[upload_tmp_dir] = ${DATA}/uploads
php_admin_value[sys_temp_dir] = ${DATA}/temp
php_admin_value[session.gc_probability] = 1
php_admin_value[session.gc_divisor] = 500
php_admin_value[disable_functions] = exec,passthru,pcntl_exec,popen,proc_open,shell_exec,system
php_admin_value[date.timezone] = UTC
php_admin_flag[allow_url_fopen] = off
php_admin_flag[display_errors] = off
php_admin_flag[expose_php] = off
php_admin_flag[log_errors] = on
`;
}

function renderRoundcube(description: WebmailDescription): string {
  const { servers, ownAuthority, messageSizeLimitBytes, brand = {} } = description;
  const domains = servers.flatMap((server) =>
    server.domains.map(({ hosted, webmailHost, pageUrl }) => ({
      name: hosted.name,
      webmailHost,
      pageUrl,
      server: server.hostName,
    })),
  );
  const hosts = domains.map(({ webmailHost }) => webmailHost.replaceAll(".", "\\."));
  return `<?php
$config['db_dsnw'] = 'sqlite:///${DATA}/roundcube.db?mode=0600';
$config['des_key'] = trim(file_get_contents('${GENERATION}/roundcube/key'));
$config['cipher_method'] = 'AES-256-GCM';
$config['log_driver'] = 'stdout';
$config['log_logins'] = true;
$config['smtp_log'] = false;
$config['temp_dir'] = '${DATA}/temp/';
$config['enable_installer'] = false;

// The plugin maildomain leads each login to its server.
$config['imap_host'] = ${phpText(`ssl://${servers[0]?.hostName}:${services.imaps.port}`)};
$config['smtp_user'] = '%u';
$config['smtp_pass'] = '%p';
$config['smtp_helo_host'] = 'webmail.localdomain';
$config['maildomain_authority'] = ${ownAuthority ? phpText(`${GENERATION}/${WEBMAIL_AUTHORITY}`) : "null"};
$config['maildomain_places'] = ${phpMap(servers.map((server) => [server.hostName, server.place]))};
$config['maildomain_domains'] = ${phpMap(domains.map(({ name, server }) => [name, server]))};
$config['maildomain_hosts'] = ${phpMap(domains.map(({ name, webmailHost }) => [webmailHost, name]))};
$config['maildomain_pages'] = ${phpMap(domains.flatMap(({ webmailHost, pageUrl }) => (pageUrl === undefined ? [] : [[webmailHost, pageUrl]])))};
$config['maildomain_page_titles'] = ${phpMap(languages.map((language) => [language, setUpTexts[language].title]))};
${renderBrand(brand)}$config['maildomain_password_port'] = ${PASSWORD_PORT};
$config['trusted_host_patterns'] = ['^(${hosts.sort(compareText).join("|")})$'];

$config['use_https'] = true;
$config['session_samesite'] = 'Lax';
$config['session_lifetime'] = 60;
// By its own limit, whoever guesses keeps the owner out as well. The mail server counts, and the plugin maildomain limits.
$config['login_rate_limit'] = 0;
// Password managers may fill it in, as for any other login.
$config['login_autocomplete'] = 2;
$config['login_username_maxlen'] = 320;
$config['login_password_maxlen'] = 256;
// The name, and no version.
$config['display_product_info'] = 1;

// The server's own folders (RFC 6154), and those alone.
$config['drafts_mbox'] = 'Drafts';
$config['junk_mbox'] = 'Junk';
$config['sent_mbox'] = 'Sent';
$config['trash_mbox'] = 'Trash';
$config['archive_mbox'] = 'Archive';
$config['create_default_folders'] = false;
$config['quota_zero_as_unlimited'] = true;

// Whoever adds an identity cannot give it an address: the server would not let them send as it.
$config['identities_level'] = 1;
$config['max_message_size'] = ${messageSizeLimitBytes};
$config['enable_spellcheck'] = false;
$config['show_images'] = 0;
$config['htmleditor'] = 0;
$config['message_sort_col'] = 'arrival';
$config['skin'] = 'elastic';
$config['plugins'] = ['maildomain', 'archive', 'managesieve', 'markasjunk', 'password', 'zipdownload'];
$config['markasjunk_spam_mbox'] = 'Junk';
$config['markasjunk_ham_mbox'] = 'INBOX';
$config['markasjunk_move_spam'] = true;
$config['markasjunk_move_ham'] = true;
$config['managesieve_default'] = '';
$config['managesieve_vacation'] = 1;
$config['password_driver'] = 'maildomain';
$config['password_confirm_current'] = true;
$config['password_minimum_length'] = ${SHORTEST_PASSWORD};
`;
}

/** The login's button has the color that the pages have. */
function renderBrand({ name, color = defaultColor, logo }: Brand): string {
  const entries: [string, string][] = [
    ...(name === undefined ? [] : [["name", name] as [string, string]]),
    ["color", color],
    ["text", textOn(color)],
  ];
  const picture = logo === undefined ? "" : `$config['skin_logo'] = ${phpText(logo)};\n`;
  return `$config['maildomain_brand'] = ${phpMap(entries)};\n${picture}`;
}

/**
 * What a login may send as, and the person's name; nothing of one that has no name and its own address alone. What is there to
 * receive reports nobody writes from, unless they have asked for it.
 */
function renderSenders({ servers }: WebmailDescription): string {
  const logins = new Map<string, { name?: string; addresses: string[] }>();
  for (const { domains } of servers) {
    const hosted = domains.map((domain) => domain.hosted);
    const roles = new Set(
      hosted.flatMap(({ aliases }) => aliases.filter(({ isRole }) => isRole).map(({ address }) => address)),
    );
    const asked = new Map(
      hosted.flatMap(({ mailboxes }) => mailboxes.map(({ address, sendAs = [] }) => [address, sendAs])),
    );
    for (const [address, owners] of senderTable(hosted)) {
      // "@example.org" is the right to many addresses, and none of them.
      if (address.startsWith("@")) continue;
      for (const owner of owners) {
        if (roles.has(address) && asked.get(owner)?.includes(address) !== true) continue;
        const login = logins.get(owner);
        if (login === undefined) logins.set(owner, { ...nameOf(owner, domains), addresses: [address] });
        else login.addresses.push(address);
      }
    }
  }
  const entries = [...logins]
    .filter(([login, { name, addresses }]) => name !== undefined || addresses.some((own) => own !== login))
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([login, known]) => [login, { ...known, addresses: known.addresses.toSorted(compareText) }]);
  return `${JSON.stringify(Object.fromEntries(entries), undefined, 1)}\n`;
}

function nameOf(address: string, domains: readonly WebmailDomain[]): { name?: string } {
  const name = domains.map(({ names }) => names[address]).find((found) => found !== undefined);
  return name === undefined ? {} : { name };
}

function phpText(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

function phpMap(entries: readonly (readonly [string, string])[]): string {
  const lines = entries
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([key, value]) => `    ${phpText(key)} => ${phpText(value)},\n`);
  return `[\n${lines.join("")}]`;
}
