import { balancerNetwork } from "../../records/proxy-protocol.ts";
import { type MailService, proxiedPort, services } from "../../records/service.ts";
import type { ConfigurationFile } from "../generation/configuration-file.ts";
import {
  ACCOUNTS,
  GENERATION,
  INJECTION_PORT,
  LOGIN_LIMITS_PORT,
  MAILBOX_ROOT,
  SIEVE,
  SOCKETS,
} from "../generation/container-paths.ts";
import { pairPaths, type TlsPairs } from "../generation/tls-pairs.ts";
import { TLS_GROUPS, TLS12_CIPHERS } from "../generation/tls-policy.ts";
import { type MailServerDescription, MOST_APP_PASSWORDS, type ProxiedServices } from "./description.ts";
import { imapLoginProcesses, imapSessions, processLimits } from "./process-limits.ts";

/** Dovecot: `dovecot.conf` and the sieve script that runs before each user's own. */
export function renderDovecot(description: MailServerDescription): ConfigurationFile[] {
  return [
    { path: "dovecot/dovecot.conf", content: renderConfiguration(description) },
    { path: "dovecot/sieve/spam.sieve", content: SPAM_SIEVE },
  ];
}

/** Rspamd marks with X-Spam what it neither refuses nor trusts. */
const SPAM_SIEVE = `require ["fileinto", "mailbox"];
if header :is "X-Spam" "Yes" {
  fileinto :create "Junk";
  stop;
}
`;

/** What a mailbox's own rules may use. */
export const sieveLimits = {
  scripts: 32,
  /** Of one script. */
  scriptBytes: 256 * 2 ** 10,
  /** Of all scripts of a mailbox. */
  storageBytes: 2 ** 20,
  /** Per message. */
  actions: 32,
  redirects: 4,
  cpuSeconds: 5,
} as const;

