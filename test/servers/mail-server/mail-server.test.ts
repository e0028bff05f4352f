import { readdir } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { renderMailServer } from "../../../servers/mail-server/mail-server.ts";
import { contentOf, LAB, VAAMONDE } from "./example.ts";

const files = renderMailServer(LAB);

test("the files, sorted by path", () => {
  expect(files.map(({ path }) => path)).toMatchInlineSnapshot(`
    [
      "dovecot/aliases",
      "dovecot/dovecot.conf",
      "dovecot/refused-imap",
      "dovecot/refused-password",
      "dovecot/refused-pop3",
      "dovecot/refused-sieve",
      "dovecot/refused-smtp",
      "dovecot/sieve/spam.sieve",
      "health-questions",
      "listening",
      "logins/limits",
      "mailboxes/keep-removed-days",
      "passwords/app-passwords-per-mailbox",
      "passwords/argon2-lanes",
      "passwords/argon2-memory-kib",
      "passwords/argon2-passes",
      "passwords/argon2-tag-bytes",
      "passwords/shortest",
      "postfix/front",
      "postfix/main.cf",
      "postfix/master.cf",
      "postfix/tables/aliases",
      "postfix/tables/domains",
      "postfix/tables/mailboxes",
      "postfix/tables/plain-addresses",
      "postfix/tables/recipients",
      "postfix/tables/senders",
      "postfix/tables/submitters",
      "rspamd/author.lua",
      "rspamd/from_owner.lua",
      "rspamd/marks.lua",
      "rspamd/message-limits",
      "rspamd/outgoing.lua",
      "rspamd/own-domains",
      "rspamd/proven_sender.lua",
      "rspamd/rspamd.conf",
      "rspamd/scripts.lua",
      "rspamd/send-limits",
      "rspamd/send_limits.lua",
      "rspamd/signing-keys",
      "rspamd/signing.lua",
      "rspamd/submission.lua",
      "rspamd/text_limit.lua",
      "rspamd/trace.lua",
      "services",
      "unbound/unbound.conf",
    ]
  `);
});

test("no file is empty: the Docker provider uploads none", () => {
  expect(files.filter(({ content }) => content === "")).toEqual([]);
});

test("what must listen", () => {
  expect(contentOf(files, "listening")).toMatchInlineSnapshot(`
    "tcp 25
    tcp 53
    tcp 465
    tcp 587
    tcp 993
    tcp 995
    tcp 4190
    tcp 10025
    udp 53
    unix /run/dovecot/postfix-auth
    unix /run/submissions/auth
    unix /run/dovecot/postfix-lmtp
    unix /run/dovecot/postfix-quota
    unix /run/rspamd/gate.sock
    unix /run/rspamd/milter.sock
    unix /run/rspamd/scanners.sock
    "
  `);
  expect(contentOf(renderMailServer({ ...LAB, legacyPorts: true }), "listening")).toContain(
    "tcp 110\ntcp 143\ntcp 465\n",
  );
});

test("webmail is believed, and has its way of changing passwords; nobody else", () => {
  const opened = renderMailServer({ ...LAB, webmailAddress: "198.19.162.49" });
  expect(opened.map(({ path }) => path)).toContain("password-change/nginx.conf");
  expect(contentOf(opened, "listening")).toMatch(/^tcp 106$[\s\S]*^unix \/run\/password\/change$/m);
  expect(contentOf(opened, "dovecot/dovecot.conf")).toContain(
    "\nlogin_trusted_networks = 198.19.162.49/32\n",
  );
  expect(contentOf(files, "dovecot/dovecot.conf")).not.toContain("login_trusted_networks");
  expect(contentOf(opened, "password-change/nginx.conf")).toMatchInlineSnapshot(`
    "load_module /usr/lib/nginx/modules/ngx_stream_module.so;
    daemon off;
    user password password;
    pid /run/password/nginx.pid;
    error_log stderr warn;
    worker_processes 1;
    events {
        worker_connections 64;
    }

    stream {
        access_log off;
        server {
            listen 106 ssl;
            allow 198.19.162.49;
            deny all;
            ssl_certificate /run/maildomain/current/tls/pair.pem;
            ssl_certificate_key /run/maildomain/current/tls/pair.pem;
            ssl_protocols TLSv1.2 TLSv1.3;
            ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
            ssl_ecdh_curve X25519MLKEM768:X25519:prime256v1:secp384r1;
            ssl_handshake_timeout 10s;
            proxy_timeout 60s;
            proxy_buffer_size 1k;
            proxy_pass unix:/run/password/change;
        }
    }
    "
  `);
});

test("the services that the image must have are all that it has", async () => {
  const folder = new URL("../../../images/mail-server/services/", import.meta.url);
  const has = (await readdir(folder)).toSorted();
  const needs = renderMailServer({ ...LAB, webmailAddress: "198.19.162.49" });
  expect(contentOf(needs, "services").split("\n").filter(Boolean).toSorted()).toEqual(has);
  // An image from before there was such a list does not have the group, and refuses the file.
  expect(needs.find(({ path }) => path === "services")?.owner).toBe("root:generations");
});

test("no file holds a setting twice", () => {
  const names = contentOf(files, "postfix/main.cf").matchAll(/^([a-z_0-9]+) =/gm);
  const all = [...names].map(([, name]) => name);
  expect(all).toEqual([...new Set(all)]);
});

describe("refuses", () => {
  test.each([
    ["no domain", { domains: [] }, "a mail server needs at least one domain"],
    ["a host name with a space", { hostName: "mail x" }, '"mail x" is not a lower-case domain name'],
    ["a domain in capitals", { domains: [{ ...VAAMONDE, name: "Vaamonde.pti" }] }, "is not a lower-case"],
    ["a size of nothing", { messageSizeLimitBytes: 0 }, "is not a positive number of bytes"],
  ])("%s", (_, change, message) => {
    expect(() => renderMailServer({ ...LAB, ...change })).toThrow(message);
  });
});
