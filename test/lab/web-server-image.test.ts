import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { profileOwner, renderAppleProfile } from "../../clients/apple-profile.ts";
import { renderAutoconfig } from "../../clients/autoconfig.ts";
import { outlookSchema, renderAutodiscover } from "../../clients/autodiscover.ts";
import { describeClients } from "../../clients/description.ts";
import { devices } from "../../clients/devices.ts";
import { pageLinkMarker, renderErrorPage, renderPageLink } from "../../clients/error-page.ts";
import { type Language, languages, setUpTexts } from "../../clients/set-up-text/languages.ts";
import { type ErrorKind, errorKinds } from "../../clients/set-up-text/set-up-text.ts";
import {
  issueAuthorityCertificate,
  issueServerCertificate,
  keyPem,
  makeKey,
} from "../../provider/certificate.ts";
import { lifetime } from "../../provider/lifetime.ts";
import { formatMtaStsPolicy, type MtaStsPolicy } from "../../records/index.ts";
import { type ConfigurationFile, unseal } from "../../servers/generation/configuration-file.ts";
import {
  authorityFiles,
  namesOf,
  renderWebSite,
  type WebSite,
  webServerPair,
} from "../../servers/web-server/web-site.ts";
import { askHttp, type HttpAnswer, type HttpRequest } from "../../verify/probes/http.ts";
import { accessibilityProblems } from "../kit/accessibility.ts";
import { docker } from "../kit/engine.ts";
import { IdleConnections } from "../kit/idle-connections.ts";
import { startWithBadGeneration } from "../kit/last-known-good.ts";
import { keepPicture } from "../kit/pictures.ts";
import { BrowserContainer } from "../kit/programs/browser.ts";
import { documentHeaders, securityHeaders, webmailHeaders } from "../kit/response-headers.ts";
import { ServerContainer } from "../kit/server-container.ts";
import { certifyByOpenSsl, contentSignedUnder } from "../kit/signed-data.ts";

const domain = "vaamonde.pti";
/** `münchen.straße.example`. */
const idn = "xn--mnchen-3ya.xn--strae-oqa.example";
const healthy = /^healthy: generation [0-9a-f]{16} is in force$/;
/** Where an explicit run keeps its screenshots. */
const screenshots = process.env.SCREENSHOTS;
const server = new ServerContainer({
  role: "web-server",
  capabilities: [],
  ports: ["80/tcp", "443/tcp"],
  volumes: [],
});

const policy: MtaStsPolicy = { mode: "enforce", mx: [`mail.${domain}`], maxAge: 86_400 };
function clientsOf(name: string) {
  const names = { incoming: { imap: `imap.${name}`, pop3: `pop3.${name}` }, outgoing: `smtp.${name}` };
  return describeClients(name, names, { submissions: 465, submission: 587, imaps: 2993, pop3s: 995 });
}
function siteOf(name: string, served: MtaStsPolicy = policy) {
  const [pageHost, autodiscoverHost] = [`mail.${name}`, `autodiscover.${name}`] as const;
  const hostNames = [name, pageHost, autodiscoverHost, `autoconfig.${name}`];
  return { clients: clientsOf(name), hostNames, pageHost, autodiscoverHost, policy: served };
}
const site: WebSite = {
  domains: [{ ...siteOf(domain), webmailHost: `webmail.${domain}` }, siteOf("example.org"), siteOf(idn)],
  // There is none: what is answered for it without asking it.
  webmail: { container: "nowhere", messageSizeLimitBytes: 1_000_000 },
  httpsPort: 8443,
  ownAuthority: true,
};

let authority: string;
let pair: ConfigurationFile;
let pairOfOthers: ConfigurationFile;
let authorityKey: KeyObject;
let ports: { http: number; https: number };

async function findPorts(): Promise<void> {
  ports = { http: await server.port("80/tcp"), https: await server.port("443/tcp") };
}

