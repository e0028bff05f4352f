/** Rules that span several keys. They run also when single keys are wrong, so that all problems show at once. */
import { domainToUnicode } from "node:url";
import type * as z from "zod";
import { weaknesses, weaknessOf } from "../../images/mail-server/weak-password.mjs";
import { SHORTEST_PASSWORD } from "../../keys/password-scheme.ts";
import { type SigningAlgorithm, signingKeyProblem } from "../../keys/signing-key.ts";
import { suggest } from "../../naming/suggestion.mjs";
import type { CertificateIssuer } from "../../outputs/certificate-issuer.ts";
import { publisherFacts } from "../../publishers/list.ts";
import {
  addressProblem,
  answersOn,
  catchAllOf,
  connectableAddress,
  cut,
  domainOf,
  formatAddress,
  type HostAddresses,
  isLegacy,
  isSameAddress,
  isWithin,
  knownAcmeAuthority,
  type MailService,
  roleLocalParts,
  type ServiceName,
  serviceNames,
  services,
  withoutTag,
} from "../../records/index.ts";
import { encryptedValue } from "./fields.ts";
import { maxFurtherServers } from "./network-places.ts";

type Path = readonly (string | number)[];
type Report = (path: Path, message: string) => void;

/** What remains of a setting after the checks of its parts: any of it may be missing or of another type. */
type Partly<Value> = Value extends readonly (infer Item)[]
  ? readonly Partly<Item>[] | undefined
  : Value extends object
    ? { readonly [Key in keyof Value]?: Partly<Value[Key]> } | undefined
    : Value | undefined;

interface Settings {
  lab: boolean;
  hostName: string;
  address: string;
  publicAddresses: HostAddresses;
  ports: Record<ServiceName, number>;
  legacyPorts: boolean;
  web: { enabled: boolean; webmail: boolean };
  serverKeys: { name: string; stage: string }[];
  certificates: {
    issuer: CertificateIssuer;
    acme: {
      directory: string;
      externalAccount: object;
      agreeToTerms: boolean;
      dns: { zone: string; server: string; tsig: object; cloudflare: object };
      dnsPersist: boolean;
      report: { mail: string };
    };
    files: { name: string; stage: string }[];
    authority: string;
  };
  servers: {
    name: string;
    hostName: string;
    address: string;
    publicAddresses: HostAddresses;
    ports: Record<MailService, number>;
    domains: string[];
    serverKeys: { name: string; stage: string }[];
  }[];
  domains: Domain[];
  parkedDomains: (Zone & { reports: string })[];
}
interface Zone {
  name: string;
  zone: string;
  dns: string;
}
interface Domain extends Zone {
  mailboxes: Mailbox[];
  catchAll: string[];
  dmarc: { reports: string };
  tlsReports: string;
  certificates: { reports: string };
  aliases: { name: string; to: string[] }[];
  dkim: { selector: string; algorithm: SigningAlgorithm; privateKey: string }[];
}

interface Mailbox {
  name: string;
  displayName: string;
  password: string;
  passwordHash: string;
  aliases: string[];
  forward: { to: string[] };
  sendAs: string[];
  appPasswords: { name: string; password: string }[];
}

export function crossCheck(
  value: unknown,
  context: {
    readonly issues: readonly z.core.$ZodRawIssue[];
    addIssue(issue: z.core.$ZodSuperRefineIssue): void;
  },
): void {
  const settings = wellFormed(value, context.issues) as Partly<Settings>;
  const report: Report = (path, message) => context.addIssue({ code: "custom", path: [...path], message });
  checkAddresses(settings, report);
  checkPorts(settings, report);
  checkWebmail(settings ?? {}, report);
  checkServerKeys(settings, report);
  checkCertificates(settings?.certificates, report);
  checkAcme(settings, report);
  checkServers(settings, report);
  const domains = list(settings?.domains);
  const zones = [
    ...domains.map((zone, index) => ({ zone, path: ["domains", index] })),
    ...list(settings?.parkedDomains).map((zone, index) => ({ zone, path: ["parkedDomains", index] })),
  ];
  const names = zones.map(({ zone, path }) => ({ path: [...path, "name"], key: text(zone?.name) }));
  reportRepeated(names, report);
  for (const { zone, path } of zones) checkZone(zone, path, report);
  checkHostNames(
    settings,
    zones.flatMap(({ zone }) => text(zone?.zone ?? zone?.name) ?? []),
    report,
  );
  for (const [index, domain] of domains.entries()) checkDomain(domain, index, settings?.lab === true, report);
  checkAliasTargets(domains, report);
  checkSenders(settings, report);
  checkReportAddresses(settings, report);
}

