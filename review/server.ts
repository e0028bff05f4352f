import { isDeepStrictEqual } from "node:util";
import {
  containerResource,
  isFormerCarrier,
  isMailContainer,
  parseVolumeName,
  serverOfContainer,
  serverOfServed,
  stackResources,
  VolumeUse,
} from "../naming/resources.ts";
import { parseServerName, ServerRole } from "../naming/servers.ts";
import { proxiedServiceAt, type ServiceName, serviceAt, services, serviceTitle } from "../records/index.ts";
import type { Change, Risk } from "./change.ts";
import { movesEngine } from "./engine.ts";
import { isRemoved, listOf, propertiesOf, type Step, stepsOf, textOf, UNKNOWN } from "./preview.ts";

const CONTAINER = "docker:index/container:Container";
/** From the stop of a server to the first answer of the next one, which `npm run bench` measures. */
const usualInterruption = "less than 5 s";
/** What else is unavailable while a server other than a mail server is replaced; this is for a name server. */
const missed: Readonly<Partial<Record<ServerRole, string>>> = {
  [ServerRole.webServer]:
    "New clients find no settings meanwhile, and other servers no MTA-STS policy; servers that know the policy keep it.",
  [ServerRole.webmail]:
    "Nobody can read or write mail in a browser meanwhile; sessions continue afterwards, and every other client works.",
};
const namesMissed =
  "Names that are not cached do not resolve meanwhile; mail from others waits and is retried.";

/** What adding or removing a server means; a further mail server counts as the first. */
interface ServerEffects {
  readonly added: string;
  /** What is missed without it, for good. */
  readonly removed: string;
}
const mailServerEffects: ServerEffects = {
  added: "Accepts mail and logins as soon as it is healthy.",
  removed: "Nobody can send or read mail there any longer, and mail from others is not accepted.",
};
const nameServerEffects: ServerEffects = {
  added: "Answers for the stack's zones.",
  removed:
    "If it was the only name server, no name in its zones resolves any longer, and mail from others bounces.",
};
const effects: Readonly<Record<ServerRole, ServerEffects>> = {
  [ServerRole.mailServer]: mailServerEffects,
  [ServerRole.dnsServer]: nameServerEffects,
  [ServerRole.innerDnsServer]: {
    added: "Answers the lab's own servers.",
    removed: "The lab's own servers can no longer resolve names: no mail passes between them.",
  },
  [ServerRole.webServer]: {
    added: "New clients find their settings, and people find the set-up page.",
    removed: "New clients find no settings, and people no set-up page; clients that are set up keep working.",
  },
  [ServerRole.webmail]: {
    added: "Mail in a browser, with the name and password that people have.",
    removed:
      "Whoever reads mail in a browser needs another client. Mail, rules and passwords are on the mail server: they stay.",
  },
  [ServerRole.certificateAgent]: {
    added: "Orders the servers' certificates, and renews them.",
    removed:
      "The servers' certificates are renewed by `up` alone from then on, or by whoever replaces their files.",
  },
};

/** Why a container cannot be changed while it runs, in people's words where Docker's are not. */
const reasonNames: Readonly<Record<string, string>> = {
  networksAdvanced: "network",
  labels: "the engine's identity",
};

/** Containers and images, volumes, and the ports that clients know. */
export function reviewServers(steps: readonly Step[]): Change[] {
  return [
    ...stepsOf(steps, CONTAINER).flatMap((step) => reviewContainer(step, steps)),
    ...stepsOf(steps, "docker:index/volume:Volume").flatMap(reviewVolume),
    ...stepsOf(steps, "maildomain:index:ServedGeneration").flatMap((step) => reviewGeneration(step, steps)),
    ...stepsOf(steps, CONTAINER)
      .filter(({ name }) => isMailContainer(name))
      .flatMap(reviewPorts),
  ];
}

function reviewContainer(step: Step, steps: readonly Step[]): Change[] {
  if (isFormerCarrier(step.name)) return [];
  const name = serverOfContainer(step.name) ?? step.name;
  const role = parseServerName(name)?.role;
  const effect = role && effects[role];
  if (step.operation === "create") return [{ subject: "server", kind: "added", name, effect: effect?.added }];
  if (isRemoved(step)) {
    const reason = effect?.removed ?? "Whatever it served is no longer available.";
    return [{ subject: "server", kind: "removed", name, risk: { id: "server-removed", reason } }];
  }
  if (step.operation === "update") {
    return [{ subject: "server", kind: "changed", name, effect: "Changed while it runs: nothing restarts." }];
  }
  const property = step.replaceReasons.map((reason) => reasonNames[reason] ?? reason).join(", ") || undefined;
  if (movesEngine(steps)) {
    // The risk is the engine's, once for all of them.
    const effect = "It would be made on the other engine, without what it keeps here.";
    return [{ subject: "server", kind: "replaced", name, property, effect }];
  }
  return [reviewReplacement(step, name, property)];
}

