import { expect, test } from "vitest";
import { challengeRecords, nameServerProblem, nameServerSocket, planRecords } from "../../records/index.ts";
import { describeOne } from "./sample.ts";

const zone = "acme.example.net";

test("each name's proof is looked for in the zone, by an alias of its own", () => {
  const names = ["example.org", "mail.example.org", "mta-sts.example.org"];
  const records = challengeRecords("example.org", 600, { zone, names });
  expect(records.map(({ role, name, ttl, type, content }) => [role, name, ttl, type, content])).toEqual([
    ["acme-challenge", "_acme-challenge.example.org", 600, "CNAME", `example.org.${zone}`],
    ["acme-challenge-mail", "_acme-challenge.mail.example.org", 600, "CNAME", `mail.example.org.${zone}`],
    [
      "acme-challenge-mta-sts",
      "_acme-challenge.mta-sts.example.org",
      600,
      "CNAME",
      `mta-sts.example.org.${zone}`,
    ],
  ]);
  for (const { why } of records) expect(why).toContain("RFC 8555 8.4");
});

test("a server's own name has its alias beside its addresses, also in a zone of somebody else's", () => {
  const description = describeOne({});
  const servers = description.servers.map((server) => ({ ...server, challengeZone: zone }));
  const host = servers[0]?.hostName ?? "";
  const alias = { name: `_acme-challenge.${host}`, type: "CNAME", content: `${host}.${zone}` };
  const { groups } = planRecords({ ...description, servers });
  expect(groups.flatMap(({ records }) => records)).toContainEqual(
    expect.objectContaining({ ...alias, role: "host-acme-challenge" }),
  );
});

test("a target that is too long for a name is refused", () => {
  const long = `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(40)}.example.org`;
  expect(() => challengeRecords("example.org", 600, { zone, names: [long] })).toThrow();
});

test.each([
  ["ns1.example.net", "ns1.example.net:53"],
  ["ns1.example.net:5353", "ns1.example.net:5353"],
  ["192.0.2.53", "192.0.2.53:53"],
  ["2001:db8::53", "[2001:db8::53]:53"],
  ["[2001:db8::53]:5353", "[2001:db8::53]:5353"],
])("the name server %s is %s", (written, socket) => {
  expect(nameServerProblem(written)).toBeUndefined();
  expect(nameServerSocket(written)).toBe(socket);
});

test.each([
  "",
  "ns1 example.net",
  "ns1.example.net:0",
  "ns1.example.net:70000",
  "https://ns1.example.net",
  "[::1",
])("the name server %j is refused", (written) => {
  expect(nameServerProblem(written)).toMatch(/is not a valid name server: use .* such as ns1\.example\.net/);
});
