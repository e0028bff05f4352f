import type { Change, Risk } from "./change.ts";
import { isGoing, listOf, propertiesOf, type Step, stepsOf, textOf } from "./preview.ts";

const CONTAINER = "docker:index/container:Container";
const MAIL_CONTAINER = "mail-server-container";
/** What else people miss while a container is replaced; of a name server it is this. */
const missed: Readonly<Record<string, string>> = {
  "web-server-container":
    "New clients find no settings meanwhile, and other servers no MTA-STS policy; who knows the policy keeps it.",
  "webmail-container":
    "Nobody reads or writes mail in a browser meanwhile; sessions go on afterwards, and every other client works.",
};
const namesMissed =
  "Names that nobody has in a cache do not resolve meanwhile; mail from others waits and is tried again.";
/** Ends the name of the container that only carries a configuration into its volume. */
const CARRIER = /-configuration-generation$/;

/** Containers and images, volumes, and the ports that clients know. */
export function reviewServers(steps: readonly Step[]): Change[] {
  return [
    ...stepsOf(steps, CONTAINER).flatMap((step) => reviewContainer(step, steps)),
    ...stepsOf(steps, "docker:index/volume:Volume").flatMap(reviewVolume),
    ...stepsOf(steps, CONTAINER)
      .filter(({ name }) => name === MAIL_CONTAINER)
      .flatMap(reviewPorts),
  ];
}

function reviewContainer(step: Step, steps: readonly Step[]): Change[] {
  if (CARRIER.test(step.name)) return reviewReload(step, steps);
  const name = step.name.replace(/-container$/, "");
  if (step.operation === "create") return [{ subject: "server", kind: "came", name }];
  if (isGoing(step)) return [{ subject: "server", kind: "left", name }];
  if (step.operation === "update") {
    return [{ subject: "server", kind: "changed", name, effect: "Changed while it runs: nothing restarts." }];
  }
  const property = step.replaceReasons.join(", ");
  return [{ subject: "server", kind: "replaced", name, property, ...whatWaits(step) }];
}

/** A configuration is carried in when its server is running; one that starts anew takes it on its start. */
function reviewReload(step: Step, steps: readonly Step[]): Change[] {
  const name = step.name.replace(CARRIER, "");
  const container = stepsOf(steps, CONTAINER).find((other) => other.name === `${name}-container`);
  const restarts = container !== undefined && container.operation !== "update";
  if (restarts || step.operation === "create" || isGoing(step)) return [];
  const effect = "Reload only: nothing restarts, sessions stay, no mail waits.";
  return [{ subject: "server", kind: "changed", name, property: "configuration", effect }];
}

function whatWaits({ name, after }: Step): { readonly effect: string; readonly risk: Risk } {
  const limit =
    typeof after.waitTimeout === "number" ? ` (\`up\` waits for at most ${after.waitTimeout} s)` : "";
  if (name !== MAIL_CONTAINER) {
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
        "All sessions are cut and nobody can send or read meanwhile; mail from others waits at its senders, who try again (RFC 5321 section 4.5.4.1).",
    },
  };
}

/** What is lost with a volume, by the end of its name. */
const contents: Readonly<Record<string, string>> = {
  mailboxes: "all mail",
  queue: "mail that waits to be delivered",
  filter: "what the spam filter has learnt",
  journal: "the name server's journal and zone keys",
  database: "webmail's address books, identities and settings",
};

function reviewVolume(step: Step): Change[] {
  const { name, operation, retained } = step;
  const role = /[^-]+$/.exec(name)?.[0] ?? name;
  const content = contents[role] ?? "only what is written anew";
  if (operation === "create") return [{ subject: "volume", kind: "came", name, property: content }];
  if (!isGoing(step) && operation !== "replace") {
    return [{ subject: "volume", kind: "changed", name, property: content }];
  }
  const replaced = operation === "replace";
  const effect = retained
    ? "The old volume stays on the engine, with what is on it."
    : `Deleted for good: ${content}.`;
  const reason = replaced
    ? `The server starts with an empty volume in its place, without ${content}.`
    : `The server loses ${content}.`;
  const risk: Risk = { id: replaced ? "volume-replaced" : "volume-deleted", reason };
  return [{ subject: "volume", kind: replaced ? "replaced" : "left", name, property: content, effect, risk }];
}

/** A service by its port in the container (RFC 6409, RFC 8314); 25 is no client's. */
const clientServices: Readonly<Record<number, string>> = {
  110: "POP3 (STARTTLS)",
  143: "IMAP (STARTTLS)",
  465: "SMTP (TLS)",
  587: "SMTP (STARTTLS)",
  993: "IMAP (TLS)",
  995: "POP3 (TLS)",
};

function reviewPorts({ operation, before, after }: Step): Change[] {
  if (operation === "create" || operation === "delete" || operation === "discard") return [];
  const [former, next] = [portsOf(before.ports), portsOf(after.ports)];
  return [...new Set([...former.keys(), ...next.keys()])].flatMap((internal): Change[] => {
    const [old, now] = [former.get(internal), next.get(internal)];
    if (old === now) return [];
    const name = clientServices[internal] ?? "SMTP from other servers";
    const change = { subject: "client setting", name, property: "port", before: old, after: now } as const;
    if (old === undefined)
      return [{ ...change, kind: "came", effect: "One more way in; nobody has to change anything." }];
    return [{ ...change, kind: now === undefined ? "left" : "changed", risk: portRisk(internal) }];
  });
}

function portRisk(internal: number): Risk {
  const reason =
    internal === 25
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
