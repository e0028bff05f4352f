import { expect, test } from "vitest";
import { renderDovecot } from "../../../servers/mail-server/dovecot.ts";
import { contentOf, LAB } from "./example.ts";

const configuration = contentOf(renderDovecot(LAB), "dovecot/dovecot.conf");

test("dovecot.conf", () => {
  expect(configuration).toMatchInlineSnapshot(`
    "dovecot_config_version = 2.4.1
    dovecot_storage_version = 2.4.1

    protocols {
      imap = yes
      pop3 = yes
      lmtp = yes
      sieve = yes
    }
    log_path = /dev/stderr
    hostname = mail.vaamonde.pti
    postmaster_address = postmaster@%{user | domain | default('vaamonde.pti')}
    state_dir = /run/dovecot-state
    # A reload would close every session after a few seconds.
    shutdown_clients = no
    # The titles show whether somebody is just logging in; a reload waits for a moment when nobody is.
    verbose_proctitle = yes

    # --- TLS
    ssl = required
    ssl_server_cert_file = /run/maildomain/current/tls/pair.pem
    ssl_server_key_file = /run/maildomain/current/tls/pair.pem
    ssl_min_protocol = TLSv1.2
    ssl_cipher_list = ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305
    ssl_curve_list = X25519MLKEM768:X25519:prime256v1:secp384r1

    # --- accounts: each file is read again when it changes, so a new password needs no reload
    auth_mechanisms = plain login
    auth_allow_cleartext = no
    auth_default_domain = vaamonde.pti
    auth_username_format = %{user | lower}
    auth_username_chars = abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@'
    passdb refused {
      driver = passwd-file
      passwd_file_path = /run/maildomain/current/dovecot/refused-%{protocol}
      deny = yes
    }
    passdb own {
      driver = passwd-file
      passwd_file_path = /run/maildomain/accounts/passwd
      default_password_scheme = CRYPT
      use_worker = yes
    }
    passdb app-1 {
      driver = passwd-file
      passwd_file_path = /run/maildomain/accounts/app-%{protocol}-1
      default_password_scheme = CRYPT
      use_worker = yes
    }
    passdb app-2 {
      driver = passwd-file
      passwd_file_path = /run/maildomain/accounts/app-%{protocol}-2
      default_password_scheme = CRYPT
      use_worker = yes
    }
    passdb app-3 {
      driver = passwd-file
      passwd_file_path = /run/maildomain/accounts/app-%{protocol}-3
      default_password_scheme = CRYPT
      use_worker = yes
    }
    passdb app-4 {
      driver = passwd-file
      passwd_file_path = /run/maildomain/accounts/app-%{protocol}-4
      default_password_scheme = CRYPT
      use_worker = yes
    }
    passdb app-5 {
      driver = passwd-file
      passwd_file_path = /run/maildomain/accounts/app-%{protocol}-5
      default_password_scheme = CRYPT
      use_worker = yes
    }
    passdb app-6 {
      driver = passwd-file
      passwd_file_path = /run/maildomain/accounts/app-%{protocol}-6
      default_password_scheme = CRYPT
      use_worker = yes
    }
    passdb app-7 {
      driver = passwd-file
      passwd_file_path = /run/maildomain/accounts/app-%{protocol}-7
      default_password_scheme = CRYPT
      use_worker = yes
    }
    passdb app-8 {
      driver = passwd-file
      passwd_file_path = /run/maildomain/accounts/app-%{protocol}-8
      default_password_scheme = CRYPT
      use_worker = yes
    }
    userdb mailboxes {
      driver = passwd-file
      passwd_file_path = /run/maildomain/accounts/users
      fields {
        uid:default = vmail
        gid:default = vmail
      }
    }
    userdb aliases {
      driver = passwd-file
      passwd_file_path = /run/maildomain/current/dovecot/aliases
      fields {
        uid:default = vmail
        gid:default = vmail
      }
    }
    mail_home = /var/mail/v/%{user | domain}/%{user | username}
    mail_driver = maildir
    mail_path = ~/Maildir

    # --- folders, quota, sieve
    mail_plugins {
      quota = yes
    }
    quota user {
      driver = count
    }
    # Every account has a limit of its own; this one is for none of them.
    quota_storage_size = 0
    # A mailbox that was not full at RCPT accepts the message, however large it turns out to be; delivery to a full one is
    # retried later: a refusal after Postfix has accepted the message would become a bounce to a stranger.
    quota_storage_grace = 26214400B
    quota_full_tempfail = yes
    quota_status_success = DUNNO
    quota_status_nouser = DUNNO
    quota_status_overquota = 552 5.2.2 Mailbox is full
    quota_status_toolarge = 552 5.3.4 Message is too large for this mailbox

    namespace inbox {
      inbox = yes
      separator = /
      mailbox Sent {
        auto = subscribe
        special_use = \\Sent
      }
      mailbox Drafts {
        auto = subscribe
        special_use = \\Drafts
      }
      mailbox Trash {
        auto = subscribe
        special_use = \\Trash
      }
      mailbox Junk {
        auto = subscribe
        special_use = \\Junk
      }
      mailbox Archive {
        auto = no
        special_use = \\Archive
      }
    }

    sieve_script spam {
      type = before
      path = /run/maildomain/sieve/spam.sieve
    }
    # A user without declared rules has no such file, which is not an error.
    sieve_script declared {
      type = before
      path = /run/maildomain/sieve/users/%{user}.sieve
    }
    # Names the owner of the rule: the filter compares it with the From line, and removes it.
    sieve_vacation_send_from_recipient = yes
    sieve_notify_mailto_envelope_from = recipient
    submission_host = 127.0.0.1:10025
    sieve_script personal {
      path = ~/sieve
      active_path = ~/.dovecot.sieve
    }

    protocol imap {
      mail_plugins {
        quota = yes
        imap_quota = yes
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
      lmtp_rcpt_check_quota = yes
      lmtp_user_concurrency_limit = unlimited
    }

    # --- services
    # An IMAP session reads a folder's list again with each new message in it, some 70 bytes per message, and gives none
    # of it back. In a folder of 10,000, Debian's quarter of a gigabyte is used up by some 200 new ones, this by some 750.
    default_vsz_limit = 1G
    # By default a login process serves one connection and lives as long as it: session 101 would be dropped.
    service imap-login {
      restart_request_count = unlimited
      process_min_avail = 1
      inet_listener imap {
        port = 0
      }
      inet_listener imaps {
        port = 993
        ssl = yes
      }
    }
    service pop3-login {
      restart_request_count = unlimited
      process_min_avail = 1
      inet_listener pop3 {
        port = 0
      }
      inet_listener pop3s {
        port = 995
        ssl = yes
      }
    }
    service managesieve-login {
      restart_request_count = unlimited
      process_min_avail = 1
      inet_listener sieve {
        port = 4190
      }
    }
    service auth {
      unix_listener postfix-auth {
        mode = 0600
        user = postfix
      }
    }
    # A connection beyond the limit is dropped, and the login in it fails for want of an answer.
    service auth-worker {
      process_limit = 30
      user = $SET:default_internal_user
    }
    service lmtp {
      unix_listener postfix-lmtp {
        mode = 0600
        user = postfix
      }
    }
    service quota-status {
      executable = quota-status -p postfix
      client_limit = 1
      user = vmail
      unix_listener postfix-quota {
        mode = 0600
        user = postfix
      }
    }
    "
  `);
});

test("legacy ports change the two plain listeners and nothing else", () => {
  const legacy = contentOf(renderDovecot({ ...LAB, legacyPorts: true }), "dovecot/dovecot.conf");
  const before = configuration.split("\n");
  const changes = legacy.split("\n").flatMap((line, i) => (line === before[i] ? [] : [[before[i], line]]));
  expect(changes).toEqual([
    ["    port = 0", "    port = 143"],
    ["    port = 0", "    port = 110"],
  ]);
});

test("what Rspamd marked goes to Junk", () => {
  expect(contentOf(renderDovecot(LAB), "dovecot/sieve/spam.sieve")).toMatchInlineSnapshot(`
    "require ["fileinto", "mailbox"];
    if header :is "X-Spam" "Yes" {
      fileinto :create "Junk";
      stop;
    }
    "
  `);
});
