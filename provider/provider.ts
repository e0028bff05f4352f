import { acmeAccount } from "./acme-account.ts";
import { type AskServers, askAuthoritativeServers } from "./authoritative-servers.ts";
import { certificateAuthority } from "./certificate-authority.ts";
import { credentials } from "./credentials.ts";
import { dkimKey } from "./dkim-key.ts";
import { dnssecKey } from "./dnssec-key.ts";
import { domainStages } from "./domain-stages.ts";
import { generatedSecret } from "./generated-secret.ts";
import type { Failure } from "./inputs.ts";
import type {
  Confirmation,
  Difference,
  Imported,
  ResourceImplementation,
} from "./resource-implementation.ts";
import { servedGeneration } from "./served-generation.ts";
import { serverCertificate } from "./server-certificate.ts";
import { decode, type WireValues } from "./wire.ts";

const resources: Readonly<Record<string, ResourceImplementation>> = {
  "maildomain:index:DkimKey": dkimKey,
  "maildomain:index:DnssecKey": dnssecKey,
  "maildomain:index:AcmeAccount": acmeAccount,
  "maildomain:index:CertificateAuthority": certificateAuthority,
  "maildomain:index:ServerCertificate": serverCertificate,
  "maildomain:index:Credentials": credentials,
  "maildomain:index:DomainStages": domainStages,
  "maildomain:index:GeneratedSecret": generatedSecret,
  "maildomain:index:ServedGeneration": servedGeneration(),
};

/** What is there of a resource. */
export interface ReadResource {
  readonly id: string;
  readonly state: WireValues;
  /** What it would be made from. */
  readonly inputs: WireValues;
}

/**
 * What the engine asks of a provider. States are those of the wire, with inputs and outputs together, but for what a resource
 * has as inputs alone: of that the former inputs are asked, which the engine gives along with each state.
 */
export interface Provider {
  readonly version: string;
  /** The inputs as the state should have them, and everything that is wrong with them. */
  check(
    urn: string,
    olds: WireValues,
    news: WireValues,
  ): Promise<{ readonly inputs: WireValues; readonly failures: readonly Failure[] }>;
  diff(urn: string, olds: WireValues, news: WireValues, formerInputs?: WireValues): Promise<Difference>;
  create(urn: string, inputs: WireValues): Promise<{ readonly id: string; readonly state: WireValues }>;
  /** The state of what is to be created, as far as it is known before. */
  previewCreate(urn: string, inputs: WireValues): WireValues;
  update(urn: string, olds: WireValues, news: WireValues, formerInputs?: WireValues): Promise<WireValues>;
  /** The state that an update would leave, as far as it is known before. */
  preview(urn: string, olds: WireValues, news: WireValues, formerInputs?: WireValues): Promise<WireValues>;
  /** The inputs and the state as a refresh finds them, or what an import takes over. */
  read(urn: string, id: string, inputs: WireValues, state: WireValues): Promise<ReadResource>;
}

/**
 * The provider: hands each call to the resource that its URN names, and keeps the secret marks of what the
 * resources do not touch.
 *
 * @param clock the time, for `check`, the only step that reads it
 * @param ask asks name servers, for `check` as well
 */
export function makeProvider(
  version: string,
  clock: () => Date = () => new Date(),
  ask: AskServers = askAuthoritativeServers,
): Provider {
  return {
    version,
    async check(urn, olds, news) {
      const checked = resourceOf(urn).check(decode(olds), decode(news), clock());
      const { filled, dropped = [], failures, toConfirm = [] } = checked;
      const kept = Object.entries(news).filter(([name]) => !dropped.includes(name));
      return {
        inputs: { ...Object.fromEntries(kept), ...filled },
        failures: failures.length > 0 ? failures : await confirm(toConfirm, ask),
      };
    },
    async diff(urn, olds, news, formerInputs) {
      const former = decode(whole(urn, olds, formerInputs));
      const { toConfirm = [], ...difference } = resourceOf(urn).diff(former, decode(news));
      const [failure] = await confirm(toConfirm, ask);
      if (failure !== undefined) throw new Error(`${failure.property}: ${failure.reason}`);
      return difference;
    },
    async create(urn, inputs) {
      const { id, outputs } = await resourceOf(urn).create(decode(inputs));
      return { id, state: { ...shared(urn, inputs), ...outputs } };
    },
    previewCreate: (urn, inputs) => ({
      ...shared(urn, inputs),
      ...resourceOf(urn).previewCreate?.(decode(inputs)),
    }),
    async update(urn, olds, news, formerInputs) {
      const former = decode(whole(urn, olds, formerInputs));
      return { ...shared(urn, news), ...(await resourceOf(urn).update(former, decode(news))) };
    },
    async preview(urn, olds, news, formerInputs) {
      const former = decode(whole(urn, olds, formerInputs));
      return { ...shared(urn, news), ...resourceOf(urn).preview(former, decode(news)) };
    },
    async read(urn, id, inputs, state) {
      if (Object.keys(state).length > 0) {
        const found = await resourceOf(urn).read?.(decode(state));
        return {
          id,
          inputs: { ...inputs, ...found?.inputs },
          state: { ...state, ...found?.inputs, ...found?.outputs },
        };
      }
      // An import comes without one.
      const imported = importFrom(typeOf(urn), id);
      return { id: imported.id, inputs: imported.inputs, state: { ...imported.inputs, ...imported.outputs } };
    },
  };
}

/** @throws Error that says what to do instead, also for a component: nothing of it is on this machine. */
function importFrom(type: string, id: string): Imported {
  const { importing } = resources[type] ?? {};
  if (typeof importing === "function") return importing(id);
  const others = Object.keys(resources)
    .filter((each) => typeof resources[each]?.importing === "function")
    .map((each) => each.split(":").at(-1));
  const instead = importing ?? "declare it, and all that is below it will be made";
  throw new Error(`${type} cannot be imported: ${instead}. An import takes over ${others.join(", ")} alone`);
}

/** The inputs that are outputs, too. */
function shared(urn: string, inputs: WireValues): WireValues {
  const { inputsAlone = [] } = resourceOf(urn);
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !inputsAlone.includes(name)));
}

/** A state with the inputs that it does not have itself; that of an earlier version has them. */
function whole(urn: string, state: WireValues, inputs: WireValues = {}): WireValues {
  const { inputsAlone = [] } = resourceOf(urn);
  const missing = Object.entries(inputs).filter(
    ([name]) => inputsAlone.includes(name) && !Object.hasOwn(state, name),
  );
  return { ...state, ...Object.fromEntries(missing) };
}

async function confirm(confirmations: readonly Confirmation[], ask: AskServers): Promise<Failure[]> {
  const found = await Promise.all(
    confirmations.map(async ({ question, failure }) => {
      const problem = await ask(question);
      return problem === undefined ? [] : [failure(problem)];
    }),
  );
  return found.flat();
}

function resourceOf(urn: string): ResourceImplementation {
  const resource = resources[typeOf(urn)];
  if (resource === undefined) {
    throw new Error(
      `maildomain has no resource type ${typeOf(urn)}; it has ${Object.keys(resources).join(", ")}`,
    );
  }
  return resource;
}

/** The type token of a URN, `urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>`. */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? urn;
}
