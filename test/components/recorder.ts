import { generateKeyPairSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/mocks.js";
import { specialSigKey } from "@pulumi/pulumi/runtime/rpc.js";

/** What a program registered, in the order of the names. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const recorded: MockResourceArgs[] = [];

const privateKey = generateKeyPairSync("ed25519")
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();

/** What the providers would answer, for those outputs that the components use. */
const answers: Readonly<Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>>> = {
  "docker:index/remoteImage:RemoteImage": () => ({ imageId: "sha256:image" }),
  "maildomain:index:DkimKey": () => ({ publicKey: "UFVCTElD", privateKey }),
  "maildomain:index:DnssecKey": () => ({ dnskey: "257 3 13 AA==", ds: "1 13 2 00", privateKey }),
  "maildomain:index:CertificateAuthority": () => ({ certificate: "authority", privateKey: "authority key" }),
  "maildomain:index:ServerCertificate": () => ({
    certificate: "leaf",
    privateKey: "leaf key",
    spkiSha256: "ab".repeat(32),
    keyDigests: { key1: "ab".repeat(32) },
  }),
  "maildomain:index:GeneratedSecret": () => ({ secret: "generated secret" }),
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

export async function record<Result>(program: () => Result, preview = false): Promise<[Result, Recorded[]]> {
  recorded.length = 0;
  await pulumi.runtime.setMocks(
    {
      newResource: (resource) => {
        const inputs = unwrap(resource.inputs) as Record<string, unknown>;
        recorded.push({ ...resource, inputs });
        const outputs = preview ? {} : (answers[resource.type]?.(inputs) ?? {});
        const id = preview ? undefined : `${resource.name}-id`;
        return { id, state: { ...inputs, ...outputs } };
      },
      call: ({ inputs }) => inputs,
    },
    "maildomain",
    "test",
    preview,
  );
  const result = program();
  await settled();
  return [
    result,
    recorded
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ type, name, inputs }) => ({ type, name, inputs })),
  ];
}

/** The names of the last program's resources, in the order in which they were registered. */
export function registrationOrder(): string[] {
  return recorded.map(({ name }) => name);
}

/** Inputs without the envelopes in which secrets travel to the engine. */
function unwrap(input: unknown): unknown {
  if (Array.isArray(input)) return input.map(unwrap);
  if (typeof input !== "object" || input === null) return input;
  if (specialSigKey in input && "value" in input) return unwrap(input.value);
  return Object.fromEntries(Object.entries(input).map(([key, inner]) => [key, unwrap(inner)]));
}

/** Children register asynchronously, and some only once a value of another is there. */
async function settled(): Promise<void> {
  for (let count = -1; count !== recorded.length; ) {
    count = recorded.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The value of an output, once it is there. */
export function value<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

/** `type name` of each resource, one a line. */
export function tree(resources: readonly Recorded[]): string {
  return resources.map(({ type, name }) => `${name}: ${type}`).join("\n");
}
