/** How names are proved to an authority. Its previews are put together from what the component shows. */
import { expect, test } from "vitest";
import { reviewCertificates } from "../../review/certificates.ts";
import type { Change } from "../../review/change.ts";
import { readPreview } from "../../review/preview.ts";

const urn = "urn:pulumi:company::maildomain::maildomain:index:CertificateAgent::certificate-agent";
const stays = "records that stay";
const inputs = (method: string | undefined) => ({
  inputs: {
    directory: "https://ca.example/dir",
    orders: {},
    ...(method === stays ? { dnsPersist: true } : method && { challengeZone: method }),
  },
});

function changesOf(op: string, before: string | undefined, after: string | undefined): Change[] {
  const step = {
    urn,
    op,
    ...(op !== "create" && { oldState: inputs(before) }),
    ...(op !== "delete" && { newState: inputs(after) }),
  };
  return reviewCertificates(readPreview(JSON.stringify({ steps: [step] })));
}

const risksOf = (...change: Parameters<typeof changesOf>) =>
  changesOf(...change).flatMap(({ risk }) => risk?.id ?? []);

function changes(...change: Parameters<typeof changesOf>): string[] {
  return changesOf(...change).map(
    ({ kind, name, before: from = "", after: to = "", effect }) =>
      `${kind} ${name}: ${from} → ${to}. ${effect}`,
  );
}

const port = "HTTP-01 on port 80";
const zone = "DNS-01 in the zone acme.example.net";
const inDns =
  "Each name's _acme-challenge leads into that zone, whose key is on the host; port 80 need not be open, and CAA records allow this way alone.";

const persistent = "DNS-PERSIST-01";
const byRecords =
  "Each name's _validation-persist names the account as long as it stands. Port 80 need not be open, and CAA records allow this way alone.";

test.each([
  ["create", undefined, undefined, []],
  ["create", undefined, "acme.example.net", [`added proof of names:  → ${zone}. ${inDns}`]],
  ["update", undefined, "acme.example.net", [`changed proof of names: ${port} → ${zone}. ${inDns}`]],
  ["same", "acme.example.net", "acme.example.net", []],
  [
    "update",
    "acme.example.net",
    undefined,
    [
      `changed proof of names: ${zone} → ${port}. The authority connects to port 80 of each name, which has to be open to the world.`,
    ],
  ],
  ["create", undefined, stays, [`added proof of names:  → ${persistent}. ${byRecords}`]],
  ["update", undefined, stays, [`changed proof of names: ${port} → ${persistent}. ${byRecords}`]],
  ["update", "acme.example.net", stays, [`changed proof of names: ${zone} → ${persistent}. ${byRecords}`]],
  ["update", stays, "acme.example.net", [`changed proof of names: ${persistent} → ${zone}. ${inDns}`]],
  ["same", stays, stays, []],
  ["delete", "acme.example.net", undefined, []],
] as const)("%s: from %s to %s", (op, before, after, expected) => {
  expect(changes(op, before, after)).toEqual(expected);
});

test("what a leaked account key would be good for, and what a closed port costs, are risks by name", () => {
  expect(risksOf("create", undefined, stays)).toEqual(["account-proves-names"]);
  expect(risksOf("update", undefined, stays)).toEqual(["account-proves-names"]);
  expect(risksOf("update", stays, undefined)).toEqual(["port-80-needed"]);
  expect(risksOf("update", "acme.example.net", undefined)).toEqual(["port-80-needed"]);
  // Whoever begins so has read it, and waits for the first certificates.
  expect(risksOf("create", undefined, undefined)).toEqual([]);
  expect(risksOf("update", stays, "acme.example.net")).toEqual([]);
  expect(risksOf("same", stays, stays)).toEqual([]);
});
