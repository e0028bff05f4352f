import { expect, test } from "vitest";
import { renderWebServer } from "../../../servers/web-server/web-server.ts";
import {
  renderProfiles,
  renderWebSite,
  siteUrl,
  type WebSite,
} from "../../../servers/web-server/web-site.ts";
import { labClients } from "../../clients/lab.ts";
import { contentOf } from "../mail-server/example.ts";

const site: WebSite = {
  domains: [
    {
      clients: labClients,
      hostNames: ["autoconfig.vaamonde.pti", "autodiscover.vaamonde.pti", "mail.vaamonde.pti"],
      pageHost: "mail.vaamonde.pti",
      autodiscoverHost: "autodiscover.vaamonde.pti",
      policy: { mode: "enforce", mx: ["mail.vaamonde.pti"], maxAge: 86_400 },
    },
  ],
  httpsPort: 443,
  ownAuthority: true,
};

test("nginx.conf of the course exercise's lab", () => {
  expect(contentOf(renderWebSite(site), "nginx/nginx.conf")).toMatchInlineSnapshot(`
    "load_module /usr/lib/nginx/modules/ngx_http_js_module.so;
    daemon off;
    pid /run/nginx/nginx.pid;
    error_log stderr warn;
    worker_processes 1;
    events {
        worker_connections 1024;
    }

    http {
        js_path /usr/lib/maildomain/server;
        js_import answers.js;
        client_body_temp_path /run/nginx/body;
        proxy_temp_path /run/nginx/proxy;
        fastcgi_temp_path /run/nginx/fastcgi;
        uwsgi_temp_path /run/nginx/uwsgi;
        scgi_temp_path /run/nginx/scgi;

        # Without the query, which holds addresses.
        log_format plain '$remote_addr "$request_method $host$uri" $status $body_bytes_sent';
        access_log /dev/stdout plain;
        server_tokens off;
        types {}
        charset utf-8;
        charset_types text/plain text/html;

        # A request is held in memory or refused; slow clients are cut off.
        client_max_body_size 16k;
        client_body_buffer_size 16k;
        client_header_buffer_size 1k;
        large_client_header_buffers 4 8k;
        client_header_timeout 10s;
        client_body_timeout 10s;
        send_timeout 10s;
        keepalive_timeout 15s;
        reset_timedout_connection on;
        server_names_hash_max_size 1024;
        server_names_hash_bucket_size 256;
        map_hash_max_size 1024;
        map_hash_bucket_size 256;

        ssl_certificate /run/maildomain/current/tls/pair.pem;
        ssl_certificate_key /run/maildomain/current/tls/pair.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
        ssl_ecdh_curve X25519MLKEM768:X25519:prime256v1:secp384r1;
        ssl_session_tickets off;
        ssl_session_cache shared:tls:1m;

        error_page 400 403 404 405 408 411 412 413 414 415 416 421 429 494 495 496 497 500 501 502 503 504 505 /-/error;
        add_header X-Content-Type-Options nosniff always;
        add_header Referrer-Policy no-referrer always;
        add_header Vary $vary;
        add_header Content-Security-Policy "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" always;

        map $host $domain {
            default "";
            autoconfig.vaamonde.pti vaamonde.pti;
            autodiscover.vaamonde.pti vaamonde.pti;
            mail.vaamonde.pti vaamonde.pti;
            mta-sts.vaamonde.pti vaamonde.pti;
        }
        map $http_accept_language $language {
            default en;
            "~*^pt" pt;
        }
        map $request_uri $vary {
            default "";
            ~^/(\\?|$) Accept-Language;
        }

        # Names that are not served here. Over TLS they get the alert for it (RFC 6066 section 3) instead of a certificate
        # for other names, which Thunderbird shows as an attack: it asks the IMAP server's name for an address book.
        server {
            listen [::]:80 default_server ipv6only=off;
            listen [::]:443 ssl default_server ipv6only=off;
            ssl_reject_handshake on;
            http2 on;
            location = /-/error {
                internal;
                default_type text/plain;
                alias /run/maildomain/current/web/error.txt;
            }
            location / {
                return 421;
            }
        }

        # Clients ask for the configuration file by plain HTTP as well; there is nothing secret in it.
        server {
            listen [::]:80;
            server_name
                autoconfig.vaamonde.pti
                autodiscover.vaamonde.pti
                mail.vaamonde.pti;
            location = /-/error {
                internal;
                default_type text/plain;
                alias /run/maildomain/current/web/error.txt;
            }
            location = /mail/config-v1.1.xml {
                default_type text/xml;
                alias /run/maildomain/current/web/$domain/config-v1.1.xml;
            }
            location = /.well-known/autoconfig/mail/config-v1.1.xml {
                default_type text/xml;
                alias /run/maildomain/current/web/$domain/config-v1.1.xml;
            }
            location / {
                return 302 https://$host$request_uri;
            }
        }

        server {
            listen [::]:443 ssl;
            http2 on;
            server_name
                autoconfig.vaamonde.pti
                autodiscover.vaamonde.pti
                mail.vaamonde.pti;
            location = /-/error {
                internal;
                default_type text/plain;
                alias /run/maildomain/current/web/error.txt;
            }
            location = /mail/config-v1.1.xml {
                default_type text/xml;
                alias /run/maildomain/current/web/$domain/config-v1.1.xml;
            }
            location = /.well-known/autoconfig/mail/config-v1.1.xml {
                default_type text/xml;
                alias /run/maildomain/current/web/$domain/config-v1.1.xml;
            }
            location ~* ^/autodiscover/autodiscover\\.xml$ {
                js_content answers.autodiscover;
            }
            location ~* ^/autodiscover/autodiscover\\.json(/|$) {
                js_content answers.autodiscoverJson;
            }
            location = /profile.mobileconfig {
                js_content answers.profile;
            }
            location = / {
                rewrite ^ /$language last;
            }
            location = /en {
                default_type text/html;
                alias /run/maildomain/current/web/$domain/en.html;
            }
            location = /pt {
                default_type text/html;
                alias /run/maildomain/current/web/$domain/pt.html;
            }
            location = /ca.crt {
                default_type application/x-x509-ca-cert;
                alias /run/maildomain/current/web/$domain/ca.crt;
            }
            location / {
                return 404;
            }
        }

        server {
            listen [::]:443 ssl;
            http2 on;
            server_name
                mta-sts.vaamonde.pti;
            location = /-/error {
                internal;
                default_type text/plain;
                alias /run/maildomain/current/web/error.txt;
            }
            location = /.well-known/mta-sts.txt {
                default_type text/plain;
                alias /run/maildomain/current/web/$domain/mta-sts.txt;
            }
            location / {
                return 404;
            }
        }
    }
    "
  `);
});

