import type { ConfigurationFile } from "../generation/configuration-file.ts";
import { INJECTION_NAME, INJECTION_PORT, SNI_TABLE, SOCKETS, TABLES } from "../generation/container-paths.ts";
import { pairPaths, type TlsPairs } from "../generation/tls-pairs.ts";
import { TLS_GROUPS, TLS12_CIPHERS } from "../generation/tls-policy.ts";
import { renderTables } from "./address-tables.ts";
import type { MailServerDescription } from "./description.ts";
import { processLimits } from "./process-limits.ts";
import { processesFor, renderSmtpFront } from "./smtp-front.ts";

/** Postfix: `main.cf`, `master.cf` and the sources of its tables. */
export function renderPostfix(description: MailServerDescription): ConfigurationFile[] {
  return [
    { path: "postfix/main.cf", content: renderMain(description) },
    { path: "postfix/master.cf", content: renderMaster(description) },
    renderSmtpFront(`${description.hostName} ESMTP`, description.proxied),
    ...renderTables(description.domains),
  ];
}

/** Out of a sealed server mail would still find its way by an address in brackets, which needs no name. */
const NO_ADDRESS_LITERAL = "transport_maps = regexp:{{/@\\[/ error:5.1.2 mail is sent to names only}}\n";

/** The image makes the table of the pairs in service: each name with its key and chain, read at each handshake. */
function sniMaps(pairs: TlsPairs | undefined): string {
  return pairPaths(pairs).named.length === 0 ? "" : `tls_server_sni_maps = lmdb:${SNI_TABLE}\n`;
}

