import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logoUrl } from "../../clients/brand.ts";
import { issueAuthorityCertificate, makeKey } from "../../provider/certificate.ts";
import { lifetime } from "../../provider/lifetime.ts";
import { type ConfigurationFile, unseal } from "../../servers/generation/configuration-file.ts";
import { renderWebmail, type WebmailDescription, webmailKeyFile } from "../../servers/webmail/webmail.ts";
import { askHttp, type HttpAnswer, type HttpRequest } from "../../verify/probes/http.ts";
import { accessibilityProblems } from "../kit/accessibility.ts";
import { docker } from "../kit/engine.ts";
import { IdleConnections } from "../kit/idle-connections.ts";
import { startWithBadGeneration } from "../kit/last-known-good.ts";
import { domainOf } from "../kit/mail-server-lab.ts";
import { BrowserContainer } from "../kit/programs/browser.ts";
import { ServerContainer } from "../kit/server-container.ts";

const domain = "vaamonde.pti";
const healthy = /^healthy: generation [0-9a-f]{16} is in force$/;
const server = new ServerContainer({
  role: "webmail",
  capabilities: [],
  ports: ["8080/tcp"],
  volumes: ["/var/lib/webmail"],
});

const picture =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4"/></svg>';
const brand = { name: "Padaria do Bairro", color: "#ffd23f", logo: logoUrl(Buffer.from(picture)) };

/** Where an explicit run keeps its screenshots. */
const screenshots = process.env.SCREENSHOTS;

const description: WebmailDescription = {
  servers: [
    {
      hostName: `mail.${domain}`,
      place: "nowhere",
      domains: [
        {
          hosted: domainOf(domain, { ana: {} }),
          webmailHost: `webmail.${domain}`,
          pageUrl: `https://mail.${domain}/`,
          names: {},
        },
      ],
    },
  ],
  ownAuthority: false,
  messageSizeLimitBytes: 2_000_000,
  brand,
};

function generation(changes: Partial<WebmailDescription> = {}, key = "k".repeat(32)): ConfigurationFile[] {
  return [...renderWebmail({ ...description, ...changes }), unseal(webmailKeyFile, key)];
}

/** The generation with another text in one file. */
function changed(path: string, from: string, to: string): ConfigurationFile[] {
  return generation().map((file) =>
    file.path === path ? { ...file, content: file.content.replace(from, to) } : file,
  );
}

let port: number;
const ask = (path: string, more: Partial<HttpRequest> = {}): Promise<HttpAnswer> =>
  askHttp({ address: "127.0.0.1", port, host: `webmail.${domain}`, path, isPlain: true, ...more });

async function serve(files: readonly ConfigurationFile[]): Promise<void> {
  const id = await server.upload(files);
  expect(await server.settles(new RegExp(`^${id}$`))).toBe(id);
}

beforeAll(async () => {
  await server.build();
  await server.upload(generation());
  await server.run();
  port = await server.port("8080/tcp");
  expect(await server.becomes(healthy)).toMatch(healthy);
});
afterAll(() => server.remove());

test("one user, no capability; its database is made, for that user alone", async () => {
  expect(await server.exec("cat /proc/[0-9]*/status | grep -E '^(Uid|CapPrm|CapBnd)' | sort -u")).toBe(
    "CapBnd:\t0000000000000000\nCapPrm:\t0000000000000000\nUid:\t830\t830\t830\t830",
  );
  // Whatever the generation holds is for this user alone.
  expect(await server.exec("find -L /run/maildomain/current -perm /077")).toBe("");
  expect(await server.exec("stat -c '%a %U' /var/lib/webmail /var/lib/webmail/roundcube.db")).toMatch(
    /^700 webmail\n6[04]0 webmail$/,
  );
  expect((await ask("/")).body).toContain('id="rcmloginuser"');
});

test("a mail server's certificate may be of any public authority", async () => {
  const judge = `
    $root = file_get_contents("/etc/ssl/certs/ISRG_Root_X1.pem");
    $places = [openssl_get_cert_locations()["default_cert_dir"]];
    echo openssl_x509_checkpurpose($root, X509_PURPOSE_ANY, $places) === true ? "trusted" : "unknown";`;
  expect(await server.exec(`php -r '${judge}'`)).toBe("trusted");
});

