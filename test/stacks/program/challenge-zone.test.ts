/** A stack whose names are proved in the DNS: who has which key, and what the world is shown. */
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { parseRunningStack } from "../../../outputs/running-stack.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";
import { contentsOf } from "../../components/carried.ts";
import { record, value } from "../../components/recorder.ts";
import { declare } from "./stacks.ts";

const zone = "acme.example.net";
const tsig = { name: `agent.${zone}`, algorithm: "hmac-sha512" as const, secret: "c2VjcmV0" };
const token = "0".repeat(40);

const onPort80 = { dns: undefined };

async function declared(proof: object, more: object = {}) {
  const settings = stackSchema.parse({
    lab: true,
    web: { webmail: false },
    domains: [{ name: "example.org", mailboxes: [{ name: "ana" }] }],
    certificates: { acme: { directory: "https://ca.example/dir", agreeToTerms: true, ...proof } },
    ...more,
  });
  const [outputs, resources] = await record(() => declare(settings));
  const running = parseRunningStack(JSON.parse(JSON.stringify(await value(pulumi.output(outputs)))));
  const agent = contentsOf(resources, "certificate-agent") ?? {};
  const orders = JSON.parse(agent["certificate-agent/orders.json"] ?? "{}") as {
    readonly dns?: object;
    readonly dnsPersist?: boolean;
    readonly report?: object;
    readonly orders: readonly { readonly names: readonly string[] }[];
  };
  const secrets: unknown = JSON.parse(agent["certificate-agent/zone.json"] ?? "null");
  const records = running.zones.flatMap((published) => published.records);
  return { running, resources, orders, secrets, records };
}

test("on port 80 nothing of it exists", async () => {
  const { orders, secrets, records, resources, running } = await declared(onPort80);
  expect(orders.dns).toBeUndefined();
  expect(secrets).toBeNull();
  expect(records.filter(({ name }) => name.startsWith("_acme-challenge"))).toEqual([]);
  expect(resources.map(({ name }) => name)).not.toContain("acme-challenge-key");
  expect(running.acme?.challengeZone).toBeUndefined();
});