beforeAll(async () => {
  authorityKey = makeKey();
  authority = await issueAuthorityCertificate("test authority", lifetime(new Date(), 30), authorityKey);
  const issue = async (key = makeKey()): Promise<ConfigurationFile> => {
    const names = site.domains.flatMap(namesOf);
    const life = lifetime(new Date(), 30);
    const certificate = await issueServerCertificate([domain, ...names, "elsewhere.invalid"], life, key, {
      certificate: authority,
      key: authorityKey,
    });
    return unseal(webServerPair, { privateKey: keyPem(key), certificate, chain: "" });
  };
  pair = await issue();
  pairOfOthers = unseal(webServerPair, {
    privateKey: keyPem(makeKey()),
    certificate: pair.content.slice(pair.content.indexOf("-----BEGIN CERT")),
    chain: "",
  });
  await server.build();
  await server.upload(generation());
  await server.run();
  await findPorts();
  expect(await server.becomes(healthy)).toMatch(healthy);
});
afterAll(() => server.remove());

function generation(changes: Partial<WebSite> = {}, secret = pair): ConfigurationFile[] {
  const changed = { ...site, ...changes };
  return [
    ...renderWebSite(changed),
    ...authorityFiles(changed).map((file) => unseal(file, authority)),
    secret,
  ];
}

/** Returns once the generation is in force: only then has the last process with the one before ended. */
async function serve(files: readonly ConfigurationFile[]): Promise<void> {
  const id = await server.upload(files);
  expect(await server.settles(new RegExp(`^${id}$`))).toBe(id);
}

/** As it is served for the first domain. */
function errorPage(kind: ErrorKind, language: Language): string {
  const words = setUpTexts[language];
  const link = renderPageLink(`https://mail.${domain}:8443/`, words);
  return renderErrorPage(kind, words).replace(pageLinkMarker, link);
}

/** By HTTPS, trusting the authority alone. */
function ask(host: string, path: string, more: Partial<HttpRequest> = {}): Promise<HttpAnswer> {
  return askHttp({ address: "127.0.0.1", port: ports.https, host, path, caCertificate: authority, ...more });
}

function askPlain(host: string, path: string): Promise<HttpAnswer> {
  return askHttp({ address: "127.0.0.1", port: ports.http, host, path, isPlain: true });
}

function autodiscoverRequest(address: string, schema = outlookSchema): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
  <Request>
    <EMailAddress>${address}</EMailAddress>
    <AcceptableResponseSchema>${schema}</AcceptableResponseSchema>
  </Request>
