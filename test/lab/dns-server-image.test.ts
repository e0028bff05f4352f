import { randomInt } from "node:crypto";
import { type Answer, encode } from "dns-packet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyPem, makeKey } from "../../provider/certificate.ts";
import { describeKey } from "../../provider/dnssec-key.ts";
import { renderKnot, zoneKeyFile } from "../../servers/dns-server/knot.ts";
import { unseal } from "../../servers/generation/configuration-file.ts";
import { renderGeneration } from "../../servers/generation/generation.ts";
import { type NameResolver, query, resolverAt } from "../../verify/probes/dns.ts";
import { flood, rcodesAt } from "../kit/dns-clients.ts";
import { docker } from "../kit/engine.ts";
import { startWithBadGeneration } from "../kit/last-known-good.ts";
import { ServerContainer } from "../kit/server-container.ts";

const server = new ServerContainer({
  role: "dns-server",
  capabilities: [],
  ports: ["53/udp", "53/tcp"],
  volumes: ["/var/lib/knot"],
});
const healthy = /^healthy: generation [0-9a-f]{16} is in force$/;
// Over TCP, where nobody is limited.
let overTcp: NameResolver;

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
  const { records } = await query(overTcp, origin, "SOA");
  return Number(records[0]?.content.split(" ")[1]);
}

async function addresses(name: string): Promise<string[]> {
  return (await query(overTcp, name, "A")).records.map(({ content }) => content);
}

async function findPort(): Promise<void> {
  overTcp = resolverAt(`127.0.0.1:${await server.port("53/tcp")}`);
}

beforeAll(async () => {
  await server.build();
  await server.upload(renderKnot([zone("vaamonde.pti", "192.0.2.1")]));
  await server.run();
  await findPort();
});
afterAll(() => server.remove());

test("serves on a read-only file system, as one user without a capability", async () => {
  expect(await server.becomes(healthy)).toMatch(healthy);
  expect(await addresses("ns.vaamonde.pti")).toEqual(["192.0.2.1"]);
  expect(await server.exec("cat /proc/[0-9]*/status | grep -E '^(Uid|CapPrm|CapBnd)' | sort -u")).toBe(
    "CapBnd:\t0000000000000000\nCapPrm:\t0000000000000000\nUid:\t810\t810\t810\t810",
  );
  // Whatever the generation holds is for this user alone.
  expect(await server.exec("find -L /run/maildomain/current -perm /077")).toBe("");
});

test("does not answer for zones of others", async () => {
  await expect(addresses("example.com")).rejects.toThrow("it answers REFUSED");
});

test("a changed zone is served under a higher serial, an unchanged one keeps its own", async () => {
  await serve(zone("vaamonde.pti", "192.0.2.1"), zone("example.org", "192.0.2.1"));
  const before = await serial("vaamonde.pti");
  expect(await addresses("ns.example.org")).toEqual(["192.0.2.1"]);
  const kept = await serial("example.org");
  await serve(zone("vaamonde.pti", "192.0.2.2"), zone("example.org", "192.0.2.1"));
  expect(await addresses("ns.vaamonde.pti")).toEqual(["192.0.2.2"]);
  expect(await serial("vaamonde.pti")).toBeGreaterThan(before);
  expect(await serial("example.org")).toBe(kept);
});

test("a zone that is taken away is no longer answered for", async () => {
  await serve(zone("vaamonde.pti", "192.0.2.2"));
  await expect(addresses("ns.example.org")).rejects.toThrow("it answers REFUSED");
});

test("a zone that does not parse is refused with its line, and the old one stays until a good one comes", async () => {
  const broken = zone("vaamonde.pti", "192.0.2.3");
  await server.upload(renderKnot([{ ...broken, text: `${broken.text}mail IN MXX 10 ns\n` }]));
  const reason = /zones\/vaamonde\.pti\.zone.*line 6 \(unsupported record type\)/;
  expect(await server.settles(reason)).toMatch(reason);
  const unhealthy = new RegExp(`^unhealthy: .*${reason.source}`);
  expect(await server.becomes(unhealthy)).toMatch(unhealthy);
  expect(await addresses("ns.vaamonde.pti")).toEqual(["192.0.2.2"]);
  await serve(broken);
  expect(await server.becomes(healthy)).toMatch(healthy);
  expect(await addresses("ns.vaamonde.pti")).toEqual(["192.0.2.3"]);
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
  await findPort();
  expect(await server.becomes(healthy)).toMatch(healthy);
  expect(await serial("vaamonde.pti")).toBeGreaterThanOrEqual(before);
});

