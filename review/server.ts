import {
  containerResource,
  isMailContainer,
  parseVolumeName,
  serverOfCarrier,
  serverOfContainer,
  type VolumeUse,
} from "../naming/resources.ts";
import { parseServerName, ServerRole } from "../naming/servers.ts";
import { type ServiceName, serviceAt, services, serviceTitle } from "../records/index.ts";
import type { Change, Risk } from "./change.ts";
import { isRemoved, listOf, propertiesOf, type Step, stepsOf, textOf } from "./preview.ts";

const CONTAINER = "docker:index/container:Container";
/** What else people miss while a server that is no mail server is replaced; of a name server it is this. */
const missed: Readonly<Partial<Record<ServerRole, string>>> = {
  [ServerRole.webServer]:
    "New clients find no settings meanwhile, and other servers no MTA-STS policy; who knows the policy keeps it.",
  [ServerRole.webmail]:
    "Nobody reads or writes mail in a browser meanwhile; sessions go on afterwards, and every other client works.",
};
const namesMissed =
  "Names that nobody has in a cache do not resolve meanwhile; mail from others waits and is tried again.";

/** What comes of a server; of a further mail server as of the first. */
interface ServerEffects {
  readonly came: string;
  /** What is missed without it, for good. */
  readonly left: string;
}
const mailServerEffects: ServerEffects = {
  came: "Takes mail and lets users in as soon as it is healthy.",
  left: "Nobody sends or reads mail there any more, and mail from others is not taken.",
};
const nameServerEffects: ServerEffects = {
  came: "Answers for the stack's zones.",
  left: "Where it was the only name server, no name of its zones resolves any more, and others' mail goes back to its senders.",
};
const effects: Readonly<Record<ServerRole, ServerEffects>> = {
  [ServerRole.mailServer]: mailServerEffects,
  [ServerRole.dnsServer]: nameServerEffects,
  [ServerRole.innerDnsServer]: {
    came: "Answers the lab's own servers.",
    left: "The lab's own servers find no names any more: no mail goes between them.",
  },
  [ServerRole.webServer]: {
    came: "New clients find their settings, and people the set-up page.",
    left: "New clients find no settings, and people no set-up page; clients that are set up go on.",
  },
  [ServerRole.webmail]: {
    came: "Mail in a browser, with the name and password that people have.",
    left: "Whoever reads mail in a browser needs another client. Mail, rules and passwords are the mail server's: they stay.",
  },
};

/** Why a container cannot be changed while it runs, in people's words where Docker's are not. */
const reasonNames: Readonly<Record<string, string>> = { networksAdvanced: "network" };

/** Containers and images, volumes, and the ports that clients know. */
export function reviewServers(steps: readonly Step[]): Change[] {
  return [
    ...stepsOf(steps, CONTAINER).flatMap((step) => reviewContainer(step, steps)),
    ...stepsOf(steps, "docker:index/volume:Volume").flatMap(reviewVolume),
    ...stepsOf(steps, CONTAINER)
      .filter(({ name }) => isMailContainer(name))
      .flatMap(reviewPorts),
  ];
}

function reviewContainer(step: Step, steps: readonly Step[]): Change[] {
  const configured = serverOfCarrier(step.name);
  if (configured !== undefined) return reviewReload(configured, step, steps);
  const name = serverOfContainer(step.name) ?? step.name;
  const role = parseServerName(name)?.role;
  const effect = role && effects[role];
  if (step.operation === "create") return [{ subject: "server", kind: "came", name, effect: effect?.came }];
  if (isRemoved(step)) {
    const reason = effect?.left ?? "What it served is served no more.";
    return [{ subject: "server", kind: "left", name, risk: { id: "server-removed", reason } }];
  }
  if (step.operation === "update") {
    return [{ subject: "server", kind: "changed", name, effect: "Changed while it runs: nothing restarts." }];
  }
  const property = step.replaceReasons.map((reason) => reasonNames[reason] ?? reason).join(", ");
  return [{ subject: "server", kind: "replaced", name, property, ...whatWaits(step) }];
}

/** A configuration is carried in when its server is running; one that starts anew takes it on its start. */
function reviewReload(name: string, step: Step, steps: readonly Step[]): Change[] {
  const container = stepsOf(steps, CONTAINER).find((other) => other.name === containerResource(name));
  const restarts = container !== undefined && container.operation !== "update";
  if (restarts || step.operation === "create" || isRemoved(step)) return [];
  const effect = "Reload only: nothing restarts, sessions stay, no mail waits.";
  return [{ subject: "server", kind: "changed", name, property: "configuration", effect }];
}

