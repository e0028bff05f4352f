import { type ConfigurationFile, tableText } from "../generation/configuration-file.ts";
import { FILTER_RULES, SOCKETS } from "../generation/container-paths.ts";
import type { MailServerDescription } from "./description.ts";
import { renderMessageLimits } from "./message-limits.ts";
import { renderOwnDomains } from "./own-domains.ts";
import { renderOwnUsers } from "./rspamd-own-users.ts";
import { renderSendLimits } from "./rspamd-send-limits.ts";
import { renderSigningKeys } from "./rspamd-signing.ts";
import { RESOLVER_ADDRESS } from "./unbound.ts";

/**
 * Rspamd: a configuration of its own instead of the package's with forty exceptions. What is not named
 * here is off: above all what asks other people's servers (block lists, fuzzy hashes, downloaded maps) and
 * what needs Redis.
 */
export function renderRspamd(description: MailServerDescription): ConfigurationFile[] {
  return [
    { path: "rspamd/own-domains", content: renderOwnDomains(description) },
    { path: "rspamd/signing-keys", content: tableText(renderSigningKeys(description.domains)) },
    { path: "rspamd/send-limits", content: tableText(renderSendLimits(description.domains)) },
    renderMessageLimits(),
    { path: "rspamd/rspamd.conf", content: renderConfiguration(description) },
  ];
}

/** How many messages are looked at side by side. */
const SCANNERS = 2;

/**
 * The rules of our own, which are files of the image, in the order in which they are loaded; the symbols of each, and whether
 * they judge strangers alone.
 */
export const rules = [
  { file: "from_owner.lua", symbols: ["AUTH_FROM_OWNER", "INJECTED"], isForStrangers: false },
  { file: "marks.lua", symbols: ["FOREIGN_MARKS", "GTUBE_MARK"], isForStrangers: false },
  { file: "outgoing.lua", symbols: ["OUTGOING_SPAM"], isForStrangers: false },
  { file: "proven_sender.lua", symbols: ["UNPROVEN_SENDER"], isForStrangers: true },
  { file: "scripts.lua", symbols: ["MIXED_SCRIPT_WORDS"], isForStrangers: true },
  { file: "send_limits.lua", symbols: ["SEND_LIMIT", "SEND_LIMIT_RETURN"], isForStrangers: false },
  { file: "submission.lua", symbols: ["COMPLETED"], isForStrangers: false },
  { file: "signing.lua", symbols: ["DKIM_SIGNED"], isForStrangers: false },
  { file: "text_limit.lua", symbols: ["TEXT_NOT_READ"], isForStrangers: false },
  {
    file: "author.lua",
    symbols: ["AUTHOR_CLAIM", "AUTHOR_FORM", "AUTHOR_IN_TIME", "AUTHOR_POLICY"],
    isForStrangers: true,
  },
  { file: "trace.lua", symbols: ["TRACE_OF_OURS"], isForStrangers: false },
] as const;

/**
 * Some of the package's rules depend on these two symbols. Its own list of free mail providers is a
 * download; the biggest ones do.
 */
const FREEMAIL = [
  "gmail.com",
  "gmx.net",
  "hotmail.com",
  "icloud.com",
  "outlook.com",
  "proton.me",
  "yahoo.com",
];

function renderFreemail(name: string, header: string): string {
  return `  ${name} {
    type = "header";
    header = "${header}";
    filter = "email:domain";
    map = [${FREEMAIL.map((domain) => `"${domain}"`).join(", ")}];
    symbol = "${name.toUpperCase()}";
    score = 0.0;
  }
`;
}

