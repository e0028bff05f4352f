import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import encodeQr from "qr";
import { renderAccountCode } from "../clients/account-code.ts";
import { applicationOfTrust } from "../clients/authority-stores.ts";
import {
  type Authority,
  type CardOptions,
  clientCard,
  closingText,
  exampleCard,
  passwordCommand,
  type ThisMachine,
} from "../clients/card.ts";
import { renderClientFiles } from "../clients/client-files.ts";
import { type ClientDescription, type ClientOwner, describeClients } from "../clients/description.ts";
import type { Letter } from "../clients/letter.ts";
import { applicationOfNames, localNames } from "../clients/local-names.ts";
import { type Language, languages, setUpTexts } from "../clients/set-up-text/languages.ts";
import { type ClientSettings, domainOf, settingsFor } from "../clients/settings.ts";
import { fingerprintOf } from "../keys/pem.ts";
import { parseRunningStack, type RunningStack } from "../outputs/running-stack.ts";
import { viewOf } from "../outputs/server-views.ts";
import { connectableAddress, leadsElsewhere } from "../records/address.ts";
import { type BoundServices, serviceAddresses } from "../records/bound-address.ts";
import { localPartOf } from "../records/mail-address.ts";
import { localFolder } from "../toolchain/environment.ts";
import { print, printExactly } from "../toolchain/print.mjs";
import { stateSteps } from "../toolchain/steps.ts";
import { projectFolder } from "../toolchain/versions.ts";
import { type Command, jsonOption, stackOption, textOf, UsageError } from "./command.ts";
import { stackOutputs } from "./pulumi.ts";
import { fetchSignedProfile } from "./signed-profile.ts";

/** Prints what a person enters into a mail client; without an address, the first mailbox's card. */
export const command: Command = {
  usage: "[ADDRESS] [--stack NAME] [--write DIR] [--qr] [--letter LANGUAGE] [--json]",
  options: {
    ...stackOption,
    ...jsonOption,
    write: {
      type: "string",
      value: "DIR",
      description:
        "write a configuration file there for each program: Apple's profile, Thunderbird, msmtp, mbsync, fetchmail, getmail, mutt",
    },
    qr: {
      type: "boolean",
      description: "print QR codes: the set-up page, and the account for Thunderbird on Android",
    },
    letter: {
      type: "string",
      value: "LANGUAGE",
      description: `write a hand-out as PDF, with the first password: ${languages.join(", ")}`,
    },
  },
  takes: { positionals: true },
  setUp: stateSteps,

  async run(call) {
    const stack = textOf(call, "stack");
    const { write, qr, letter, json } = call.values;
    const [address, ...more] = call.positionals;
    if (more.length > 0)
      throw new UsageError(`clients is about one mailbox, or all: what is ${more.join(" ")}?`);
    if (address === undefined && (write !== undefined || qr === true || letter !== undefined)) {
      throw new UsageError("--write, --qr and --letter are about one mailbox: name its address.");
    }
    const language = letter === undefined ? undefined : languageOption(String(letter));
    const running = parseRunningStack(await stackOutputs(stack));
    if (address === undefined && json !== true) {
      print(exampleCard(running, stack, thisMachine(running, stack)));
      return 0;
    }
    const addresses =
      address === undefined
        ? running.domains.flatMap(({ mailboxes }) => mailboxes.map((mailbox) => mailbox.address))
        : [address];
    const settings = addresses.map((each) => settingsFor(viewOf(running, each), each));
    if (json === true) {
      print(`${JSON.stringify(settings, undefined, 2)}\n`);
      return 0;
    }
    const own = thisMachine(running, stack);
    for (const each of settings) {
      const web = domainOf(running, each.address)?.web;
      const pageUrl = web?.page;
      const webmailUrl = web?.webmail ?? undefined;
      const card = {
        passwordCommand: passwordCommand(each.address, stack),
        pageUrl,
        webmailUrl,
        ...own,
      };
      print(clientCard(each, card));
      if (language !== undefined) {
        const path = await writeLetter(letterFor(running, each), language, stack);
        call.report.done(`Wrote ${path}, which only you may read`);
      }
      const description = descriptionFor(running, each.address);
      if (qr === true)
        printExactly(codes(description, each, isReachable(running.endpoint) ? pageUrl : undefined));
      if (typeof write === "string") {
        const paths = writeClientFiles(write, description, each, running.caCertificate);
        for (const path of paths) call.report.note(`wrote ${path}`);
        call.report.note(await writeSignedProfile(write, running, description, each.address));
      }
    }
    return 0;
  },
};

function languageOption(written: string): Language {
  const language = languages.find((each) => each === written);
  if (language !== undefined) return language;
  throw new UsageError(`--letter ${written}: use one of ${languages.join(", ")}.`);
}

