/** The authority of a stack, and its servers' certificates: which names get which, and who notices another issuer. */

import { issuerOf, leadsToPublicRoot, namesOf } from "../keys/certificate-chain.ts";
import { readCertificate } from "../keys/pem.ts";
import { formatDay } from "../naming/moment.ts";
import { serverOfContainer, serverOfDomainPair, serverOfLeaf } from "../naming/resources.ts";
import { ServerRole } from "../naming/servers.ts";
import { knownAcmeAuthority } from "../records/index.ts";
import type { Change, Risk } from "./change.ts";
import { isRemoved, listOf, type Properties, propertiesOf, type Step, stepsOf, textOf } from "./preview.ts";
import { reviewServerKeyStages, servingKeyOf, showsAnotherKey } from "./stages.ts";

const authorityType = "maildomain:index:CertificateAuthority";
const certificateType = "maildomain:index:ServerCertificate";
const accountType = "maildomain:index:AcmeAccount";
const agentType = "maildomain:index:CertificateAgent";

export function reviewCertificates(steps: readonly Step[]): Change[] {
  const surroundings = {
    leaving: leavingServers(steps),
    superseded: supersededWebCertificate(steps),
    held: heldNames(steps),
    isLab: isLab(steps),
    // What is left when the stack's own authority goes.
    areAllPublic: certificatesIn(steps).every(({ kind }) => kind === "public"),
    ordered: orderedFrom(steps),
  };
  return [
    ...stepsOf(steps, accountType).flatMap(reviewAccount),
    ...stepsOf(steps, agentType).flatMap(reviewMethod),
    ...stepsOf(steps, authorityType).flatMap((step) => reviewAuthority(step, surroundings)),
    ...stepsOf(steps, certificateType).flatMap((step) => reviewCertificate(step, surroundings)),
    ...reviewPolicies(steps, surroundings),
  ];
}

interface Surroundings {
  /** Servers that are removed. */
  readonly leaving: ReadonlySet<string>;
  /** The one that all domains shared on the web server, where each gets its own. */
  readonly superseded: string | undefined;
  /** The names that certificates of the stack have. */
  readonly held: ReadonlySet<string>;
  readonly isLab: boolean;
  readonly areAllPublic: boolean;
  /** Who is asked by ACME, before and after. */
  readonly ordered: OrderedFrom;
}