/** A copy without what is of another form altogether, such as a list in place of a text: that has been reported. */
function wellFormed(value: unknown, issues: readonly z.core.$ZodRawIssue[]): unknown {
  const paths = issues.flatMap(({ code, path = [] }) =>
    code === "invalid_type" || code === "invalid_union" ? [path] : [],
  );
  if (paths.some(({ length }) => length === 0)) return undefined;
  return paths.length === 0 ? value : without(value, paths);
}

function without(value: unknown, paths: readonly (readonly PropertyKey[])[]): unknown {
  if (paths.some(({ length }) => length === 0)) return undefined;
  if (paths.length === 0 || typeof value !== "object" || value === null) return value;
  const inside = (key: string) => paths.flatMap(([first, ...rest]) => (String(first) === key ? [rest] : []));
  if (Array.isArray(value)) return value.map((each, at) => without(each, inside(String(at))));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, without(each, inside(key))]));
}

function checkAddresses(settings: Partly<Settings>, report: Report): void {
  checkPublished(settings?.address, settings, [], report);
  for (const [index, server] of list(settings?.servers).entries()) {
    if (server?.address === undefined && server?.publicAddresses === undefined) continue;
    checkPublished(server.address ?? settings?.address, server, ["servers", index], report);
  }
}

/** What the records name answers: mail would be tried there first, and wait (RFC 5321 section 5.1, RFC 6724). */
function checkPublished(
  address: string | undefined,
  { publicAddresses }: Partly<Pick<Settings, "publicAddresses">> = {},
  path: Path,
  report: Report,
): void {
  if (address === undefined) return;
  const published = publicAddresses ?? {};
  const isAny = connectableAddress(address) !== address;
  if (isAny && published.ipv4 === undefined && published.ipv6 === undefined) {
    report(
      [...path, "publicAddresses"],
      `is needed with address "${address}": write ipv4 or ipv6, which the records will name`,
    );
  }
  for (const [family, name] of [
    ["ipv4", "IPv4"],
    ["ipv6", "IPv6"],
  ] as const) {
    if (published[family] === undefined || answersOn(family, address)) continue;
    report(
      [...path, "publicAddresses", family],
      `would be published, and with address "${address}" nothing listens on ${name}: leave it out, or write ` +
        `address: "::", which opens the ports on both families`,
    );
  }
}

function checkWebmail({ lab, web }: NonNullable<Partly<Settings>>, report: Report): void {
  if (web?.webmail === true && !(web.enabled ?? lab === true)) {
    report(["web", "webmail"], "is served by the web server: set web.enabled to true as well");
  }
}

interface PortOwner {
  readonly address: string;
  readonly port: number;
  readonly path: Path;
}