</Autodiscover>`;
}

const outlook = (body: string, path = "/autodiscover/autodiscover.xml", host = `autodiscover.${domain}`) =>
  ask(host, path, { method: "POST", body, headers: { "content-type": "text/xml; charset=utf-8" } });

test("runs on a read-only file system, as one user without a capability", async () => {
  expect(await server.exec("cat /proc/[0-9]*/status | grep -E '^(Uid|CapPrm|CapBnd)' | sort -u")).toBe(
    "CapBnd:\t0000000000000000\nCapPrm:\t0000000000000000\nUid:\t820\t820\t820\t820",
  );
  // Whatever the generation holds is for this user alone.
  expect(await server.exec("find -L /run/maildomain/current -perm /077")).toBe("");
});

describe("documents", () => {
  test.each([
    [
      `mta-sts.${domain}`,
      "/.well-known/mta-sts.txt",
      "text/plain; charset=utf-8",
      formatMtaStsPolicy(policy),
    ],
    [
      `autoconfig.${domain}`,
      "/mail/config-v1.1.xml?emailaddress=a%40b",
      "text/xml",
      renderAutoconfig(clientsOf(domain)),
    ],
    [domain, "/.well-known/autoconfig/mail/config-v1.1.xml", "text/xml", renderAutoconfig(clientsOf(domain))],
    [
      "autoconfig.example.org",
      "/mail/config-v1.1.xml",
      "text/xml",
      renderAutoconfig(clientsOf("example.org")),
    ],
    [
      `autodiscover.${domain}`,
      "/Autodiscover/Autodiscover.xml",
      "text/xml; charset=utf-8",
      renderAutodiscover(clientsOf(domain)),
    ],
  ])("https://%s%s", async (host, path, type, body) => {
    const answer = await ask(host, path);
    expect(answer).toMatchObject({ status: 200, body });
    expect(answer.headers["content-type"]).toBe(type);
  });

  test("the authority's certificate is the one that signed", async () => {
    const { headers, body } = await ask(`mail.${domain}`, "/ca.crt");
    expect(headers["content-type"]).toBe("application/x-x509-ca-cert");
    expect(body).toBe(authority);
  });

  test("plain HTTP has the configuration file, and leads everything else to HTTPS, port and query kept", async () => {
    const file = await askPlain(`autoconfig.${domain}`, "/mail/config-v1.1.xml");
    expect(file).toMatchObject({ status: 200, body: renderAutoconfig(clientsOf(domain)) });
    const moved = await askPlain(`autodiscover.${domain}`, "/autodiscover/autodiscover.xml?a=b");
    expect(moved.status).toBe(302);
    expect(moved.headers.location).toBe(
      `https://autodiscover.${domain}:8443/autodiscover/autodiscover.xml?a=b`,
    );
  });

  test.each([
    ["", "en"],
    ["pt-BR,pt;q=0.9,en;q=0.8", "pt-BR"],
    ["de,pt;q=0.5", "de"],
    ["it, fr;q=0.7, ES-mx;q=0.9", "es"],
    ["it;q=0.9, *;q=0.1", "en"],
    ["pt;q=0, fr;q=zero", "en"],
  ])("the set-up page speaks the visitor's language: %j", async (accepted, language) => {
    const { status, body, headers } = await ask(`mail.${domain}`, "/", {
      headers: { "accept-language": accepted },
    });
    expect(status).toBe(200);
    expect(body).toContain(`<html lang="${language}">`);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'/);
    expect(headers.vary).toBe("Accept-Language, User-Agent");
  });

  test.each([
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15", "ios"],
    ["Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36", "android"],
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36", "windows"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15", "mac"],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "linux"],
    ["curl/8.14.1", undefined],
  ])("the reader's own device comes first and open, the others closed: %s", async (agent, own) => {
    const { body, headers } = await ask(`mail.${domain}`, "/pt", { headers: { "user-agent": agent } });
    const sections = [...body.matchAll(/<details id="(\w+)"( open)?>/g)];
    const rest = devices.filter((device) => device !== own);
    expect(sections.map(([, device, open]) => [device, open !== undefined])).toEqual([
      ...(own === undefined ? [] : [[own, true]]),
      ...rest.map((device) => [device, false]),
    ]);
    expect(body.match(/<\/details>/g)).toHaveLength(devices.length);
    expect(headers.vary).toBe("User-Agent");
  });

  test("an error is a page in the visitor's language", async () => {
    const answer = await ask(domain, "/nothing", { headers: { "accept-language": "de" } });
    expect(answer).toMatchObject({ status: 404, body: errorPage("missing", "de") });
    expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
  });

  test("it leads to the set-up page of its domain, and nowhere from a name of nobody's", async () => {
    const more = { method: "POST", body: "x", headers: { "content-length": "9000000" } };
    const answer = await ask(`webmail.${domain}`, "/", { ...more });
    expect(answer).toMatchObject({ status: 413, body: errorPage("too-large", "en") });
    expect(securityHeaders(answer)).toEqual({ ...webmailHeaders, "cache-control": "no-store" });
    const other = await ask(domain, "/", { headers: { host: "elsewhere.invalid" } });
    expect(other).toMatchObject({ status: 421, body: expect.not.stringContaining("<a ") });
  });
});

describe("the headers of every page", () => {
  const settings = `mail.${domain}`;
  test.each<[string, () => Promise<HttpAnswer>]>([
    ["the set-up page", () => ask(settings, "/")],
    ["in English", () => ask(settings, "/en")],
    ["in Portuguese", () => ask(settings, "/pt")],
    ["an error", () => ask(settings, "/nothing")],
    ["the authority", () => ask(settings, "/ca.crt")],
    ["autoconfig", () => ask(`autoconfig.${domain}`, "/mail/config-v1.1.xml")],
    ["autoconfig, plain", () => askPlain(`autoconfig.${domain}`, "/mail/config-v1.1.xml")],
    ["autodiscover", () => ask(domain, "/autodiscover/autodiscover.xml")],
    ["autodiscover for an address", () => outlook(autodiscoverRequest(`ana@${domain}`))],
    ["autodiscover for somebody else", () => outlook(autodiscoverRequest("ana@elsewhere.invalid"))],
    ["autodiscover in JSON", () => ask(domain, "/autodiscover/autodiscover.json?Protocol=AutodiscoverV1")],
    ["autodiscover in JSON, refused", () => ask(domain, "/autodiscover/autodiscover.json")],
    ["the profile", () => ask(domain, `/profile.mobileconfig?address=ana%40${domain}`)],
    ["the profile, its path encoded", () => ask(domain, `/%70rofile.mobileconfig?address=ana%40${domain}`)],
    ["the profile of nobody", () => ask(domain, "/profile.mobileconfig")],
    ["the policy", () => ask(`mta-sts.${domain}`, "/.well-known/mta-sts.txt")],
    ["to HTTPS", () => askPlain(settings, "/")],
  ])("%s", async (_, send) => {
    const answer = await send();
    expect(securityHeaders(answer)).toEqual(documentHeaders);
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });
});

