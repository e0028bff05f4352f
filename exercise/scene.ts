import type { RunningStack, StackDomain } from "../outputs/running-stack.ts";
import { localPartOf, localPlace } from "../records/index.ts";

/** Who and what a step is about, in the stack where the lesson is held. */
export interface Scene {
  readonly stack: string;
  /** The domain of the lesson: the first of the stack. */
  readonly domain: string;
  /** Where the stack's servers and its name server answer. */
  readonly address: string;
  readonly dnsPort: number;
  /** The names that clients are set up with. */
  readonly names: { readonly incoming: string; readonly outgoing: string };
  /** Who does the exercise, and writes. */
  readonly student: string;
  /** Somebody else of the domain, who receives it. */
  readonly colleague: string;
  /** Somebody behind another mail server of the stack; a stack of one server has nobody there. */
  readonly partner: string | undefined;
}

/** The stack has not what a lesson needs. */
export class SceneError extends Error {
  override readonly name = "SceneError";
}

/**
 * @param student - whose exercise it is; by default the last mailbox of the first domain.
 * @throws SceneError that says what the stack lacks.
 */
export function sceneOf(running: RunningStack, stack: string, student?: string): Scene {
  const [domain] = running.domains;
  const users = domain?.mailboxes.filter(isUser) ?? [];
  if (domain === undefined || users.length < 2) {
    throw new SceneError(`The first domain of stack ${stack} needs two mailboxes whose users log in.`);
  }
  const last = users.at(-1)?.address;
  const who = student === undefined ? last : users.find(({ address }) => address === student)?.address;
  if (who === undefined) {
    throw new SceneError(
      `${domain.name} has no mailbox ${student}: use one of ${users.map(({ address }) => address).join(", ")}.`,
    );
  }
  const { endpoint } = running;
  return {
    stack,
    domain: domain.name,
    address: localPlace(endpoint, "dns"),
    dnsPort: endpoint.ports.dns,
    names: { incoming: domain.clientNames.incoming.pop3, outgoing: domain.clientNames.outgoing },
    student: who,
    colleague: users.find(({ address }) => address !== who)?.address ?? who,
    partner: partnerOf(running),
  };
}

/** What a client asks for as the user name: the part before the @ is enough. */
export function loginName({ student }: Scene): string {
  return localPartOf(student);
}

function partnerOf({ domains, furtherServers }: RunningStack): string | undefined {
  const elsewhere = new Set(furtherServers.flatMap((server) => server.domains));
  return domains.filter(({ name }) => elsewhere.has(name)).flatMap(({ mailboxes }) => mailboxes)[0]?.address;
}

function isUser({ protocols, receives }: StackDomain["mailboxes"][number]): boolean {
  return receives !== false && (protocols == null || protocols.length > 0);
}