/** Each port of an address has one owner, whichever server opens it. */
function checkPorts(settings: Partly<Settings>, report: Report): void {
  const legacy = settings?.legacyPorts === true;
  const web = settings?.web?.enabled ?? settings?.lab === true;
  const owners: PortOwner[] = [];
  const isOpen = (name: ServiceName): boolean =>
    (legacy || !isLegacy(name)) && (web || services[name].server !== "web");
  const open = serviceNames.filter(isOpen);
  const claim = (
    path: Path,
    address: string | undefined,
    ports: Partly<Partial<Record<ServiceName, number>>>,
  ): void => {
    for (const name of open) {
      const port = ports?.[name];
      if (port === undefined || address === undefined) continue;
      const owner = owners.find((one) => one.port === port && isSameAddress(one.address, address));
      if (owner === undefined) owners.push({ address, port, path: [...path, name] });
      else {
        const message = `${port} is already used by ${formatPath(owner.path)}: give each service a port of its own`;
        report([...path, name], message);
      }
    }
  };
  claim(["ports"], settings?.address, settings?.ports);
  const { certificates } = settings ?? {};
  const { dns, dnsPersist } = certificates?.acme ?? {};
  if (issuerOf(certificates) === "acme" && dns === undefined && dnsPersist !== true) {
    claimForChallenges(settings, web, owners, report);
  }
  for (const [index, server] of list(settings?.servers).entries()) {
    claim(["servers", index, "ports"], server?.address ?? settings?.address, server?.ports);
  }
}

/** An authority asks on port 80 of every address that a name leads to; the web server has that of its own already. */
function claimForChallenges(
  settings: Partly<Settings>,
  web: boolean,
  owners: PortOwner[],
  report: Report,
): void {
  const port = settings?.ports?.http;
  const addresses = new Set(list(settings?.servers).map((server) => server?.address ?? settings?.address));
  if (web) addresses.delete(settings?.address);
  else addresses.add(settings?.address);
  for (const address of addresses) {
    if (port === undefined || address === undefined) continue;
    const owner = owners.find((one) => one.port === port && isSameAddress(one.address, address));
    if (owner === undefined) owners.push({ address, port, path: ["ports", "http"] });
    else
      report(
        ["ports", "http"],
        `${port} is already used by ${formatPath(owner.path)}: challenges need a port of their own`,
      );
  }
}

/** Every domain has one server, the main one keeps one at least, and each has a name and a place of its own. */
function checkServers(settings: Partly<Settings>, report: Report): void {
  const servers = list(settings?.servers);
  // Elsewhere no server has a fixed place.
  const havePlaces = settings?.lab === true || settings?.web?.webmail === true;
  if (havePlaces && servers.length > maxFurtherServers) {
    report(
      ["servers"],
      `has ${servers.length} servers, and the network of a lab or of a stack with webmail has places for ` +
        `${maxFurtherServers}: move the others to another stack`,
    );
  }
  reportRepeated(
    servers.map((server, index) => {
      const isNamed = server?.name !== undefined;
      return {
        path: ["servers", index, isNamed ? "name" : "hostName"],
        key: text(server?.name ?? server?.hostName),
      };
    }),
    report,
  );
  const declared = new Set(list(settings?.domains).map((domain) => text(domain?.name)));
  const claimed = list(settings?.servers).flatMap((server, index) =>
    list(server?.domains).map((domain, at) => ({
      path: ["servers", index, "domains", at],
      key: text(domain),
    })),
  );
  reportRepeated(claimed, report);
  for (const { path, key } of claimed) {
    if (key !== undefined && !declared.has(key)) {
      report(path, `"${key}" is not a domain of this stack: declare it below domains, or remove it here`);
    }
  }
  const left = [...declared].filter((name) => !claimed.some(({ key }) => key === name));
  if (declared.size > 0 && left.length === 0) {
    report(["servers"], "leave the main server without a domain: remove one of them here");
  }
}

/** A lab's names are in its own zones: the world has none of them. Elsewhere the records to ask for are listed. */
function checkHostNames(settings: Partly<Settings>, zones: readonly string[], report: Report): void {
  if (settings?.lab !== true || zones.length === 0) return;
  const declared = [
    { path: ["hostName"], name: text(settings.hostName) },
    ...list(settings.servers).map((server, index) => ({
      path: ["servers", index, "hostName"],
      name: text(server?.hostName),
    })),
  ];
  for (const { path, name } of declared) {
    if (name === undefined || zones.some((zone) => isWithin(name, zone))) continue;
    const candidates = zones.map((zone) => `${name.split(".")[0]}.${zone}`);
    const meant = suggest(name, candidates) ?? candidates[0];
    report(
      path,
      `"${name}" is in no zone of this lab, so nothing finds it: write a name in one, such as ${meant}`,
    );
  }
}