function renderConfiguration(description: MailServerDescription): string {
  const { hostName, domains, legacyPorts, messageSizeLimitBytes, webmailAddress, pairs, proxied } =
    description;
  const firstDomain = domains[0]?.name ?? hostName;
  const sessions = imapSessions(description.memoryBytes);
  return `dovecot_config_version = 2.4.1
dovecot_storage_version = 2.4.1

protocols {
  imap = yes
  pop3 = yes
  lmtp = yes
  sieve = yes
}
log_path = /dev/stderr
# Of the same message Postfix logs the Message-ID, and its result with the delivery's id, which is the session's here.
deliver_log_format = %{message}
mail_log_prefix = "%{service}(%{user})<%{session}>: "
hostname = ${hostName}
postmaster_address = postmaster@%{user | domain | default('${firstDomain}')}
state_dir = /run/dovecot-state
# A reload would close every session after a few seconds.
shutdown_clients = no
# The titles show whether somebody is just logging in; a reload waits for a moment when nobody is.
verbose_proctitle = yes

# --- TLS
ssl = required
${pairSettings(pairPaths(pairs).byDefault, "")}ssl_min_protocol = TLSv1.2
ssl_cipher_list = ${TLS12_CIPHERS.join(":")}
ssl_curve_list = ${TLS_GROUPS.join(":")}
${renderNamedPairs(pairs)}
${trusted(webmailAddress)}${balancers(proxied)}# --- accounts: each file is read again when it changes, so a new password needs no reload
auth_mechanisms = plain login
auth_allow_cleartext = no
auth_default_domain = ${firstDomain}
auth_username_format = %{user | lower}
auth_username_chars = abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@'
# Whether an attempt is one too many: login-limits decides, for Postfix and password changes as well. Should it not run,
# people log in all the same. It may wait for the results of other attempts before it answers.
auth_policy_server_url = http://127.0.0.1:${LOGIN_LIMITS_PORT}/
auth_policy_check_after_auth = no
auth_policy_reject_on_fail = no
auth_policy_hash_nonce = maildomain
auth_policy_request_attributes {
  login = %{user}
  remote = %{remote_ip}
}
auth_policy {
  http_client_request_absolute_timeout = 30s
  http_client_max_parallel_connections = 2000
}
passdb refused {
  driver = passwd-file
  passwd_file_path = ${GENERATION}/dovecot/refused-%{protocol}
  deny = yes
}
${renderPasswords("own", `${ACCOUNTS}/passwd`)}${Array.from({ length: MOST_APP_PASSWORDS }, (_, n) =>
  renderPasswords(`app-${n + 1}`, `${ACCOUNTS}/app-%{protocol}-${n + 1}`),
).join(
  "",
)}${renderUserTable("mailboxes", `${ACCOUNTS}/users`)}${renderUserTable("aliases", `${GENERATION}/dovecot/aliases`)}mail_home = ${MAILBOX_ROOT}/%{user | domain}/%{user | username}
mail_driver = maildir
mail_path = ~/Maildir

# --- folders, quota, sieve
mail_plugins {
  quota = yes
}
# What a mailbox holds is in one file. To count it in the indexes (count) opens each folder, for each question: with ten
# folders that costs as much as all the rest of a delivery.
quota user {
  driver = maildir
}
# Every account has a limit of its own; this one is for none of them.
quota_storage_size = 0
# A mailbox that was not full at RCPT accepts the message, however large it turns out to be; delivery to a full one is
# retried later: a refusal after Postfix has accepted the message would become a bounce to a stranger.
quota_storage_grace = ${messageSizeLimitBytes}B
quota_full_tempfail = yes
quota_status_success = DUNNO
quota_status_nouser = DUNNO
quota_status_overquota = 552 5.2.2 Mailbox is full
quota_status_toolarge = 552 5.3.4 Message is too large for this mailbox

namespace inbox {
  inbox = yes
  separator = /
${["Sent", "Drafts", "Trash", "Junk"].map((folder) => renderFolder(folder, "subscribe")).join("")}${renderFolder("Archive", "no")}}

sieve_script spam {
  type = before
  path = ${SIEVE}/spam.sieve
}
# A user without declared rules has no such file, which is not an error.
sieve_script declared {
  type = before
  path = ${SIEVE}/users/%{user}.sieve
}
# Names the owner of the rule: the filter compares it with the From line, and removes it.
sieve_vacation_send_from_recipient = yes
sieve_notify_mailto_envelope_from = recipient
submission_host = 127.0.0.1:${INJECTION_PORT}
# What a script has beyond the number and size is refused when it is stored. One that does more to a message than it may is
# not carried out, and the message is kept in the inbox. Its time is counted over an hour.
sieve_max_script_size = ${sieveLimits.scriptBytes}B
sieve_max_actions = ${sieveLimits.actions}
sieve_max_redirects = ${sieveLimits.redirects}
sieve_max_cpu_time = ${sieveLimits.cpuSeconds}s
sieve_resource_usage_timeout = 1h
# One expression can take hours, and Dovecot looks at the time between two steps of a script only.
sieve_global_extensions {
  regex = yes
}
sieve_quota_script_count = ${sieveLimits.scripts}
sieve_quota_storage_size = ${sieveLimits.storageBytes}B
sieve_script personal {
  path = ~/sieve
  active_path = ~/.dovecot.sieve
}

protocol imap {
  mail_plugins {
    quota = yes
    imap_quota = yes
  }
  # It would say nothing of what rules file into folders: deliveries leave the list of folders alone, see below.
  imap_capability {
    NOTIFY = no
  }
  mail_max_userip_connections = 50
}
protocol pop3 {
  mail_max_userip_connections = 10
}
protocol lmtp {
  mail_plugins {
    quota = yes
    sieve = yes
  }
  # The delivery itself would refuse as well, but after the mailbox's rules, which would be carried out at each attempt.
  lmtp_rcpt_check_quota = yes
  lmtp_user_concurrency_limit = unlimited
  # To note a delivery in the list of folders, Dovecot asks for the inbox's GUID, for which it writes the whole list of
  # UIDs again, 60 bytes per message. Whoever asks for a folder's status learns of it by the folder itself.
  mailbox_list_index = no
}

# --- services
# An IMAP session reads a folder's list again each time that another one rewrites it, some 80 bytes per message, and gives
# none of it back: see docs/long-sessions.md. In a folder of 10,000, Debian's quarter of a gigabyte is used up by some 250
# times, this by some 1,250.
default_vsz_limit = 1G
# Together at their limits, processes stay under the container's memory. A further connection waits.
default_process_limit = ${processLimits.dovecot}
service imap {
  process_limit = ${sessions}
  # To start one costs a third of a login. One after the other it serves users whose mail has the same owner anyway.
  restart_request_count = 20
}
service pop3 {
  process_limit = ${processLimits.pop3}
}
service managesieve {
  process_limit = ${processLimits.manageSieve}
}
# By default a login process serves one connection and lives as long as it: session 101 would be dropped.
service imap-login {
  restart_request_count = unlimited
  process_min_avail = 1
  process_limit = ${imapLoginProcesses(sessions)}
  inet_listener imap {
    port = ${legacyPorts ? services.imap.port : 0}
  }
  inet_listener imaps {
    port = ${services.imaps.port}
    ssl = yes
  }
${proxiedListeners(["imap", "imaps"], proxied)}}
service pop3-login {
  restart_request_count = unlimited
  process_min_avail = 1
  process_limit = ${processLimits.pop3Login}
  inet_listener pop3 {
    port = ${legacyPorts ? services.pop3.port : 0}
  }
  inet_listener pop3s {
    port = ${services.pop3s.port}
    ssl = yes
  }
${proxiedListeners(["pop3", "pop3s"], proxied)}}
service managesieve-login {
  restart_request_count = unlimited
  process_min_avail = 1
  process_limit = ${processLimits.manageSieveLogin}
  inet_listener sieve {
    port = ${services.sieve.port}
  }
${proxiedListeners(["sieve"], proxied)}}
service auth {
  unix_listener ${listener(SOCKETS.auth)} {
    mode = 0600
    user = postfix
  }
}
# Its penalty is for an address, and delays everybody behind it.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
# A connection beyond the limit is dropped, and the login in it fails for want of an answer.
service auth-worker {
  # To have the kernel map a hash's memory for each login takes almost as long as the hash.
  executable = /usr/bin/env LD_PRELOAD=/usr/lib/maildomain/keep-hash-memory.so /usr/lib/dovecot/auth -w
  process_limit = ${processLimits.authWorker}
  user = $SET:default_internal_user
}
# By default a process serves one connection of Postfix's, and starting the next one costs more than a delivery. Whose mail
# it is changes with each message of a connection anyway, and what a delivery allocates ends with it.
service lmtp {
  restart_request_count = 1000
  process_min_avail = 1
  process_limit = ${processLimits.lmtp}
  unix_listener ${listener(SOCKETS.lmtp)} {
    mode = 0600
    user = postfix
  }
}
service quota-status {
  executable = quota-status -p postfix
  client_limit = 1
  process_limit = ${processLimits.quotaStatus}
  user = vmail
  unix_listener ${listener(SOCKETS.quota)} {
    mode = 0600
    user = postfix
  }
}
`;
}

