/** What the settings of a domain and its mailboxes have to agree on. */
import { domainToUnicode } from "node:url";
import { weaknesses, weaknessOf } from "../../images/mail-server/weak-password.mjs";
import { SHORTEST_PASSWORD } from "../../keys/password-scheme.ts";
import { signingKeyProblem } from "../../keys/signing-key.ts";
import { publisherFacts } from "../../publishers/list.ts";
import { addressProblem, cut, isWithin, withoutTag } from "../../records/index.ts";
import { encryptedValue } from "./fields.ts";
import {
  type Domain,
  list,
  type Partly,
  type Path,
  type Report,
  reportRepeated,
  type Settings,
  text,
  type Zone,
} from "./written-settings.ts";

export function checkZone(zone: Partly<Zone>, path: Path, report: Report): void {
  const [name, apex] = [text(zone?.name), text(zone?.zone)];
  if (name !== undefined && apex !== undefined && !isWithin(name, apex)) {
    report([...path, "zone"], `"${apex}" does not hold ${name}: write the domain or one above it`);
  }
  const publisher = publisherFacts.find(({ name: dns }) => dns === zone?.dns);
  for (const [key, what] of Object.entries(publisher?.needs ?? {})) {
    if (zone?.[key as keyof typeof zone] !== undefined) continue;
    report([...path, key], `is needed with dns "${zone?.dns}": write ${what}`);
  }
}

export function checkDomain(domain: Partly<Domain>, index: number, lab: boolean, report: Report): void {
  const path = ["domains", index] as const;
  const selectors = list(domain?.dkim).map((key, at) => ({
    path: [...path, "dkim", at, "selector"],
    key: text(key?.selector),
  }));
  reportRepeated(selectors, report);
  checkSigningKeys(domain, path, report);
  reportRepeated(localParts(domain, path), report);
  checkPasswords(domain, path, lab, report);
}

function checkSigningKeys(domain: Partly<Domain>, path: Path, report: Report): void {
  for (const [at, key] of list(domain?.dkim).entries()) {
    const place = [...path, "dkim", at];
    const [algorithm, pem] = [key?.algorithm, text(key?.privateKey)];
    if (algorithm === "rsa" && pem === undefined) {
      report([...place, "algorithm"], '"rsa" needs a privateKey: write "rsa-2048" to have a key made');
    }
    const problem =
      algorithm === undefined || pem === undefined || pem === encryptedValue
        ? undefined
        : signingKeyProblem(pem, algorithm);
    if (problem !== undefined) report([...place, "privateKey"], problem);
  }
}

function checkPasswords(domain: Partly<Domain>, path: Path, lab: boolean, report: Report): void {
  if (Array.isArray(domain?.mailboxes) && domain.mailboxes.length === 0) {
    report([...path, "mailboxes"], "write at least one mailbox, here or in a directory");
  }
  for (const [at, mailbox] of list(domain?.mailboxes).entries()) {
    if (mailbox?.password !== undefined && mailbox.passwordHash !== undefined) {
      report(
        [...path, "mailboxes", at, "passwordHash"],
        "is set together with a password: remove one of the two",
      );
    }
  }
  for (const [at, mailbox] of list(domain?.mailboxes).entries()) {
    const place = [...path, "mailboxes", at];
    const apps = list(mailbox?.appPasswords).map((app, n) => ({ app, path: [...place, "appPasswords", n] }));
    reportRepeated(
      apps.map(({ app, path }) => ({ path: [...path, "name"], key: text(app?.name) })),
      report,
    );
    if (lab) continue;
    const domainName = text(domain?.name) ?? "";
    const names = [
      text(mailbox?.name),
      domainName,
      domainToUnicode(domainName),
      text(mailbox?.displayName),
    ].filter((name) => name !== undefined);
    checkPassword(mailbox?.password, names, place, report);
    for (const { app, path } of apps) checkPassword(app?.password, names, path, report);
  }
}

