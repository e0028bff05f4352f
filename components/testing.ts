/** For the unit tests of programs that use the components: they run without the Pulumi CLI and without an engine. */
import { generateKeyPairSync } from "node:crypto";
import type { MockResourceArgs, Mocks } from "@pulumi/pulumi/runtime/mocks.js";
import { specialSigKey } from "@pulumi/pulumi/runtime/rpc.js";
import type { MtaStsPolicy } from "../records/index.ts";
import { generationId } from "../servers/generation/generation-id.ts";

const privateKey = generateKeyPairSync("ed25519")
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();

/** When each key and policy entered its stage. */
const times = { since: "2026-01-01T00:00:00.000Z", nextFrom: "2026-01-03T00:00:00.000Z" };

function stagedKeys(keys: unknown): Record<string, unknown> {
  const declared = Object.entries(keys as Record<string, { readonly stage: string }>);
  return Object.fromEntries(declared.map(([name, { stage }]) => [name, { stage, ...times }]));
}

function stagedPolicy(policy: MtaStsPolicy | undefined): object | undefined {
  if (policy === undefined) return undefined;
  const { mode: stage, mx, maxAge } = policy;
  return { stage, mx, maxAge, ...times };
}

/** What the providers would answer, for those outputs that the components use. */
const answers: Readonly<Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>>> = {
  "docker:index/remoteImage:RemoteImage": () => ({ imageId: "sha256:image" }),
  "maildomain:index:DkimKey": () => ({ publicKey: "UFVCTElD", privateKey }),
  "maildomain:index:DnssecKey": () => ({
    dnskey: "257 3 13 AA==",
    ds: `1 13 2 ${"00".repeat(32)}`,
    privateKey,
  }),
  "maildomain:index:AcmeAccount": () => ({
    uri: "https://authority.example/account/1",
    caaDomain: "authority.example",
    terms: "",
    privateKey,
  }),
  "maildomain:index:CertificateAuthority": () => ({ certificate: "authority", privateKey: "authority key" }),
  "maildomain:index:DomainStages": ({ dkim, dmarc, mtaSts }) => ({
    dkim: stagedKeys(dkim),
    dmarc: { stage: dmarc, ...times },
    mtaSts: stagedPolicy(mtaSts as MtaStsPolicy | undefined),
  }),
  "maildomain:index:ServerCertificate": ({ keys }) => ({
    keys: stagedKeys(keys),
    certificate: "leaf",
    privateKey: "leaf key",
    request: "request",
    spkiSha256: "ab".repeat(32),
    keyDigests: Object.fromEntries(
      ["key1", ...Object.keys(keys as object)].map((name) => [name, "ab".repeat(32)]),
    ),
  }),
  "maildomain:index:GeneratedSecret": () => ({ secret: "generated secret" }),
  "maildomain:index:ServedGeneration": ({ content }) => {
    const generation = generationId(Buffer.from(String(content), "base64"));
    return { generation, inForce: generation };
  },
  "maildomain:index:Credentials": ({ passwords, hashed, generate }) => ({
    hashes: {
      ...(hashed as object),
      ...Object.fromEntries(
        [...Object.keys(passwords as object), ...(generate as string[])].map((address) => [
          address,
          "{ARGON2ID}hash",
        ]),
      ),
    },
    generated: Object.fromEntries((generate as string[]).map((address) => [address, "generated"])),
  }),
};

/**
 * What the providers would answer for a resource: keys, certificates and passwords that are none.
 *
 * @returns the resource's outputs; for a resource of somebody else's its inputs.
 */
export function mockedOutputs({
  type,
  inputs,
}: Pick<MockResourceArgs, "type" | "inputs">): Record<string, unknown> {
  return { ...inputs, ...answers[type]?.(withoutEnvelopes(inputs) as Record<string, unknown>) };
}

/** Inputs without the envelopes in which secrets travel to the engine. */
export function withoutEnvelopes(input: unknown): unknown {
  if (Array.isArray(input)) return input.map(withoutEnvelopes);
  if (typeof input !== "object" || input === null) return input;
  if (specialSigKey in input && "value" in input) return withoutEnvelopes(input.value);
  return Object.fromEntries(Object.entries(input).map(([key, inner]) => [key, withoutEnvelopes(inner)]));
}

/**
 * In place of the engine.
 *
 * ```ts
 * await pulumi.runtime.setMocks(mailDomainMocks);
 * ```
 */
export const mailDomainMocks: Mocks = {
  newResource: (args) => ({ id: `${args.name}-id`, state: mockedOutputs(args) }),
  call: ({ inputs }) => inputs,
};