test("browsers are to insist on HTTPS: on every answer over it, errors too, and none by plain HTTP", async () => {
  const strict = { ...documentHeaders, "strict-transport-security": "max-age=31536000" };
  try {
    await serve(generation({ httpsPort: 443, strictTransport: true }));
    for (const [host, path] of [
      [`mail.${domain}`, "/"],
      [`mail.${domain}`, "/nowhere"],
      [`mta-sts.${domain}`, "/.well-known/mta-sts.txt"],
      [`autoconfig.${domain}`, "/mail/config-v1.1.xml"],
    ] as const) {
      expect(securityHeaders(await ask(host, path))).toEqual(strict);
      expect(securityHeaders(await askPlain(host, path))).toEqual(documentHeaders);
    }
  } finally {
    await serve(generation());
  }
  expect(securityHeaders(await ask(`mail.${domain}`, "/"))).toEqual(documentHeaders);
});

describe("Outlook", () => {
  test.each([
    "/autodiscover/autodiscover.xml",
    "/Autodiscover/Autodiscover.xml",
    "/AutoDiscover/AutoDiscover.XML",
  ])("POST %s echoes the login name", async (path) => {
    const { status, body } = await outlook(autodiscoverRequest(` Ana@${domain.toUpperCase()} `), path);
    expect({ status, body }).toEqual({
      status: 200,
      body: renderAutodiscover(clientsOf(domain), `ana@${domain}`),
    });
  });

  test("whoever is asked for, the answer differs by the address alone", async () => {
    const one = await outlook(autodiscoverRequest(`ana@${domain}`));
    const other = await outlook(autodiscoverRequest(`nobody.has.this@${domain}`));
    expect(other.status).toBe(one.status);
    expect(other.body).toBe(one.body.replaceAll("ana@", "nobody.has.this@"));
  });

  test("a prefix, an apostrophe, and no schema are accepted", async () => {
    const { body } = await outlook(
      `<a:Autodiscover xmlns:a="x"><a:Request><a:EMailAddress>d&apos;avila+tag@${domain}</a:EMailAddress></a:Request></a:Autodiscover>`,
    );
    expect(body).toBe(renderAutodiscover(clientsOf(domain), `d'avila+tag@${domain}`));
  });

  test.each([
    `Ana@${idn.toUpperCase()}`,
    "ana@münchen.straße.example",
    "ana@MÜNCHEN.straße.EXAMPLE",
    "ana@mu\u0308nchen.straße.example",
    "ana@münchen\uff0estraße\uff61example",
  ])("%s is an address of the domain that is published in A-labels", async (address) => {
    const { body } = await outlook(autodiscoverRequest(address), undefined, `autodiscover.${idn}`);
    expect(body).toBe(renderAutodiscover(clientsOf(idn), `ana@${idn}`));
    const other = await outlook(autodiscoverRequest(address));
    expect(other.body).toContain("<ErrorCode>601</ErrorCode>");
  });

  test.each([
    [
      "ActiveSync",
      autodiscoverRequest(
        `ana@${domain}`,
        "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006",
      ),
    ],
    ["an address elsewhere", autodiscoverRequest("ana@example.com")],
    ["another domain than the name's", autodiscoverRequest("ana@example.org")],
    ["no address", autodiscoverRequest("ana")],
  ])("%s is not provided", async (_, body) => {
    const answer = await outlook(body);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain("<ErrorCode>601</ErrorCode>");
  });

  test.each([
    ["/autodiscover/autodiscover.json?Email=ana%40vaamonde.pti&Protocol=AutodiscoverV1"],
    ["/AutoDiscover/autodiscover.json/v1.0/nobody@vaamonde.pti?protocol=autodiscoverv1"],
  ])("v2: GET %s leads to the plain XML", async (path) => {
    const { status, headers, body } = await ask(domain, path);
    expect({ status, body: JSON.parse(body) }).toEqual({
      status: 200,
      body: {
        Protocol: "AutodiscoverV1",
        Url: `https://autodiscover.${domain}:8443/autodiscover/autodiscover.xml`,
      },
    });
    expect(headers["content-type"]).toBe("application/json; charset=utf-8");
  });

  test.each([
    ["ActiveSync", "InvalidProtocol"],
    ["", "MandatoryParameterMissing"],
  ])("v2: the protocol %j is none", async (protocol, code) => {
    const { status, body } = await ask(
      domain,
      `/autodiscover/autodiscover.json?Email=a&Protocol=${protocol}`,
    );
    expect({ status, code: JSON.parse(body).ErrorCode }).toEqual({ status: 400, code });
  });
});