test("the files; those that hold the authority are apart", () => {
  expect(renderWebSite(site).map(({ path }) => path)).toMatchInlineSnapshot(`
    [
      "listening",
      "nginx/nginx.conf",
      "web/error.txt",
      "web/autodiscover-invalid.xml",
      "web/autodiscover-unavailable.xml",
      "web/vaamonde.pti/mta-sts.txt",
      "web/vaamonde.pti/config-v1.1.xml",
      "web/vaamonde.pti/autodiscover.xml",
      "web/vaamonde.pti/autodiscover-login.xml",
      "web/vaamonde.pti/autodiscover.json",
      "web/vaamonde.pti/en.html",
      "web/vaamonde.pti/pt.html",
    ]
  `);
  expect(renderProfiles(site, "pem").map(({ path }) => path)).toMatchInlineSnapshot(`
    [
      "web/vaamonde.pti/profile.mobileconfig",
      "web/vaamonde.pti/ca.crt",
    ]
  `);
});

test("without a policy, nothing answers to its name", () => {
  const domains = site.domains.map(({ policy: _, ...rest }) => rest);
  const files = renderWebSite({ ...site, domains });
  expect(contentOf(files, "nginx/nginx.conf")).not.toContain("mta-sts");
  expect(files.map(({ path }) => path)).not.toContain("web/vaamonde.pti/mta-sts.txt");
});

