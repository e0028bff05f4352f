import type { Change, Risk } from "./change.ts";
import { isRemoved, listOf, propertiesOf, type Step, stepsOf, textOf } from "./preview.ts";

const CONTAINER = "docker:index/container:Container";
/** The main mail server, and further ones: `mail-server-<host name>-container`. */
const MAIL_CONTAINER = /^mail-server(-.+)?-container$/;
/** What else people miss while a container is replaced; of a name server it is this. */
const missed: Readonly<Record<string, string>> = {
  "web-server-container":
    "New clients find no settings meanwhile, and other servers no MTA-STS policy; servers that know the policy keep it.",
  "webmail-container":
    "Nobody can read or write mail in a browser meanwhile; sessions continue afterwards, and every other client works.",
};
const namesMissed =
  "Names that are not cached do not resolve meanwhile; mail from others waits and is retried.";

/** What adding or removing a server means, by the name of its container; a further mail server counts as the first. */
interface ServerRole {
  readonly added: string;
  /** What is missed without it, for good. */
  readonly removed: string;
}
const mailServerRole: ServerRole = {
  added: "Accepts mail and logins as soon as it is healthy.",
  removed: "Nobody can send or read mail there any longer, and mail from others is not accepted.",
};
const nameServerRole: ServerRole = {
  added: "Answers for the stack's zones.",
  removed:
    "If it was the only name server, no name in its zones resolves any longer, and mail from others bounces.",
};
const roles: Readonly<Record<string, ServerRole>> = {
  "dns-server-container": nameServerRole,
  "dns-server-inside-container": {
    added: "Answers the lab's own servers.",
    removed: "The lab's own servers can no longer resolve names: no mail passes between them.",
  },
  "web-server-container": {
    added: "New clients find their settings, and people find the set-up page.",
    removed: "New clients find no settings, and people no set-up page; clients that are set up keep working.",
  },
  "webmail-container": {
    added: "Mail in a browser, with the name and password that people have.",
    removed:
      "Whoever reads mail in a browser needs another client. Mail, rules and passwords are on the mail server: they stay.",
  },
};
const roleOf = (container: string) =>
  roles[container] ?? (MAIL_CONTAINER.test(container) ? mailServerRole : undefined);

/** Why a container cannot be changed while it runs, in people's words where Docker's are not. */
const reasonNames: Readonly<Record<string, string>> = { networksAdvanced: "network" };

/** Ends the name of the container that only carries a configuration into its volume. */
const CARRIER = /-configuration-generation$/;

/** Containers and images, volumes, and the ports that clients know. */
export function reviewServers(steps: readonly Step[]): Change[] {
  return [
    ...stepsOf(steps, CONTAINER).flatMap((step) => reviewContainer(step, steps)),
    ...stepsOf(steps, "docker:index/volume:Volume").flatMap(reviewVolume),
    ...stepsOf(steps, CONTAINER)
      .filter(({ name }) => MAIL_CONTAINER.test(name))
      .flatMap(reviewPorts),
  ];
}

function reviewContainer(step: Step, steps: readonly Step[]): Change[] {
  if (CARRIER.test(step.name)) return reviewReload(step, steps);
  const name = step.name.replace(/-container$/, "");
  const role = roleOf(step.name);
  if (step.operation === "create") return [{ subject: "server", kind: "added", name, effect: role?.added }];
  if (isRemoved(step)) {
    const reason = role?.removed ?? "Whatever it served is no longer available.";
    return [{ subject: "server", kind: "removed", name, risk: { id: "server-removed", reason } }];
  }
  if (step.operation === "update") {
    return [{ subject: "server", kind: "changed", name, effect: "Changed while it runs: nothing restarts." }];
  }
  const property = step.replaceReasons.map((reason) => reasonNames[reason] ?? reason).join(", ");
  return [{ subject: "server", kind: "replaced", name, property, ...whatWaits(step) }];
}