function checkServerKeys(settings: Partly<Settings>, report: Report): void {
  const areOwn = areFromFiles(settings?.certificates);
  const files = list(settings?.certificates?.files).map((file, at) => ({
    path: ["certificates", "files", at, "name"],
    key: text(file?.name),
  }));
  const further = list(settings?.servers).map((server, index) => ({
    keys: server?.serverKeys,
    path: ["servers", index, "serverKeys"],
  }));
  for (const [at, { path, key }] of files.entries()) {
    const first = files.findIndex((other) => other.key === key);
    if (key === undefined || first === at) continue;
    report(
      path,
      `"${key}" is the name of certificates.files[${first}] as well: write another, such as ${key}${at + 1}`,
    );
  }
  for (const { keys, path } of [{ keys: settings?.serverKeys, path: ["serverKeys"] }, ...further]) {
    checkKeys(keys, path, areOwn, report);
    const taken = new Set(list(keys).map((key) => text(key?.name)));
    for (const file of files) {
      if (file.key === undefined || !taken.has(file.key)) continue;
      report(
        file.path,
        `"${file.key}" is already the name of a key in ${formatPath(path)}: use another name`,
      );
    }
  }
}

function checkKeys(
  declared: Partly<Settings["serverKeys"]>,
  path: Path,
  areOwn: boolean,
  report: Report,
): void {
  const keys = list(declared);
  reportRepeated(
    keys.map((key, at) => ({ path: [...path, at, "name"], key: text(key?.name) })),
    report,
  );
  const stages = keys.map((key) => key?.stage);
  const serving = stages.filter((stage) => stage === "serving").length;
  // A stage that is wrong by itself is reported already.
  if (declared === undefined || stages.includes(undefined)) return;
  if (areOwn && serving > 0) {
    report(
      path,
      "has a key that serves, and certificates.files has as well: write stage: retired here, or issuer: private",
    );
  }
  if (!areOwn && serving !== 1) {
    report(path, `${serving || "no"} keys are serving: write stage: serving for one of them`);
  }
}

/** Whether the servers' certificates come from elsewhere, as far as what is declared can be read. */
function areFromFiles(certificates: Partly<Settings["certificates"]>): boolean {
  return issuerOf(certificates) === "files";
}

function issuerOf(certificates: Partly<Settings["certificates"]>): CertificateIssuer {
  const serves = list(certificates?.files).some((file) => file?.stage === "serving");
  return certificates?.issuer ?? (serves ? "files" : certificates?.acme === undefined ? "private" : "acme");
}

/** One issuer has one section; whatever is beside it would do nothing, and nobody would notice. */
function checkAcme(settings: Partly<Settings>, report: Report): void {
  const certificates = settings?.certificates;
  const { acme } = certificates ?? {};
  const issuer = issuerOf(certificates);
  const path = ["certificates", "acme"];
  if (issuer === "acme" && acme === undefined) {
    report(path, "is missing: write acme: { agreeToTerms: true } once you have read the authority's terms");
  }
  if (issuer !== "acme" && acme !== undefined) {
    const why =
      certificates?.issuer === undefined
        ? "is beside a certificate in files that serves"
        : `does nothing with issuer "${issuer}"`;
    report(path, `${why}: write issuer: acme, or remove this section`);
  }
  if (acme?.dnsPersist === true && acme.dns !== undefined) {
    report([...path, "dnsPersist"], "is beside dns: write the one by which names are to be proved");
  }
  checkChallengeZone(settings, [...path, "dns"], report);
  const reports = text(acme?.report?.mail);
  const names = list(settings?.domains).map((domain) => text(domain?.name));
  if (
    reports !== undefined &&
    addressProblem(reports, "existing") === undefined &&
    !names.includes(domainOf(reports))
  ) {
    const why = "the agent hands it to the stack's own mail server, which accepts nothing for others";
    report([...path, "report", "mail"], `is not an address of a domain here: ${why}`);
  }
  const known = knownAcmeAuthority(text(acme?.directory) ?? "");
  if (known === undefined) return;
  if (settings?.lab === true) {
    report(
      [...path, "directory"],
      "is a public authority, which reaches no lab: write the URL of an authority of your own, such as Pebble's",
    );
  }
  if (known.wantsExternalAccount && acme?.externalAccount === undefined) {
    report(
      [...path, "externalAccount"],
      `is needed with ${acme?.directory}: write the keyId and hmacKey that the authority shows for your account there`,
    );
  }
}