function whatWaits({ name, after }: Step): { readonly effect: string; readonly risk: Risk } {
  const limit =
    typeof after.waitTimeout === "number" ? ` (\`up\` waits for at most ${after.waitTimeout} s)` : "";
  if (!isMailContainer(name)) {
    const role = parseServerName(serverOfContainer(name) ?? "")?.role;
    return {
      effect: `Does not answer until the new one runs, usually seconds${limit}.`,
      risk: { id: "container-replaced", reason: (role && missed[role]) ?? namesMissed },
    };
  }
  return {
    effect: `Unreachable until the new one is healthy, usually seconds${limit}. Mailboxes and queue stay on their volumes.`,
    risk: {
      id: "container-replaced",
      reason:
        "All sessions are cut and nobody can send or read meanwhile; mail from others waits at its senders, who try again (RFC 5321 section 4.5.4.1).",
    },
  };
}

/** What is lost with a volume. */
const contents: Readonly<Record<VolumeUse, string>> = {
  mailboxes: "all mail",
  queue: "mail that waits to be delivered",
  filter: "what the spam filter has learnt",
  journal: "the name server's journal and zone keys",
  database: "webmail's address books, identities and settings",
};

function reviewVolume(step: Step): Change[] {
  const { name, operation } = step;
  const use = parseVolumeName(name)?.use;
  const content = use && contents[use];
  const change = { subject: "volume", name, property: content ?? "only what is written anew" } as const;
  if (operation === "create") {
    const effect = content && "If the engine still has a volume of this name, what is on it is there again.";
    return [{ ...change, kind: "came", effect }];
  }
  const replaced = operation === "replace";
  if (!isRemoved(step) && !replaced) return [{ ...change, kind: "changed" }];
  const kind = replaced ? "replaced" : "left";
  // A configuration is written by each `up`: without it nobody loses anything.
  if (content === undefined) return [{ ...change, kind, effect: "Nothing is lost with it." }];
  return [{ ...change, kind, ...whatIsLost(step, content) }];
}

function whatIsLost(step: Step, content: string): { readonly effect: string; readonly risk: Risk } {
  const effect = step.retained
    ? "The old volume stays on the engine, with what is on it."
    : `Deleted for good: ${content}.`;
  if (step.operation === "replace") {
    const reason = `The server starts with an empty volume in its place, without ${content}.`;
    return { effect, risk: { id: "volume-replaced", reason } };
  }
  if (!step.retained)
    return { effect, risk: { id: "volume-deleted", reason: `Nobody gets it back: ${content}.` } };
  const place = textOf(step.before.name) ?? step.name;
  const reason = `Out of reach: ${content}. It stays on the engine's volume ${place}; it is there again when its server comes back under the same name.`;
  return { effect, risk: { id: "volume-detached", reason } };
}

function reviewPorts({ name: container, operation, before, after }: Step): Change[] {
  if (operation === "create" || operation === "delete" || operation === "discard") return [];
  const host = parseServerName(serverOfContainer(container) ?? "")?.hostName;
  const [former, next] = [portsOf(before.ports), portsOf(after.ports)];
  return [...new Set([...former.keys(), ...next.keys()])].flatMap((internal): Change[] => {
    const [old, now] = [former.get(internal), next.get(internal)];
    if (old === now) return [];
    const service = serviceAt(internal);
    const title = service === undefined ? `port ${internal} in the container` : serviceTitle(service);
    const name = host === undefined ? title : `${title} of ${host}`;
    const change = { subject: "client setting", name, property: "port", before: old, after: now } as const;
    if (old === undefined)
      return [{ ...change, kind: "came", effect: "One more way in; nobody has to change anything." }];
    return [{ ...change, kind: now === undefined ? "left" : "changed", risk: portRisk(service) }];
  });
}

function portRisk(service: ServiceName | undefined): Risk {
  const isForServers = service !== undefined && services[service].audience === "servers";
  const reason = isForServers
    ? "Other servers deliver to port 25 alone (RFC 5321): without it no mail comes from outside."
    : "Everybody who uses it must change the port in every client, and cannot connect until then.";
  return { id: "port-changed", reason };
}

function portsOf(ports: unknown): ReadonlyMap<number, string> {
  const entries = listOf(ports).map(propertiesOf);
  return new Map(
    entries.map(({ internal, external, ip }) => [
      Number(internal),
      `${textOf(ip) ?? ""}:${textOf(external) ?? ""}`,
    ]),
  );
}
