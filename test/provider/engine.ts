/** Resources made the way the engine makes them: check, then diff, then create or update. */

import { certificateAuthority } from "../../provider/certificate-authority.ts";
import type { ResourceImplementation } from "../../provider/resource-implementation.ts";
import { serverCertificate } from "../../provider/server-certificate.ts";
import { decode, type Values, type WireValues } from "../../provider/wire.ts";

/** The inputs after check. Throws its failures, as the engine would. */
export function checked(resource: ResourceImplementation, olds: Values, news: Values, now: Date): Values {
  const { filled, failures } = resource.check(olds, news, now);
  if (failures.length > 0) throw new Error(failures.map((f) => `${f.property}: ${f.reason}`).join("\n"));
  return { ...news, ...decode(filled) };
}

/** The state after an `up`: the first one without `olds`, and a later one from the state before it. */
export async function up(
  resource: ResourceImplementation,
  news: Values,
  now: Date,
  olds?: Values,
): Promise<Values & { readonly changed: boolean }> {
  const inputs = checked(resource, olds ?? {}, news, now);
  if (olds === undefined) return state(inputs, (await resource.create(inputs)).outputs, true);
  if (!resource.diff(olds, inputs).changes) return { ...olds, changed: false };
  return state(inputs, await resource.update(olds, inputs), true);
}

function state(inputs: Values, outputs: WireValues, changed: boolean) {
  return { ...inputs, ...decode(outputs), changed };
}

export function upAuthority(news: Values, now: Date, olds?: Values) {
  return up(certificateAuthority, { commonName: "Lab authority", ...news }, now, olds);
}

export function upServer(authority: Values, news: Values, now: Date, olds?: Values) {
  const { certificate, privateKey } = authority;
  return up(
    serverCertificate,
    { caCertificate: certificate ?? null, caPrivateKey: privateKey ?? null, ...news },
    now,
    olds,
  );
}