describe("Apple's profile", () => {
  test.each(["ana", "nobody.has.this", "d'avila"])(
    "%s: the same as the tool writes, signed by the server",
    async (user) => {
      const address = `${user}@${domain}`;
      const { status, headers, bytes } = await ask(
        `mail.${domain}`,
        `/profile.mobileconfig?address=${encodeURIComponent(address.toUpperCase())}`,
      );
      expect(status).toBe(200);
      expect(headers["content-type"]).toBe("application/x-apple-aspen-config");
      const signed = await contentSignedUnder(authority, bytes);
      expect(signed).toBe(renderAppleProfile(clientsOf(domain), profileOwner(address), authority));
      // One changed byte in the content, and the signature is no longer right.
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bytes.indexOf("<plist")) ^ 1, bytes.indexOf("<plist"));
      await expect(contentSignedUnder(authority, changed)).rejects.toThrow("verification failure");
    },
  );

  test.each([
    ["ana+tag@vaamonde.pti", domain, "ana+tag"],
    ["ana+tag+x%40vaamonde.pti", domain, "ana+tag+x"],
    ["ana%2Btag@vaamonde.pti", domain, "ana+tag"],
    ["ana%20tag@vaamonde.pti", domain, "ana+tag"],
    [encodeURIComponent("ana@münchen.straße.example"), idn, "ana"],
    [`a+b@${idn}`, idn, "a+b"],
  ])("a link with %s", async (written, of, user) => {
    const { status, bytes } = await ask(`mail.${of}`, `/profile.mobileconfig?address=${written}`);
    expect(status).toBe(200);
    expect(await contentSignedUnder(authority, bytes)).toBe(
      renderAppleProfile(clientsOf(of), profileOwner(`${user}@${of}`), authority),
    );
  });

  test.each([
    "",
    "?address=",
    "?address=ana",
    "?address=+%40vaamonde.pti",
    "?address=ana%40example.org",
    "?address=a%3Cb%3E%40vaamonde.pti",
  ])("%j is a bad request", async (query) => {
    expect((await ask(`mail.${domain}`, `/profile.mobileconfig${query}`)).status).toBe(400);
  });
});

