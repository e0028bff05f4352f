import type { ConfigurationFile } from "./configuration-file.ts";
import { DKIM_KEYS, SOCKETS } from "./container-paths.ts";
import type { HostedDomain, MailServerDescription } from "./description.ts";
import { dkimKeyName } from "./key-files.ts";
import { FROM_OWNER_LUA } from "./rspamd-from-owner.ts";

/** What asks somebody else's servers, or needs Redis to be of any use. */
const MODULES_OFF: readonly string[] = [
  "asn",
  "bayes_expiry",
  "fuzzy_check",
  "greylist",
  "history_redis",
  "neural",
  "p0f",
  "phishing",
  "ratelimit",
  "rbl",
  "replies",
  "surbl",
  "url_redirector",
];

/** Rspamd: files below `rspamd/`, which take the place of `/etc/rspamd/local.d` and `lua.local.d`. */
export function renderRspamd(description: MailServerDescription): ConfigurationFile[] {
  const local: Record<string, string> = {
    "actions.conf": "reject = 15;\nadd_header = 6;\ngreylist = null;\n",
    "dkim_signing.conf": renderSigning(description.domains),
    "dmarc.conf": 'actions { reject = "reject"; quarantine = "add_header"; }\n',
    "logging.inc": 'type = "console";\nlevel = "notice";\n',
    "milter_headers.conf":
      'use = ["x-spamd-bar", "x-spam-level", "authentication-results"];\nskip_local = false;\nskip_authenticated = true;\n',
    "options.inc": renderOptions(description),
    "worker-controller.inc": `bind_socket = "${SOCKETS.controller} mode=0600";\n`,
    "worker-normal.inc": "enabled = false;\n",
    "worker-proxy.inc": `milter = yes;
timeout = 120s;
count = 1;
bind_socket = "${SOCKETS.milter} mode=0666";
upstream "local" {
  default = yes;
  self_scan = yes;
}
`,
    ...Object.fromEntries(MODULES_OFF.map((module) => [`${module}.conf`, "enabled = false;\n"])),
  };
  return [
    ...Object.entries(local).map(([name, content]) => ({ path: `rspamd/local.d/${name}`, content })),
    { path: "rspamd/lua.local.d/from_owner.lua", content: FROM_OWNER_LUA },
  ];
}

/** The sender of an authenticated message has been checked before, so the name of the login may differ. */
function renderSigning(domains: readonly HostedDomain[]): string {
  const signed = domains
    .filter(({ dkimSelectors }) => dkimSelectors.length > 0)
    .map(({ name, dkimSelectors }) => {
      const keys = dkimSelectors.map(
        (selector) =>
          `      { selector = "${selector}"; path = "${DKIM_KEYS}/${dkimKeyName(name, selector)}"; }`,
      );
      return `  "${name}" {\n    selectors = [\n${keys.join(",\n")}\n    ]\n  }\n`;
    });
  return `sign_authenticated = true;
sign_local = false;
use_esld = false;
allow_username_mismatch = true;
try_fallback = false;
domain {
${signed.join("")}}
`;
}

/**
 * No network counts as local: local mail would skip the checks, and behind a proxy everybody is local.
 * A name server that does not answer costs a check two seconds, and then the mail goes on without it.
 */
function renderOptions({ resolver, messageSizeLimitBytes }: MailServerDescription): string {
  const nameserver = resolver === undefined ? "" : `  nameserver = ["${resolver}"];\n`;
  return `local_addrs = [];
max_message = ${messageSizeLimitBytes};
gtube_patterns = "all";
dns {
${nameserver}  timeout = 1s;
  retransmits = 2;
}
`;
}