test("the login has the brand and leads to the set-up page, and axe finds nothing", async () => {
  const key = makeKey();
  const authority = await issueAuthorityCertificate("test authority", lifetime(new Date(), 30), key);
  const place = { network: "bridge", nameServer: "127.0.0.1" };
  const container = await BrowserContainer.start(`${server.name}-browser`, authority, place);
  try {
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await container.browser.newContext({ colorScheme, locale: "pt-BR" });
      await context.route("**", async (route) => {
        const { pathname, search } = new URL(route.request().url());
        const headers = { "accept-language": "pt-BR" };
        const { status, bytes, headers: answered } = await ask(pathname + search, { headers });
        const { "content-type": contentType = "text/plain" } = answered;
        await route.fulfill({ status, contentType, body: bytes });
      });
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      for (const width of [320, 390, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        await page.goto(`http://webmail.${domain}/`);
        await page.locator("#rcmloginuser").waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
        expect(await page.title()).toContain("Padaria do Bairro");
        const link = page.getByRole("link", { name: "Configure seu e-mail" });
        expect(await link.getAttribute("href")).toBe(`https://mail.${domain}/`);
        expect(await page.locator("#logo").getAttribute("src")).toBe(brand.logo);
        if (screenshots !== undefined) {
          await page.screenshot({ path: join(screenshots, `login-${width}-${colorScheme}.png`) });
        }
      }
      await context.close();
    }
  } finally {
    await container.stop();
  }
});

test("a server that does not answer does not count as a wrong password, and shows no stack trace", async () => {
  const first = await ask("/");
  const token = /name="_token" value="([^"]+)"/.exec(first.body)?.[1] ?? "";
  const cookie = first.headers["set-cookie"]?.map((text) => text.split(";")[0]).join("; ") ?? "";
  const form = { _token: token, _task: "login", _action: "login", _user: "ana", _pass: "secret, long" };
  const answer = await ask("/?_task=login", {
    method: "POST",
    body: new URLSearchParams(form).toString(),
    headers: { cookie, "content-type": "application/x-www-form-urlencoded" },
  });
  expect(answer.body).toContain("Connection to storage server failed.");
  expect(answer.body).not.toMatch(/nowhere|Stack trace|\/usr\/share/);
});

