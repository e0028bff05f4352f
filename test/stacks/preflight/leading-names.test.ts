import { expect, test } from "vitest";
import { askAt, formerNames, leadingNames } from "../../../stacks/preflight/leading-names.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";
import { NameServer, type Records } from "../../verify/name-server.ts";

const address = "192.0.2.25";
const domain = (name: string) => ({ name, mailboxes: [{ name: "ana" }] });
const settings = (more: object = {}) =>
  stackSchema.parse({
    address,
    hostName: "mx1.example.org",
    certificates: { acme: { agreeToTerms: true } },
    domains: [domain("example.org"), domain("example.net")],
    ...more,
  });

/** The state after an `up` that has published these names, left out some of them, and ordered the others. */
function stateOf(names: readonly string[], leftOut: readonly string[] = []) {
  const hostNames = names.filter((name) => !leftOut.includes(name));
  const acme = {
    directory: "https://ca.example/dir",
    account: "https://ca.example/1",
    caaDomain: "ca.example",
    orders: [{ name: "domain-example.net", hostNames }],
    leftOut: leftOut.map((name) => ({ name, addresses: [address] })),
  };
  const records = names.map((name) => ({ name, type: "A", content: address }));
  const urn = "urn:pulumi:lab::maildomain::pulumi:pulumi:Stack::maildomain-lab";
  return [{ urn, type: "pulumi:pulumi:Stack", outputs: { zones: [{ records }], acme } }];
}

async function lookAt(
  records: Records,
  state: Parameters<typeof formerNames>[0] = [],
  stack = settings(),
): Promise<{ elsewhere: string[]; warnings: readonly string[] }> {
  await using server = await NameServer.start(records);
  const asked: string[] = [];
  const ask = askAt(server.address);
  const found = await leadingNames(stack, formerNames(state), (name) => {
    asked.push(name);
    return ask(name);
  });
  expect(new Set(asked).size).toBe(asked.length);
  return { elsewhere: [...found.elsewhere], warnings: found.warnings };
}

const labels = ["mail", "imap", "pop3", "smtp"];
const names = labels.map((label) => `${label}.example.net`);
const here: Records = Object.fromEntries(names.map((name) => [`${name} A`, [address]]));

test("a first up asks for nothing that it publishes itself", async () => {
  expect(await lookAt({})).toEqual({ elsewhere: [], warnings: [] });
  // One whose zone is somebody else's has to lead here before.
  const mx = settings({ hostName: "mx1.provider.example" });
  expect(await lookAt({}, [], mx)).toEqual({
    elsewhere: ["mx1.provider.example"],
    warnings: [
      "hostName: mx1.provider.example: the DNS has no address: left out of the certificates until it says 192.0.2.25 and `up` runs again",
    ],
  });
  expect(await lookAt({ "mx1.provider.example A": [address] }, [], mx)).toEqual({
    elsewhere: [],
    warnings: [],
  });
});

test("what was published and leads elsewhere costs itself alone, and comes back", async () => {
  const elsewhere: Records = {
    ...here,
    "imap.example.net A": ["203.0.113.9"],
    "pop3.example.net A": [],
    // An alias leads where its target does.
    "smtp.example.net CNAME": ["mail.example.net"],
    // Authorities ask IPv6 first.
    "mail.example.net AAAA": ["2001:db8::9"],
  };
  const found = await lookAt(elsewhere, stateOf(names));
  expect(found).toMatchInlineSnapshot(`
    {
      "elsewhere": [
        "mail.example.net",
        "smtp.example.net",
        "imap.example.net",
        "pop3.example.net",
      ],
      "warnings": [
        "domains[1]: mail.example.net, smtp.example.net: the DNS says 192.0.2.25, 2001:db8::9: removed from the certificates until it says 192.0.2.25 alone and \`up\` runs again",
        "domains[1]: imap.example.net: the DNS says 203.0.113.9: removed from the certificates until it says 192.0.2.25 and \`up\` runs again",
        "domains[1]: pop3.example.net: the DNS has no address: removed from the certificates until it says 192.0.2.25 and \`up\` runs again",
      ],
    }
  `);
  expect(await lookAt(here, stateOf(names, found.elsewhere))).toEqual({ elsewhere: [], warnings: [] });
});

test("a resolver that does not answer changes nothing", async () => {
  const silent: Records = {
    ...here,
    "mail.example.net A": "SERVFAIL",
    "imap.example.net A": "SERVFAIL",
    "pop3.example.net AAAA": "REFUSED",
  };
  expect(await lookAt(silent, stateOf(names, ["imap.example.net"]))).toMatchInlineSnapshot(`
    {
      "elsewhere": [
        "imap.example.net",
      ],
      "warnings": [
        "domains[1]: mail.example.net, pop3.example.net: the resolver does not answer: ordered as before",
        "domains[1]: imap.example.net: the resolver does not answer: still left out of the certificates",
      ],
    }
  `);
});

test("whom the settings name is asked, in a lab too; otherwise its names are its own", async () => {
  await using server = await NameServer.start({ ...here, "imap.example.net A": ["203.0.113.9"] });
  const lab = (resolver?: string) =>
    settings({
      lab: true,
      certificates: { acme: { agreeToTerms: true, directory: "https://192.0.2.1/dir", resolver } },
    });
  const former = formerNames(stateOf(names));
  expect([...(await leadingNames(lab(server.address), former)).elsewhere]).toEqual(["imap.example.net"]);
  expect([...(await leadingNames(lab(), former)).elsewhere]).toEqual([]);
  expect([...(await leadingNames(settings({ askNameServers: false }), former)).elsewhere]).toEqual([]);
});
