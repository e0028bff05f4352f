import { type ClientService, clientServices, isLegacy, srvName } from "../records/index.ts";
import type { Finding } from "./check.ts";
import { ask, type NameResolver } from "./probes/dns.ts";
import { followTarget, type TargetRule } from "./public-target.ts";
import { type Service, shapeOf } from "./services.ts";

/** What the DNS says of one service for clients (RFC 6186, RFC 8314 section 5.1). */
export interface FoundService {
  /** The SRV record's name. @example "_imaps._tcp.example.org" */
  readonly name: string;
  /** Where it is, the preferred place first. */
  readonly places: readonly Service[];
  /** What people are shown where nothing is wrong. */
  readonly seen: string;
  readonly findings: readonly Finding[];
  /** Why nothing of this could be found out. */
  readonly failure?: unknown;
}

const srvRule: TargetRule = { type: "SRV", rule: "RFC 2782" };

/** The services that a domain says anything of, or where that is unknown. */
export async function findServices(domain: string, resolver: NameResolver): Promise<FoundService[]> {
  const names = clientServices.filter((service) => !isLegacy(service));
  const found = await Promise.all(names.map((service) => findService(domain, service, resolver)));
  return found.flatMap((service) => service ?? []);
}

async function findService(
  domain: string,
  service: ClientService,
  resolver: NameResolver,
): Promise<FoundService | undefined> {
  const name = srvName(service, domain);
  const shape = shapeOf(service);
  try {
    const records = ((await ask(resolver, name, "SRV")) ?? []).map(splitSrv);
    if (records.length === 0 || shape === undefined) return undefined;
    const targets = records.filter(({ target }) => target !== ".");
    const followed = await Promise.all(
      targets.toSorted(bySelection).map(async ({ port, target }) => ({
        port,
        ...(await followTarget(target, srvRule, resolver)),
      })),
    );
    const places = followed.flatMap(({ host, addresses: [address], port }): Service[] =>
      address === undefined || port === 0 ? [] : [{ ...shape, host: address, port, serverName: host }],
    );
    return {
      name,
      places: [...new Map(places.map((place) => [`${place.serverName} ${place.port}`, place])).values()],
      seen:
        targets.length === 0
          ? "not offered"
          : targets.map(({ target, port }) => `${target}:${port}`).join(", "),
      findings: [...ownFindings(records), ...followed.flatMap(({ findings }) => findings)],
    };
  } catch (failure) {
    return { name, places: [], seen: "", findings: [], failure };
  }
}

interface Parts {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** The content of a record that a name server has given: its target is judged apart. */
function splitSrv(content: string): Parts {
  const [, priority, weight, port, target = ""] = /^(\d+) (\d+) (\d+) ?(.*)$/s.exec(content) ?? [];
  return {
    priority: Number(priority),
    weight: Number(weight),
    port: Number(port),
    target: target === "" ? "." : target,
  };
}

/** The lowest priority is tried first; of one priority, most clients choose the largest weight (RFC 2782). */
function bySelection(one: Parts, other: Parts): number {
  return one.priority - other.priority || other.weight - one.weight;
}

function ownFindings(records: readonly Parts[]): Finding[] {
  const none = records.some(({ target }) => target === ".");
  const named = records.filter(({ target }) => target !== ".");
  return [
    ...(none && named.length > 0
      ? [
          {
            seen: `"." says that it is not offered, beside ${named.map(({ target }) => target).join(", ")}`,
            remedy: 'Remove the record with the target "." if it is, and all others if it is not (RFC 2782).',
          },
        ]
      : []),
    ...named
      .filter(({ port }) => port === 0)
      .map(({ target }) => ({
        seen: `${target} has port 0, which nobody can connect to`,
        remedy: "Write the service's port in the SRV record (RFC 2782).",
      })),
  ];
}