describe("the limit of attempts to log in", () => {
  const form = { _task: "login", _action: "login", _user: "ana", _pass: "x" };
  const urlEncoded = { "content-type": "application/x-www-form-urlencoded" };
  const encode = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
  const { _task, _action, ...secret } = form;
  const post = (path: string, body: string, headers: Record<string, string> = urlEncoded) =>
    ask(path, { method: "POST", body, headers });
  const inParts = (fields: Record<string, string>) =>
    Object.entries(fields)
      .map(([name, value]) => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
      .join("");
  /** The same request in every shape that is a login to Roundcube. */
  const shapes: Record<string, () => Promise<HttpAnswer>> = {
    "in the body": () => post("/", encode(form)),
    "in the query": () => post("/?_task=login&_action=login", encode(secret)),
    "in either": () => post("/?_task=login", encode({ _action, ...secret })),
    "by the program's name": () => post("/index.php", encode(form)),
    "by another spelling of it": () => post("//./%69ndex.php", encode(form)),
    "with names escaped": () => post("/?%5ftask=%6cogin", encode(form).replaceAll("_", "%5F")),
    "with a dot for the underline": () => post("/?.task=login&.action=login", encode(secret)),
    "in a cookie": () => post("/", encode(secret), { ...urlEncoded, cookie: "_task=login; _action=login" }),
    "in parts": () =>
      post("/", `${inParts(form)}--b--\r\n`, { "content-type": "multipart/form-data; boundary=b" }),
    "with headers in capitals": () =>
      post("/", encode(form), { "CONTENT-TYPE": "APPLICATION/X-WWW-FORM-URLENCODED; CHARSET=UTF-8" }),
    "in chunks": () => post("/", encode(form), { ...urlEncoded, "transfer-encoding": "chunked" }),
    "from where it says": () => post("/", encode(form), { ...urlEncoded, "x-forwarded-for": "192.0.2.9" }),
    "twice in the query": () => post("/?_task=mail&_task=login&_action=login", encode(secret)),
    "as another method": () =>
      post("/", encode({ ...form, _method: "GET" }), { ...urlEncoded, "x-http-method-override": "GET" }),
  };

  test("holds for the same request in whatever shape it comes", async () => {
    // None of them has the token of a session, so each fails at once, and is counted.
    const statuses: Record<string, number> = {};
    for (const [shape, send] of Object.entries(shapes)) statuses[shape] = (await send()).status;
    expect(Object.entries(statuses).filter(([, status]) => status !== 401)).toEqual([]);
    for (let n = Object.keys(shapes).length; n < 30; n += 1) await shapes["in the body"]?.();
    for (const [shape, send] of Object.entries(shapes)) statuses[shape] = (await send()).status;
    expect(Object.entries(statuses).filter(([, status]) => status !== 429)).toEqual([]);
    expect((await ask("/")).status).toBe(200);
    await server.exec("rm -r /run/webmail/logins");
  });
});

test("a thousand requests whose bodies come by a byte per second keep nobody out", async () => {
  const length = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000";
  const opens = `POST / HTTP/1.1\r\nHost: webmail.${domain}\r\n${length}\r\n\r\n_task=`;
  const connections = await IdleConnections.open([port], 1000, { opens, isRenewed: true });
  try {
    expect((await ask("/")).status).toBe(200);
  } finally {
    connections.close();
  }
});

describe("bad input", () => {
  test.each<[string, number, () => Promise<HttpAnswer>]>([
    ["another program", 404, () => ask("/installer/index.php")],
    ["a body that is too large", 413, () => ask("/", { method: "POST", body: "a".repeat(2_100_000) })],
    ["the way up", 400, () => ask("/skins/../../../etc/passwd")],
    [
      "the key",
      404,
      () => ask("/config/../../../run/maildomain/current/roundcube/key".replaceAll("../", "")),
    ],
  ])("%s: %i", async (_, status, send) => {
    expect(await send()).toMatchObject({ status, body: "The request cannot be answered.\n" });
  });

  test("a name that is not its own", async () => {
    const { body } = await ask("/", { headers: { host: "webmail.example.org" } });
    expect(body).not.toContain("webmail.example.org");
  });
});

describe("changes", () => {
  test("a new limit is in use once its generation is in force, and nothing restarts", async () => {
    const started = await docker("inspect", "--format", "{{.State.StartedAt}}", server.name);
    const large = { method: "POST", body: "a".repeat(2_100_000) };
    expect((await ask("/", large)).status).toBe(413);
    await serve(generation({ messageSizeLimitBytes: 10_000_000 }));
    expect((await ask("/", large)).status).toBe(200);
    expect(await docker("inspect", "--format", "{{.State.StartedAt}}", server.name)).toBe(started);
  });

  test("only the web server gets an answer where it is known", async () => {
    await serve(generation({ webServerAddress: "192.0.2.80" }));
    expect((await ask("/", { headers: { "x-forwarded-for": "192.0.2.80" } })).status).toBe(403);
    await serve(generation());
  });

  test("a change for nginx alone leaves no page looking into the generation before", async () => {
    // So that a worker of PHP knows where the generation lies.
    expect((await ask("/")).status).toBe(200);
    await serve(changed("nginx/nginx.conf", "keepalive_timeout 60s", "keepalive_timeout 50s"));
    expect((await ask("/")).status).toBe(200);
    await serve(generation());
    expect((await ask("/")).status).toBe(200);
  });

  test.each<[string, () => ConfigurationFile[], RegExp]>([
    [
      "a mistake for nginx",
      () => changed("nginx/nginx.conf", "charset utf-8;", "typos on;"),
      /unknown directive "typos" in nginx\/nginx\.conf:\d+/,
    ],
    [
      "a mistake for PHP",
      () => changed("php/php-fpm.conf", "pm = ondemand", "pm = often"),
      /invalid process manager/,
    ],
    [
      "a mistake for Roundcube",
      () => changed("roundcube/config.inc.php", "$config['skin'] =", "$config['skin'"),
      /syntax error.* in roundcube\/config\.inc\.php on line \d+/,
    ],
    ["a key that is too short", () => generation({}, "short"), /roundcube\/key is too short/],
  ])("%s is refused, and the old generation stays", async (_, files, reason) => {
    await server.upload(files());
    expect(await server.settles(reason)).toMatch(reason);
    expect((await ask("/")).status).toBe(200);
    await serve(generation());
  });

  test("a start with a bad generation continues with the one before", () =>
    startWithBadGeneration(
      server,
      generation(),
      async () => {
        await server.upload(generation({}, "short"));
        return /roundcube\/key is too short/;
      },
      async () => {
        port = await server.port("8080/tcp");
        expect((await ask("/")).status).toBe(200);
      },
    ));

  test("what people keep outlives the container, and an older schema is brought up to date", async () => {
    const query = (sql: string) => server.exec(`sqlite3 /var/lib/webmail/roundcube.db "${sql}"`);
    const version = await query("SELECT value FROM system WHERE name = 'roundcube-version'");
    await query(
      "INSERT INTO users (username, mail_host, created, language) VALUES ('ana', 'x', '2026-01-01', 'pt_PT')",
    );
    // The last change of the schema, taken back.
    await query("UPDATE system SET value = '2021100300' WHERE name = 'roundcube-version'");
    await docker("stop", server.name);
    expect(await server.exitCode()).toBe("0");
    await docker("start", server.name);
    port = await server.port("8080/tcp");
    expect(await server.becomes(healthy)).toMatch(healthy);
    expect(await query("SELECT value FROM system WHERE name = 'roundcube-version'")).toBe(version);
    expect(await query("SELECT username, language FROM users")).toBe("ana|pt_PT");
  });
});