function checkPassword(
  written: string | undefined,
  names: readonly string[],
  path: Path,
  report: Report,
): void {
  const password = text(written);
  if (password === undefined || password === encryptedValue) return;
  const problem = passwordProblem(password, names);
  if (problem !== undefined)
    report([...path, "password"], `${problem} (only a stack with lab: true takes weak ones)`);
}

function passwordProblem(password: string, names: readonly string[]): string | undefined {
  if (password.length < SHORTEST_PASSWORD) {
    return `has ${password.length} characters: write at least ${SHORTEST_PASSWORD}, or leave it out to have one generated`;
  }
  const weakness = weaknessOf(password, names);
  // No part of the password is shown.
  return weakness && `${weaknesses[weakness]}: use another one, or leave it out to have one generated`;
}

/** Nobody's DKIM key signs for a domain that is not declared here; each server has those of its own domains alone. */
export function checkSenders(settings: Partly<Settings>, report: Report): void {
  const domains = list(settings?.domains);
  const hosted = new Set(domains.map((domain) => domain?.name));
  const servers = new Map(
    list(settings?.servers).flatMap((server) =>
      list(server?.domains).map((domain) => [text(domain), server] as const),
    ),
  );
  const main = "the main server";
  for (const [index, domain] of domains.entries()) {
    for (const [at, mailbox] of list(domain?.mailboxes).entries()) {
      for (const [n, address] of list(mailbox?.sendAs).entries()) {
        const path = ["domains", index, "mailboxes", at, "sendAs", n];
        const sending = cut(text(address) ?? "")?.domain;
        if (!hosted.has(sending)) {
          report(path, `"${address}" belongs to no domain here: use an address of a declared domain`);
          continue;
        }
        const [own, other] = [servers.get(text(domain?.name)), servers.get(sending)];
        if (own === other) continue;
        const [whose, where] = [own, other].map((server) => text(server?.hostName) ?? main);
        const message = `"${address}" belongs to a domain of ${where}, and ${whose} cannot send as it`;
        report(path, `${message}: write an address of a domain of the same server, or give it both domains`);
      }
    }
  }
}

/** What takes reports at a domain here is made here, for its first mailbox where nobody has declared it. */
export function checkReportAddresses(settings: Partly<Settings>, report: Report): void {
  const domains = list(settings?.domains);
  const hosted = new Set(domains.map((domain) => domain?.name));
  const places: (readonly [Path, string | undefined])[] = [
    ...domains.flatMap((domain, index): (readonly [Path, string | undefined])[] => [
      [["domains", index, "dmarc", "reports"], domain?.dmarc?.reports],
      [["domains", index, "tlsReports"], domain?.tlsReports],
      [["domains", index, "certificates", "reports"], domain?.certificates?.reports],
    ]),
    ...list(settings?.parkedDomains).map(
      (parked, index) => [["parkedDomains", index, "reports"], parked?.reports] as const,
    ),
  ];
  for (const [path, written] of places) {
    const address = text(written);
    if (address === undefined || !hosted.has(cut(address)?.domain)) continue;
    if (addressProblem(address, "existing") !== undefined) continue;
    const problem = addressProblem(withoutTag(address), "created");
    if (problem !== undefined) report(path, `"${address}" is an address of a domain here: ${problem}`);
  }
}

/** Every local part that a domain's mailboxes and aliases claim, with the place where it is written. */
function localParts(domain: Partly<Domain>, path: Path): { path: Path; key: string | undefined }[] {
  return [
    ...list(domain?.mailboxes).flatMap((mailbox, at) => [
      { path: [...path, "mailboxes", at, "name"], key: text(mailbox?.name) },
      ...list(mailbox?.aliases).map((alias, n) => ({
        path: [...path, "mailboxes", at, "aliases", n],
        key: text(alias),
      })),
    ]),
    ...list(domain?.aliases).map((alias, at) => ({
      path: [...path, "aliases", at, "name"],
      key: text(alias?.name),
    })),
  ];
}