const good = renderKnot([zone("vaamonde.pti", "192.0.2.3")]);
const whole = renderGeneration(good);
const damages: readonly (readonly [what: string, generation: Buffer, reason: RegExp])[] = [
  [
    "that does not parse",
    renderGeneration(renderKnot([{ origin: "vaamonde.pti", text: "@ SOA\n" }])),
    /zones/,
  ],
  ["that is cut off", whole.subarray(0, -99), /is cut off/],
  [
    "with other bytes in it",
    Buffer.concat([whole.subarray(0, 90), Buffer.from("??"), whole.subarray(92)]),
    /complete/,
  ],
  ["that is empty", Buffer.alloc(0), /not complete/],
  ["that is something else", Buffer.from("nothing of ours\n"), /not complete/],
];
test.each(damages)("a start with a generation %s continues with the one before", (_, bad, reason) =>
  startWithBadGeneration(
    server,
    good,
    async () => {
      await server.upload([], bad);
      return reason;
    },
    async () => {
      await findPort();
      expect(await addresses("ns.vaamonde.pti")).toEqual(["192.0.2.3"]);
    },
  ),
);

test("files that are damaged are noticed, in the volume and where Knot reads them, and so is their repair", async () => {
  await server.upload(good);
  expect(await server.becomes(healthy)).toMatch(healthy);
  await server.exec("echo '; more' >>/run/maildomain/current/zones/vaamonde.pti.zone");
  await server.upload([], Buffer.concat([whole.subarray(0, -2), Buffer.from("??")]));
  const damaged =
    /^unhealthy: generation [0-9a-f]{16} is in force, but damaged or .*: generation in the configuration volume, zones\/vaamonde\.pti\.zone$/;
  expect(await server.becomes(damaged)).toMatch(damaged);
  expect(await addresses("ns.vaamonde.pti")).toEqual(["192.0.2.3"]);
  await server.upload(good);
  await server.exec("s6-svc -r /run/service/configuration");
  expect(await server.becomes(healthy)).toMatch(healthy);
});

test("a configuration comes into force when the kernel reports it, and also when nothing does", async () => {
  const waiting = async () => (await server.exec("pidof tail || true")).split(" ").filter(Boolean);
  const before = await waiting();
  await server.exec("s6-svc -r /run/service/configuration");
  // That of the watcher before ends with it.
  await expect
    .poll(async () => {
      const now = await waiting();
      return now.length === 1 && !before.includes(now[0] ?? "");
    })
    .toBe(true);
  expect(await server.exec("ls -l /proc/$(pidof tail)/fd")).toContain("inotify");
  await server.exec("kill $(pidof tail)");
  await serve(zone("vaamonde.pti", "192.0.2.4"));
  expect(await addresses("ns.vaamonde.pti")).toEqual(["192.0.2.4"]);
  expect(await waiting()).toEqual([]);
});

