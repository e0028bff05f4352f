import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { checkLiveZones, readLiveZones } from "../../../publishers/cloudflare/live-zones.ts";
import { CloudflareStandIn, type Right } from "../../cloudflare/stand-in.ts";

let standIn: CloudflareStandIn;
let ids: readonly string[];
beforeAll(async () => {
  standIn = await CloudflareStandIn.start();
  ids = ["example.org", "example.net"].map((name) => standIn.addZone(name));
  // The second one is empty: only the API knows its name.
  standIn.records(ids[0] ?? "").create({ type: "A", name: "www", content: "192.0.2.1" });
});
afterAll(() => standIn[Symbol.asyncDispose]());
beforeEach(() => {
  standIn.requests.length = 0;
});

async function check(rights: readonly Right[], write: boolean, names = ["example.org", "example.net"]) {
  const zones = names.map((name, at) => ({
    name,
    id: ids[at] ?? "",
    setting: `domains[${at}].cloudflareZone`,
  }));
  const access = { token: standIn.addToken({ rights }), baseUrl: standIn.baseUrl, write };
  return await checkLiveZones(zones, access).then(
    () => "well",
    (error: Error) => error.message.replaceAll(/[0-9a-f]{32}/g, "(id)"),
  );
}

test("a token with the one right that is needed", async () => {
  expect(await check(["dns:edit"], true)).toBe("well");
  expect(await check(["dns:read"], false)).toBe("well");
  // A list each, the name of the empty one, and an attempt that is refused.
  expect(standIn.requests.filter((request) => request.startsWith("POST "))).toHaveLength(2);
  expect(ids.map((id) => standIn.records(id).all.length)).toEqual([1, 0]);
});

test("every zone that cannot be used, at once", async () => {
  expect(await check(["dns:read"], true)).toMatchInlineSnapshot(`
    "cloudflare:apiToken: the token may read the DNS records of example.org, but not write them: give it the right Zone, DNS, Edit for this zone (Cloudflare answers 403: 10000 Authentication error)
    cloudflare:apiToken: the token may read the DNS records of example.net, but not write them: give it the right Zone, DNS, Edit for this zone (Cloudflare answers 403: 10000 Authentication error)"
  `);
  expect(await check(["zone:read"], false)).toMatchInlineSnapshot(`
    "cloudflare:apiToken: the token may not read the DNS records of example.org, or domains[0].cloudflareZone names no zone of it ((id)): give it the right Zone, DNS, Edit for this zone (Cloudflare answers 403: 10000 Authentication error)
    cloudflare:apiToken: the token may not read the DNS records of example.net, or domains[1].cloudflareZone names no zone of it ((id)): give it the right Zone, DNS, Edit for this zone (Cloudflare answers 403: 10000 Authentication error)"
  `);
  expect(await check(["zone:read", "dns:edit"], true, ["example.com", "example.com"])).toMatchInlineSnapshot(`
    "domains[0].cloudflareZone: (id) is the zone of example.org, not of example.com: write the id of example.com
    domains[1].cloudflareZone: (id) is the zone of example.net, not of example.com: write the id of example.com"
  `);
});

test("more zones than are asked for at once", async () => {
  const names = Array.from({ length: 20 }, (_, n) => `n${n}.example`);
  const token = standIn.addToken({ rights: ["dns:edit", "zone:read"] });
  const zones = names.map((name) => ({ name, id: standIn.addZone(name), setting: name }));
  const wrong = zones.map((zone, at) => (at % 19 === 0 ? { ...zone, id: "0".repeat(32) } : zone));
  const access = { token, baseUrl: standIn.baseUrl, write: false };
  await checkLiveZones(zones, access);
  await expect(checkLiveZones(wrong, access)).rejects.toThrow(/^n0\.example: ".*\nn19\.example: [^\n]*$/);
});

test("an internationalized zone: Unicode as the API has it, A-labels in its records and here", async () => {
  const id = standIn.addZone("träume.example");
  const other = standIn.addZone("räume.example");
  const [name, setting] = ["xn--trume-hra.example", "domains[0].cloudflareZone"];
  const token = standIn.addToken({ rights: ["dns:edit", "zone:read"] });
  const access = { token, baseUrl: standIn.baseUrl, write: false };
  const zone = { name, id, setting };
  // Empty, so that only the zone's own name says whose it is.
  await checkLiveZones([zone], access);
  for (const body of [
    { type: "A", name: "Mail.Träume.example.", content: "192.0.2.25" },
    { type: "MX", name: "träume.example", content: "Mail.Träume.example", priority: 10 },
    { type: "TXT", name: "_dmarc", content: '"v=DMARC1; p=none"' },
  ]) {
    standIn.records(id).create(body);
  }
  await checkLiveZones(
    [zone, { ...zone, name: `shop.${name}`, setting: "domains[1].cloudflareZone" }],
    access,
  ).then(
    () => expect.fail("a domain below is not the zone"),
    ({ message }: Error) =>
      expect(message).toMatch(
        /^domains\[1\].*: \w+ is the zone of xn--trume-hra\.example, not of shop\.xn--trume/,
      ),
  );
  const found = (await readLiveZones([zone], access)).get(id);
  expect(found?.map((record) => `${record.name} ${record.type} ${record.content}`).toSorted()).toEqual([
    `_dmarc.${name} TXT v=DMARC1; p=none`,
    `mail.${name} A 192.0.2.25`,
    `${name} MX 10 mail.${name}`,
  ]);
  await expect(checkLiveZones([{ ...zone, id: other }], access)).rejects.toThrow(
    "is the zone of xn--rume-loa.example, not of xn--trume-hra.example",
  );
});
