import { expect, test } from "vitest";
import { renderWebServer } from "../../../servers/web-server/web-server.ts";
import {
  authorityFiles,
  namesOf,
  renderWebSite,
  siteUrl,
  type WebSite,
} from "../../../servers/web-server/web-site.ts";
import { labClients } from "../../clients/lab.ts";
import { contentOf } from "../mail-server/example.ts";
import { settingsIn } from "../settings.ts";

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

test("nginx.conf of the course exercise's lab", async () => {
  await expect(contentOf(renderWebSite(site), "nginx/nginx.conf")).toMatchFileSnapshot("golden/nginx.conf");
});

const lab = settingsIn(contentOf(renderWebSite(site), "nginx/nginx.conf"), ";");
test.each([
  ["http/ssl_protocols", ["TLSv1.2 TLSv1.3"]],
  ["http/ssl_ecdh_curve", ["X25519MLKEM768:X25519:prime256v1:secp384r1"]],
  ["http/ssl_session_tickets", ["off"]],
  ["http/ssl_certificate", ["/run/maildomain/current/tls/pair.pem"]],
  ["http/ssl_certificate_key", ["/run/maildomain/current/tls/pair.pem"]],
  ["http/server_tokens", ["off"]],
  ["http/client_max_body_size", ["16k"]],
  ["http/large_client_header_buffers", ["4 8k"]],
  ["http/client_header_timeout", ["10s"]],
  ["http/client_body_timeout", ["10s"]],
  // A request's query holds addresses.
  ["http/log_format", [`plain '$remote_addr "$request_method $host$uri" $status $body_bytes_sent'`]],
  ["http/server/ssl_reject_handshake", ["on"]],
  [
    "http/server/listen",
    [
      "[::]:80 default_server ipv6only=off",
      "[::]:443 ssl default_server ipv6only=off",
      "[::]:80",
      "[::]:443 ssl",
      "[::]:443 ssl",
    ],
  ],
  [
    "http/server/server_name",
    [
      "autoconfig.vaamonde.pti autodiscover.vaamonde.pti mail.vaamonde.pti",
      "autoconfig.vaamonde.pti autodiscover.vaamonde.pti mail.vaamonde.pti",
      "mta-sts.vaamonde.pti",
    ],
  ],
  // Nobody's names, plain HTTP, the sites, the policy.
  ["http/server/location //return", ["421", "302 https://$host$request_uri", "404", "404"]],
])("nginx.conf: %s is %j", (name, values) => {
  expect(lab.get(name)).toEqual(values);
});

