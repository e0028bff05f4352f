import type { ConfigurationFile } from "../generation/configuration-file.ts";
import { PASSWORD_PORT, SOCKETS } from "../generation/container-paths.ts";
import { pairPaths } from "../generation/tls-pairs.ts";
import { TLS_GROUPS, TLS12_CIPHERS } from "../generation/tls-policy.ts";
import type { MailServerDescription } from "./description.ts";

/**
 * The way by which webmail changes passwords: nginx ends TLS as a user without rights, and hands each connection to a
 * socket behind which `change-password` waits. Nothing without webmail.
 */
export function renderPasswordChange({ webmailAddress, pairs }: MailServerDescription): ConfigurationFile[] {
  if (webmailAddress === undefined) return [];
  return [
    { path: "password-change/nginx.conf", content: renderNginx(webmailAddress, pairPaths(pairs).byDefault) },
  ];
}

function renderNginx(webmailAddress: string, pair: string): string {
  return `load_module /usr/lib/nginx/modules/ngx_stream_module.so;
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
        listen ${PASSWORD_PORT} ssl;
        allow ${webmailAddress};
        deny all;
        ssl_certificate ${pair};
        ssl_certificate_key ${pair};
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_ciphers ${TLS12_CIPHERS.join(":")};
        ssl_ecdh_curve ${TLS_GROUPS.join(":")};
        ssl_handshake_timeout 10s;
        proxy_timeout 60s;
        proxy_buffer_size 1k;
        proxy_pass unix:${SOCKETS.password};
    }
}
`;
}