test("the stack's own name server answers for the zone, and has the agent's key", async () => {
  const { orders, secrets, records, resources, running } = await declared({ dns: { zone } });
  expect(orders.dns).toEqual({ zone, server: "maildomain-test-dns-server:53", own: true });
  const { secret } = (secrets as { tsig: { secret: string } }).tsig;
  expect(secrets).toEqual({ tsig: { name: `agent.${zone}`, algorithm: "hmac-sha256", secret } });
  const files = contentsOf(resources, "dns-server") ?? {};
  expect(files[`knot/updates/${zone}.conf`]).toContain(`    secret: ${secret}\n`);
  expect(files["knot/knot.conf"]).toContain(`  - domain: ${zone}\n    acl: ${zone}\n`);
  expect(files[`zones/${zone}.zone`]).toMatch(/\bSOA\b/);
  // Those who only look at a lab's own names from within have no use for it.
  expect(Object.keys(contentsOf(resources, "dns-server-inside") ?? {}).join()).not.toContain(zone);
  expect(JSON.stringify(contentsOf(resources, "web-server"))).not.toContain(
    "maildomain-test-certificate-agent",
  );
  expect(running.acme?.challengeZone).toBe(zone);
  // Each name of each order has its alias, once.
  const aliases = records.filter(({ name }) => name.startsWith("_acme-challenge."));
  const names = [...new Set(orders.orders.flatMap((order) => order.names))];
  expect(aliases.map(({ name, type, content }) => `${name} ${type} ${content}`).toSorted()).toEqual(
    names.map((name) => `_acme-challenge.${name} CNAME ${name}.${zone}`).toSorted(),
  );
  const caa = records.filter(({ type }) => type === "CAA").map(({ content }) => content);
  expect(caa).toEqual([expect.stringMatching(/; validationmethods=dns-01"$/)]);
});

test.each([
  [
    "another name server",
    { zone, server: "ns1.example.net", tsig },
    { zone, server: "ns1.example.net:53", own: false },
    { tsig },
  ],
  [
    "Cloudflare",
    { zone, cloudflare: { token } },
    { zone, cloudflare: { api: "https://api.cloudflare.com/client/v4" } },
    { token },
  ],
])("%s changes the zone, and no key is made", async (_who, dns, shown, credential) => {
  const { orders, secrets, resources } = await declared({ dns });
  expect(orders.dns).toEqual(shown);
  expect(secrets).toEqual(credential);
  expect(resources.map(({ name }) => name)).not.toContain("acme-challenge-key");
  expect(JSON.stringify(contentsOf(resources, "dns-server"))).not.toContain(`domain: ${zone}`);
});

test("records that stay: the account is in one of each name, and nobody has a key to a zone", async () => {
  const { orders, secrets, records, resources, running } = await declared({ dnsPersist: true });
  expect(orders).toMatchObject({ dnsPersist: true });
  expect(orders.dns).toBeUndefined();
  expect(secrets).toBeNull();
  expect(resources.map(({ name }) => name)).not.toContain("acme-challenge-key");
  expect(JSON.stringify(contentsOf(resources, "web-server"))).not.toContain(
    "maildomain-test-certificate-agent",
  );
  expect(running.acme).toMatchObject({ dnsPersist: true });
  const account = running.acme?.account ?? "";
  expect(account).toMatch(/^https:/);
  const names = [...new Set(orders.orders.flatMap((order) => order.names))];
  const proofs = records.filter(({ name }) => name.startsWith("_validation-persist."));
  expect(proofs.map(({ name, type, content }) => `${name} ${type} ${content}`).toSorted()).toEqual(
    names
      .map((name) => `_validation-persist.${name} TXT authority.example; accounturi=${account}`)
      .toSorted(),
  );
  // Those who look from within are shown the same: the agent is one of them.
  expect(contentsOf(resources, "dns-server-inside")?.["zones/example.org.zone"]).toContain(
    `_validation-persist.mail.example.org.`,
  );
  const caa = records.filter(({ type }) => type === "CAA").map(({ content }) => content);
  expect(caa).toEqual([
    `0 issue "authority.example; accounturi=${account}; validationmethods=dns-persist-01"`,
  ]);
});

test("records that stay at Cloudflare: a resource for each name, those of the web server too", async () => {
  const { orders, resources, running } = await declared(
    { dnsPersist: true },
    {
      lab: false,
      publicAddresses: { ipv4: "192.0.2.25" },
      web: { enabled: true, webmail: true },
      domains: [
        {
          name: "example.org",
          dns: "cloudflare",
          cloudflareZone: "0".repeat(32),
          mailboxes: [{ name: "ana" }],
        },
      ],
    },
  );
  const account = running.acme?.account ?? "";
  const published = resources
    .filter(({ type }) => type === "cloudflare:index/dnsRecord:DnsRecord")
    .map(({ inputs }) => inputs as { name: string; type: string; content?: string; data?: object });
  const names = [...new Set(orders.orders.flatMap((order) => order.names))].toSorted();
  expect(names).toEqual(
    expect.arrayContaining(["imap.example.org", "mta-sts.example.org", "webmail.example.org"]),
  );
  const proofs = published.filter(({ name }) => name.startsWith("_validation-persist."));
  expect(proofs.map(({ name, type, content }) => `${name} ${type} ${content}`).toSorted()).toEqual(
    names.map((name) => `_validation-persist.${name} TXT "authority.example; accounturi=${account}"`),
  );
  expect(published.filter(({ type }) => type === "CAA").map(({ data }) => data)).toEqual([
    {
      flags: "0",
      tag: "issue",
      value: `authority.example; accounturi=${account}; validationmethods=dns-persist-01`,
    },
  ]);
  expect(resources.map(({ name }) => name)).not.toContain("dns-server-container");
});

test("without a web server no port is opened for it", async () => {
  const ports = async (proof: object) => {
    const { resources, running } = await declared(proof, { web: { enabled: false } });
    const container = resources.find(({ inputs }) => inputs.name === "maildomain-test-certificate-agent");
    const opened = container?.inputs.ports as { readonly external: number }[] | undefined;
    return { opened: opened?.map(({ external }) => external), http: running.endpoint.ports.http };
  };
  expect(await ports({ dns: { zone } })).toEqual({ opened: [], http: undefined });
  expect(await ports({ dnsPersist: true })).toEqual({ opened: [], http: undefined });
  expect(await ports(onPort80)).toEqual({ opened: [80], http: 80 });
});

test("failures are reported to a postmaster, or to whom the settings name, by the server that has the address", async () => {
  const report = {
    to: ["postmaster@example.org"],
    server: "maildomain-test-mail-server:25",
    host: "mail.example.org",
  };
  expect((await declared(onPort80)).orders.report).toEqual({ mail: report });
  const acme = {
    directory: "https://ca.example/dir",
    agreeToTerms: true,
    report: { mail: "ops@two.example", webhook: "https://alerts.example/" },
  };
  const { orders, resources } = await declared(onPort80, {
    certificates: { acme },
    domains: ["example.org", "two.example"].map((name) => ({ name, mailboxes: [{ name: "ana" }] })),
    servers: [{ hostName: "mx.two.example", domains: ["two.example"], address: "127.0.0.2" }],
  });
  expect(orders.report).toEqual({
    webhook: "https://alerts.example/",
    mail: { ...report, to: ["ops@two.example"], server: "maildomain-test-mail-server-mx.two.example:25" },
  });
  // Somebody receives it.
  const further = JSON.stringify(contentsOf(resources, "mail-server-mx.two.example"));
  expect(further).toContain("ops@two.example");
});