function reviewReplacement(step: Step, name: string, property: string | undefined): Change {
  const { effect, risk } = whatWaits(step);
  const change = { subject: "server", kind: "replaced", name, property } as const;
  if (!dependsOnImage(step)) return { ...change, effect, risk };
  return {
    ...change,
    isUncertain: true,
    effect: `May be replaced: \`up\` builds the image, and replaces nothing where it is the same as before. Otherwise, once the image has served this configuration in a container of its own, and no other server is being replaced: ${lowered(effect)}`,
    risk: { ...risk, reason: `If the new image is another one: ${lowered(risk.reason)}` },
  };
}

/** Whether nothing but an image that is still to be built is a reason to replace it. */
function dependsOnImage({ after, replaceReasons }: Step): boolean {
  return after.image === UNKNOWN && replaceReasons.every((reason) => reason === "image");
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

function reviewGeneration(step: Step, steps: readonly Step[]): Change[] {
  if (step.operation !== "update") return [];
  const name = serverOfServed(step.name) ?? step.name;
  return [...reviewReload(name, step, steps), ...reviewDrift(name, step)];
}

/** A running server receives its configuration and reloads; one that starts reads it at its start. */
function reviewReload(name: string, { before, after }: Step, steps: readonly Step[]): Change[] {
  const container = stepsOf(steps, CONTAINER).find((other) => other.name === containerResource(name));
  const restarts = container !== undefined && container.operation !== "update";
  if (restarts || before.generation === after.generation) return [];
  const effect = "Reload only: nothing restarts, sessions stay, no mail waits.";
  return [{ subject: "server", kind: "changed", name, property: "configuration", effect }];
}

/** What a refresh has found in a server, as far as there is anything. */
function reviewDrift(name: string, { before }: Step): Change[] {
  const drift = propertiesOf(before.drift);
  const found = [
    ...listOf(drift.server).map((file) => `${file} in the running server`),
    ...(listOf(drift.volume).length > 0 ? ["its configuration volume"] : []),
    ...(drift.inForce === undefined ? [] : ["another configuration in force"]),
    ...(drift.refused === undefined ? [] : ["a configuration that it refused"]),
  ];
  if (found.length === 0) return [];
  const effect = "Restored as declared: nothing restarts, sessions stay.";
  return [{ subject: "server", kind: "changed", name, property: "drift", before: found.join(", "), effect }];
}

/** Whom the replacement of a server interrupts, and for how long. @param name - the server's */
export function interruption(name: string): string {
  const { effect, risk } = whatWaits({ name: containerResource(name), after: {} });
  return `${effect} ${risk.reason}`;
}

function whatWaits({ name, after }: Pick<Step, "name" | "after">): {
  readonly effect: string;
  readonly risk: Risk;
} {
  const limit =
    typeof after.waitTimeout === "number" ? ` (\`up\` waits for at most ${after.waitTimeout} s)` : "";
  if (!isMailContainer(name)) {
    const role = parseServerName(serverOfContainer(name) ?? "")?.role;
    return {
      effect: `Does not answer until the new one runs, usually ${usualInterruption}${limit}.`,
      risk: { id: "container-replaced", reason: (role && missed[role]) ?? namesMissed },
    };
  }
  return {
    effect: `Unreachable until the new one serves, usually ${usualInterruption}${limit}. Mailboxes and queue stay on their volumes.`,
    risk: {
      id: "container-replaced",
      reason:
        "All sessions are cut and nobody can send or read meanwhile; mail from others waits at the sending servers, which try again (RFC 5321 section 4.5.4.1).",
    },
  };
}

/** What is lost with a volume, where anything is. */
const contents: Readonly<Record<VolumeUse, string | undefined>> = {
  [VolumeUse.lastKnownGood]: undefined,
  mailboxes: "all mail",
  queue: "mail waiting for delivery",
  filter: "what the spam filter has learned",
  journal: "the name server's journal and zone keys",
  database: "webmail's address books, identities and settings",
};

function reviewVolume(step: Step): Change[] {
  const { name, operation } = step;
  if (name === stackResources.identity) return reviewIdentity(step);
  // What is lost with it is ordered again.
  if (name === stackResources.certificates) return [];
  const use = parseVolumeName(name)?.use;
  const content = use && contents[use];
  const change = { subject: "volume", name, property: content ?? "only what is written again" } as const;
  if (operation === "create") {
    const effect = content && "If the engine still has a volume of this name, its contents are used again.";
    return [{ ...change, kind: "added", effect }];
  }
  const replaced = operation === "replace";
  if (!isRemoved(step) && !replaced) return [{ ...change, kind: "changed" }];
  const kind = replaced ? "replaced" : "removed";
  // A configuration is written by each `up`, and kept again once it is served: without it nobody loses anything.
  if (content === undefined) return [{ ...change, kind, effect: "Nothing is lost with it." }];
  return [{ ...change, kind, ...whatIsLost(step, content) }];
}

/** The empty volume by which the engine is known; another one in its place is another engine. */
function reviewIdentity({ name, operation }: Step): Change[] {
  const change = { subject: "volume", name, property: "the engine's identity" } as const;
  if (operation !== "create") return [];
  return [
    { ...change, kind: "added", effect: "Shows `up` that the engine is the one with this stack's mail." },
  ];
}

function whatIsLost(step: Step, content: string): { readonly effect: string; readonly risk: Risk } {
  const effect = step.retained
    ? "The old volume stays on the engine, with its contents."
    : `Deleted for good: ${content}.`;
  if (step.operation === "replace") {
    const reason = `The server starts with an empty volume in its place, without ${content}.`;
    return { effect, risk: { id: "volume-replaced", reason } };
  }
  if (!step.retained) return { effect, risk: { id: "volume-deleted", reason: `Lost for good: ${content}.` } };
  const place = textOf(step.before.name) ?? step.name;
  const reason = `Out of reach: ${content}. It stays on the engine's volume ${place}; it is used again when its server is added again under the same name.`;
  return { effect, risk: { id: "volume-detached", reason } };
}

function reviewPorts({ name: container, operation, before, after }: Step): Change[] {
  if (operation === "create" || operation === "delete" || operation === "discard") return [];
  const host = parseServerName(serverOfContainer(container) ?? "")?.name;
  const [former, next] = [portsOf(before.ports), portsOf(after.ports)];
  return [...new Set([...former.keys(), ...next.keys()])].flatMap((internal): Change[] => {
    const [old, now] = [former.get(internal), next.get(internal)];
    if (isDeepStrictEqual(old, now)) return [];
    const service = serviceAt(internal);
    const title = service === undefined ? otherTitle(internal) : serviceTitle(service);
    const name = host === undefined ? title : `${title} of ${host}`;
    const [before, after] = [old?.map(placeText).join(", "), now?.map(placeText).join(", ")];
    const change = { subject: "client setting", name, property: "port", before, after } as const;
    const more = "One more way to connect; nobody has to change anything.";
    if (old === undefined) return [{ ...change, kind: "added", effect: more }];
    if (now === undefined) return [{ ...change, kind: "removed", risk: portRisk(internal) }];
    const closed = old.filter((place) => !now.some((other) => includes(other, place)));
    if (closed.length === 0) return [{ ...change, kind: "changed", effect: more }];
    const areElsewhere = closed.every(({ port }) => now.some((other) => other.port === port));
    const risk = areElsewhere ? addressRisk(closed, service) : portRisk(internal);
    return [{ ...change, kind: "changed", risk }];
  });
}

function otherTitle(internal: number): string {
  const proxied = proxiedServiceAt(internal);
  return proxied === undefined
    ? `port ${internal} in the container`
    : `${serviceTitle(proxied)} behind load balancers`;
}

function portRisk(internal: number): Risk {
  const service = serviceAt(internal);
  const isForServers = service !== undefined && services[service].audience === "servers";
  const reason = isForServers
    ? "Other servers deliver only to port 25 (RFC 5321): without it no mail arrives from outside."
    : proxiedServiceAt(internal) !== undefined
      ? "Until the load balancers connect elsewhere, nobody behind them gets through."
      : "Everybody who uses it must change the port in every client, and cannot connect until then.";
  return { id: "port-changed", reason };
}

/** The ports stay, and some of the host's addresses lead there no longer. */
function addressRisk(closed: readonly Place[], service: ServiceName | undefined): Risk {
  const isForServers = service !== undefined && services[service].audience === "servers";
  const who = isForServers ? "no mail from other servers arrives" : "nobody can connect";
  const addresses = closed.map(({ address }) => address).join(", ");
  return {
    id: "port-changed",
    reason: `At ${addresses} ${who} any longer: the names that people and servers use have to lead elsewhere.`,
  };
}

/** An address of the host, and a port there. */
interface Place {
  readonly address: string;
  readonly port: string;
}

function placeText({ address, port }: Place): string {
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** Whether whoever connects to a place reaches another one, which may be all of the host's addresses of the family. */
function includes(one: Place, { address, port }: Place): boolean {
  const any = address.includes(":") ? "::" : "0.0.0.0";
  return one.port === port && [address, any].includes(one.address);
}

/** Where each port of a container is open on the host, in one order whatever that of the engine is. */
function portsOf(ports: unknown): ReadonlyMap<number, readonly Place[]> {
  const places = listOf(ports)
    .map(propertiesOf)
    .map(({ internal, external, ip }) => ({
      internal: Number(internal),
      place: { address: textOf(ip) ?? "", port: textOf(external) ?? "" },
    }));
  return new Map(
    [...Map.groupBy(places, ({ internal }) => internal)].map(([internal, group]) => [
      internal,
      group
        .map(({ place }) => place)
        .toSorted((one, other) => placeText(one).localeCompare(placeText(other))),
    ]),
  );
}
