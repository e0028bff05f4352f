import type { Provider } from "@pulumi/pulumi/provider/index.js";
import { certificateAuthority } from "./certificate-authority.ts";
import { credentials } from "./credentials.ts";
import { dkimKey } from "./dkim-key.ts";
import type { ResourceImplementation } from "./resource-implementation.ts";
import { serverCertificate } from "./server-certificate.ts";
import { decode, type WireValues } from "./wire.ts";

const resources: Readonly<Record<string, ResourceImplementation>> = {
  "maildomain:index:DkimKey": dkimKey,
  "maildomain:index:CertificateAuthority": certificateAuthority,
  "maildomain:index:ServerCertificate": serverCertificate,
  "maildomain:index:Credentials": credentials,
};

/**
 * The provider: hands each call to the resource that its URN names, and keeps the secret marks of what the
 * resources do not touch.
 *
 * @param clock tells the time to `check`, the only step that reads it
 */
export function makeProvider(version: string, clock: () => Date = () => new Date()) {
  return {
    version,
    async check(urn: string, olds: WireValues, news: WireValues) {
      const { filled, failures } = resourceOf(urn).check(decode(olds), decode(news), clock());
      return { inputs: { ...news, ...filled }, failures: [...failures] };
    },
    async diff(_id: string, urn: string, olds: WireValues, news: WireValues) {
      const { changes, replaces } = resourceOf(urn).diff(decode(olds), decode(news));
      return { changes, replaces: [...replaces] };
    },
    async create(urn: string, inputs: WireValues) {
      const { id, outputs } = await resourceOf(urn).create(decode(inputs));
      return { id, outs: { ...inputs, ...outputs } };
    },
    async update(_id: string, urn: string, olds: WireValues, news: WireValues) {
      return { outs: { ...news, ...(await resourceOf(urn).update(decode(olds), decode(news))) } };
    },
    async read(id: string, urn: string, props: WireValues) {
      // Everything there is to read lies in the state. An import comes without one.
      if (Object.keys(props).length > 0) return { id, props };
      throw new Error(`${typeOf(urn)} cannot be imported: declare it, and it will be made`);
    },
  } satisfies Provider;
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
