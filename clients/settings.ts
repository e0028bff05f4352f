import { connectableAddress } from "../records/address.ts";
import { type ServerSetting, serverSettings } from "./server-setting.ts";

/** What the card needs to know of a running stack; its outputs have this shape. */
export interface MailService {
  readonly endpoint: {
    /** Where the servers of the stack are reached; the address of its DNS server too. */
    readonly address: string;
    readonly ports: {
      readonly dns: number;
      readonly submission: number;
      readonly submissions: number;
      readonly imaps: number;
      readonly pop3s: number;
    };
  };
  readonly domains: readonly MailServiceDomain[];
}

export interface MailServiceDomain {
  readonly name: string;
  readonly clientNames: {
    readonly incoming: { readonly imap: string; readonly pop3: string };
    readonly outgoing: string;
  };
  /** What is served for clients over HTTPS; nothing without a web server. */
  readonly web?: { readonly page: string; readonly webmail?: string | null | undefined } | null | undefined;
  readonly mailboxes: readonly {
    readonly address: string;
    readonly displayName?: string | null | undefined;
  }[];
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
 * @param address - without regard to case, as in {@link MailServiceDomain.mailboxes}
 * @throws UnknownMailboxError that lists the mailboxes there are.
 */
export function settingsFor(service: MailService, address: string): ClientSettings {
  const wanted = address.toLowerCase();
  for (const [index, domain] of service.domains.entries()) {
    const mailbox = domain.mailboxes.find((candidate) => candidate.address.toLowerCase() === wanted);
    if (mailbox !== undefined) return settings(service, domain, mailbox, index === 0);
  }
  const known = service.domains.flatMap(({ mailboxes }) => mailboxes.map((mailbox) => mailbox.address));
  throw new UnknownMailboxError(
    `${address} is not a mailbox of this stack. Its mailboxes are: ${known.join(", ")}.`,
  );
}

/** The domain of one of its addresses. */
export function domainOf({ domains }: MailService, address: string): MailServiceDomain | undefined {
  const name = address.slice(address.lastIndexOf("@") + 1).toLowerCase();
  return domains.find((domain) => domain.name === name);
}

/** Whom the end of `up` speaks to: the first mailbox with a display name, otherwise the first. */
export function exampleMailbox(service: MailService): string | undefined {
  const mailboxes = service.domains.flatMap((domain) => domain.mailboxes);
  return (mailboxes.find(({ displayName }) => displayName) ?? mailboxes[0])?.address;
}

function settings(
  { endpoint: { address: nameServer, ports } }: MailService,
  { clientNames }: MailServiceDomain,
  { address, displayName }: MailServiceDomain["mailboxes"][number],
  isDefaultDomain: boolean,
): ClientSettings {
  const bareName = address.slice(0, address.lastIndexOf("@"));
  return {
    name: displayName ?? bareName,
    address,
    incoming: serverSettings(["imaps", "pop3s"], clientNames, ports),
    outgoing: serverSettings(["submission", "submissions"], clientNames, ports),
    // The server adds the domain to bare names, and can add only one: the first.
    userNames: isDefaultDomain ? [bareName, address] : [address],
    nameServer: { address: connectableAddress(nameServer), port: ports.dns },
  };
}