function renderMain({
  hostName,
  domains,
  messageSizeLimitBytes,
  resolver,
  pairs,
}: MailServerDescription): string {
  const firstDomain = domains[0]?.name ?? hostName;
  return `compatibility_level = 3.10
myhostname = ${hostName}
mydomain = ${firstDomain}
# "postmaster" without a domain must reach somebody (RFC 5321 s4.5.1): it becomes the first domain's.
myorigin = $mydomain
inet_interfaces = all
inet_protocols = all
smtpd_banner = $myhostname ESMTP
maillog_file = /dev/stdout
data_directory = /run/postfix
biff = no
# Names that nobody answers for must not hold a greeting for long.
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C { RES_OPTIONS=timeout:3 attempts:2 }

# Every address is virtual; there are no system users to deliver to.
mydestination =
local_transport = error:5.1.1 no local delivery
local_recipient_maps =
alias_maps =
alias_database =
virtual_mailbox_domains = lmdb:${TABLES}/domains
virtual_mailbox_maps = lmdb:${TABLES}/mailboxes
virtual_alias_maps = lmdb:${TABLES}/aliases
virtual_transport = lmtp:unix:${SOCKETS.lmtp}
lmtp_destination_recipient_limit = 1
# Dovecot prepares itself for each connection. An idle one is closed after two seconds; after a reload Dovecot closes it,
# and the message is given to a new one.
lmtp_connection_cache_destinations = static:all
# Rules believe X-Original-To, which is added at delivery: a sender's own must not be there.
message_drop_headers = bcc, content-length, resent-bcc, return-path, x-original-to
${resolver.kind === "sealed" ? NO_ADDRESS_LITERAL : ""}recipient_delimiter = +
message_size_limit = ${messageSizeLimitBytes}
mailbox_size_limit = 0

# What cannot be verified or delivered now is offered again soon, and then after twice as long each time.
queue_run_delay = 20s
minimal_backoff_time = 20s
# No longer way has ever been heard of; a loop ends all the same (RFC 5321 s6.3 wants 100 at least).
hopcount_limit = 120

# Nothing below trusts this list: behind a proxy the whole world arrives from the bridge's own address.
mynetworks = 127.0.0.0/8 [::1]/128
disable_vrfy_command = yes
smtpd_helo_required = yes
strict_rfc821_envelopes = yes
show_user_unknown_table_name = no
smtpd_per_request_deadline = yes
default_process_limit = ${processLimits.postfix}
# smtp-front bounds connections, and ends those that keep others out: only therefore may a client think for the five minutes
# that RFC 5321 section 4.5.3.2.7 grants it. A deadline is for a whole command, whose bytes may come one by one.
smtpd_timeout = 300s
smtpd_client_connection_count_limit = 0
smtpd_starttls_timeout = 10s
# Where a process ends in its first session, the master starts no other one for its service for as long: close-accounts ends
# those whose password has changed, and whoever made one crash would take the service from everybody for a minute.
service_throttle_time = 1s
# Dovecot's LMTP does not support SMTPUTF8; the check refuses raw 8-bit addresses, which the switch lets through.
smtputf8_enable = no
# Reports of success go to whoever the envelope names; on port 25 that is anybody (RFC 3461 section 4.1).
smtpd_discard_ehlo_keywords = $unused_keywords, dsn
unused_keywords = chunking, etrn, silent-discard
smtpd_sender_login_maps = lmdb:${TABLES}/senders
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_sender_restrictions = check_sender_access regexp:{{/[^ -~]/ 553 5.6.7 non-ASCII address}},
    reject_non_fqdn_sender
# What needs a look-up comes after what needs none, whose refusal is final.
address_checks = reject_non_fqdn_recipient, reject_unlisted_recipient,
    check_recipient_access pipemap:{regexp:{{/^([^+]+)[+].*(@[^@]+)/ $$1$$2}},lmdb:${TABLES}/plain-addresses}
mailbox_checks = check_recipient_access lmdb:${TABLES}/recipients,
    check_policy_service { unix:${SOCKETS.room}, timeout=5s, try_limit=1, default_action=quota_status }
# Dovecot opens the mailbox for its answer, and is asked where it is not plain that there is room.
smtpd_restriction_classes = quota_status
quota_status = check_policy_service unix:${SOCKETS.quota}
smtpd_recipient_restrictions = $address_checks, reject_unknown_sender_domain, $mailbox_checks
mua_client = permit_sasl_authenticated, reject
# The table, and not the login alone: a session that was open when its user was suspended can no longer send.
mua_relay = check_sasl_access lmdb:${TABLES}/submitters, reject
mua_sender = check_sender_access regexp:{{/[^ -~]/ 553 5.6.7 non-ASCII address}},
    reject_non_fqdn_sender, reject_authenticated_sender_login_mismatch
mua_recipient = $address_checks, reject_unknown_recipient_domain, $mailbox_checks
# A name that does not exist is a typing error, which only its author can fix. One that cannot be looked
# up now is answered with 450 all the same.
unknown_address_reject_code = 550

# SMTP smuggling (CVE-2023-51764): only CRLF.CRLF ends a message, and nobody is excepted.
smtpd_forbid_bare_newline = normalize
smtpd_forbid_bare_newline_exclusions =
smtpd_forbid_unauth_pipelining = yes
# No message has a NUL (RFC 5322 s2.1), and a field ends at one for some programs and not for others.
message_reject_characters = \\0

smtpd_tls_security_level = may
smtpd_tls_chain_files = ${pairPaths(pairs).byDefault}
${sniMaps(pairs)}smtpd_tls_protocols = >=TLSv1.2
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_ciphers = medium
smtpd_tls_mandatory_ciphers = medium
smtpd_tls_auth_only = yes
smtpd_tls_loglevel = 1
smtpd_tls_received_header = yes
tls_ssl_options = NO_COMPRESSION, NO_RENEGOTIATION
tls_medium_cipherlist = ${TLS12_CIPHERS.join(":")}
tls_eecdh_auto_curves = ${TLS_GROUPS.join(" ")}
tls_ffdhe_auto_groups =
# DANE (RFC 7672): where the other side publishes its key in a signed zone, mail is delivered to that key or waits.
smtp_dns_support_level = dnssec
smtp_host_lookup = dns
smtp_tls_security_level = dane
smtp_tls_protocols = >=TLSv1.2
smtp_tls_mandatory_protocols = >=TLSv1.2
smtp_tls_loglevel = 1
# What is forwarded from a mailbox leaves without the verdict that was for that mailbox.
smtp_header_checks = regexp:{{/^X-Spam/ IGNORE}}
smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt

# AUTH is switched on in master.cf, for the two submission ports only.
smtpd_sasl_auth_enable = no
smtpd_sasl_type = dovecot
smtpd_sasl_path = ${SOCKETS.submissions}
smtpd_sasl_security_options = noanonymous, noplaintext
smtpd_sasl_tls_security_options = noanonymous

smtpd_milters = unix:${SOCKETS.gate}
non_smtpd_milters = $smtpd_milters
# Bounces and notices are signed as all other mail that this server writes is.
internal_mail_filter_classes = bounce, notify
milter_default_action = tempfail
# What is signed is what is sent (RFC 6376 s5.3). Users' mail has been brought into a form for every server before it was
# signed; mail that is only passed on keeps its authors' signatures.
smtp_line_length_limit = 0
lmtp_line_length_limit = 0
disable_mime_output_conversion = yes
milter_mail_macros = i {mail_addr} {client_addr} {client_name} {auth_authen}
`;
}