describe("bad input", () => {
  const entities = `<!DOCTYPE a [<!ENTITY a "${"x".repeat(1000)}"><!ENTITY b "${"&a;".repeat(100)}">]>`;
  const withEntities = autodiscoverRequest("&b;").replace("?>", `?>${entities}`);
  const inUtf16 = Buffer.from(`\uFEFF${withEntities.replace("utf-8", "utf-16")}`, "utf16le").toString(
    "latin1",
  );
  const post = { method: "POST" };
  const large = "a".repeat(20_000);

  const cases: [string, number, () => Promise<HttpAnswer>][] = [
    ["malformed XML", 400, () => outlook("<Autodiscover><Request>")],
    ["no body", 400, () => outlook("")],
    ["other XML", 400, () => outlook("<a/>")],
    [
      "text where elements are expected",
      400,
      () => outlook("<Autodiscover><Request>x</Request></Autodiscover>"),
    ],
    ["deep nesting", 400, () => outlook("<a>".repeat(5000))],
    ["entity expansion", 400, () => outlook(withEntities)],
    [
      "an external entity",
      400,
      () =>
        outlook(
          autodiscoverRequest("&e;").replace(
            "?>",
            '?><!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
          ),
        ),
    ],
    ["entities in UTF-16", 400, () => outlook(inUtf16)],
    [
      "entities in UTF-7",
      400,
      () => outlook(`<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a>${autodiscoverRequest("a@b")}`),
    ],
    ["a body that is too large", 413, () => outlook(large)],
    [
      "one without a length",
      413,
      () =>
        ask(domain, "/autodiscover/autodiscover.xml", {
          ...post,
          body: large,
          headers: { "transfer-encoding": "chunked" },
        }),
    ],
    ["a path that is too long", 414, () => ask(domain, `/${large}`)],
    ["a header that is too large", 400, () => ask(domain, "/", { headers: { cookie: large } })],
    ["another method", 405, () => ask(domain, "/en", post)],
    [
      "another method for Outlook",
      405,
      () => ask(domain, "/autodiscover/autodiscover.xml", { method: "PUT", body: "" }),
    ],
    ["another method for the profile", 405, () => ask(domain, "/profile.mobileconfig", post)],
    ["nothing there", 404, () => ask(domain, "/nothing")],
    ["the error page itself", 404, () => ask(domain, "/-/error")],
    ["the way up", 400, () => ask(domain, "/../../etc/passwd")],
    ["the way up, encoded", 400, () => ask(domain, "/%2e%2e/%2e%2e/etc/passwd")],
    ["the way up in a document's place", 400, () => ask(domain, "/mail/..%2f..%2ftls%2fpair.pem")],
    ["a zero in the path", 400, () => ask(domain, "/en%00")],
    ["the policy under another name", 404, () => ask(domain, "/.well-known/mta-sts.txt")],
    ["another document under the policy's name", 404, () => ask(`mta-sts.${domain}`, "/en")],
    [
      "a name of nobody's",
      421,
      () => ask(domain, "/mail/config-v1.1.xml", { headers: { host: "elsewhere.invalid" } }),
    ],
    ["a name of nobody's, plain", 421, () => askPlain("elsewhere.invalid", "/mail/config-v1.1.xml")],
    ["an address for a name, plain", 421, () => askPlain("127.0.0.1", "/")],
    [
      "plain HTTP to the port of HTTPS",
      400,
      () => askHttp({ address: "127.0.0.1", port: ports.https, host: domain, path: "/", isPlain: true }),
    ],
  ];
  test.each(cases)("%s: %i", async (_, status, send) => {
    const answer = await send();
    expect(answer.status).toBe(status);
    expect(answer.body).not.toMatch(/nginx|njs|maildomain|\/run\/|root:|at .*:\d+/i);
    expect(securityHeaders(answer)).toEqual(documentHeaders);
  });

  test("memory stays steady", async () => {
    const resident = async () =>
      Number(
        await server.exec(
          "cat /proc/[0-9]*/status | awk '/^Name:/ {n=$2} /^VmRSS:/ && n==\"nginx\" {s+=$2} END {print s}'",
        ),
      );
    const round = () => Promise.all(cases.map(([, , send]) => send().catch(() => undefined)));
    // What it keeps for reuse grows until it has been as busy as it will be.
    for (let count = 0; count < 20; count++) await round();
    const before = await resident();
    for (let count = 0; count < 40; count++) await round();
    // KiB; one leaked body a request would be ten times as much.
    expect((await resident()) - before).toBeLessThan(4096);
  });
});

