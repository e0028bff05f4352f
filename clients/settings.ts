import type { StackOutputs } from "../outputs/schema.ts";
import { type BoundServices, localPlace } from "../records/bound-address.ts";
import { cut, localPartOf, normalizeAddress } from "../records/mail-address.ts";
import { type ServerSetting, serverSettings } from "./server-setting.ts";

type Endpoint = StackOutputs["endpoint"];
type Domain = StackOutputs["domains"][number];

/** What people set up their clients with, of all that a stack reports about itself. */
export interface ClientStack {
  readonly endpoint: BoundServices & {
    readonly ports: Pick<Endpoint["ports"], "dns" | "submission" | "submissions" | "imaps" | "pop3s">;
  };
  readonly domains: readonly ClientDomain[];
}

export interface ClientDomain extends Pick<Domain, "name" | "clientNames" | "mailboxes"> {
  readonly web?: Pick<NonNullable<Domain["web"]>, "page" | "webmail"> | null | undefined;
}

/** Everything that one person enters into a mail client. */
export interface ClientSettings {
  readonly name: string;
  readonly address: string;
  /** One of them is enough; the first is the better choice. */
  readonly incoming: readonly ServerSetting[];
  readonly outgoing: readonly ServerSetting[];
  /** All are accepted; the first is the one to show. */
  readonly userNames: readonly string[];
  readonly nameServer: { readonly address: string; readonly port: number };
}

/** The address is not one of the stack's mailboxes. */
export class UnknownMailboxError extends Error {
  override readonly name = "UnknownMailboxError";
}

/**
 * The settings for one mailbox.
 *
 * @param address - without regard to case, its domain in either spelling, as in {@link ClientDomain.mailboxes}
 * @throws UnknownMailboxError that lists the mailboxes there are.
 */
export function settingsFor(stack: ClientStack, address: string): ClientSettings {
  const wanted = normalizeAddress(address);
  for (const [index, domain] of stack.domains.entries()) {
    const mailbox = domain.mailboxes.find((candidate) => candidate.address.toLowerCase() === wanted);
    if (mailbox !== undefined) return settings(stack, domain, mailbox, index === 0);
  }
  const known = stack.domains.flatMap(({ mailboxes }) => mailboxes.map((mailbox) => mailbox.address));
  throw new UnknownMailboxError(
    `${address} is not a mailbox of this stack. Its mailboxes are: ${known.join(", ")}.`,
  );
}

/** The domain of one of its addresses. */
export function domainOf({ domains }: ClientStack, address: string): ClientDomain | undefined {
  const name = cut(normalizeAddress(address))?.domain;
  return domains.find((domain) => domain.name === name);
}

/** Whom the end of `up` speaks to: the first mailbox with a display name, otherwise the first. */
export function exampleMailbox(stack: ClientStack): string | undefined {
  const mailboxes = stack.domains.flatMap((domain) => domain.mailboxes);
  return (mailboxes.find(({ displayName }) => displayName) ?? mailboxes[0])?.address;
}

function settings(
  { endpoint }: ClientStack,
  { clientNames }: ClientDomain,
  { address, displayName }: ClientDomain["mailboxes"][number],
  isDefaultDomain: boolean,
): ClientSettings {
  const bareName = localPartOf(address);
  const { ports } = endpoint;
  return {
    name: displayName ?? bareName,
    address,
    incoming: serverSettings(["imaps", "pop3s"], clientNames, ports),
    outgoing: serverSettings(["submission", "submissions"], clientNames, ports),
    // The server adds the domain to bare names, and can add only one: the first.
    userNames: isDefaultDomain ? [bareName, address] : [address],
    nameServer: { address: localPlace(endpoint, "dns"), port: ports.dns },
  };
}