/** What is on the host must not open a zone in which mail's own records are. */
function checkChallengeZone(settings: Partly<Settings>, path: Path, report: Report): void {
  const dns = settings?.certificates?.acme?.dns;
  if (dns === undefined) return;
  const { server, tsig, cloudflare } = dns;
  if (cloudflare !== undefined && (server !== undefined || tsig !== undefined)) {
    report([...path, "cloudflare"], "is beside server or tsig: write the one that the zone is changed by");
  } else if (server !== undefined && tsig === undefined) {
    report([...path, "tsig"], "is needed with server: write the key that the server accepts");
  } else if (tsig !== undefined && server === undefined) {
    report([...path, "server"], "is needed with tsig: write the zone's primary name server");
  }
  const zones = [...list(settings?.domains), ...list(settings?.parkedDomains)];
  const isOwn = server === undefined && cloudflare === undefined && tsig === undefined;
  if (isOwn && zones.length > 0 && !zones.some((zone) => zone?.dns === "local")) {
    report(
      [...path, "server"],
      "is needed, or cloudflare: no zone is published by the stack's own name server, which would answer for this one",
    );
  }
  const zone = text(dns.zone);
  if (zone === undefined) return;
  for (const domain of zones) {
    const name = text(domain?.name);
    if (name === undefined) continue;
    const apex = text(domain?.zone) ?? name;
    const isAbove = isWithin(name, zone) || isWithin(apex, zone);
    if (isAbove || (isWithin(zone, apex) && domain?.dns === "local")) {
      report(
        [...path, "zone"],
        `"${zone}" ${isAbove ? `holds ${name}` : `lies in ${apex}`}: write a zone of its own, so that its key opens nothing else`,
      );
      return;
    }
  }
}

function checkCertificates(certificates: Partly<Settings["certificates"]>, report: Report): void {
  const files = list(certificates?.files);
  const serving = files.findIndex((file) => file?.stage === "serving");
  if (certificates?.issuer === "private" && serving >= 0) {
    report(
      ["certificates", "files", serving, "stage"],
      'is serving, and issuer is "private": write stage: published until it serves, or issuer: files',
    );
  }
  if (certificates?.issuer === "files" && serving < 0) {
    report(
      ["certificates", "files"],
      "has no certificate that serves: add one with its chain and key, or write issuer: private",
    );
  }
  if (certificates?.issuer === "acme" && serving >= 0) {
    report(
      ["certificates", "files", serving, "stage"],
      'is serving, and issuer is "acme": write stage: retired until its TLSA record may go, or issuer: files',
    );
  }
  if (certificates?.authority !== undefined && files.length === 0 && issuerOf(certificates) !== "acme") {
    report(
      ["certificates", "authority"],
      "has issued nothing in files or acme: remove it, or add the certificates",
    );
  }
}

