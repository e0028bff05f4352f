/** The stand-in as the official client sees it: its typed calls, its pages, its errors. */
import Cloudflare from "cloudflare";
import type { RecordCreateParams } from "cloudflare/resources/dns/records.js";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { quoteText } from "../../records/index.ts";
import { CloudflareStandIn, type TokenOptions } from "./stand-in.ts";

let standIn: CloudflareStandIn;
let zone_id: string;
let client: Cloudflare;

beforeAll(async () => {
  standIn = await CloudflareStandIn.start();
});
afterAll(() => standIn[Symbol.asyncDispose]());
beforeEach(() => {
  zone_id = standIn.addZone("example.org");
  client = connect(standIn.addToken());
});

function connect(apiToken: string): Cloudflare {
  return new Cloudflare({ apiToken, baseURL: standIn.baseUrl, maxRetries: 0 });
}

/** A record that the client's types do not allow in all of its cases. */
function create(record: object) {
  return client.dns.records.create({ zone_id, ttl: 300, ...record } as RecordCreateParams);
}

/** Status and codes of what the client throws. */
async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Cloudflare.APIError)) return String(error);
  return `${error.status}: ${error.errors.map(({ code, message }) => `${code} ${message}`).join("; ")}`;
}

test("a record comes back in full, as it was sent and as the zone keeps it", async () => {
  const record = await create({
    type: "MX",
    name: "@",
    content: "Mail.Example.org.",
    priority: 0,
    comment: "x",
  });
  expect(record).toMatchObject({
    created_on: expect.any(String),
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  const { id, created_on, modified_on, comment_modified_on, ...rest } = record;
  expect([modified_on, comment_modified_on]).toEqual([created_on, created_on]);
  expect(rest).toMatchInlineSnapshot(`
    {
      "comment": "x",
      "content": "mail.example.org",
      "meta": {},
      "name": "example.org",
      "priority": 0,
      "proxiable": false,
      "proxied": false,
      "settings": {},
      "tags": [],
      "ttl": 300,
      "type": "MX",
    }
  `);
  expect(await client.dns.records.get(id, { zone_id })).toEqual(record);
});

const kept: readonly (readonly [string, object, object])[] = [
  ["a relative name", { type: "A", name: "Mail", content: "192.0.2.1" }, { name: "mail.example.org" }],
  [
    "a full name",
    { type: "A", name: "mail.example.org.", content: "192.0.2.1" },
    { name: "mail.example.org" },
  ],
  [
    "a Unicode name",
    { type: "A", name: "bücher", content: "192.0.2.1" },
    { name: "xn--bcher-kva.example.org" },
  ],
  ["a wildcard", { type: "A", name: "*", content: "192.0.2.1" }, { name: "*.example.org" }],
  [
    "IPv6",
    { type: "AAAA", name: "a", content: "2001:DB8:0:0::25" },
    { content: "2001:db8::25", proxiable: true },
  ],
  ["an alias", { type: "CNAME", name: "a", content: "B.example.net." }, { content: "b.example.net" }],
  ["a null MX", { type: "MX", name: "a", content: ".", priority: 0 }, { content: ".", priority: 0 }],
  ["unquoted text", { type: "TXT", name: "a", content: "v=spf1 -all" }, { content: "v=spf1 -all" }],
  ["quoted text", { type: "TXT", name: "a", content: '"a" "b"' }, { content: '"ab"' }],
  [
    "long text",
    { type: "TXT", name: "a", content: `"${"x".repeat(300)}"` },
    { content: quoteText("x".repeat(300)) },
  ],
  [
    "SRV",
    {
      type: "SRV",
      name: "_imaps._tcp",
      data: { priority: 5, weight: 1, port: 993, target: "I.example.org." },
    },
    {
      content: "1 993 i.example.org",
      priority: 5,
      data: { priority: 5, weight: 1, port: 993, target: "i.example.org" },
    },
  ],
  [
    "SRV for none",
    { type: "SRV", name: "_pop3._tcp", data: { priority: 0, weight: 0, port: 0, target: "." } },
    { content: "0 0 .", priority: 0 },
  ],
  [
    "CAA",
    { type: "CAA", name: "@", data: { flags: "0", tag: "issue", value: "letsencrypt.org" } },
    { content: '0 issue "letsencrypt.org"', data: { flags: 0, tag: "issue", value: "letsencrypt.org" } },
  ],
  [
    "TLSA",
    { type: "TLSA", name: "_25._tcp", data: { usage: 3, selector: 1, matching_type: 1, certificate: "ab" } },
    { content: "3 1 1 ab" },
  ],
  [
    "DS",
    { type: "DS", name: "sub", data: { key_tag: 1, algorithm: 13, digest_type: 2, digest: "ab" } },
    { content: "1 13 2 ab" },
  ],
  ["no TTL", { type: "A", name: "a", content: "192.0.2.1", ttl: undefined }, { ttl: 1, proxied: false }],
  [
    "proxied",
    { type: "A", name: "a", content: "192.0.2.1", proxied: true, ttl: 300 },
    { ttl: 1, proxied: true },
  ],
];

test.each(kept)("the form in which a zone keeps %s", async (_, sent, expected) => {
  expect(await create(sent)).toMatchObject(expected);
});

const refused: readonly (readonly [string, object, string])[] = [
  ["no name", { type: "A", content: "192.0.2.1" }, "9000"],
  ["a bad name", { type: "A", name: "a b", content: "192.0.2.1" }, "9000"],
  ["an unknown type", { type: "SPF", name: "a", content: "x" }, "9001"],
  ["a bad address", { type: "A", name: "a", content: "2001:db8::1" }, "9005"],
  ["a bad IPv6 address", { type: "AAAA", name: "a", content: "192.0.2.1" }, "9006"],
  ["a URL for an alias", { type: "CNAME", name: "a", content: "https://example.net" }, "9007"],
  ["an address and no priority", { type: "MX", name: "a", content: "192.0.2.1" }, "9009,9100"],
  ["no content", { type: "TXT", name: "a" }, "9020"],
  ["a TTL too short", { type: "A", name: "a", content: "192.0.2.1", ttl: 59 }, "9021"],
  ["a TTL too long", { type: "A", name: "a", content: "192.0.2.1", ttl: 86_401 }, "9021"],
  ["SRV as text", { type: "SRV", name: "_a._tcp", content: "0 1 1 b" }, "9101,9101,9101,9101"],
  ["a proxied TXT", { type: "TXT", name: "a", content: '"x"', proxied: true }, "9004"],
  ["a long comment", { type: "A", name: "a", content: "192.0.2.1", comment: "x".repeat(101) }, "9313"],
];

test.each(refused)("%s is refused", async (_, sent, codes) => {
  const error: unknown = await create(sent).catch((reason: unknown) => reason);
  if (!(error instanceof Cloudflare.BadRequestError)) expect.fail(String(error));
  expect(error.errors.map(({ code }) => code).join()).toBe(codes);
  expect(standIn.records(zone_id).all).toEqual([]);
});

describe("what may stand beside what", () => {
  const a = { type: "A", name: "a", content: "192.0.2.1" };
  const alias = { type: "CNAME", name: "a", content: "b.example.net" };
  const text = { type: "TXT", name: "a", content: '"x"' };
  const delegation = { type: "NS", name: "a", content: "ns.example.net" };
  const mx = { type: "MX", name: "a", content: "mail.example.net", priority: 10 };
  test.each([
    ["a second address", a, { ...a, content: "192.0.2.2" }, "undefined"],
    ["the same again", a, a, "400: 81058 An identical record already exists."],
    ["an alias beside an address", a, alias, "400: 81053"],
    ["an alias beside an alias", alias, { ...alias, content: "c.example.net" }, "400: 81053"],
    ["an address beside an alias", alias, a, "400: 81054"],
    ["text beside an alias", alias, text, "undefined"],
    ["text beside a proxied alias", { ...alias, proxied: true }, text, "undefined"],
    ["an address beside a proxied alias", { ...alias, proxied: true }, a, "400: 81054"],
    ["an MX beside an alias at the apex", { ...alias, name: "@" }, { ...mx, name: "@" }, "undefined"],
    ["an alias at the apex beside an MX", { ...mx, name: "@" }, { ...alias, name: "@" }, "undefined"],
    ["an address beside an alias at the apex", { ...alias, name: "@" }, { ...a, name: "@" }, "400: 81054"],
    ["an alias at the apex beside an address", { ...a, name: "@" }, { ...alias, name: "@" }, "400: 81053"],
    ["an alias beside a delegation", delegation, alias, "400: 81056"],
    ["text beside a delegation", delegation, text, "400: 81056"],
    ["text beside the apex' NS", { ...delegation, name: "@" }, { ...text, name: "@" }, "undefined"],
  ])("%s", async (_, first, second, outcome) => {
    await create(first);
    expect(await refusal(create(second))).toMatch(new RegExp(`^${outcome}`));
  });
});

test("an alias is flattened by its own setting, which a proxied one drops", async () => {
  const alias = { type: "CNAME", name: "a", content: "b.example.net", settings: { flatten_cname: true } };
  expect(await create({ ...alias, tags: ["a:b"] })).toMatchObject({
    settings: { flatten_cname: true },
    tags: ["a:b"],
  });
  expect(await create({ ...alias, name: "b", proxied: true })).toMatchObject({ settings: {} });
});

test("what a product keeps nobody changes", async () => {
  const meta = { email_routing: true, read_only: true };
  const mx = { type: "MX", name: "@", content: "route1.mx.cloudflare.net", priority: 1 } as const;
  const { id } = standIn.records(zone_id).keep(mx, meta);
  expect(await client.dns.records.get(id, { zone_id })).toMatchObject({ meta });
  expect(await refusal(client.dns.records.edit(id, { zone_id, ...mx, ttl: 60 }))).toMatch(/^400: /);
  expect(await refusal(client.dns.records.update(id, { zone_id, ...mx, ttl: 60 }))).toMatch(/^400: /);
  expect(await refusal(client.dns.records.delete(id, { zone_id }))).toMatch(/^400: /);
});

test("an internationalized zone is called in Unicode, its records in A-labels", async () => {
  const id = standIn.addZone("träume.example");
  const found = async (name: string) => {
    const ids: string[] = [];
    for await (const zone of client.zones.list({ name })) ids.push(`${zone.id} ${zone.name}`);
    return ids;
  };
  expect(await found("träume.example")).toEqual([`${id} träume.example`]);
  expect(await found("xn--trume-hra.example")).toEqual([]);
  const kept = await create({ zone_id: id, type: "CNAME", name: "Bücher", content: "Träume.example." });
  expect(kept).toMatchObject({
    name: "xn--bcher-kva.xn--trume-hra.example",
    content: "xn--trume-hra.example",
  });
});

test("PATCH keeps what it is not given, PUT does not; both keep the id; DELETE returns it", async () => {
  const { id } = await create({ type: "A", name: "a", content: "192.0.2.1", comment: "mine" });
  const edited = await client.dns.records.edit(id, { zone_id, type: "A", name: "a", ttl: 60 });
  expect(edited).toMatchObject({ id, content: "192.0.2.1", ttl: 60, comment: "mine" });
  const params = { zone_id, type: "AAAA", name: "b.example.org", content: "2001:db8::1", ttl: 1 } as const;
  expect(await client.dns.records.update(id, params)).toMatchObject({
    id,
    type: "AAAA",
    comment: null,
    ttl: 1,
  });
  expect(await client.dns.records.delete(id, { zone_id })).toEqual({ id });
  const missing = "404: 81044 Record does not exist.";
  expect(await refusal(client.dns.records.get(id, { zone_id }))).toBe(missing);
  expect(await refusal(client.dns.records.update(id, params))).toBe(missing);
  expect(await refusal(client.dns.records.delete(id, { zone_id }))).toBe(missing);
});

test("a batch deletes before it creates, and is done in whole or not at all", async () => {
  const { id } = await create({ type: "CNAME", name: "a", content: "b.example.net" });
  const a = { type: "A", name: "a", content: "192.0.2.1", ttl: 60 } as const;
  const failing = client.dns.records.batch({ zone_id, deletes: [{ id }], posts: [a, a] });
  expect(await refusal(failing)).toMatch(/^400: 81058/);
  expect(standIn.records(zone_id).all.map((record) => record.id)).toEqual([id]);
  const done = await client.dns.records.batch({ zone_id, deletes: [{ id }], posts: [a] });
  expect(done.posts).toMatchObject([{ name: "a.example.org" }]);
  expect(standIn.records(zone_id).all.map(({ type }) => type)).toEqual(["A"]);
});

test("pages, filters and order", async () => {
  for (let n = 0; n < 25; n += 1) {
    await create({
      type: n % 2 === 0 ? "A" : "TXT",
      name: `n${n}`,
      content: n % 2 === 0 ? `192.0.2.${n}` : `"${n}"`,
    });
  }
  const list = async (params: object): Promise<string[]> => {
    const names: string[] = [];
    for await (const { name } of client.dns.records.list({ zone_id, ...params })) names.push(name);
    return names;
  };
  standIn.requests.length = 0;
  expect(await list({ per_page: 10 })).toHaveLength(25);
  // The client asks until a page is empty.
  expect(standIn.requests.filter((request) => request.includes("/dns_records?"))).toHaveLength(4);
  expect(await list({ type: "TXT", name: { startswith: "N1" } })).toEqual(
    ["n1", "n11", "n13", "n15", "n17", "n19"].map((label) => `${label}.example.org`),
  );
  expect(await list({ content: { exact: "192.0.2.4" } })).toEqual(["n4.example.org"]);
  expect(
    await list({ match: "any", name: { exact: "n3.example.org" }, content: { endswith: ".4" } }),
  ).toEqual(["n3.example.org", "n4.example.org"]);
  expect((await list({ order: "name", direction: "desc" }))[0]).toBe("n9.example.org");
  const { result_info } = await client.dns.records.list({ zone_id, per_page: 10, page: 3 });
  expect(result_info).toMatchObject({ page: 3, per_page: 10, count: 5, total_count: 25 });
});

describe("tokens", () => {
  test("a good one", async () => {
    expect(await client.user.tokens.verify()).toMatchObject({ status: "active" });
    const other = standIn.addZone("example.net");
    const found: string[] = [];
    for await (const { id, name } of client.zones.list({ name: "example.net" })) {
      expect(name).toBe("example.net");
      found.push(id);
    }
    expect(found).toContain(other);
    expect(await client.zones.get({ zone_id })).toMatchObject({ id: zone_id, name: "example.org" });
  });

  const unknown = "0".repeat(40);
  const options: Readonly<Record<string, TokenOptions>> = {
    reader: { rights: ["zone:read", "dns:read"] },
    editor: { rights: ["dns:edit"] },
    blind: { rights: ["zone:read"] },
    elsewhere: { zones: ["example.com"] },
  };
  const get = (api: Cloudflare) => api.zones.get({ zone_id });
  const list = async (api: Cloudflare) => await api.dns.records.list({ zone_id });
  const add = (api: Cloudflare) =>
    api.dns.records.create({ zone_id, type: "A", name: "a", content: "192.0.2.1", ttl: 60 });
  const verify = (api: Cloudflare) => api.user.tokens.verify();
  test.each([
    ["a global key", "x".repeat(37), get, "400: 6003 Invalid request headers"],
    ["an unknown one, verified", unknown, verify, "401: 1000 Invalid API Token"],
    ["an unknown one", unknown, list, "403: 9109 Invalid access token"],
    ["a reader", "reader", list, "undefined"],
    ["a reader that writes", "reader", add, "403: 10000 Authentication error"],
    ["an editor", "editor", add, "undefined"],
    [
      "an editor that asks for the zone",
      "editor",
      get,
      "403: 9109 Unauthorized to access requested resource",
    ],
    ["one without DNS", "blind", list, "403: 10000 Authentication error"],
    ["one of another zone", "elsewhere", list, "403: 10000 Authentication error"],
    [
      "one of another zone that asks for this",
      "elsewhere",
      get,
      "403: 9109 Unauthorized to access requested resource",
    ],
  ])("%s", async (_, token, call, outcome) => {
    const known = options[token];
    const api = connect(known === undefined ? token : standIn.addToken(known));
    expect(await refusal(call(api))).toBe(outcome);
  });
});

test("zones and records that are none", async () => {
  const get = (zone: string, record: string) => refusal(client.dns.records.get(record, { zone_id: zone }));
  expect(await get("0".repeat(32), "0".repeat(32))).toBe("400: 1001 Invalid zone identifier");
  expect(await get("example.org", "0".repeat(32))).toMatch(
    /^400: 7003 Could not route to \/client\/v4\/zones\/example.org\/dns_records\/0+, perhaps your object identifier/,
  );
  expect(await get(zone_id, "1")).toMatch(/^400: 7003 /);
});