test("a port of its own is part of every URL that is shown", () => {
  expect(siteUrl("mail.vaamonde.pti", 443)).toBe("https://mail.vaamonde.pti/");
  const files = renderWebSite({ ...site, httpsPort: 8443 });
  expect(contentOf(files, "nginx/nginx.conf")).toContain("return 302 https://$host:8443$request_uri;");
  expect(contentOf(files, "web/vaamonde.pti/autodiscover.json")).toContain(
    "https://autodiscover.vaamonde.pti:8443/autodiscover/",
  );
  expect(contentOf(files, "web/vaamonde.pti/en.html")).toContain("https://mail.vaamonde.pti:8443/");
});

test.each(["a b.pti", "x.pti; }", "Vaamonde.pti"])("refuses the name %j", (host) => {
  const domains = [{ name: "vaamonde.pti", hostNames: [host] }];
  expect(() => renderWebServer({ domains, httpsPort: 443 })).toThrow("is not a lower-case domain name");
});

test("the tables grow with the names", () => {
  const domains = Array.from({ length: 1000 }, (_, index) => ({
    name: `d${index}.example`,
    hostNames: [`autoconfig.d${index}.example`, `mail.d${index}.example`],
  }));
  expect(contentOf(renderWebServer({ domains, httpsPort: 443 }), "nginx/nginx.conf")).toContain(
    "map_hash_max_size 8192;",
  );
});

test("webmail under names of its own, found at each request", () => {
  const [domain] = site.domains;
  const withWebmail: WebSite = {
    ...site,
    domains: domain === undefined ? [] : [{ ...domain, webmailHost: "webmail.vaamonde.pti" }],
    webmail: { container: "maildomain-lab-webmail", messageSizeLimitBytes: 50 * 2 ** 20 },
  };
  const text = contentOf(renderWebSite(withWebmail), "nginx/nginx.conf");
  const parts = text.split("\n    server {\n").filter((part) => part.includes("webmail.vaamonde.pti"));
  expect(parts.join("\n    server {\n")).toMatchInlineSnapshot(`
    "        listen [::]:80;
            server_name
                webmail.vaamonde.pti;
            location = /-/error {
                internal;
                default_type text/plain;
                alias /run/maildomain/current/web/error.txt;
            }
            location / {
                return 302 https://$host$request_uri;
            }
        }

        server {
            listen [::]:443 ssl;
            http2 on;
            server_name
                webmail.vaamonde.pti;
            # By a variable: the name is looked up for each request, and need not be there when this starts.
            resolver 127.0.0.11 valid=5s ipv6=off;
            set $webmail maildomain-lab-webmail;

            # Passed on without buffering: neither a message nor an answer is stored here.
            client_max_body_size 38772105;
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
            add_header X-Content-Type-Options nosniff always;
            add_header Referrer-Policy same-origin always;
            add_header Content-Security-Policy "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: http: https:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'" always;
            error_page 400 403 404 405 408 411 412 413 414 415 416 421 429 494 495 496 497 500 501 503 505 /-/error;
            error_page 502 504 =503 /-/webmail-unavailable;
            location = /-/webmail-unavailable {
                internal;
                default_type text/plain;
                alias /run/maildomain/current/web/webmail-unavailable.txt;
            }
            location = /-/error {
                internal;
                default_type text/plain;
                alias /run/maildomain/current/web/error.txt;
            }
            location / {
                limit_req zone=logins burst=20 nodelay;
                proxy_pass http://$webmail:8080;
            }
        }
    }
    "
  `);
  const bad = { ...withWebmail, webmail: { container: "a b", messageSizeLimitBytes: 1 } };
  expect(() => renderWebSite(bad)).toThrow('"a b" is not a valid container name');
  // Without its container there is nothing to lead to.
  expect(contentOf(renderWebSite({ ...withWebmail, webmail: undefined }), "nginx/nginx.conf")).toBe(
    contentOf(renderWebSite(site), "nginx/nginx.conf"),
  );
});