function checkZone(zone: Partly<Zone>, path: Path, report: Report): void {
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

function checkDomain(domain: Partly<Domain>, index: number, lab: boolean, report: Report): void {
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
function checkSenders(settings: Partly<Settings>, report: Report): void {
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
function checkReportAddresses(settings: Partly<Settings>, report: Report): void {
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

function reportRepeated(entries: readonly { path: Path; key: string | undefined }[], report: Report): void {
  const first = new Map<string, Path>();
  for (const { path, key } of entries) {
    if (key === undefined) continue;
    const normal = key.toLowerCase();
    const earlier = first.get(normal);
    if (earlier === undefined) first.set(normal, path);
    else report(path, `"${key}" is already declared as ${formatPath(earlier)}: remove one of the two`);
  }
}

/** Where an address leads, and where that is written. */
interface AliasEdge {
  readonly path: Path;
  readonly to: readonly string[];
}

/**
 * An alias, a catch-all or a forward to a domain here must end at a mailbox; a cycle would answer 451 to every
 * message. Two mailboxes that are forwarded to each other are one, whether or not they keep copies.
 */
function checkAliasTargets(domains: readonly Partly<Domain>[], report: Report): void {
  const hosted = new Set(domains.map((domain) => domain?.name));
  const known = new Set<string>();
  const edges = new Map<string, AliasEdge>();
  const undeclared = new Map<string, { readonly to: readonly string[] }>();
  for (const [index, domain] of domains.entries()) {
    const here = (local: string | undefined) =>
      formatAddress({ local: text(local) ?? "", domain: text(domain?.name) ?? "" });
    for (const [at, mailbox] of list(domain?.mailboxes).entries()) {
      const address = here(mailbox?.name);
      for (const name of [mailbox?.name, ...list(mailbox?.aliases)]) known.add(here(name));
      if (mailbox?.forward === undefined) continue;
      const path = ["domains", index, "mailboxes", at, "forward", "to"];
      edges.set(address, { path, to: present(mailbox.forward.to) });
      for (const name of list(mailbox.aliases)) edges.set(here(name), { path, to: [address] });
    }
    for (const [at, alias] of list(domain?.aliases).entries()) {
      known.add(here(alias?.name));
      const path = ["domains", index, "aliases", at, "to"];
      edges.set(here(alias?.name), { path, to: present(alias?.to) });
    }
    edges.set(catchAllOf(text(domain?.name) ?? ""), {
      path: ["domains", index, "catchAll"],
      to: present(domain?.catchAll),
    });
    // The roles that nobody has declared go to the first mailbox.
    for (const role of roleLocalParts) {
      if (!known.has(here(role)))
        undeclared.set(here(role), { to: [here(list(domain?.mailboxes)[0]?.name)] });
      known.add(here(role));
    }
  }
  for (const [from, { path, to }] of edges) {
    for (const [n, target] of to.entries()) {
      const isHosted = hosted.has(cut(target)?.domain);
      if (isHosted && !known.has(withoutTag(target))) {
        report([...path, n], `"${target}" is not a mailbox or alias here: declare it, or use one that is`);
      }
      if (withoutTag(target) === from) report([...path, n], `"${target}" leads to itself: leave it out`);
    }
  }
  const ways = new Map([...undeclared, ...edges]);
  for (const [address, { path, to }] of edges) {
    const cycle = to.map(withoutTag).includes(address) ? undefined : findCycle(address, ways);
    if (cycle !== undefined) report(path, `leads back to itself (${cycle.join(" → ")}): end it at a mailbox`);
  }
}

function present(addresses: readonly (string | undefined)[] | undefined): string[] {
  return list(addresses).filter((address) => address !== undefined);
}

function findCycle(
  start: string,
  aliases: ReadonlyMap<string, { to: readonly string[] }>,
): string[] | undefined {
  const visited = new Set<string>();
  const search = (address: string, trail: string[]): string[] | undefined => {
    for (const target of (aliases.get(address)?.to ?? []).map(withoutTag)) {
      if (target === start) return [...trail, target];
      if (visited.has(target)) continue;
      visited.add(target);
      const found = search(target, [...trail, target]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(start, [start]);
}

/** @example `domains[0].mailboxes[2].name` */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`,
    )
    .join("");
}

function list<Item>(value: readonly Item[] | undefined): readonly Item[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
