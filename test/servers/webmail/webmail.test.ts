import { expect, test } from "vitest";
import {
  largestRequest,
  largestUpload,
  renderWebmail,
  type WebmailDescription,
  webmailKeyFile,
} from "../../../servers/webmail/webmail.ts";
import { contentOf, LAB, VAAMONDE } from "../mail-server/example.ts";

const description: WebmailDescription = {
  servers: [
    {
      hostName: LAB.hostName,
      place: "maildomain-lab-mail-server",
      domains: [
        {
          hosted: {
            ...VAAMONDE,
            aliases: [{ address: "vendas@vaamonde.pti", targets: ["vaamonde@vaamonde.pti"] }],
          },
          webmailHost: "webmail.vaamonde.pti",
          names: { "vaamonde@vaamonde.pti": "O'Neil \\ Admin" },
        },
      ],
    },
  ],
  ownAuthority: true,
  messageSizeLimitBytes: 50 * 2 ** 20,
  webServerAddress: "198.19.162.48",
};
const files = renderWebmail(description);

test("the files, sorted by path", () => {
  expect(files.map(({ path }) => path)).toMatchInlineSnapshot(`
    [
      "listening",
      "nginx/error.txt",
      "nginx/nginx.conf",
      "php/php-fpm.conf",
      "roundcube/config.inc.php",
      "roundcube/senders.json",
    ]
  `);
  expect(webmailKeyFile("secret")).toEqual({ path: "roundcube/key", content: "secret\n" });
});

test("Roundcube's configuration", () => {
  expect(contentOf(files, "roundcube/config.inc.php")).toMatchInlineSnapshot(`
    "<?php
    $config['db_dsnw'] = 'sqlite:////var/lib/webmail/roundcube.db?mode=0600';
    $config['des_key'] = trim(file_get_contents('/run/maildomain/current/roundcube/key'));
    $config['cipher_method'] = 'AES-256-GCM';
    $config['log_driver'] = 'stdout';
    $config['log_logins'] = true;
    $config['smtp_log'] = false;
    $config['temp_dir'] = '/var/lib/webmail/temp/';
    $config['enable_installer'] = false;

    // The plugin maildomain leads each login to its server.
    $config['imap_host'] = 'ssl://mail.vaamonde.pti:993';
    $config['smtp_user'] = '%u';
    $config['smtp_pass'] = '%p';
    $config['smtp_helo_host'] = 'webmail.localdomain';
    $config['maildomain_authority'] = '/run/maildomain/current/tls/authority.pem';
    $config['maildomain_places'] = [
        'mail.vaamonde.pti' => 'maildomain-lab-mail-server',
    ];
    $config['maildomain_domains'] = [
        'vaamonde.pti' => 'mail.vaamonde.pti',
    ];
    $config['maildomain_hosts'] = [
        'webmail.vaamonde.pti' => 'vaamonde.pti',
    ];
    $config['maildomain_password_port'] = 106;
    $config['trusted_host_patterns'] = ['^(webmail\\.vaamonde\\.pti)$'];

    $config['use_https'] = true;
    $config['session_samesite'] = 'Lax';
    $config['session_lifetime'] = 60;
    $config['login_rate_limit'] = 10;
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
    $config['max_message_size'] = 52428800;
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
    $config['password_minimum_length'] = 12;
    "
  `);
});

test("PHP's", () => {
  expect(contentOf(files, "php/php-fpm.conf")).toMatchInlineSnapshot(`
    "[global]
    error_log = /proc/self/fd/2
    daemonize = no
    process_control_timeout = 10s

    [webmail]
    listen = /run/webmail/php.sock
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
    php_admin_value[memory_limit] = 328M
    php_admin_value[upload_max_filesize] = 38247817
    php_admin_value[post_max_size] = 38772105
    php_admin_value[upload_tmp_dir] = /var/lib/webmail/uploads
    php_admin_value[sys_temp_dir] = /var/lib/webmail/temp
    php_admin_value[session.gc_probability] = 1
    php_admin_value[session.gc_divisor] = 500
    php_admin_value[disable_functions] = exec,passthru,pcntl_exec,popen,proc_open,shell_exec,system
    php_admin_value[date.timezone] = UTC
    php_admin_flag[allow_url_fopen] = off
    php_admin_flag[display_errors] = off
    php_admin_flag[expose_php] = off
    php_admin_flag[log_errors] = on
    "
  `);
});