/** A running server receives its configuration and reloads; one that starts reads it at its start. */
function reviewReload(step: Step, steps: readonly Step[]): Change[] {
  const name = step.name.replace(CARRIER, "");
  const container = stepsOf(steps, CONTAINER).find((other) => other.name === `${name}-container`);
  const restarts = container !== undefined && container.operation !== "update";
  if (restarts || step.operation === "create" || isRemoved(step)) return [];
  const effect = "Reload only: nothing restarts, sessions stay, no mail waits.";
  return [{ subject: "server", kind: "changed", name, property: "configuration", effect }];
}

function whatWaits({ name, after }: Step): { readonly effect: string; readonly risk: Risk } {
  const limit =
    typeof after.waitTimeout === "number" ? ` (\`up\` waits for at most ${after.waitTimeout} s)` : "";
  if (!MAIL_CONTAINER.test(name)) {
    return {
      effect: `Does not answer until the new one runs, usually seconds${limit}.`,
      risk: { id: "container-replaced", reason: missed[name] ?? namesMissed },
    };
  }
  return {
    effect: `Unreachable until the new one is healthy, usually seconds${limit}. Mailboxes and queue stay on their volumes.`,
    risk: {
      id: "container-replaced",
      reason:
        "All sessions are cut and nobody can send or read meanwhile; mail from others waits at the sending servers, which try again (RFC 5321 section 4.5.4.1).",
    },
  };
}

/** What is lost with a volume, by the end of its name. */
const contents: Readonly<Record<string, string>> = {
  mailboxes: "all mail",
  queue: "mail waiting for delivery",
  filter: "what the spam filter has learned",
  journal: "the name server's journal and zone keys",
  database: "webmail's address books, identities and settings",
};

function reviewVolume(step: Step): Change[] {
  const { name, operation } = step;
  const role = /[^-]+$/.exec(name)?.[0] ?? name;
  const content = contents[role];
  const change = { subject: "volume", name, property: content ?? "only what is written again" } as const;
  if (operation === "create") {
    const effect = content && "If the engine still has a volume of this name, its contents are used again.";
    return [{ ...change, kind: "added", effect }];
  }
  const replaced = operation === "replace";
  if (!isRemoved(step) && !replaced) return [{ ...change, kind: "changed" }];
  const kind = replaced ? "replaced" : "removed";
  // A configuration is written by each `up`: without it nobody loses anything.
  if (content === undefined) return [{ ...change, kind, effect: "Nothing is lost with it." }];
  return [{ ...change, kind, ...whatIsLost(step, content) }];
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

/** A service by its port in the container (RFC 6409, RFC 8314); clients do not use 25. */
const clientServices: Readonly<Record<number, string>> = {
  110: "POP3 (STARTTLS)",
  143: "IMAP (STARTTLS)",
  465: "SMTP (TLS)",
  587: "SMTP (STARTTLS)",
  993: "IMAP (TLS)",
  995: "POP3 (TLS)",
};

function reviewPorts({ name: container, operation, before, after }: Step): Change[] {
  if (operation === "create" || operation === "delete" || operation === "discard") return [];
  const host = /^mail-server-(.+)-container$/.exec(container)?.[1];
  const [former, next] = [portsOf(before.ports), portsOf(after.ports)];
  return [...new Set([...former.keys(), ...next.keys()])].flatMap((internal): Change[] => {
    const [old, now] = [former.get(internal), next.get(internal)];
    if (old === now) return [];
    const service = clientServices[internal] ?? "SMTP from other servers";
    const name = host === undefined ? service : `${service} of ${host}`;
    const change = { subject: "client setting", name, property: "port", before: old, after: now } as const;
    if (old === undefined)
      return [
        { ...change, kind: "added", effect: "One more way to connect; nobody has to change anything." },
      ];
    return [{ ...change, kind: now === undefined ? "removed" : "changed", risk: portRisk(internal) }];
  });
}

function portRisk(internal: number): Risk {
  const reason =
    internal === 25
      ? "Other servers deliver only to port 25 (RFC 5321): without it no mail arrives from outside."
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
