import { describe, expect, test } from "vitest";
import { renderDovecot } from "../../../servers/mail-server/dovecot.ts";
import { settingsIn } from "../settings.ts";
import { contentOf, LAB } from "./example.ts";

const configuration = contentOf(renderDovecot(LAB), "dovecot/dovecot.conf");

test("dovecot.conf", async () => {
  await expect(configuration).toMatchFileSnapshot("golden/dovecot.conf");
});

describe("what matters in it", () => {
  const settings = settingsIn(configuration, "\n");

  test.each([
    ["ssl", "required"],
    ["ssl_min_protocol", "TLSv1.2"],
    ["ssl_curve_list", "X25519MLKEM768:X25519:prime256v1:secp384r1"],
    ["ssl_server_cert_file", "/run/maildomain/current/tls/pair.pem"],
    ["ssl_server_key_file", "/run/maildomain/current/tls/pair.pem"],
    ["auth_allow_cleartext", "no"],
    ["auth_mechanisms", "plain login"],
    ["auth_default_domain", "vaamonde.pti"],
    ["passdb refused/passwd_file_path", "/run/maildomain/current/dovecot/refused-%{protocol}"],
    ["passdb refused/deny", "yes"],
    ["passdb own/passwd_file_path", "/run/maildomain/accounts/passwd"],
    ["userdb mailboxes/passwd_file_path", "/run/maildomain/accounts/users"],
    ["mail_home", "/var/mail/v/%{user | domain}/%{user | username}"],
    ["shutdown_clients", "no"],
    ["quota_full_tempfail", "yes"],
    ["quota_storage_grace", "26214400B"],
    ["quota_status_overquota", "552 5.2.2 Mailbox is full"],
    ["protocol imap/mail_max_userip_connections", "50"],
    ["protocol pop3/mail_max_userip_connections", "10"],
    ["protocol lmtp/lmtp_rcpt_check_quota", "yes"],
    ["default_vsz_limit", "1G"],
    ["service imap-login/restart_request_count", "unlimited"],
    ["service auth-worker/process_limit", "30"],
  ])("%s = %s", (name, value) => {
    expect(settings.get(name)).toEqual([value]);
  });

  test("who listens, and where: no port without TLS but that of ManageSieve, which has STARTTLS", () => {
    const listeners = [...settings].filter(([name]) => /_listener /.test(name));
    expect(Object.fromEntries(listeners.filter(([name]) => /inet_listener/.test(name)))).toEqual({
      "service imap-login/inet_listener imap/port": ["0"],
      "service imap-login/inet_listener imaps/port": ["993"],
      "service imap-login/inet_listener imaps/ssl": ["yes"],
      "service pop3-login/inet_listener pop3/port": ["0"],
      "service pop3-login/inet_listener pop3s/port": ["995"],
      "service pop3-login/inet_listener pop3s/ssl": ["yes"],
      "service managesieve-login/inet_listener sieve/port": ["4190"],
    });
    // Postfix's sockets are nobody else's.
    const modes = listeners.filter(([name]) => /unix_listener postfix-.*\/(?:mode|user)$/.test(name));
    expect(modes).toHaveLength(6);
    for (const [name, values] of modes) expect(values).toEqual([name.endsWith("mode") ? "0600" : "postfix"]);
  });
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