function pairSettings(path: string, indent: string): string {
  return `${indent}ssl_server_cert_file = ${path}\n${indent}ssl_server_key_file = ${path}\n`;
}

/** By the name that the client asks for (SNI). */
function renderNamedPairs(pairs: TlsPairs | undefined): string {
  return pairPaths(pairs)
    .named.flatMap(({ path, hostNames }) =>
      hostNames.map((name) => `local_name ${name} {\n${pairSettings(path, "  ")}}\n`),
    )
    .join("");
}

/** Webmail passes on its users' addresses, at which wrong passwords are counted. */
function trusted(webmailAddress: string | undefined): string {
  return webmailAddress === undefined ? "" : `login_trusted_networks = ${webmailAddress}/32\n\n`;
}

/** Whoever else connects to their ports is closed, and so is who does not say at once whom it connects for. */
function balancers(proxied: ProxiedServices | undefined): string {
  if (proxied === undefined) return "";
  return `haproxy_trusted_networks = ${proxied.from.map(balancerNetwork).join(" ")}\nhaproxy_timeout = 5s\n\n`;
}

function proxiedListeners(names: readonly MailService[], proxied: ProxiedServices | undefined): string {
  return names
    .filter((name) => proxied?.services.includes(name))
    .map((name) => {
      const ssl = services[name].tls === "implicit" ? "    ssl = yes\n" : "";
      return `  inet_listener ${name}_proxied {\n    port = ${proxiedPort(name)}\n${ssl}    haproxy = yes\n  }\n`;
    })
    .join("");
}

/** A wrong password is tried against each table that has the user, so the tables of app passwords are short. */
function renderPasswords(name: string, path: string): string {
  return `passdb ${name} {
  driver = passwd-file
  passwd_file_path = ${path}
  default_password_scheme = CRYPT
  use_worker = yes
}
`;
}

function renderUserTable(name: string, path: string): string {
  return `userdb ${name} {
  driver = passwd-file
  passwd_file_path = ${path}
  fields {
    uid:default = vmail
    gid:default = vmail
  }
}
`;
}

function renderFolder(name: string, auto: "subscribe" | "no"): string {
  return `  mailbox ${name} {
    auto = ${auto}
    special_use = \\${name}
  }
`;
}

/** Dovecot wants names of sockets in its own base_dir without the directory. */
function listener(path: string): string {
  return path.replace(/^\/run\/dovecot\//, "");
}
