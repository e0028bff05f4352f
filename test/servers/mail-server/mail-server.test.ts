import { readdir } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { TlsPairs } from "../../../servers/generation/tls-pairs.ts";
import { renderMailServer } from "../../../servers/mail-server/mail-server.ts";
import { settingsIn } from "../settings.ts";
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
      "passwords/names",
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
      "rspamd/message-limits",
      "rspamd/own-domains",
      "rspamd/rspamd.conf",
      "rspamd/send-limits",
      "rspamd/signing-keys",
      "services",
      "unbound/unbound.conf",
    ]
  `);
});

test("behind load balancers: one more port for each service, and who is believed there", () => {
  const described = {
    ...LAB,
    legacyPorts: true,
    proxied: {
      from: ["10.0.0.9", "FD00:0::/64"],
      services: ["smtp", "submissions", "imaps", "pop3", "sieve"],
    },
  } as const;
  const rendered = renderMailServer(described);
  const added = (path: string) => {
    const before = contentOf(renderMailServer({ ...LAB, legacyPorts: true }), path).split("\n");
    return contentOf(rendered, path)
      .split("\n")
      .filter((line, index, lines) => !before.includes(line) || /proxied \{$/.test(lines[index - 1] ?? ""))
      .join("\n");
  };
  expect(added("postfix/front")).toMatchInlineSnapshot(`
    "from 10.0.0.9/32
    from fd00::/64
    proxied 20025 smtpd 100 0 mail.vaamonde.pti ESMTP
    proxied 20465 submissions 40 60 tls"
  `);
  expect(added("listening")).toMatchInlineSnapshot(`
    "tcp 20025
    tcp 20110
    tcp 20465
    tcp 20993
    tcp 24190"
  `);
  const settings = settingsIn(contentOf(rendered, "dovecot/dovecot.conf"), "\n");
  expect(settings.get("haproxy_trusted_networks")).toEqual(["10.0.0.9/32 fd00::/64"]);
  const listeners = [...settings].filter(([name]) => name.includes("_proxied"));
  expect(Object.fromEntries(listeners)).toMatchInlineSnapshot(`
    {
      "service imap-login/inet_listener imaps_proxied/haproxy": [
        "yes",
      ],
      "service imap-login/inet_listener imaps_proxied/port": [
        "20993",
      ],
      "service imap-login/inet_listener imaps_proxied/ssl": [
        "yes",
      ],
      "service managesieve-login/inet_listener sieve_proxied/haproxy": [
        "yes",
      ],
      "service managesieve-login/inet_listener sieve_proxied/port": [
        "24190",
      ],
      "service pop3-login/inet_listener pop3_proxied/haproxy": [
        "yes",
      ],
      "service pop3-login/inet_listener pop3_proxied/port": [
        "20110",
      ],
    }
  `);
  expect(contentOf(renderMailServer(LAB), "dovecot/dovecot.conf")).not.toContain("haproxy");
});

test.each([
  ["nobody to believe", { from: [], services: ["smtp"] }, /network/],
  ["a network that is everybody's", { from: ["0.0.0.0/0"], services: ["smtp"] }, /too wide/],
  ["no service", { from: ["10.0.0.9"], services: [] }, /service/],
  ["a service that is closed", { from: ["10.0.0.9"], services: ["imap"] }, /imap is closed/],
] as const)("the PROXY protocol with %s is refused", (_, proxied, why) => {
  expect(() => renderMailServer({ ...LAB, proxied })).toThrow(why);
});

test("names that no password is built from: those that an address does not have", () => {
  const written = { ...VAAMONDE, name: "xn--po-sia.example", mailboxes: [], aliases: [] };
  const names = { "vaamonde@vaamonde.pti": "Admin SOA", "leandroramos@vaamonde.pti": "Leandro Ramos" };
  const described = { ...LAB, domains: [VAAMONDE, written], names };
  expect(contentOf(renderMailServer(described), "passwords/names")).toBe(
    "# who is also called what\n@xn--po-sia.example\tpão.example\nvaamonde@vaamonde.pti\tAdmin SOA\n",
  );
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
    unix /run/room/question
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

describe("several TLS pairs", () => {
  const pairs: TlsPairs = {
    byDefault: { name: "mail-server", hostNames: [LAB.hostName] },
    named: [
      { name: "example.org", hostNames: ["mail.example.org", "imap.example.org"] },
      { name: "example.net", hostNames: ["imap.example.net"] },
    ],
    areRenewed: true,
  };
  const several = renderMailServer({ ...LAB, webmailAddress: "192.0.2.4", pairs });
  const one = renderMailServer({ ...LAB, webmailAddress: "192.0.2.4" });

  test("what differs from one pair for everybody", () => {
    const differences = several.flatMap(({ path, content }) => {
      const former = one.find((file) => file.path === path)?.content.split("\n") ?? [];
      const added = content.split("\n").filter((line) => !former.includes(line));
      return added.length === 0 ? [] : [`${path}:`, ...added];
    });
    expect(differences.join("\n")).toMatchInlineSnapshot(`
      "dovecot/dovecot.conf:
      ssl_server_cert_file = /run/maildomain/pairs/mail-server.pem
      ssl_server_key_file = /run/maildomain/pairs/mail-server.pem
      local_name imap.example.net {
        ssl_server_cert_file = /run/maildomain/pairs/example.net.pem
        ssl_server_key_file = /run/maildomain/pairs/example.net.pem
      local_name imap.example.org {
        ssl_server_cert_file = /run/maildomain/pairs/example.org.pem
        ssl_server_key_file = /run/maildomain/pairs/example.org.pem
      local_name mail.example.org {
        ssl_server_cert_file = /run/maildomain/pairs/example.org.pem
        ssl_server_key_file = /run/maildomain/pairs/example.org.pem
      password-change/nginx.conf:
              ssl_certificate /run/maildomain/pairs/mail-server.pem;
              ssl_certificate_key /run/maildomain/pairs/mail-server.pem;
      postfix/main.cf:
      smtpd_tls_chain_files = /run/maildomain/pairs/mail-server.pem
      tls_server_sni_maps = lmdb:/run/maildomain/pairs/sni
      tls/pairs:
      mail-server tls/pair.pem /var/lib/certificates/mail-server/chain.pem mail.vaamonde.pti
      example.net tls/example.net.pem /var/lib/certificates/example.net/chain.pem imap.example.net
      example.org tls/example.org.pem /var/lib/certificates/example.org/chain.pem imap.example.org mail.example.org
      "
    `);
  });

  test("Dovecot has a block for each name, and no other", () => {
    const settings = settingsIn(contentOf(several, "dovecot/dovecot.conf"), "\n");
    const names = ["imap.example.net", "imap.example.org", "mail.example.org"];
    const blocks = [...settings.keys()].filter((path) => path.startsWith("local_name"));
    expect(new Set(blocks.map((path) => path.replace(/\/.*/, "")))).toEqual(
      new Set(names.map((name) => `local_name ${name}`)),
    );
    expect(settings.get("local_name imap.example.org/ssl_server_key_file")).toEqual([
      "/run/maildomain/pairs/example.org.pem",
    ]);
  });

  test("the server's own name in a domain's pair is refused", () => {
    const named = [{ name: "example.org", hostNames: [LAB.hostName] }];
    expect(() => renderMailServer({ ...LAB, pairs: { ...pairs, named } })).toThrow("leave it in one");
  });
});
