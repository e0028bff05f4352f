import { services } from "../records/service.ts";
import type { ServerSetting } from "./server-setting.ts";
import { type ClientSettings, type ClientStack, domainOf, exampleMailbox, settingsFor } from "./settings.ts";

/** The authority that clients have to be configured to trust. */
export interface Authority {
  /** SHA-256, 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** The command by which this machine trusts it. */
  readonly trustCommand: string;
}

export interface CardOptions {
  /** The command that shows the password. The card never holds the password itself unless it is given. */
  readonly passwordCommand: string;
  /** Printed instead of the command; only for a person who asked for it. */
  readonly password?: string | undefined;
  /** Where the set-up page is, with the same for every client, step by step. */
  readonly pageUrl?: string | undefined;
  /** Where webmail is, which needs no client. */
  readonly webmailUrl?: string | undefined;
  /** Path of the certificate of the lab's authority, for clients that do not know it. */
  readonly caCertificatePath?: string | undefined;
  /** The command by which programs on this machine find the names, where only the stack's own server knows them. */
  readonly namesCommand?: string | undefined;
  readonly authority?: Authority | undefined;
}

/** Everything on a page that a person enters into Outlook, Thunderbird or another client. */
export function clientCard(settings: ClientSettings, options: CardOptions): string {
  const [userName, ...otherNames] = settings.userNames;
  const rows: [string, string][] = [
    ["Your name", settings.name],
    ["E-mail address", settings.address],
    ...settings.incoming.map((server, index): [string, string] => [
      index === 0 ? "Incoming server" : "  or",
      describe(server),
    ]),
    ...settings.outgoing.map((server, index): [string, string] => [
      index === 0 ? "Outgoing server" : "  or",
      describe(server),
    ]),
    ["User name", [userName, ...otherNames.map((name) => `(or ${name})`)].join("  ")],
    ["Password", options.password ?? `shown by \`${options.passwordCommand}\``],
  ];
  const { namesCommand } = options;
  const sections = [
    [`Mail client settings for ${settings.address}`, "", ...table(rows)],
    [
      "The names, looked up at the domain's own DNS server",
      "",
      ...nameLookups(settings).map(indent),
      ...(namesCommand === undefined
        ? []
        : ["", `Programs on this machine find them after \`${namesCommand}\`.`]),
    ],
  ];
  if (options.pageUrl !== undefined) {
    sections.push(["Step by step, for each program", "", indent(options.pageUrl)]);
  }
  if (options.webmailUrl !== undefined) {
    sections.push(["Without a program, in a browser", "", indent(options.webmailUrl)]);
  }
  const { caCertificatePath, authority } = options;
  if (caCertificatePath !== undefined) {
    sections.push([
      "The certificate authority, to be imported into the client as trusted",
      "",
      indent(caCertificatePath),
      ...(authority === undefined
        ? []
        : [
            indent(`SHA-256  ${authority.fingerprint}`),
            "",
            `Programs on this machine trust it after \`${authority.trustCommand}\`.`,
          ]),
    ]);
  }
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** What this machine still lacks for its own programs, as the end of `up` says it. */
export interface ThisMachine {
  /** The command by which programs find the names; nothing where they do, or where others know them. */
  readonly namesCommand?: string | undefined;
  readonly authority?: Authority | undefined;
}

/**
 * What `up` ends with: what one mailbox needs, short enough for a screen that shows the checks as well. The set-up page
 * has the servers.
 */
export function closingText(
  running: ClientStack,
  stack: string,
  { namesCommand, authority }: ThisMachine = {},
): string {
  const address = exampleMailbox(running);
  if (address === undefined) return noMailbox;
  const { incoming, outgoing, userNames } = settingsFor(running, address);
  const web = domainOf(running, address)?.web;
  const servers: [string, string | undefined][] = [
    ["Incoming", incoming[0] && describe(incoming[0])],
    ["Outgoing", outgoing[0] && describe(outgoing[0])],
  ];
  const rows: [string, string | undefined][] = [
    ...(web ? [] : servers),
    ["User name", userNames[0]],
    ["Password", `\`${passwordCommand(address, stack)}\``],
    ["Set-up page", web?.page],
    ["Webmail", web?.webmail ?? undefined],
    ["Authority", authority && `trusted after \`${authority.trustCommand}\``],
    ["  SHA-256", authority?.fingerprint],
    ["Names", namesCommand && `resolve after \`${namesCommand}\``],
  ];
  const known = rows.flatMap(([label, value]): [string, string][] =>
    value === undefined ? [] : [[label, value]],
  );
  return [
    `${address} in a mail client`,
    ...table(known),
    `All of it, of any mailbox: npm run clients -- ADDRESS --stack ${stack}`,
    "",
  ].join("\n");
}

/** What a later `up` ends with. */
export function clientsHint(stack: string): string {
  return `Settings for mail clients: npm run clients -- ADDRESS --stack ${stack}\n`;
}

const noMailbox = "The stack has no mailbox yet: declare one in its stack file.\n";

/** The whole card of one mailbox, and how to get the others. */
export function exampleCard(
  running: ClientStack,
  stack: string,
  options: Pick<CardOptions, "caCertificatePath" | "namesCommand" | "authority">,
): string {
  const address = exampleMailbox(running);
  if (address === undefined) return noMailbox;
  const card = clientCard(settingsFor(running, address), {
    passwordCommand: passwordCommand(address, stack),
    pageUrl: domainOf(running, address)?.web?.page,
    webmailUrl: domainOf(running, address)?.web?.webmail ?? undefined,
    ...options,
  });
  return `${card}\nAnother mailbox: npm run clients -- ADDRESS --stack ${stack}\n`;
}

/** The command by which people ask for the password of an address. */
export function passwordCommand(address: string, stack: string): string {
  return `npm run password -- ${address} --stack ${stack}`;
}

/** Checks with `nslookup`, for every server name of the client. */
export function nameLookups({ incoming, outgoing, nameServer }: ClientSettings): string[] {
  const hosts = new Set([...outgoing, ...incoming].map(({ host }) => host));
  // nslookup takes a port as an option only; the standard port needs none.
  const port = nameServer.port === services.dns.port ? "" : `-port=${nameServer.port} `;
  return [...hosts].map((host) => `nslookup ${port}${host} ${nameServer.address}`);
}

function describe({ protocol, host, port, security }: ServerSetting): string {
  return `${protocol}  ${host}  port ${port}  ${security}`;
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => indent(`${label.padEnd(width)}  ${value}`));
}

function indent(line: string): string {
  return `  ${line}`;
}