/** What both submission services share. The client's name is of no use there, so it is not looked up. */
const SUBMISSION = `    -o smtpd_upstream_proxy_protocol=haproxy
    -o smtpd_tls_security_level=encrypt
    -o smtpd_sasl_auth_enable=yes
    -o smtpd_discard_ehlo_keywords=$unused_keywords
    -o smtpd_peername_lookup=no
    -o smtpd_client_restrictions=$mua_client
    -o smtpd_relay_restrictions=$mua_relay
    -o smtpd_sender_restrictions=$mua_sender
    -o smtpd_recipient_restrictions=$mua_recipient
    -o smtpd_hide_client_session=yes
    -o milter_macro_daemon_name=ORIGINATING`;

function renderMaster({ sendsBy }: MailServerDescription): string {
  // For what connects to other servers alone: people and servers connect to this one by both.
  const outgoing = sendsBy === undefined ? "" : `\n    -o inet_protocols=${sendsBy}`;
  return `# service   type  private unpriv chroot wakeup maxproc command
# Nothing is chrooted: the container is the jail. smtp-front has the ports, and hands connections on to these three.
smtpd       unix  -       -      n      -      ${processesFor("smtpd")}    smtpd
    -o smtpd_upstream_proxy_protocol=haproxy
submission  unix  -       -      n      -      ${processesFor("submission")}    smtpd
    -o syslog_name=postfix/submission
${SUBMISSION}
submissions unix  -       -      n      -      ${processesFor("submissions")}    smtpd
    -o syslog_name=postfix/submissions
    -o smtpd_tls_wrappermode=yes
${SUBMISSION}
pickup      unix  n       -      n      60     1      pickup
cleanup     unix  n       -      n      -      0      cleanup
qmgr        unix  n       -      n      300    1      qmgr
tlsmgr      unix  -       -      n      1000?  1      tlsmgr
rewrite     unix  -       -      n      -      -      trivial-rewrite
bounce      unix  -       -      n      -      0      bounce
defer       unix  -       -      n      -      0      bounce
trace       unix  -       -      n      -      0      bounce
verify      unix  -       -      n      -      1      verify
flush       unix  n       -      n      1000?  0      flush
proxymap    unix  -       -      n      -      -      proxymap
proxywrite  unix  -       -      n      -      1      proxymap
smtp        unix  -       -      n      -      -      smtp${outgoing}
relay       unix  -       -      n      -      -      smtp${outgoing}
    -o syslog_name=postfix/$service_name
showq       unix  n       -      n      -      -      showq
error       unix  -       -      n      -      -      error
retry       unix  -       -      n      -      -      error
discard     unix  -       -      n      -      -      discard
# Each copy says for which address it is, so a copy has one recipient only.
lmtp        unix  -       -      n      -      ${processLimits.lmtp}     lmtp
    flags=O
anvil       unix  -       -      n      -      1      anvil
scache      unix  -       -      n      -      1      scache
postlog     unix-dgram n  -      n      -      1      postlogd
# Mail that users' own rules redirect or send. Dovecot submits it here, since nothing in the container may gain the
# rights that sendmail needs. It was filtered on arrival, and is not signed; whether a
# rule answers in its own user's name is for the filter to decide.
127.0.0.1:${INJECTION_PORT} inet n  -     n      -      ${processLimits.injection}     smtpd
    -o syslog_name=postfix/injection
    -o milter_macro_daemon_name=${INJECTION_NAME}
    -o smtpd_tls_security_level=none
    -o smtpd_client_restrictions=permit_mynetworks,reject
    -o smtpd_relay_restrictions=permit_mynetworks,reject
    -o smtpd_sender_restrictions=
    -o smtpd_recipient_restrictions=reject_unlisted_recipient,permit
`;
}