describe("a signed zone", () => {
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

const wholeName = (name: string) => encode({ questions: [{ type: "A", name }] }).subarray(12);
/** A query by hand: its header, and what follows it. */
function packet(flags: number, counts: readonly number[], ...rest: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(12);
  for (const [index, value] of [0x4d44, flags, ...counts].entries()) header.writeUInt16BE(value, 2 * index);
  return Buffer.concat([header, ...rest]);
}
const [FORMERR, NOTIMP, REFUSED] = ["1", "4", "5"];

test("a query that it does not understand gets the answer that says so", async () => {
  const own = wholeName("ns.example.net");
  const options = (version: number, length = 0) =>
    Buffer.from([0, 0, 41, 16, 0, 0, version, 0, 0, 0, length]);
  const opcode = (code: number) => code << 11;
  const rows: readonly (readonly [what: string, packet: Buffer, rcode: string])[] = [
    ["a good one", packet(0, [1, 0, 0, 0], own), "0"],
    ["no question", packet(0, [0, 0, 0, 0]), FORMERR],
    ["something after it", packet(0, [1, 0, 0, 0], own, Buffer.from("more")), FORMERR],
    ["a record announced and missing", packet(0, [1, 1, 0, 0], own), FORMERR],
    ["two OPT records", packet(0, [1, 0, 0, 2], own, options(0), options(0)), FORMERR],
    ["an OPT record cut off", packet(0, [1, 0, 0, 1], own, options(0, 9)), FORMERR],
    // BADVERS is 16: its low four bits are 0 (RFC 6891 section 6.1.3).
    ["a version of EDNS yet to come", packet(0, [1, 0, 0, 1], own, options(1)), "0"],
    ["IQUERY", packet(opcode(1), [1, 0, 0, 0], own), NOTIMP],
    ["STATUS", packet(opcode(2), [1, 0, 0, 0], own), NOTIMP],
    ["an opcode without a meaning", packet(opcode(15), [0, 0, 0, 0]), NOTIMP],
    [
      "a transfer over UDP",
      packet(0, [1, 0, 0, 0], own.subarray(0, -4), Buffer.from([0, 252, 0, 1])),
      NOTIMP,
    ],
    [
      "a class that nobody serves",
      packet(0, [1, 0, 0, 0], own.subarray(0, -2), Buffer.from([0, 7])),
      REFUSED,
    ],
    ["a zone of others", packet(0, [1, 0, 0, 0], wholeName("example.com")), REFUSED],
    // An answer to an answer would make two servers talk without end.
    ["an answer", packet(0x8000, [1, 0, 0, 0], own), "-"],
    ["half a header", packet(0, [1, 0, 0, 0]).subarray(0, 8), "-"],
    // Knot drops what has no question that it can read, where FORMERR is due (RFC 9619 section 4).
    ["two questions", packet(0, [2, 0, 0, 0], own, own), "-"],
    ["a name cut off", packet(0, [1, 0, 0, 0], own.subarray(0, 6)), "-"],
  ];
  const packets = rows.map(([, written, rcode]) => {
    if (rcode === "-") written.writeUInt16BE(0xdead, 0);
    return written;
  });
  const rcodes = await rcodesAt(server.name, packets);
  expect(rows.map(([what], index) => [what, rcodes[index]])).toEqual(
    rows.map(([what, , rcode]) => [what, rcode]),
  );
});

describe("asked in the name of others", () => {
  const network = `${server.prefix}-others`;
  // Of the addresses that are for tests (RFC 2544), of the half that no stack's network is in.
  const third = 4 * randomInt(0, 64);
  const net = (offset: number) => `198.18.${third + offset}`;
  const place = `${net(3)}.53`;
  const question = encode({
    questions: [{ type: "TXT", name: "key.vaamonde.pti" }],
    additionals: [{ type: "OPT", name: ".", udpPayloadSize: 4096, flags: 1 << 15 } as Answer],
  });

  beforeAll(async () => {
    await docker("network", "create", "--subnet", `${net(0)}.0/22`, network);
    await docker("network", "connect", "--ip", place, network, server.name);
    const { origin, text } = zone("vaamonde.pti", "192.0.2.2");
    // As long as the record of an RSA key.
    const key = `key IN TXT "${"k".repeat(255)}" "${"k".repeat(155)}"\n`;
    const id = await server.upload([
      ...renderKnot([{ origin, text: `${text}${key}`, signed: true }]),
      unseal(zoneKeyFile(origin), keyPem(makeKey())),
    ]);
    expect(await server.settles(new RegExp(id))).toBe(id);
  });

  test.each([
    ["one address", 0, ["17"]],
    ["a hundred addresses", 1, Array.from({ length: 100 }, (_, n) => String(n + 10))],
  ])("it sends %s hardly more than it gets, and answers everybody else", async (_, offset, hosts) => {
    const from = hosts.map((host) => `${net(offset)}.${host}`);
    const neighbours = Array.from({ length: 10 }, (_, n) => `${net(2)}.${20 * (1 + offset) + n}`);
    const image = await docker("container", "inspect", "--format", "{{.Image}}", server.name);
    const result = await flood(network, image, { server: place, question, count: 1000, from, neighbours });
    const { sentBytes, receivedBytes, wholeAnswers, emptyAnswers, neighboursAnswered, seconds } = result;
    // Each second that a slow machine takes allows 32 more whole answers to the network.
    const more = Math.ceil(seconds * 32 * (receivedBytes / Math.max(1, wholeAnswers + emptyAnswers)));
    expect(wholeAnswers).toBeLessThanOrEqual(34 + 32 * seconds);
    expect(receivedBytes).toBeLessThanOrEqual(1.5 * sentBytes + more);
    expect(emptyAnswers).toBeGreaterThan(100);
    expect(neighboursAnswered).toBe(10);
    // Whoever is limited learns to ask over TCP, and is answered there.
    expect((await query(overTcp, "key.vaamonde.pti", "TXT")).records).toHaveLength(1);
  });
});