test("the files; those that hold the authority are apart", () => {
  expect(renderWebSite(site).map(({ path }) => path)).toMatchInlineSnapshot(`
    [
      "health-questions",
      "listening",
      "nginx/nginx.conf",
      "web/error.de.html",
      "web/error.en.html",
      "web/error.es.html",
      "web/error.fr.html",
      "web/error.pt.html",
      "web/missing.de.html",
      "web/missing.en.html",
      "web/missing.es.html",
      "web/missing.fr.html",
      "web/missing.pt.html",
      "web/autodiscover-invalid.xml",
      "web/autodiscover-unavailable.xml",
      "web/vaamonde.pti/mta-sts.txt",
      "web/vaamonde.pti/config-v1.1.xml",
      "web/vaamonde.pti/autodiscover.xml",
      "web/vaamonde.pti/autodiscover-login.xml",
      "web/vaamonde.pti/autodiscover.json",
      "web/vaamonde.pti/en.html",
      "web/vaamonde.pti/pt.html",
      "web/vaamonde.pti/es.html",
      "web/vaamonde.pti/de.html",
      "web/vaamonde.pti/fr.html",
    ]
  `);
  expect(authorityFiles(site).map(({ path }) => path)).toMatchInlineSnapshot(`
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

test("webmail under names of its own, found at each request", async () => {
  const [domain] = site.domains;
  const withWebmail: WebSite = {
    ...site,
    domains: domain === undefined ? [] : [{ ...domain, webmailHost: "webmail.vaamonde.pti" }],
    webmail: { container: "maildomain-lab-webmail", messageSizeLimitBytes: 50 * 2 ** 20 },
  };
  const text = contentOf(renderWebSite(withWebmail), "nginx/nginx.conf");
  const parts = text.split("\n    server {\n").filter((part) => part.includes("webmail.vaamonde.pti"));
  await expect(parts.join("\n    server {\n")).toMatchFileSnapshot("golden/nginx-webmail.conf");
  const settings = settingsIn(text, ";");
  expect(settings.get("http/server/proxy_connect_timeout")).toEqual(["5s"]);
  expect(settings.get("http/server/client_max_body_size")).toEqual(["38772105"]);
  expect(settings.get("http/server/proxy_request_buffering")).toEqual(["off"]);
  expect(settings.get("http/server/proxy_set_header")).toContain("X-Forwarded-For $client_address");
  expect(settings.get("http/server/location //proxy_pass")).toEqual(["http://$webmail:8080"]);
  const bad = { ...withWebmail, webmail: { container: "a b", messageSizeLimitBytes: 1 } };
  expect(() => renderWebSite(bad)).toThrow('"a b" is not a valid container name');
  // Without its container there is nothing to lead to.
  expect(contentOf(renderWebSite({ ...withWebmail, webmail: undefined }), "nginx/nginx.conf")).toBe(
    contentOf(renderWebSite(site), "nginx/nginx.conf"),
  );
});

test("with several TLS pairs, each name's server has its own", async () => {
  const [first] = site.domains;
  if (first === undefined) throw new Error("the site has no domain");
  const other = {
    ...first,
    clients: { ...first.clients, domain: "example.org" },
    hostNames: ["autoconfig.example.org", "autodiscover.example.org", "mail.example.org"],
    pageHost: "mail.example.org",
    autodiscoverHost: "autodiscover.example.org",
    webmailHost: "webmail.example.org",
  };
  const pairs = {
    byDefault: undefined,
    named: [first, other].map((domain) => ({ name: domain.clients.domain, hostNames: namesOf(domain) })),
    areRenewed: true,
  };
  const webmail = { container: "webmail", messageSizeLimitBytes: 2 ** 20 };
  const several = { ...site, domains: [first, other], webmail, pairs };
  const conf = contentOf(renderWebSite(several), "nginx/nginx.conf");
  await expect(conf).toMatchFileSnapshot("golden/nginx-pairs.conf");

  const shown = conf.split("\n    server {").flatMap((block) => {
    const names = /server_name([^;]*);/.exec(block)?.[1]?.trim().split(/\s+/) ?? [];
    const pair = /ssl_certificate (\S+);/.exec(block)?.[1];
    return block.includes(" ssl;") ? names.map((name) => [name, pair]) : [];
  });
  const expected = pairs.named.flatMap(({ name, hostNames }) =>
    hostNames.map((host) => [host, `/run/maildomain/pairs/${name}.pem`]),
  );
  expect(shown.toSorted()).toEqual(expected.toSorted());
  expect(settingsIn(conf, ";").get("http/ssl_certificate")).toBeUndefined();
});

test("names that no pair has get the default one", () => {
  const named = [{ name: "policies", hostNames: ["mta-sts.vaamonde.pti"] }];
  const byDefault = { name: "web-server", hostNames: ["mail.vaamonde.pti"] };
  const conf = contentOf(
    renderWebSite({ ...site, pairs: { byDefault, named, areRenewed: false } }),
    "nginx/nginx.conf",
  );
  const settings = settingsIn(conf, ";");
  expect(settings.get("http/ssl_certificate")).toEqual(["/run/maildomain/pairs/web-server.pem"]);
  expect(settings.get("http/server/ssl_certificate")).toEqual(["/run/maildomain/pairs/policies.pem"]);
});
