import { expect, test } from "vitest";
import type { CertificateStatus } from "../../../outputs/certificate-agent.ts";
import { awaitedPolicies } from "../../../stacks/preflight/awaited-policies.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";

const settings = (more: object = {}) =>
  stackSchema.parse({
    address: "192.0.2.25",
    web: { enabled: true },
    certificates: { acme: { agreeToTerms: true } },
    domains: ["example.org", "example.net"].map((name) => ({ name, mailboxes: [{ name: "ana" }] })),
    ...more,
  });

/** The state after an `up` that has announced the policies of these domains. */
const stateOf = (...domains: readonly string[]) => {
  const records = domains.map((domain) => ({
    name: `_mta-sts.${domain}`,
    type: "TXT",
    ttl: 3600,
    content: "v=STSv1; id=1",
    why: "",
  }));
  const urn = "urn:pulumi:lab::maildomain::pulumi:pulumi:Stack::maildomain-lab";
  return [{ urn, type: "pulumi:pulumi:Stack", outputs: { zones: [{ name: "example.org", records }] } }];
};

const day = 86_400_000;
const certificate = (domain: string, more: Partial<CertificateStatus> = {}): CertificateStatus => ({
  name: `web-${domain}`,
  names: [`mail.${domain}`, `mta-sts.${domain}`],
  state: "valid",
  notAfter: new Date(Date.now() + day).toISOString(),
  ...more,
});

/** The domains that wait, where the agent has noted this beside its chains; undefined: it does not answer. */
async function waiting(
  noted: readonly CertificateStatus[] | undefined,
  state = stateOf(),
  stack = settings(),
): Promise<string[]> {
  const exec = async () => {
    if (noted === undefined) throw new Error("no such container");
    return noted.map((each) => JSON.stringify(each)).join("\n");
  };
  const { awaited, notes } = await awaitedPolicies(stack, state, "an agent", { exec });
  expect(notes.length).toBe(awaited.size);
  return [...awaited];
}

test("a policy is announced once the certificate is there with which it is served", async () => {
  const both = ["example.org", "example.net"];
  expect(await waiting([])).toEqual(both);
  expect(await waiting(undefined)).toEqual(both);
  expect(await waiting([certificate("example.org")])).toEqual(["example.net"]);
  expect(await waiting([certificate("example.org", { names: ["mail.example.org"] })])).toEqual(both);
  expect(await waiting([certificate("example.org", { notAfter: "2020-01-01T00:00:00Z" })])).toEqual(both);
  // What is in service may be from before the names that are ordered now.
  expect(await waiting([certificate("example.org", { state: "failing" })])).toEqual(both);
});

test("what is announced stays so, and nobody waits where nobody is asked for certificates", async () => {
  expect(await waiting([], stateOf("example.org"))).toEqual(["example.net"]);
  expect(await waiting(undefined, stateOf("example.org", "example.net"))).toEqual([]);
  expect(await waiting([], stateOf(), settings({ certificates: { issuer: "private" } }))).toEqual([]);
  expect(await waiting([], stateOf(), settings({ web: { enabled: false } }))).toEqual([]);
  expect(await waiting([], stateOf(), settings({ ports: { https: 8443 } }))).toEqual([]);
});

test("the note says for what, and what publishes it", async () => {
  const { notes } = await awaitedPolicies(settings(), [], undefined, { exec: async () => "" });
  expect(notes[1]).toMatchInlineSnapshot(
    `"domains[1].mtaSts: the record that announces the policy waits for the certificate of mta-sts.example.net: \`npm run up\` publishes it once that is there, \`pulumi up\` when it runs again"`,
  );
});
