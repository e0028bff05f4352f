import { services } from "../records/index.ts";
import type { Correspondent } from "./journey.ts";
import { ask, type NameResolver } from "./probes/dns.ts";
import { DnsError } from "./probes/dns-error.ts";
import { findMailRoute, type MailRoute } from "./public-mail.ts";
import { type FoundService, findServices } from "./public-services.ts";
import type { Target } from "./public-target.ts";
import { type Service, shapeOf } from "./services.ts";

/** A domain that this tool need not have made, as the DNS describes it. */
export interface PublicDomain {
  readonly name: string;
  /** Where others deliver. */
  readonly mail: MailRoute;
  /** What clients find by SRV records. */
  readonly services: readonly FoundService[];
  /** Somebody who may log in, where a password is given. */
  readonly user?: Correspondent | undefined;
}

/**
 * Finds out what there is to be checked. What has no answer is known as such: it hides nothing else.
 *
 * @throws DnsError when nothing has an answer, since the DNS itself is out of reach.
 */
export async function discoverDomain(
  name: string,
  resolver: NameResolver,
  user?: Correspondent,
): Promise<PublicDomain> {
  const [mail, services] = await Promise.all([findMailRoute(name, resolver), findServices(name, resolver)]);
  const isSilent = mail.failure instanceof DnsError && services.every(({ failure }) => failure !== undefined);
  if (isSilent && !(await answersAnything(name, resolver))) throw mail.failure;
  return { name, mail, services, user };
}

/** A resolver that works knows the root, or something of the domain. */
async function answersAnything(domain: string, resolver: NameResolver): Promise<boolean> {
  const questions = [
    ask(resolver, ".", "NS"),
    ask(resolver, domain, "TXT"),
    ask(resolver, `_dmarc.${domain}`, "TXT"),
  ];
  return Promise.any(questions).then(
    () => true,
    () => false,
  );
}

/** A server that accepts the domain's mail, as a service. */
export function smtpAt({ host, addresses }: Target): Service | undefined {
  const [address] = addresses;
  const shape = shapeOf("smtp");
  if (address === undefined || shape === undefined) return undefined;
  return { ...shape, host: address, port: services.smtp.port, serverName: host };
}