/** The directories of the authorities that are asked by ACME. */
interface OrderedFrom {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

function orderedFrom(steps: readonly Step[]): OrderedFrom {
  const accounts = steps.filter(({ type }) => type === accountType);
  const before = accounts.find(({ operation }) => operation !== "create")?.before.directory;
  const after = accounts.find((step) => !isRemoved(step))?.after.directory;
  return { before: textOf(before), after: textOf(after) };
}

function leavingServers(steps: readonly Step[]): ReadonlySet<string> {
  const containers = stepsOf(steps, "docker:index/container:Container").filter(isRemoved);
  return new Set(containers.flatMap(({ name }) => serverOfContainer(name) ?? []));
}

function supersededWebCertificate(steps: readonly Step[]): string | undefined {
  const added = stepsOf(steps, certificateType).filter(({ operation }) => operation === "create");
  const isOfWeb = ({ name }: Step) => serverOfDomainPair(serverOfLeaf(name)) === ServerRole.webServer;
  return added.some(isOfWeb) ? ServerRole.webServer : undefined;
}

function heldNames(steps: readonly Step[]): ReadonlySet<string> {
  const held = stepsOf(steps, certificateType).filter(({ operation }) => operation !== "create");
  return new Set(held.flatMap(({ before }) => listOf(before.hostNames).map(String)));
}

/** A lab's mail servers send nothing to others; what is not known to be in the world is left in peace. */
function isLab(steps: readonly Step[]): boolean {
  return !steps.some(({ type, after }) => type === "maildomain:index:MailServer" && after.isSealed === false);
}

/** Those that servers are to show. */
function certificatesIn(steps: readonly Step[]): Shown[] {
  const { after: directory } = orderedFrom(steps);
  return steps
    .filter((step) => step.type === certificateType && !isRemoved(step))
    .map(({ after }) => shownIn(after, directory));
}

function privateRisk(what: string): Risk {
  return {
    id: "private-authority",
    reason: `${what} Phones and Outlook refuse certificates of an authority of the stack's own, other clients warn, until each has been given it; other servers accept no MTA-STS policy with one (RFC 8461 section 3.3).`,
  };
}

/** An account is nobody's secret, and CAA records name it. */
function reviewAccount(step: Step): Change[] {
  const [before, after] = [textOf(step.before.directory), textOf(step.after.directory)];
  const change = { subject: "key", name: "ACME account", before, after } as const;
  if (step.operation === "create") {
    const effect = `Opened with ${authorityNamed(after)}, whose terms are agreed to; CAA records name it once it exists.`;
    return [{ ...change, kind: "added", effect }];
  }
  if (isRemoved(step)) {
    const effect = "Forgotten: what was issued to it stays valid until it ends.";
    return [{ ...change, kind: "removed", effect }];
  }
  if (step.operation !== "update") {
    const effect = `Another one is opened with ${authorityNamed(after)}; what the former has issued stays in service until the next is there.`;
    return [{ ...change, kind: "replaced", effect }];
  }
  const [old, next] = [step.before, step.after].map(({ contact }) => listOf(contact).map(String).join(", "));
  if (old === next) return [];
  const effect = "The authority writes to other addresses.";
  return [{ ...change, kind: "changed", property: "contact", before: old, after: next, effect }];
}

/** How names are proved to the authority decides what has to be open, and which secret is on the host. */
function reviewMethod(step: Step): Change[] {
  if (isRemoved(step)) return [];
  const isNew = step.operation === "create";
  const [before, after] = [isNew ? undefined : methodOf(step.before), methodOf(step.after)];
  if (before?.name === after.name || (isNew && after === onPort80)) return [];
  return [
    {
      subject: "key",
      kind: isNew ? "added" : "changed",
      name: "proof of names",
      property: "method",
      before: before?.name,
      after: after.name,
      effect: after.effect,
      risk: after.risk,
    },
  ];
}

interface Method {
  readonly name: string;
  readonly effect: string;
  readonly risk?: Risk;
}

const onPort80: Method = {
  name: "HTTP-01 on port 80",
  effect: "The authority connects to port 80 of each name, which has to be open to the world.",
  risk: {
    id: "port-80-needed",
    reason:
      "Where port 80 is closed, in a firewall before the host too, no certificate is renewed: those in service last until they end.",
  },
};

const byRecords: Method = {
  name: "DNS-PERSIST-01",
  effect:
    "Each name's _validation-persist names the account as long as it stands. Port 80 need not be open, and CAA records allow this way alone.",
  risk: {
    id: "account-proves-names",
    reason:
      "Whoever has the account's key, which is on the host, gets certificates for these names from anywhere as long as the records stand.",
  },
};

function methodOf({ challengeZone, dnsPersist }: Properties): Method {
  if (dnsPersist === true) return byRecords;
  const zone = textOf(challengeZone);
  if (zone === undefined) return onPort80;
  return {
    name: `DNS-01 in the zone ${zone}`,
    effect: `Each name's _acme-challenge leads into that zone, whose key is on the host; port 80 need not be open, and CAA records allow this way alone.`,
  };
}

/** As people know it: by the host of its directory, where it has no other name. */
function authorityNamed(directory: string | undefined): string {
  const known = directory === undefined ? undefined : knownAcmeAuthority(directory);
  if (known !== undefined) return known.isTrusted ? known.caaDomain : `${known.caaDomain} (staging)`;
  return directory !== undefined && URL.canParse(directory) ? new URL(directory).host : "an authority";
}

function reviewAuthority(step: Step, { isLab, areAllPublic }: Surroundings): Change[] {
  const [before, after] = [textOf(step.before.commonName), textOf(step.after.commonName)];
  const change = { subject: "key", name: "certificate authority", before, after } as const;
  if (step.operation === "create") {
    const effect = "Clients have to trust it once.";
    const risk = isLab ? undefined : privateRisk("This is not a lab.");
    return [{ ...change, kind: "added", effect, risk }];
  }
  if (isRemoved(step) && areAllPublic) {
    const effect =
      "No server needs it any longer: clients trust the new certificates already, and may forget it.";
    return [{ ...change, kind: "removed", effect }];
  }
  const reason =
    "Every client that trusts the old authority warns or refuses to connect until it trusts the new one.";
  const kind = isRemoved(step) ? "removed" : "replaced";
  return [{ ...change, kind, risk: { id: "authority-replaced", reason } }];
}

/** A certificate as far as a preview shows it. */
interface Shown {
  /** Whether the stack's own authority issues it, a root that everybody knows, or somebody else. */
  readonly kind: "private" | "public" | "other";
  readonly issuer: string;
  readonly names: readonly string[];
  readonly validity: string | undefined;
  readonly issued: string | undefined;
  /** The public key of one from elsewhere. */
  readonly key: string | undefined;
}

/** @param directory - of the authority that is asked where the certificate itself is a temporary one. */
function shownIn(properties: Properties, directory: string | undefined): Shown {
  if (properties.temporary === true) {
    const known = directory === undefined ? undefined : knownAcmeAuthority(directory);
    return {
      kind: known?.isTrusted === true ? "public" : "other",
      issuer: authorityNamed(directory),
      names: listOf(properties.hostNames).map(String),
      // The agent decides on both, whenever it renews.
      validity: undefined,
      issued: undefined,
      key: undefined,
    };
  }
  const own = propertiesOf(propertiesOf(properties.ownCertificates)[servingKeyOf(properties) ?? ""]);
  const { certificate, chain } = own;
  if (typeof certificate === "string" && typeof chain === "string") {
    const leaf = readCertificate(certificate);
    return {
      kind: leadsToPublicRoot(certificate + chain) ? "public" : "other",
      issuer: leaf === undefined ? "somebody else" : issuerOf(leaf),
      names: leaf === undefined ? [] : namesOf(leaf),
      validity: leaf && `until ${formatDay(leaf.validToDate)}`,
      issued: textOf(properties.issuedAt),
      key: leaf?.publicKey.export({ type: "spki", format: "pem" }).toString(),
    };
  }
  const days = textOf(properties.days);
  return {
    kind: "private",
    issuer: "the stack's own authority",
    names: listOf(properties.hostNames).map(String),
    validity: days === undefined ? undefined : `${days} days`,
    issued: textOf(properties.issuedAt),
    key: undefined,
  };
}

function reviewCertificate(step: Step, surroundings: Surroundings): Change[] {
  const { leaving, superseded, ordered } = surroundings;
  const server = serverOfLeaf(step.name);
  const name = `${server} certificate`;
  if (step.operation === "create") {
    const shown = shownIn(step.after, ordered.after);
    const { validity } = shown;
    return [
      { subject: "key", kind: "added", name, after: validity, ...issued(step, server, shown, surroundings) },
    ];
  }
  if (isRemoved(step) && leaving.has(server)) {
    const effect = "Removed with its server, together with its private key.";
    return [{ subject: "key", kind: "removed", name, effect }];
  }
  // TLSA records are of mail servers' own names, whose keys are none of these.
  if (isRemoved(step) && serverOfDomainPair(server) !== undefined) {
    const effect =
      "Removed together with its private key; those of its names that stay are in the server's own certificate.";
    return [{ subject: "key", kind: "removed", name, effect }];
  }
  if (isRemoved(step) && server === superseded) {
    const effect = "Removed together with its private key: each domain has a certificate of its own.";
    return [{ subject: "key", kind: "removed", name, effect }];
  }
  if (step.operation !== "update") {
    const reason =
      "The server gets a new private key: it no longer matches published TLSA records, and clients that pinned the old key refuse it.";
    return [
      {
        subject: "key",
        kind: isRemoved(step) ? "removed" : "replaced",
        name,
        risk: { id: "tls-key-replaced", reason },
      },
    ];
  }
  const [before, after] = [shownIn(step.before, ordered.before), shownIn(step.after, ordered.after)];
  const effect = effectOf(step, before, after);
  const changes: Change[] = [
    { property: "issuer", before: before.issuer, after: after.issuer },
    {
      property: "names",
      before: formatNames(before.names, after.names),
      after: formatNames(after.names, before.names),
    },
    { property: "validity", before: before.validity, after: after.validity },
    { property: "issued", before: before.issued, after: after.issued },
  ]
    .filter((property) => property.before !== property.after)
    .map((property) => ({ subject: "key", kind: "changed", name, ...property, effect }));
  return [...reviewServerKeyStages(step, server), ...changes];
}

/** Of a first certificate. An authority that is asked by ACME takes its time, in which names have another one. */
function issued(
  step: Step,
  server: string,
  { issuer, names }: Shown,
  { held }: Surroundings,
): Pick<Change, "effect" | "who"> {
  if (step.after.temporary !== true) return { effect: `Issued by ${issuer} for ${listed(names)}.` };
  const order = `Ordered from ${issuer} for ${listed(names)}; the server shows`;
  const areHeld = names.every((each) => held.has(each));
  const isOfWeb = serverOfDomainPair(server) === ServerRole.webServer;
  if (!areHeld) return { effect: `${order} a temporary one until it is there.` };
  if (!isOfWeb) return { effect: `${order} the former one until it is there.` };
  return {
    effect: `${order} a temporary one until it is there, usually some seconds: browsers warn.`,
    who: "whoever opens its pages, or sets up a client, until it is there",
  };
}

function effectOf(step: Step, before: Shown, after: Shown): string {
  const isSame = before.kind === after.kind && (before.kind === "public" || before.issuer === after.issuer);
  const isOrdered = step.before.temporary === true || step.after.temporary === true;
  const isOtherKey = showsAnotherKey(step) || (!isOrdered && before.key !== after.key);
  const who = isSame
    ? `Issued again by ${before.issuer === after.issuer ? "the same authority" : "another public authority"}`
    : `Issued by ${after.issuer}`;
  const key = `for ${isOtherKey ? "a different" : "the same"} private key`;
  return `${who} ${key}: ${noticed(isSame, isOtherKey, after)}`;
}

function noticed(isSame: boolean, isOtherKey: boolean, { kind }: Shown): string {
  if (!isSame && kind !== "public") return "clients refuse it until they have been given that authority.";
  return isOtherKey ? "clients that pinned the old key refuse it." : "clients notice nothing.";
}

/** Only the names that the other certificate lacks. */
function formatNames(names: readonly string[], others: readonly string[]): string | undefined {
  const known = new Set(others);
  const own = names.filter((name) => !known.has(name));
  return own.length === 0 ? undefined : own.join(", ");
}

const mostNames = 20;

/** As many as a reader looks through. */
function listed(names: readonly string[]): string {
  const more = names.length - mostNames;
  return names.slice(0, mostNames).join(", ") + (more > 0 ? ` and ${more} more names` : "");
}

/** An enforced policy that nobody can read, since nobody trusts the certificate that it is served with. */
function reviewPolicies(steps: readonly Step[], { isLab }: Surroundings): Change[] {
  if (isLab || certificatesIn(steps).every(({ kind }) => kind !== "private")) return [];
  return stepsOf(steps, "maildomain:index:DomainStages").flatMap(({ before, after }): Change[] => {
    const [old, next] = [modeOf(before.mtaSts), modeOf(after.mtaSts)];
    if (next !== "enforce" || old === next) return [];
    const name = `MTA-STS of ${textOf(after.domain)}`;
    const risk = privateRisk("Other servers cannot read the enforced policy.");
    const effect = "The policy is served with a certificate of the stack's own authority.";
    return [{ subject: "key", kind: "changed", name, property: "certificate", effect, risk }];
  });
}

/** What is declared, or what a state has of it. */
function modeOf(policy: unknown): string | undefined {
  const { stage, mode } = propertiesOf(policy);
  return textOf(stage) ?? textOf(mode);
}