test("nginx's", () => {
  expect(contentOf(files, "nginx/nginx.conf")).toMatchInlineSnapshot(`
    "daemon off;
    pid /run/webmail/nginx.pid;
    error_log stderr warn;
    worker_processes 1;
    events {
        worker_connections 512;
    }

    http {
        # A body is collected on the volume, and needs no memory.
        client_body_temp_path /var/lib/webmail/uploads;
        fastcgi_temp_path /run/webmail/fastcgi;
        proxy_temp_path /run/webmail/proxy;
        uwsgi_temp_path /run/webmail/uwsgi;
        scgi_temp_path /run/webmail/scgi;
        fastcgi_max_temp_file_size 0;

        # Without the query, which holds addresses and searches.
        log_format plain '$remote_addr "$request_method $host$uri" $status $body_bytes_sent';
        access_log /dev/stdout plain;
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
        client_max_body_size 38772105;
        client_header_timeout 10s;
        keepalive_timeout 60s;

        server {
            listen 8080;
            # Only the web server connects here; it passes the client's address.
            set_real_ip_from 198.19.162.48;
            real_ip_header X-Forwarded-For;
            if ($realip_remote_addr != 198.19.162.48) {
                return 403;
            }
            root /var/lib/roundcube/public_html;
            error_page 400 403 404 405 408 413 414 500 502 503 504 /-/error;
            location = /-/error {
                internal;
                default_type text/plain;
                alias /run/maildomain/current/nginx/error.txt;
            }

            location = / {
                rewrite ^ /index.php last;
            }
            # The one program. Nothing else in this folder is run, and only the parts of pages are served.
            location = /index.php {
                fastcgi_pass unix:/run/webmail/php.sock;
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
                fastcgi_param SERVER_PORT 443;
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
    "
  `);
  const open = renderWebmail({ ...description, webServerAddress: undefined });
  expect(contentOf(open, "nginx/nginx.conf")).not.toContain("realip");
});

test("a login receives the addresses that the server lets it send as", () => {
  const senders = JSON.parse(contentOf(files, "roundcube/senders.json"));
  expect(senders["vaamonde@vaamonde.pti"]).toEqual({
    name: "O'Neil \\ Admin",
    addresses: ["vaamonde@vaamonde.pti", "vendas@vaamonde.pti"],
  });
  const alone = renderWebmail({
    ...description,
    servers: description.servers.map((server) => ({
      ...server,
      domains: server.domains.map((domain) => ({
        ...domain,
        hosted: { ...domain.hosted, aliases: [] },
        names: {},
      })),
    })),
  });
  // Ten thousand of them would be ten thousand lines that say nothing.
  expect(JSON.parse(contentOf(alone, "roundcube/senders.json"))).toEqual({});
});

test("what a message can carry is what the server takes, base64 and all", () => {
  const encoded = (bytes: number) => Math.ceil(bytes / 57) * 78;
  for (const limit of [10 ** 6, 50 * 2 ** 20, 2 ** 30]) {
    expect(encoded(largestUpload(limit))).toBeLessThan(limit);
    expect(largestRequest(limit)).toBeGreaterThan(largestUpload(limit));
  }
});

test.each([
  [{ servers: [] }, "webmail needs at least one mail server"],
  [
    { servers: [{ hostName: "mail x", place: "a", domains: [] }] },
    '"mail x" is not a lower-case domain name',
  ],
  [
    { servers: [{ hostName: "mail.example.org", place: "a;", domains: [] }] },
    '"a;" is not a valid container name',
  ],
])("refuses %j", (change, message) => {
  expect(() => renderWebmail({ ...description, ...change })).toThrow(message);
});
