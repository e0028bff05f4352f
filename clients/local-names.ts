/**
 * How programs on one machine find the names that only a stack's own DNS server knows: a drop-in for systemd-resolved, or
 * a block of /etc/hosts. Pure: `commands/names.ts` reads and writes the files.
 */
import type { StackOutputs } from "../outputs/schema.ts";
import { isServedHere } from "../publishers/declared-zone.ts";
import { socketAddress } from "../records/address.ts";
import { type BoundServices, localPlace } from "../records/bound-address.ts";

/** What a stack's own DNS server answers for. */
export interface LocalNames {
  readonly stack: string;
  readonly nameServer: { readonly address: string; readonly port: number };
  readonly zones: readonly string[];
  /** Each name with its addresses. */
  readonly hosts: ReadonlyMap<string, readonly string[]>;
}

/** What {@link localNames} reads. */
export interface NamedStack {
  readonly endpoint: BoundServices & {
    readonly ports: Pick<StackOutputs["endpoint"]["ports"], "dns">;
  };
  readonly zones: readonly Pick<StackOutputs["zones"][number], "name" | "publisher" | "records">[];
}

/** @returns undefined where none of the zones is on the stack's own server */
export function localNames(stack: string, { endpoint, zones }: NamedStack): LocalNames | undefined {
  const own = zones.filter(({ publisher }) => isServedHere({ dns: publisher }));
  if (own.length === 0) return undefined;
  const records = own.flatMap((zone) => zone.records);
  const addresses = records.filter(({ type, name }) => /^A{1,4}$/.test(type) && !name.startsWith("*"));
  const hosts = Map.groupBy(addresses, ({ name }) => name);
  return {
    stack,
    nameServer: { address: localPlace(endpoint, "dns"), port: endpoint.ports.dns },
    zones: own.map(({ name }) => name),
    hosts: new Map(
      [...hosts].map(([name, found]) => [name, [...new Set(found.map(({ content }) => content))]]),
    ),
  };
}

/** One name for each of the first zones: enough to see whether a machine knows them. */
export function namesToTry({ zones, hosts }: LocalNames, most = 4): string[] {
  const names = [...hosts.keys()];
  return zones
    .flatMap(
      (zone) =>
        names.find((name) => name === `mail.${zone}`) ??
        names.find((name) => name === zone || name.endsWith(`.${zone}`)) ??
        [],
    )
    .slice(0, most);
}

export const HOSTS = "/etc/hosts";

/** The command that takes everything back. */
export function removalOfNames(stack: string): string {
  return `npm run names -- --remove${stack === "lab" ? "" : ` --stack ${stack}`}`;
}

/** The command that sets the names up. */
export function applicationOfNames(stack: string): string {
  return `npm run names -- --apply${stack === "lab" ? "" : ` --stack ${stack}`}`;
}

const first = (stack: string) =>
  `# maildomain ${stack}: begin. \`${removalOfNames(stack)}\` removes this block.`;
const last = (stack: string) => `# maildomain ${stack}: end`;

/** The block of /etc/hosts, with its last line end. */
export function hostsBlock({ stack, hosts }: LocalNames): string {
  const lines = [...hosts].flatMap(([name, addresses]) => addresses.map((address) => `${address} ${name}`));
  return `${[first(stack), ...lines, last(stack)].join("\n")}\n`;
}

/** /etc/hosts without the stack's block. */
export function withoutBlock(text: string, stack: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`# maildomain ${stack}: begin`));
  if (start < 0) return text;
  const end = lines.indexOf(last(stack), start);
  // Without its end, which somebody has removed, the block is what looks like it.
  const length = end < 0 ? 1 : end - start + 1;
  return lines.toSpliced(start, length).join("\n");
}

/** /etc/hosts with the stack's block as it should be, in place of one that is there. */
export function withBlock(text: string, names: LocalNames): string {
  const rest = withoutBlock(text, names.stack);
  return `${rest}${rest === "" || rest.endsWith("\n") ? "" : "\n"}${hostsBlock(names)}`;
}

/** Lines of /etc/hosts outside the block that lead one of the names elsewhere: the first line counts. */
export function otherEntries(text: string, { stack, hosts }: LocalNames): string[] {
  return withoutBlock(text, stack)
    .split("\n")
    .filter((line) => {
      const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
      return names.some((name) => hosts.get(name.toLowerCase())?.includes(address) === false);
    });
}

/**
 * The drop-in: for the names of these zones nobody but the stack's server is asked. As a server of no network it is asked for
 * all others as well (systemd 257, `dns_scope_is_default_route`); it refuses them, and the network's answer counts.
 */
export function resolvedDropIn({ stack, nameServer: { address, port }, zones }: LocalNames): string {
  return `# The names of the maildomain stack ${stack}. \`${removalOfNames(stack)}\` removes this file.
[Resolve]
DNS=${port === 53 ? address : socketAddress({ host: address, port })}
Domains=${zones.map((zone) => `~${zone}`).join(" ")}
`;
}

/** No parent of the zones is theirs, so that nothing can be validated from the root down (systemd's dnssec-trust-anchors.d(5)). */
export function negativeAnchors({ zones }: LocalNames): string {
  return zones.map((zone) => `${zone}\n`).join("");
}

/** Where systemd-resolved finds drop-ins. */
export const resolvedFolder = "/etc/systemd/resolved.conf.d";

/** Where systemd-resolved finds the two. */
export function resolvedFiles(stack: string): { readonly dropIn: string; readonly anchors: string } {
  return {
    dropIn: `${resolvedFolder}/maildomain-${stack}.conf`,
    anchors: `/etc/dnssec-trust-anchors.d/maildomain-${stack}.negative`,
  };
}

/** What a machine resolves names by. */
export interface Resolution {
  /** Whether programs ask systemd-resolved. */
  readonly isResolved: boolean;
  /** Servers, other than stacks', that systemd-resolved has for everything: the stack's would be asked in turn with them. */
  readonly globalServers: readonly string[];
}

/** A file as it should be; without a content it should not be there. */
export interface WantedFile {
  readonly path: string;
  readonly content: string | undefined;
}

/** Everything that makes the names known, and whether systemd-resolved has to look again. */
export interface NamesPlan {
  readonly files: readonly WantedFile[];
  readonly isResolved: boolean;
  /** Why systemd-resolved is not used although it runs. */
  readonly note?: string | undefined;
}

/** @param hosts - the text of /etc/hosts */
export function planNames(names: LocalNames, hosts: string, resolution: Resolution): NamesPlan {
  const { isResolved, globalServers } = resolution;
  const inHosts = { files: [{ path: HOSTS, content: withBlock(hosts, names) }], isResolved: false };
  if (!isResolved) return inHosts;
  if (globalServers.length > 0)
    return {
      ...inHosts,
      note: `systemd-resolved asks ${globalServers.join(", ")} for every name, and would ask the stack's server in turn with it.`,
    };
  const { dropIn, anchors } = resolvedFiles(names.stack);
  return {
    files: [
      { path: dropIn, content: resolvedDropIn(names) },
      { path: anchors, content: negativeAnchors(names) },
    ],
    isResolved: true,
  };
}

/** Takes back whatever {@link planNames} may have set, by either way. */
export function planRemoval(stack: string, hosts: string): WantedFile[] {
  const { dropIn, anchors } = resolvedFiles(stack);
  const rest = withoutBlock(hosts, stack);
  return [
    ...(rest === hosts ? [] : [{ path: HOSTS, content: rest }]),
    { path: dropIn, content: undefined },
    { path: anchors, content: undefined },
  ];
}
