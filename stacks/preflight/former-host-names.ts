/** Names that mail servers had before: their records stay for as long as others hold the MX records that named them. */
import * as z from "zod";
import { type StackName, serverWithContainer } from "../../naming/engine.ts";
import { ServerRole } from "../../naming/servers.ts";
import { outputsSchema } from "../../outputs/schema.ts";
import { clientNamesOf, defaultTtl, parseMx, planRecords, ZoneFinder } from "../../records/index.ts";
import { keptHostNames, type PublishedHost } from "../../stages/former-host-names.ts";
import { formatTime } from "../../stages/staged.ts";
import { type FormerHostNames, serversOf } from "../program/servers.ts";
import { describeKnownRecords, zoneArgs } from "../program/zones.ts";
import type { StackSettings } from "../schema/config.ts";
import { type KnownResource, reportedOutputs } from "./former-engine.ts";

export interface KeptHostNames {
  readonly kept: FormerHostNames;
  /** A line of each name that is left now, which begins with the setting's path. */
  readonly notes: readonly string[];
}

const { hostName, furtherServers, stages } = outputsSchema.shape;
const formerOutputs = z.object({
  hostName,
  furtherServers: z
    .array(furtherServers.unwrap().element.pick({ container: true, hostName: true }))
    .default([]),
  stages: stages.pick({ servers: true }),
  zones: z.array(
    z.object({
      name: z.string(),
      records: z.array(z.object({ type: z.string(), ttl: z.number(), content: z.unknown() })),
    }),
  ),
});
type FormerOutputs = z.infer<typeof formerOutputs>;

export function keptNames(
  settings: StackSettings,
  stack: StackName,
  known: readonly KnownResource[],
  now: Date,
): KeptHostNames {
  const former = formerOutputs.safeParse(reportedOutputs(known)).data;
  if (former === undefined) return { kept: new Map(), notes: [] };
  const published = publishedHosts(stack, former);
  const candidates = serversOf(settings)
    .flatMap((server) => {
      const last = published.get(server.name);
      if (last === undefined) return [];
      const names = keptHostNames(server.hostName, last, (name) => mxTtl(former, name), now);
      return [{ server, last, names }];
    })
    .filter(({ names }) => names.length > 0);
  if (candidates.length === 0) return { kept: new Map(), notes: [] };
  const places = placesOf(settings);
  const found = candidates
    .map(({ server, last, names }) => {
      const isOurs = (name: string) => !places.has(name) || places.get(name) === server.name;
      const kept = names.filter(({ name }) => isOurs(name) && !isGivenUp(name, former, settings));
      return { server, last, names: kept };
    })
    .filter(({ names }) => names.length > 0);
  return {
    kept: new Map(found.map(({ server, names }) => [server.name, names])),
    notes: found.flatMap(({ server, last, names }) =>
      names
        .filter(({ name }) => name === last.hostName)
        .map(
          ({ name, until }) =>
            `${server.path}hostName: ${name} keeps its records, and is a second MX, until ${formatTime(until)}, since others ` +
            "may not find the new name before then; the first `up` after that removes what is no longer needed",
        ),
    ),
  };
}

/** What the last `up` has published of each server, by the server's name. */
function publishedHosts(stack: StackName, { hostName, furtherServers, stages }: FormerOutputs) {
  const publishedHost = (name: string): PublishedHost => ({
    hostName: name,
    formerNames: stages.servers.find((server) => server.hostName === name)?.formerNames ?? [],
  });
  const further = furtherServers.flatMap(({ container, hostName }) => {
    const server = serverWithContainer(stack, container);
    return server === undefined ? [] : [[server, publishedHost(hostName)] as const];
  });
  return new Map([[ServerRole.mailServer as string, publishedHost(hostName)], ...further]);
}

/** Where the MX is in nobody's zone here, its TTL is not known. */
function mxTtl({ zones }: FormerOutputs, name: string): number {
  const leading = zones
    .flatMap(({ records }) => records)
    .filter(
      ({ type, content }) =>
        type === "MX" && typeof content === "string" && parseMx(content).exchange === name,
    );
  return leading.length === 0 ? defaultTtl : Math.max(...leading.map(({ ttl }) => ttl));
}

/** Whether the last `up` has published the zone of a name, and this one does not any more. */
function isGivenUp(name: string, { zones }: FormerOutputs, settings: StackSettings): boolean {
  return (
    new ZoneFinder(zones).find(name) !== undefined &&
    new ZoneFinder(zoneArgs(settings)).find(name) === undefined
  );
}

/**
 * Where names lead by what is declared: to a mail server, which is named, or elsewhere. A name that was a server's own may
 * be one for its clients now.
 */
function placesOf(settings: StackSettings): ReadonlyMap<string, string | undefined> {
  const { groups } = planRecords(describeKnownRecords(settings));
  const records = groups.flatMap(({ records }) => records);
  const elsewhere = records
    .filter(({ type }) => ["A", "AAAA", "CNAME"].includes(type))
    .map(({ name }) => [name, undefined] as const);
  const servers = serversOf(settings);
  const forClients = servers.flatMap((server) =>
    server.domains.flatMap(({ name: domain }) =>
      clientNamesOf(domain).map((name) => [name, server.name] as const),
    ),
  );
  const own = servers.map(({ hostName, name }) => [hostName, name] as const);
  return new Map<string, string | undefined>([...elsewhere, ...forClients, ...own]);
}
