import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  HOSTS,
  hostsBlock,
  type LocalNames,
  localNames,
  namesToTry,
  negativeAnchors,
  otherEntries,
  planNames,
  planRemoval,
  resolvedDropIn,
  withBlock,
  withoutBlock,
} from "../../clients/local-names.ts";

const record = (name: string, type: string, content: string) => ({ name, type, content, ttl: 3600, why: "" });
const lab = {
  endpoint: { address: "127.0.0.1", ports: { dns: 53 } },
  zones: [
    {
      name: "vaamonde.pti",
      publisher: "local" as const,
      records: [
        record("vaamonde.pti", "MX", "10 mail.vaamonde.pti"),
        record("mail.vaamonde.pti", "A", "127.0.0.1"),
        record("mail.vaamonde.pti", "A", "127.0.0.1"),
        record("imap.vaamonde.pti", "A", "127.0.0.1"),
        record("imap.vaamonde.pti", "AAAA", "::1"),
        record("*.vaamonde.pti", "A", "127.0.0.1"),
      ],
    },
    {
      name: "example.org",
      publisher: "cloudflare" as const,
      records: [record("mail.example.org", "A", "192.0.2.25")],
    },
  ],
};

function namesOf(stack: string): LocalNames {
  const names = localNames(stack, lab);
  if (names === undefined) expect.fail("the lab has names of its own");
  return names;
}
const names = namesOf("lab");
const debian = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n";

test("the block has every address that the stack's own server answers with, and nothing of the world's zones", () => {
  expect(hostsBlock(names)).toMatchInlineSnapshot(`
    "# maildomain lab: begin. \`npm run names -- --remove\` removes this block.
    127.0.0.1 mail.vaamonde.pti
    127.0.0.1 imap.vaamonde.pti
    ::1 imap.vaamonde.pti
    # maildomain lab: end
    "
  `);
  expect(localNames("x", { ...lab, zones: lab.zones.slice(1) })).toBeUndefined();
  expect(namesToTry(names)).toEqual(["mail.vaamonde.pti"]);
});

test("systemd-resolved asks the stack's server for its zones alone, at its port, and validates none", () => {
  expect(resolvedDropIn(names)).toMatchInlineSnapshot(`
    "# The names of the maildomain stack lab. \`npm run names -- --remove\` removes this file.
    [Resolve]
    DNS=127.0.0.1
    Domains=~vaamonde.pti
    "
  `);
  const nameServer = { address: "::1", port: 5353 };
  const zones = ["vaamonde.pti", "parceiro.pti"];
  expect(resolvedDropIn({ ...names, stack: "class", nameServer, zones })).toMatchInlineSnapshot(`
    "# The names of the maildomain stack class. \`npm run names -- --remove --stack class\` removes this file.
    [Resolve]
    DNS=[::1]:5353
    Domains=~vaamonde.pti ~parceiro.pti
    "
  `);
  expect(negativeAnchors({ ...names, zones })).toBe("vaamonde.pti\nparceiro.pti\n");
});

describe("/etc/hosts", () => {
  const line = fc.stringMatching(/^[a-z0-9.:# \t]{0,40}$/);
  const text = fc.array(line).map((lines) => lines.map((each) => `${each}\n`).join(""));

  test("is again what it was, whatever it has", () => {
    fc.assert(
      fc.property(text, (before) => {
        const set = withBlock(before, names);
        expect(set.startsWith(before)).toBe(true);
        expect(withBlock(set, names)).toBe(set);
        expect(withoutBlock(set, "lab")).toBe(before);
      }),
    );
  });

  test("keeps what is around the block, and the blocks of other stacks", () => {
    const both = withBlock(withBlock(debian, names), namesOf("lab2"));
    const more = `${both}192.0.2.1 printer\n`;
    expect(withoutBlock(more, "lab")).toBe(`${debian}${hostsBlock(namesOf("lab2"))}192.0.2.1 printer\n`);
    expect(withBlock(more, { ...names, hosts: new Map() })).not.toContain("lab: begin.\n127");
    expect(withBlock("127.0.0.1 localhost", names)).toBe(`127.0.0.1 localhost\n${hostsBlock(names)}`);
  });

  test("a line that leads a name elsewhere is found, one that says the same or is a comment is not", () => {
    const before = `${debian}10.0.0.9 printer MAIL.vaamonde.pti # old\n# 10.0.0.9 imap.vaamonde.pti\n127.0.0.1 imap.vaamonde.pti\n`;
    expect(otherEntries(withBlock(before, names), names)).toEqual([
      "10.0.0.9 printer MAIL.vaamonde.pti # old",
    ]);
  });
});

describe("where they are set", () => {
  test("by systemd-resolved, where programs ask it and it has no server for everything", () => {
    const plan = planNames(names, debian, { isResolved: true, globalServers: [] });
    expect(plan).toEqual({
      files: [
        { path: "/etc/systemd/resolved.conf.d/maildomain-lab.conf", content: resolvedDropIn(names) },
        { path: "/etc/dnssec-trust-anchors.d/maildomain-lab.negative", content: "vaamonde.pti\n" },
      ],
      isResolved: true,
    });
  });

  test.each([
    [{ isResolved: false, globalServers: [] }, undefined],
    [{ isResolved: true, globalServers: ["9.9.9.9"] }, /asks 9\.9\.9\.9 for every name/],
  ])("in /etc/hosts with %j", (resolution, note) => {
    const plan = planNames(names, debian, resolution);
    expect(plan.files).toEqual([{ path: HOSTS, content: withBlock(debian, names) }]);
    expect(plan.isResolved).toBe(false);
    if (note === undefined) expect(plan.note).toBeUndefined();
    else expect(plan.note).toMatch(note);
  });

  test("both are taken back, /etc/hosts only where it has the block", () => {
    expect(planRemoval("lab", withBlock(debian, names))).toContainEqual({ path: HOSTS, content: debian });
    expect(planRemoval("lab", debian).map(({ path, content }) => [path, content])).toEqual([
      ["/etc/systemd/resolved.conf.d/maildomain-lab.conf", undefined],
      ["/etc/dnssec-trust-anchors.d/maildomain-lab.negative", undefined],
    ]);
  });
});
