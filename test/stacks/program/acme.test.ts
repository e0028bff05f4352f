/** A stack whose certificates are ordered by ACME, some of whose names lead elsewhere. */
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { parseRunningStack } from "../../../outputs/running-stack.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";
import { contentsOf } from "../../components/carried.ts";
import { record, value } from "../../components/recorder.ts";
import { declare } from "./stacks.ts";

type Known = Parameters<typeof declare>[1];

async function declared(known: Known = {}, more: object = {}) {
  const settings = stackSchema.parse({
    lab: true,
    certificates: { acme: { agreeToTerms: true, directory: "https://192.0.2.1/dir" } },
    domains: ["example.org", "example.net"].map((name) => ({ name, mailboxes: [{ name: "ana" }] })),
    ...more,
  });
  const [outputs, resources] = await record(() => declare(settings, known));
  const running = parseRunningStack(JSON.parse(JSON.stringify(await value(pulumi.output(outputs)))));
  const hasAgent = resources.some(({ name }) => name === "certificate-agent-container");
  const { orders } = JSON.parse(
    (hasAgent && contentsOf(resources, "certificate-agent")["certificate-agent/orders.json"]) ||
      '{ "orders": [] }',
  ) as { orders: { name: string; names: string[]; formerKeyLeaked?: boolean }[] };
  const containers = new Map(
    resources.flatMap(({ type, name, inputs }) =>
      type === "docker:index/container:Container" && !name.endsWith("-generation") ? [[name, inputs]] : [],
    ),
  );
  const requested = resources
    .filter(({ type }) => type.endsWith(":ServerCertificate"))
    .map(({ name, inputs }) => [name, inputs.hostNames] as const);
  return { running, orders, containers, requested: new Map(requested) };
}

const namesOf = ({ orders }: Awaited<ReturnType<typeof declared>>) =>
  Object.fromEntries(orders.map(({ name, names }) => [name, names]));
const mailOf = (domain: string) => ["mail", "imap", "pop3", "smtp"].map((label) => `${label}.${domain}`);

test("a name that leads elsewhere is in no order; what is left of its domain is, and all of the others", async () => {
  const all = namesOf(await declared());
  const known = await declared({
    elsewhere: new Set(["imap.example.net", ...(all["web-example.net"] ?? [])]),
  });
  const { "web-example.net": web = [], "domain-example.net": mail = [], ...others } = all;
  const left = mail.filter((name) => name !== "imap.example.net" && !web.includes(name));
  expect(namesOf(known)).toEqual({ ...others, "domain-example.net": left });
  expect(left).toEqual(expect.arrayContaining(["pop3.example.net", "smtp.example.net"]));
  expect(known.requested.get("domain-example.net-certificate-server")).toEqual(left);
  // Its key is kept for the day on which a name leads here.
  expect(known.requested.get("web-example.net-certificate-server")).toEqual(web);
  expect(known.running.acme?.orders.map(({ name }) => name)).not.toContain("web-example.net");
  expect(known.running.acme?.leftOut?.map(({ name }) => name).toSorted()).toEqual(
    [...new Set(["imap.example.net", ...web])].toSorted(),
  );
  expect(all["domain-example.net"]?.toSorted()).toEqual(mailOf("example.net").toSorted());
});

const acme = { agreeToTerms: true, directory: "https://192.0.2.1/dir" };
const withWebmail = { enabled: true, webmail: true };
test.each([
  ["on port 80", withWebmail, {}],
  ["on port 80, without a web server,", { enabled: false }, {}],
  ["by a zone of its own", withWebmail, { dns: { zone: "acme.example.com" } }],
  ["by records that stay", withWebmail, { dnsPersist: true }],
])("a stack moves to an authority %s and back in the containers that it has", async (_how, web, method) => {
  const before = await declared({}, { web, certificates: { issuer: "private" } });
  const { containers, orders } = await declared({}, { web, certificates: { acme: { ...acme, ...method } } });
  expect(orders.length).toBeGreaterThan(0);
  expect(containers.delete("certificate-agent-container")).toBe(true);
  expect([...before.containers.keys()]).toContain("mail-server-container");
  expect(Object.fromEntries(containers)).toEqual(Object.fromEntries(before.containers));
});

test("a policy that nobody could read is served, and announced later", async () => {
  const records = async (known: Known) =>
    (await declared(known)).running.zones.flatMap((zone) =>
      zone.records.map(({ name, type }) => `${name} ${type}`),
    );
  const [before, after] = [await records({ awaited: new Set(["example.net"]) }), await records({})];
  expect(after.filter((each) => !before.includes(each))).toEqual(["_mta-sts.example.net TXT"]);
  expect(before).toEqual(expect.arrayContaining(["_mta-sts.example.org TXT", "mta-sts.example.net A"]));
});

test("the certificate of a key that has leaked is revoked for that reason once the key is retired", async () => {
  const leaked = async (stage: string) => {
    const serverKeys = [
      { name: "key1", stage, leaked: true },
      { name: "key2", stage: stage === "serving" ? "published" : "serving" },
    ];
    const { orders } = await declared({}, { serverKeys });
    return orders.filter(({ formerKeyLeaked }) => formerKeyLeaked).map(({ name }) => name);
  };
  expect(await leaked("serving")).toEqual([]);
  expect(await leaked("retired")).toEqual(["mail-server"]);
});
