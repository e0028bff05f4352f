import { Resolver } from "node:dns/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyPem, makeKey } from "../../provider/certificate.ts";
import { describeKey } from "../../provider/dnssec-key.ts";
import { renderKnot, zoneKeyFile } from "../../servers/dns-server/knot.ts";
import { unseal } from "../../servers/generation/configuration-file.ts";
import { type NameResolver, query, resolverAt } from "../../verify/probes/dns.ts";
import { docker } from "../kit/engine.ts";
import { ServerContainer } from "../kit/server-container.ts";

const server = new ServerContainer({
  role: "dns-server",
  capabilities: [],
  ports: ["53/udp", "53/tcp"],
  volumes: ["/var/lib/knot"],
});
const healthy = /^healthy: generation [0-9a-f]{16} is in force$/;
const resolver = new Resolver({ timeout: 5000, tries: 2 });

function zone(origin: string, address: string): { origin: string; text: string } {
  const text = `$ORIGIN ${origin}.
$TTL 60
@ IN SOA ns hostmaster 1 3600 900 1209600 300
@ IN NS ns
ns IN A ${address}
`;
  return { origin, text };
}

async function serve(...zones: { origin: string; text: string }[]): Promise<void> {
  const id = await server.upload(renderKnot(zones));
  expect(await server.settles(new RegExp(id))).toBe(id);
}

async function serial(origin: string): Promise<number> {
  return (await resolver.resolveSoa(origin)).serial;
}

beforeAll(async () => {
  await server.build();
  await server.upload(renderKnot([zone("vaamonde.pti", "192.0.2.1")]));
  await server.run();
  resolver.setServers([`127.0.0.1:${await server.port("53/udp")}`]);
});
afterAll(() => server.remove());

test("serves on a read-only file system, as one user without a capability", async () => {
  expect(await server.becomes(healthy)).toMatch(healthy);
  expect(await resolver.resolve4("ns.vaamonde.pti")).toEqual(["192.0.2.1"]);
  expect(await server.exec("cat /proc/[0-9]*/status | grep -E '^(Uid|CapPrm|CapBnd)' | sort -u")).toBe(
    "CapBnd:\t0000000000000000\nCapPrm:\t0000000000000000\nUid:\t810\t810\t810\t810",
  );
  // Whatever the generation holds is for this user alone.
  expect(await server.exec("find -L /run/maildomain/current -perm /077")).toBe("");
});

test("does not answer for zones of others", async () => {
  await expect(resolver.resolve4("example.com")).rejects.toMatchObject({ code: "EREFUSED" });
});

test("a changed zone is served under a higher serial, an unchanged one keeps its own", async () => {
  await serve(zone("vaamonde.pti", "192.0.2.1"), zone("example.org", "192.0.2.1"));
  const before = await serial("vaamonde.pti");
  expect(await resolver.resolve4("ns.example.org")).toEqual(["192.0.2.1"]);
  const kept = await serial("example.org");
  await serve(zone("vaamonde.pti", "192.0.2.2"), zone("example.org", "192.0.2.1"));
  expect(await resolver.resolve4("ns.vaamonde.pti")).toEqual(["192.0.2.2"]);
  expect(await serial("vaamonde.pti")).toBeGreaterThan(before);
  expect(await serial("example.org")).toBe(kept);
});

test("a zone that is taken away is no longer answered for", async () => {
  await serve(zone("vaamonde.pti", "192.0.2.2"));
  await expect(resolver.resolve4("ns.example.org")).rejects.toMatchObject({ code: "EREFUSED" });
});

test("a zone that does not parse is refused with its line, and the old one stays until a good one comes", async () => {
  const broken = zone("vaamonde.pti", "192.0.2.3");
  await server.upload(renderKnot([{ ...broken, text: `${broken.text}mail IN MXX 10 ns\n` }]));
  const reason = /zones\/vaamonde\.pti\.zone.*line 6 \(unsupported record type\)/;
  expect(await server.settles(reason)).toMatch(reason);
  const unhealthy = new RegExp(`^unhealthy: .*${reason.source}`);
  expect(await server.becomes(unhealthy)).toMatch(unhealthy);
  expect(await resolver.resolve4("ns.vaamonde.pti")).toEqual(["192.0.2.2"]);
  await serve(broken);
  expect(await server.becomes(healthy)).toMatch(healthy);
  expect(await resolver.resolve4("ns.vaamonde.pti")).toEqual(["192.0.2.3"]);
});

test("a Knot that hangs is not healthy, although it still listens", async () => {
  const check = () =>
    server.exec("rm -f /run/maildomain/healthy; /usr/lib/maildomain/healthcheck; echo exit status $?");
  await server.exec("kill -STOP $(pidof knotd)");
  expect(await check()).toMatch(/is in force, but no answer comes from: knot\nexit status 1$/);
  await server.exec("kill -CONT $(pidof knotd)");
  expect(await check()).toMatch(/exit status 0$/);
});

test("the serial does not fall at a restart", async () => {
  const before = await serial("vaamonde.pti");
  await docker("restart", server.name);
  resolver.setServers([`127.0.0.1:${await server.port("53/udp")}`]);
  expect(await server.becomes(healthy)).toMatch(healthy);
  expect(await serial("vaamonde.pti")).toBeGreaterThanOrEqual(before);
});

describe("a signed zone", () => {
  let overTcp: NameResolver;
  beforeAll(async () => {
    overTcp = resolverAt(`127.0.0.1:${await server.port("53/tcp")}`);
  });
  const origin = "example.net";
  const signed = { ...zone(origin, "192.0.2.1"), signed: true };
  const serveSigned = (pem: string) =>
    server.upload([...renderKnot([signed]), unseal(zoneKeyFile(origin), pem)]);
  const shown = async () => (await query(overTcp, origin, "DNSKEY")).records.map(({ content }) => content);

  test("is signed by the key that comes with it, and by another one once that comes", async () => {
    for (const key of [makeKey(), makeKey()]) {
      const id = await serveSigned(keyPem(key));
      expect(await server.settles(new RegExp(id))).toBe(id);
      expect(await shown()).toEqual([describeKey(origin, key).dnskey]);
      const { signatures } = await query(overTcp, `ns.${origin}`, "A");
      expect(signatures).toHaveLength(1);
    }
  });

  test("keeps its key when one comes that is cut off, which is named", async () => {
    const before = await shown();
    const pem = keyPem(makeKey());
    await serveSigned(`${pem.slice(0, 90)}\n-----END PRIVATE KEY-----\n`);
    expect(await server.settles(/dnssec/)).toMatch(
      /dnssec\/example\.net\.pem is not a key that Knot can sign with/,
    );
    expect(await shown()).toEqual(before);
  });

  test("loses its signatures when it is no longer to be signed", async () => {
    await serve(zone(origin, "192.0.2.1"));
    expect(await shown()).toEqual([]);
  });
});
