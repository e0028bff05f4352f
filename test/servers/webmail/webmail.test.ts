import { expect, test } from "vitest";
import {
  largestRequest,
  largestUpload,
  renderWebmail,
  type WebmailDescription,
  webmailKeyFile,
} from "../../../servers/webmail/webmail.ts";
import { contentOf, LAB, VAAMONDE } from "../mail-server/example.ts";
import { settingsIn } from "../settings.ts";

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
          pageUrl: "https://mail.vaamonde.pti/",
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
      "health-questions",
      "listening",
      "nginx/error.txt",
      "nginx/nginx.conf",
      "php/php-fpm.conf",
      "roundcube/config.inc.php",
      "roundcube/senders.json",
    ]
  `);
  expect([webmailKeyFile.path, webmailKeyFile.render("secret")]).toEqual(["roundcube/key", "secret\n"]);
});

test("Roundcube's configuration", async () => {
  await expect(contentOf(files, "roundcube/config.inc.php")).toMatchFileSnapshot("golden/config.inc.php");
});

test("a brand: its name, its color with the text that reads best on it, its logo", () => {
  const brand = { name: "Pão d'Água", color: "#ffd23f", logo: "data:image/png;base64,AA==" };
  expect(contentOf(renderWebmail({ ...description, brand }), "roundcube/config.inc.php")).toContain(
    `$config['maildomain_brand'] = [
    'color' => '#ffd23f',
    'name' => 'Pão d\\'Água',
    'text' => '#000',
];
$config['skin_logo'] = 'data:image/png;base64,AA==';
`,
  );
});

test.each([
  ["db_dsnw", "'sqlite:////var/lib/webmail/roundcube.db?mode=0600'"],
  ["des_key", "trim(file_get_contents('/run/maildomain/current/roundcube/key'))"],
  ["cipher_method", "'AES-256-GCM'"],
  ["enable_installer", "false"],
  ["imap_host", "'ssl://mail.vaamonde.pti:993'"],
  ["maildomain_authority", "'/run/maildomain/current/tls/authority.pem'"],
  ["trusted_host_patterns", "['^(webmail\\.vaamonde\\.pti)$']"],
  ["use_https", "true"],
  ["session_samesite", "'Lax'"],
  ["login_rate_limit", "0"],
  ["identities_level", "1"],
  ["show_images", "0"],
  ["max_message_size", "52428800"],
  ["password_confirm_current", "true"],
  ["password_minimum_length", "12"],
])("Roundcube: %s = %s", (name, value) => {
  expect(contentOf(files, "roundcube/config.inc.php")).toContain(`\n$config['${name}'] = ${value};\n`);
});

test("PHP's", async () => {
  await expect(contentOf(files, "php/php-fpm.conf")).toMatchFileSnapshot("golden/php-fpm.conf");
});

test.each([
  ["listen", "/run/webmail/php.sock"],
  ["listen.mode", "0600"],
  ["clear_env", "yes"],
  ["pm.max_children", "8"],
  ["php_admin_value[memory_limit]", "328M"],
  ["php_admin_value[upload_max_filesize]", "38247817"],
  ["php_admin_value[post_max_size]", "38772105"],
  ["php_admin_value[disable_functions]", "exec,passthru,pcntl_exec,popen,proc_open,shell_exec,system"],
  ["php_admin_flag[allow_url_fopen]", "off"],
  ["php_admin_flag[display_errors]", "off"],
  ["php_admin_flag[expose_php]", "off"],
])("PHP: %s = %s", (name, value) => {
  expect(contentOf(files, "php/php-fpm.conf")).toContain(`\n${name} = ${value}\n`);
});

test("nginx's", async () => {
  await expect(contentOf(files, "nginx/nginx.conf")).toMatchFileSnapshot("golden/nginx.conf");
  const settings = settingsIn(contentOf(files, "nginx/nginx.conf"), ";");
  expect(settings.get("http/server/listen")).toEqual(["8080"]);
  // The web server alone comes here, and says who asks.
  expect(settings.get("http/server/set_real_ip_from")).toEqual(["198.19.162.48"]);
  expect(settings.get("http/server/if ($realip_remote_addr != 198.19.162.48)/return")).toEqual(["403"]);
  expect(settings.get("http/client_max_body_size")).toEqual(["38772105"]);
  // One program is run, and nothing else that lies there.
  expect([...settings].filter(([name]) => name.endsWith("/fastcgi_pass"))).toEqual([
    ["http/server/location = /index.php/fastcgi_pass", ["unix:/run/webmail/php.sock"]],
  ]);
  expect(settings.get("http/server/location //return")).toEqual(["404"]);
  const open = renderWebmail({ ...description, webServerAddress: undefined });
  expect(contentOf(open, "nginx/nginx.conf")).not.toContain("realip");
});

test("a login receives the addresses that the server lets it send as", () => {
  const senders = JSON.parse(contentOf(files, "roundcube/senders.json"));
  expect(senders["vaamonde@vaamonde.pti"]).toEqual({
    name: "O'Neil \\ Admin",
    addresses: ["vaamonde@vaamonde.pti", "vendas@vaamonde.pti"],
  });
  // What is there to receive reports is a sender of those alone who have asked for it.
  const [server] = description.servers;
  const [first] = VAAMONDE.mailboxes;
  const sendersOf = (sendAs: readonly string[]) => {
    const role = "postmaster@vaamonde.pti";
    const aliases = [{ address: role, targets: [first?.address ?? ""], isRole: true as const }];
    const mailboxes = VAAMONDE.mailboxes.map((mailbox) =>
      mailbox === first ? { ...mailbox, sendAs } : mailbox,
    );
    const domains = (server?.domains ?? []).map((domain) => ({
      ...domain,
      names: {},
      hosted: { ...VAAMONDE, aliases, mailboxes },
    }));
    const asked = { ...description, servers: [{ hostName: LAB.hostName, place: "x", domains }] };
    return JSON.parse(contentOf(renderWebmail(asked), "roundcube/senders.json"))[first?.address ?? ""];
  };
  expect(sendersOf([])).toBe(undefined);
  expect(sendersOf(["postmaster@vaamonde.pti"])).toEqual({
    addresses: ["postmaster@vaamonde.pti", first?.address].toSorted(),
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