describe("in a browser", () => {
  let container: BrowserContainer;
  beforeAll(async () => {
    const place = { network: "bridge", nameServer: "127.0.0.1" };
    container = await BrowserContainer.start(`${server.name}-browser`, authority, place);
  });
  afterAll(() => container?.stop());

  /** The server's own answers, headers and all, without its names. */
  async function visit(options: BrowserContextOptions, path: string): Promise<Page> {
    const context = await container.browser.newContext(options);
    await context.route("**", async (route) => {
      const { pathname } = new URL(route.request().url());
      const { status, headers, body } = await ask(`mail.${domain}`, pathname, {
        headers: { "user-agent": (await route.request().headerValue("user-agent")) ?? "" },
      });
      const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
      // An error that webmail would have to answer is shown here as it is served.
      const [, kind, language] = /^\/-\/([a-z-]+)\/([a-z]+)$/.exec(pathname) ?? [];
      const shown = errorKinds.find((each) => each === kind);
      const inLanguage = languages.find((each) => each === language);
      const served = shown && inLanguage ? errorPage(shown, inLanguage) : body;
      await route.fulfill({ status, headers: flat, body: served });
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(`https://mail.${domain}${path}`);
    return page;
  }

  test.each(
    ["light", "dark"].flatMap((colorScheme) =>
      [320, 390, 1280].map((width) => [width, colorScheme as "light" | "dark"] as const),
    ),
  )(
    "at %i pixels, %s: nothing sticks out, and axe finds nothing, in any language",
    async (width, colorScheme) => {
      const page = await visit({ viewport: { width, height: 800 }, colorScheme }, "/nothing");
      // One of each kind, and one in each language: only their words differ.
      const errors = errorKinds.map((kind, index) => `/-/${kind}/${languages[index % languages.length]}`);
      for (const path of ["/nothing", ...errors, ...languages.map((language) => `/${language}`)]) {
        await page.goto(`https://mail.${domain}${path}`);
        await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
        expect(await accessibilityProblems(page), path).toEqual([]);
        const root = "document.documentElement";
        expect(await page.evaluate(`${root}.scrollWidth - ${root}.clientWidth`), path).toBe(0);
        if (screenshots !== undefined) {
          const file = `${path.slice(1).replaceAll("/", "-")}-${width}-${colorScheme}.png`;
          await page.screenshot({ path: join(screenshots, file), fullPage: true });
        }
      }
      await page.context().close();
    },
  );

  test.each([
    ["clients/set-up-page-desktop", 1280, "light"],
    ["clients/set-up-page-phone", 390, "dark"],
  ] as const)("%s of the documentation", async (name, width, colorScheme) => {
    const page = await visit({ viewport: { width, height: 800 }, colorScheme }, "/en");
    await page.getByRole("heading", { level: 1 }).waitFor();
    await keepPicture(name, () => page.screenshot());
    await page.context().close();
  });

  test("a value is copied by its button; without scripts, a click selects it whole", async () => {
    const value = `imap.${domain}`;
    const permissions = ["clipboard-read", "clipboard-write"];
    const page = await visit({ permissions }, "/en");
    await page.getByRole("button", { name: `Copy: ${value}` }).click();
    await page.getByRole("button", { name: `Copied: ${value}` }).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(value);
    await page.context().close();
    const plain = await visit({ javaScriptEnabled: false }, "/en");
    expect(await plain.getByRole("button", { name: "Copy" }).count()).toBe(0);
    await plain.getByText(value, { exact: true }).click();
    expect(await plain.evaluate("getSelection().toString()")).toBe(value);
    await plain.context().close();
  });
});

test("a thousand connections on each port that say nothing, or a byte of a request per second, keep nobody out", async () => {
  const opens = `GET / HTTP/1.1\r\nHost: ${domain}\r\nX-Slow: `;
  const secure = { isSecure: true, servername: domain, isRenewed: true };
  const connections = [
    await IdleConnections.open([ports.http], 1000, { opens, isRenewed: true }),
    await IdleConnections.open([ports.https], 500, { isRenewed: true }),
    await IdleConnections.open([ports.https], 500, { opens, ...secure }),
  ];
  try {
    expect((await askPlain(`autoconfig.${domain}`, "/mail/config-v1.1.xml")).status).toBe(200);
    expect((await ask(domain, "/en")).status).toBe(200);
    const bytes = await server.exec(
      "cat /sys/fs/cgroup/memory.current 2>/dev/null || cat /sys/fs/cgroup/memory/memory.usage_in_bytes",
    );
    expect(Number(bytes) / 2 ** 20).toBeLessThan(256);
  } finally {
    for (const each of connections) each.close();
  }
});

describe("changes", () => {
  test("a new policy is served without a reload", async () => {
    const master = await server.exec(
      "cat /run/nginx/nginx.pid; cat /proc/$(cat /run/nginx/nginx.pid)/task/*/children",
    );
    const stricter: MtaStsPolicy = { ...policy, mode: "testing", maxAge: 604_800 };
    const [first, ...others] = site.domains;
    const domains = first === undefined ? [] : [{ ...first, policy: stricter }, ...others];
    await serve(generation({ domains }));
    const { body } = await ask(`mta-sts.${domain}`, "/.well-known/mta-sts.txt");
    expect(body).toBe(formatMtaStsPolicy(stricter));
    expect(
      await server.exec("cat /run/nginx/nginx.pid; cat /proc/$(cat /run/nginx/nginx.pid)/task/*/children"),
    ).toBe(master);
  });

  test("a domain that is taken away is no longer answered for, once the generation is in force", async () => {
    await serve(generation({ domains: [siteOf(domain)] }));
    await expect(ask("autoconfig.example.org", "/mail/config-v1.1.xml")).rejects.toThrow("unrecognized name");
    expect((await ask(`autoconfig.${domain}`, "/mail/config-v1.1.xml")).status).toBe(200);
    await serve(generation());
  });

  test.each<[string, () => ConfigurationFile[], RegExp]>([
    [
      "a key that is not the certificate's",
      () => generation({}, pairOfOthers),
      /tls\/pair\.pem.*key values mismatch/,
    ],
    [
      "a configuration with a mistake",
      () =>
        generation().map((file) =>
          file.path === "nginx/nginx.conf"
            ? { ...file, content: file.content.replace("types {}", "typos on;") }
            : file,
        ),
      /unknown directive "typos" in nginx\/nginx\.conf:\d+/,
    ],
  ])("%s is refused, and the old generation stays", async (_, files, reason) => {
    await server.upload(files());
    expect(await server.settles(reason)).toMatch(reason);
    expect((await ask(`autoconfig.${domain}`, "/mail/config-v1.1.xml")).status).toBe(200);
    await serve([...generation(), { path: "web/again.txt", content: randomBytes(8).toString("hex") }]);
  });

  test("a start with a bad generation continues with the one before", () =>
    startWithBadGeneration(
      server,
      generation(),
      async () => {
        await server.upload(generation({}, pairOfOthers));
        return /tls\/pair\.pem.*key values mismatch/;
      },
      async () => {
        await findPorts();
        expect((await ask(`autoconfig.${domain}`, "/mail/config-v1.1.xml")).status).toBe(200);
      },
    ));

  test("what nginx finds fault with only when it takes it is not reported as in force, and the old one stays", async () => {
    const listen =
      "perl -MSocket -e 'socket S,PF_INET,SOCK_STREAM,0;bind S,sockaddr_in 8099,INADDR_ANY or die;listen S,1;sleep 60'";
    await docker("exec", "--detach", server.name, "sh", "-c", listen);
    await server.upload(
      generation().map((file) =>
        file.path === "nginx/nginx.conf"
          ? { ...file, content: file.content.replace("types {}", "server { listen 8099; }\n    types {}") }
          : file,
      ),
    );
    expect(await server.settles(/does not run/)).toMatch(
      /^generation [0-9a-f]{16} was checked, but does not run: nginx keeps its old configuration$/,
    );
    expect((await ask(`autoconfig.${domain}`, "/mail/config-v1.1.xml")).status).toBe(200);
    await serve([...generation(), { path: "web/once-more.txt", content: randomBytes(8).toString("hex") }]);
  });

  test.each([
    ["RSA", () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey],
    ["ECDSA P-384", () => generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey],
  ])("Apple's profile is signed by a key of %s too", async (_, generate) => {
    const key = keyPem(generate());
    const certificate = await certifyByOpenSsl(key, `mail.${domain}`, {
      certificate: authority,
      key: keyPem(authorityKey),
    });
    await serve(generation({}, unseal(webServerPair, { privateKey: key, certificate, chain: "" })));
    const { bytes } = await ask(`mail.${domain}`, `/profile.mobileconfig?address=ana%40${domain}`);
    expect(await contentSignedUnder(authority, bytes)).toBe(
      renderAppleProfile(clientsOf(domain), profileOwner(`ana@${domain}`), authority),
    );
    await serve(generation());
  });

  test("stops in order, and serves again after it", async () => {
    await docker("stop", server.name);
    expect(await server.exitCode()).toBe("0");
    await docker("start", server.name);
    ports = { http: await server.port("80/tcp"), https: await server.port("443/tcp") };
    expect(await server.becomes(healthy)).toMatch(healthy);
    expect((await ask(`autoconfig.${domain}`, "/mail/config-v1.1.xml")).status).toBe(200);
  });
});