function renderConfiguration({ messageSizeLimitBytes }: MailServerDescription): string {
  const ownSymbols = rules.flatMap(({ symbols, isForStrangers }) => (isForStrangers ? [] : symbols));
  return `lua = "$RULESDIR/rspamd.lua";
${rules.map(({ file }) => `lua = "${FILTER_RULES}/${file}";\n`).join("")}
options {
  pidfile = "/run/rspamd/rspamd.pid";
  control_socket = "/run/rspamd/control.sock mode=0600";
  tempdir = "/tmp";
  url_tld = "/usr/share/publicsuffix/effective_tld_names.dat";
  filters = "dkim,regexp";
  gtube_patterns = "reject";
  # No network counts as local: such mail would skip the checks, and behind a proxy everybody is local.
  local_addrs = [];
  max_message = ${messageSizeLimitBytes};
  # Three look-ups in a row may take their full time, one of which follows from another: SPF or DKIM, the policies, and
  # whether a name exists. What is not known by then is asked again by the sender.
  task_timeout = 16s;
  soft_reject_on_timeout = true;
  history_rows = 0;
  # Hyperscan buys speed that a mail server of this size does not need with a slow start and much memory.
  disable_hyperscan = true;
  # The resolver may have to ask servers all over the world first. What it does not know after four seconds is answered
  # with 451.
  dns {
    nameserver = ["${RESOLVER_ADDRESS}"];
    timeout = 1s;
    retransmits = 4;
    sockets = 4;
  }
}

lang_detection {
  languages_enable = ["en"];
}

logging {
  type = "console";
  level = "notice";
  # What Postfix logs of the same message, under the same queue id, is not repeated.
  log_format = "$if_qid{qid: <$>, }$if_user{user: $, }$action: [$scores] [$symbols_scores_params]$if_filename{, file: $}$if_forced_action{, forced: $}";
  log_re_cache = false;
}

# It only passes messages on: one that keeps a scanning process busy must not keep others from the next free one.
worker "rspamd_proxy" {
  milter = yes;
  timeout = 120s;
  count = 1;
  # A message that has ended one process would end the others, too.
  max_retries = 1;
  bind_socket = "${SOCKETS.milter} mode=0600";
  upstream "local" {
    default = yes;
    hosts = "${SOCKETS.scanners}";
  }
}
worker "normal" {
  count = ${SCANNERS};
  bind_socket = "${SOCKETS.scanners} mode=0600";
}

modules {
  path = "$PLUGINSDIR";
}
.include "$CONFDIR/groups.conf"
.include "$CONFDIR/composites.conf"
group "ordinary" {
  symbols {
    # Every language but English needs an encoding, and base64 is one.
    MIME_BASE64_TEXT {
      score = 0.0;
    }
    # Also given to a link that shows the very address that it leads to.
    R_SUSPICIOUS_URL {
      score = 1.0;
    }
    # So much for forty letters, as companies' names and titles are.
    SUBJ_ALL_CAPS {
      score = 1.0;
    }
  }
}
.include "$CONFDIR/modules.d/dkim.conf"
.include "$CONFDIR/modules.d/forged_recipients.conf"
.include "$CONFDIR/modules.d/maillist.conf"
.include "$CONFDIR/modules.d/regexp.conf"
.include "$CONFDIR/modules.d/spf.conf"

actions {
  reject = 15;
  add_header = 6;
}

${renderOwnUsers(ownSymbols.toSorted())}
arc {
  sign_inbound = false;
}

dmarc {
  actions {
    reject = "reject";
    quarantine = "add_header";
  }
}

# The answer to a refused message reaches its author, who must learn that its content is not the reason.
force_actions {
  rules {
    DMARC_REFUSAL {
      expression = "DMARC_POLICY_REJECT";
      action = "reject";
      message = "The DMARC policy of the author's domain refuses this message";
    }
  }
}

mime_types {
  file = ["$CONFDIR/maps.d/mime_types.inc"];
}

multimap {
${renderFreemail("freemail_from", "from")}${renderFreemail("freemail_replyto", "Reply-To")}}

milter_headers {
  use = ["x-spamd-bar", "x-spam-level", "authentication-results"];
  skip_local = false;
  skip_authenticated = true;
  routines {
    # Only those that claim to be ours are removed, by a rule of their own.
    "authentication-results" { remove = false; }
  }
}
`;
}