function letterFor(running: RunningStack, { address, name, incoming, outgoing }: ClientSettings): Letter {
  const web = domainOf(running, address)?.web;
  const password = Object.entries(running.passwords).find(
    ([each]) => each.toLowerCase() === address.toLowerCase(),
  );
  return {
    address,
    name: name === localPartOf(address) ? undefined : name,
    password: password?.[1],
    servers: [incoming[0], outgoing[0]].filter((server) => server !== undefined),
    pageUrl: web?.page,
    isReachable: isReachable(running.endpoint),
    webmailUrl: web?.webmail ?? undefined,
    fingerprint: running.caCertificate === undefined ? undefined : fingerprintOf(running.caCertificate),
  };
}

/** Where a stack's hand-outs are until it is taken down. */
export function lettersFolder(stack: string): string {
  return join(localFolder, "letters", stack);
}

/** @returns where it lies. It has a password: nobody else may read it, not even while it is written. */
export async function writeLetter(
  letter: Letter,
  language: Language,
  stack: string,
  folder = lettersFolder(stack),
): Promise<string> {
  // What makes PDFs is a fifth of what a command would load otherwise, `up` too.
  const { renderLetter } = await import("../clients/letter.ts");
  const file = join(folder, `${encodeURIComponent(letter.address)}.pdf`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  rmSync(file, { force: true });
  writeFileSync(file, await renderLetter(letter, setUpTexts[language]), { mode: 0o600, flag: "wx" });
  return file;
}

/** What is only so on this machine. */
function thisMachine(
  running: RunningStack,
  stack: string,
): Pick<CardOptions, "caCertificatePath" | "namesCommand" | "authority"> {
  return {
    caCertificatePath: writeCaCertificate(running, stack),
    namesCommand: localNames(stack, running) && applicationOfNames(stack),
    authority: authorityOf(running, stack),
  };
}

function descriptionFor(running: RunningStack, address: string): ClientDescription {
  const domain = running.domains.find(({ name }) => name === domainOf(running, address)?.name);
  if (domain === undefined) throw new Error(`${address} belongs to no domain of the stack`);
  return (
    domain.web?.clients ??
    describeClients(domain.name, domain.clientNames, viewOf(running, address).endpoint.ports)
  );
}

/** Whether a phone may open what the web server shows. One that listens on all addresses has others. */
function isReachable(bound: BoundServices): boolean {
  return serviceAddresses(bound, "https").some(
    (address) => leadsElsewhere(address) || connectableAddress(address) !== address,
  );
}

/** On a terminal in its colours, which a camera reads whatever the terminal's own are. */
function codes(description: ClientDescription, owner: ClientOwner, pageUrl: string | undefined): string {
  const output = process.stdout.isTTY === true ? "term" : "ascii";
  const account = encodeQr(renderAccountCode(description, owner), output);
  const page = pageUrl === undefined ? "" : `\nThe set-up page, for a camera\n\n${encodeQr(pageUrl, output)}`;
  return `${page}\nThe account, for Thunderbird on Android: Import settings, Scan QR code\n\n${account}`;
}

/** @returns the files' paths. Only their owner may read them: people add their passwords. */
export function writeClientFiles(
  folder: string,
  description: ClientDescription,
  owner: ClientOwner,
  caCertificate: string | undefined,
): string[] {
  const authority =
    caCertificate === undefined ? undefined : { pem: caCertificate, path: resolve(folder, "ca.pem") };
  mkdirSync(folder, { recursive: true });
  return renderClientFiles(description, owner, authority).map(({ name, content }) => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  });
}

/**
 * Writes the profile that the web server signs beside the one with the person's name, which the server does not know.
 *
 * @returns what to report about it. The other files are of use without it.
 */
export async function writeSignedProfile(
  folder: string,
  running: RunningStack,
  description: ClientDescription,
  address: string,
): Promise<string> {
  try {
    const profile = await fetchSignedProfile(running, description, address);
    if (profile === undefined) return "no signed profile: the stack has no web server";
    const path = join(folder, `${address}.signed.mobileconfig`);
    writeFileSync(path, profile, { mode: 0o600 });
    return `wrote ${path}, signed by the web server, with the address in place of the person's name`;
  } catch (error) {
    return `no signed profile: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** What `up` ends with. Writes the authority's certificate to the path that the card shows. */
export function closingCard(running: RunningStack, stack: string, machine: ThisMachine): string {
  writeCaCertificate(running, stack);
  return closingText(running, stack, { ...machine, authority: authorityOf(running, stack) });
}

/** How people recognise the stack's own authority, and let this machine trust it. */
function authorityOf({ caCertificate }: RunningStack, stack: string): Authority | undefined {
  const fingerprint = caCertificate === undefined ? undefined : fingerprintOf(caCertificate);
  return fingerprint === undefined ? undefined : { fingerprint, trustCommand: applicationOfTrust(stack) };
}

/** Where people find the certificate of a stack's authority. */
export function caCertificateFile(stack: string): string {
  return join(localFolder, `${stack}-ca.pem`);
}

/** @returns nothing, and no file of a former authority stays, where clients know the authority already. */
export function writeCaCertificate({ caCertificate }: RunningStack, stack: string): string | undefined {
  const file = caCertificateFile(stack);
  if (caCertificate === undefined) {
    rmSync(file, { force: true });
    return undefined;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, caCertificate);
  return relative(projectFolder, file);
}
