import { generateKeyPairSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/mocks.js";
import { specialSigKey } from "@pulumi/pulumi/runtime/rpc.js";
import { getMonitor } from "@pulumi/pulumi/runtime/settings.js";
import type { MtaStsPolicy } from "../../records/index.ts";

/** What a program registered, in the order of the names. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const recorded: MockResourceArgs[] = [];
/** The URN of each resource's parent, by its own `type name`; empty for one without. */
const parents = new Map<string, string>();

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
    spkiSha256: "ab".repeat(32),
    keyDigests: { key1: "ab".repeat(32) },
  }),
  "maildomain:index:GeneratedSecret": () => ({ secret: "generated secret" }),
  "maildomain:index:ServedGeneration": ({ generation }) => ({ inForce: generation, repairs: 0 }),
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

export async function record<Result>(
  program: () => Result,
  preview = false,
): Promise<[Awaited<Result>, Recorded[]]> {
  recorded.length = 0;
  parents.clear();
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
  recordParents();
  const result = await program();
  await settled();
  return [
    result,
    recorded
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ type, name, inputs }) => ({ type, name, inputs })),
  ];
}

/** Mocks see everything but the parent, which the request to the engine has. */
function recordParents(): void {
  const monitor = getMonitor();
  if (monitor === undefined) throw new Error("there is no engine to ask");
  const register = monitor.registerResource.bind(monitor) as (
    request: Request,
    ...rest: unknown[]
  ) => unknown;
  monitor.registerResource = ((request: Request, ...rest: unknown[]) => {
    parents.set(`${request.getType()} ${request.getName()}`, request.getParent());
    return register(request, ...rest);
  }) as typeof monitor.registerResource;
}

interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
}

/** The last program's resources, each `name: type` a level below its parent; those of one parent by their names. */
export function resourceTree(): string {
  const children = Map.groupBy(recorded, ({ type, name }) => ownName(parents.get(`${type} ${name}`) ?? ""));
  const below = (parent: string, level: number): string[] =>
    (children.get(parent) ?? [])
      .toSorted((a, b) => (`${a.name} ${a.type}` < `${b.name} ${b.type}` ? -1 : 1))
      .flatMap(({ type, name }) => [
        `${"  ".repeat(level)}${name}: ${type}`,
        ...below(`${type} ${name}`, level + 1),
      ]);
  return `${below("", 0).join("\n")}\n`;
}

/** The `type name` of a URN, whose type has those of the parents before it. */
function ownName(urn: string): string {
  const [type = "", name = ""] = urn.split("::").slice(-2);
  return urn === "" ? "" : `${type.split("$").at(-1)} ${name}`;
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
