import { createPrivateKey, X509Certificate } from "node:crypto";
import { readCertificate, readPrivateKey } from "../keys/pem.ts";
import { issueServerCertificate, issueTemporaryCertificate, makeCertificateRequest } from "./certificate.ts";
import { areFoundByImport, InputReader, known, type Maybe, timestamp } from "./inputs.ts";
import { readKeyFile } from "./key-file.ts";
import { lifetime, renewalIsDue } from "./lifetime.ts";
import { checkOwnKeys, type OwnCertificate, ownCertificateOf } from "./own-keys.ts";
import type {
  Checked,
  Created,
  Difference,
  Imported,
  ResourceImplementation,
} from "./resource-implementation.ts";
import {
  importedKey,
  keepKeys,
  keyConfirmations,
  keyOutputs,
  previewKeys,
  rotateServerKeys,
  type ServerKeyPairs,
  servesAnotherKey,
  servingDigest,
  servingKey,
} from "./server-keys.ts";
import {
  encode,
  hasUnknown,
  same,
  secret,
  unknown,
  type Value,
  type Values,
  type WireValues,
} from "./wire.ts";

/** Makes a mail server's certificate, issued by a {@link certificateAuthority}. */
export const serverCertificate: ResourceImplementation = { check, diff, create, update, preview, importing };

function check(olds: Values, news: Values, now: Date): Checked {
  if (areFoundByImport(olds, news)) return { filled: {}, failures: [] };
  const reader = new InputReader(news);
  const { hostNames, days, caCertificate, caPrivateKey } = readInputs(reader);
  const areOwnRight = checkOwnKeys(reader);
  const keys = areOwnRight ? rotateServerKeys(reader, olds, news, now) : undefined;
  reader.refuseOthers();
  checkAuthority(reader, caCertificate, caPrivateKey, now);
  if (hostNames === undefined || days === undefined || keys === undefined) {
    return { filled: {}, failures: reader.failures };
  }
  if (
    !isTemporary(news) &&
    ownCertificateOf(news, servingKey({ keys: keys as unknown as Value })) === undefined
  ) {
    for (const name of ["caCertificate", "caPrivateKey"]) {
      if (news[name] === undefined || news[name] === null) reader.fail(name, "is missing");
    }
  }
  return {
    filled: {
      keys: encode(keys as unknown as Value),
      hostNames: encode(hostNames === unknown ? unknown : inFormerOrder(olds.hostNames, hostNames)),
      days: encode(days),
      ...(caPrivateKey === undefined ? {} : { caPrivateKey: secret(caPrivateKey) }),
      ...(news.ownKeys === undefined ? {} : { ownKeys: secret(news.ownKeys) }),
      issuedAt: encode(issueDate(olds, { ...news, hostNames, days, keys: keys as unknown as Value }, now)),
    },
    failures: reader.failures,
  };
}

/** The names in the order that the state has them, new ones last: a preview then shows those and no others. */
function inFormerOrder(olds: Value | undefined, names: readonly string[]): readonly string[] {
  const former = Array.isArray(olds) ? olds.filter((name) => names.includes(name)) : [];
  return [...new Set([...former, ...names])];
}

interface Inputs {
  readonly hostNames: Maybe<readonly string[]>;
  readonly days: Maybe<number>;
  readonly caCertificate: Maybe<string>;
  readonly caPrivateKey: Maybe<string>;
  readonly temporary: Maybe<boolean>;
}

function readInputs(reader: InputReader): Inputs {
  const names = reader.texts("hostNames", (text) => checkHostName(text.toLowerCase()));
  if (names !== undefined && names !== unknown && names.length === 0) {
    reader.fail("hostNames", "must have at least one name");
  }
  return {
    hostNames:
      names === undefined || names === unknown
        ? names
        : [...new Set(names.map((name) => name.toLowerCase()))],
    days: reader.integer("days", { min: 1, max: 825, fallback: 365 }),
    temporary: reader.flag("temporary", false),
    caCertificate: reader.optionalText("caCertificate", (text) =>
      readCertificate(text) === undefined ? "must be a certificate in PEM" : undefined,
    ),
    caPrivateKey: reader.optionalText("caPrivateKey", (text) => {
      const key = readPrivateKey(text);
      if (key === undefined) return "must be an unencrypted private key in PEM";
      return key.asymmetricKeyDetails?.namedCurve === "prime256v1"
        ? undefined
        : "must be an ECDSA key on the curve P-256, as CertificateAuthority makes them";
    }),
  };
}

/** What is wrong with a DNS name that clients should connect to. */
function checkHostName(name: string): string | undefined {
  if (name.length > 253) return "is longer than the 253 characters of a DNS name";
  if (/^[\d.]+$|:/.test(name)) return `"${name}" is an address; a server certificate names hosts`;
  const labels = name.split(".");
  return labels.every((label) => /^(?!-)[a-z0-9-]{1,63}(?<!-)$/.test(label))
    ? undefined
    : `"${name}" is not a valid DNS name: use labels of 1 to 63 letters, digits and inner hyphens, joined by dots ` +
        "(international names in their xn-- form, no final dot, no wildcard)";
}

function checkAuthority(
  reader: InputReader,
  certificatePem: Maybe<string>,
  keyPem: Maybe<string>,
  now: Date,
): void {
  if (typeof certificatePem !== "string") return;
  const certificate = new X509Certificate(certificatePem);
  if (!certificate.ca)
    reader.fail("caCertificate", "is not the certificate of an authority (CA:true is missing)");
  if (certificate.validToDate <= now) {
    reader.fail(
      "caCertificate",
      `expired on ${timestamp(certificate.validToDate)}; renew the authority first`,
    );
  }
  if (typeof keyPem === "string" && !certificate.checkPrivateKey(createPrivateKey(keyPem))) {
    reader.fail("caPrivateKey", "does not belong to caCertificate; take both from the same authority");
  }
}

/** The issue date that the inputs should have: a new one as soon as there is a reason to issue again. */
function issueDate(olds: Values, news: Values, now: Date): string | typeof unknown {
  const own = shownOwn(news);
  if (own !== undefined) {
    return own === unknown ? unknown : timestamp(new X509Certificate(own.certificate).validFromDate);
  }
  const { issuedAt } = olds;
  if (typeof issuedAt !== "string") return timestamp(now);
  if (isTemporary(news)) {
    if (hasUnknown(news.hostNames)) return unknown;
    return isGoodEnough(olds, news, now) ? issuedAt : timestamp(now);
  }
  if (["hostNames", "days", "caCertificate"].some((name) => hasUnknown(news[name]))) return unknown;
  const changed =
    shownOwn(olds) !== undefined ||
    !sameNames(olds.hostNames, news.hostNames) ||
    !same(olds.days, news.days) ||
    !same(olds.caCertificate, news.caCertificate) ||
    servesAnotherKey(olds, news);
  return changed || renewalIsDue(lifetimeOf(olds), now) ? timestamp(now) : issuedAt;
}

/**
 * Whether what is there may stand in for the certificate that is to come: clients that trust its authority notice
 * nothing until the other one is there.
 */
function isGoodEnough(olds: Values, news: Values, now: Date): boolean {
  return (
    shownOwn(olds) === undefined &&
    !servesAnotherKey(olds, news) &&
    lacksNothing(olds.hostNames, news.hostNames) &&
    !renewalIsDue(lifetimeOf(olds), now)
  );
}

function lacksNothing(olds: Value | undefined, news: Value | undefined): boolean {
  return Array.isArray(olds) && Array.isArray(news) && news.every((name) => olds.includes(name));
}

/** Whether the certificate that everybody sees comes from an authority that is asked elsewhere. */
function isTemporary({ temporary }: Values): boolean {
  return temporary === true;
}

function lifetimeOf(inputs: Values) {
  const { issuedAt, days, caCertificate } = inputs;
  const issuer = typeof caCertificate === "string" ? new X509Certificate(caCertificate) : undefined;
  return lifetime(new Date(String(issuedAt)), Number(days), issuer?.validToDate);
}

function diff(olds: Values, news: Values): Difference {
  return {
    changes:
      needsIssue(olds, news) ||
      needsRequest(olds, news) ||
      isTemporary(olds) !== isTemporary(news) ||
      !same(olds.keys, news.keys) ||
      ["ownCertificates", "ownKeys"].some((name) => !same(olds[name] ?? {}, news[name] ?? {})),
    replaces: [],
    toConfirm: keyConfirmations(olds, news),
  };
}

/** Whether the certificate itself changes, and not only what keys there are beside its own. */
function needsIssue(olds: Values, news: Values): boolean {
  if (isTemporary(news)) {
    return (
      !same(olds.issuedAt, news.issuedAt) || servesAnotherKey(olds, news) || shownOwn(olds) !== undefined
    );
  }
  return (
    !sameNames(olds.hostNames, news.hostNames) ||
    ["days", "caCertificate", "caPrivateKey", "issuedAt"].some((name) => !same(olds[name], news[name])) ||
    servesAnotherKey(olds, news) ||
    !same(comparable(shownOwn(olds)), comparable(shownOwn(news)))
  );
}

/** Whether an authority has to be asked with another request. */
function needsRequest(olds: Values, news: Values): boolean {
  if (!isTemporary(news)) return false;
  return (
    typeof olds.request !== "string" ||
    !sameNames(olds.hostNames, news.hostNames) ||
    servesAnotherKey(olds, news)
  );
}

/** The certificate of the key that serves, where it comes from elsewhere. */
function shownOwn(inputs: Values): Maybe<OwnCertificate> {
  if (isTemporary(inputs)) return undefined;
  return ownCertificateOf(inputs, servingKey(inputs));
}

function comparable(own: Maybe<OwnCertificate>): Value {
  return own === undefined ? null : own === unknown ? unknown : { ...own };
}

function sameNames(olds: Value | undefined, news: Value | undefined): boolean {
  return Array.isArray(olds) && Array.isArray(news)
    ? same([...olds].sort(), [...news].sort())
    : same(olds, news);
}

async function create(inputs: Values): Promise<Created> {
  const keys = keepKeys({}, inputs);
  const certificate = await issue(inputs, keys);
  return {
    id: String(servingDigest(inputs, keys)).slice(0, 16),
    outputs: { ...certificate, ...(await requestOf({}, inputs, keys)), ...keyOutputs(inputs, keys) },
  };
}

/** What the authority is asked with, where one is: for the key that serves. */
async function requestOf(olds: Values, inputs: Values, keys: ServerKeyPairs): Promise<WireValues> {
  if (!isTemporary(inputs)) return {};
  if (!needsRequest(olds, inputs)) return { request: String(olds.request) };
  const hostNames = knownNames(inputs);
  const key = createPrivateKey(String(keys.get(servingKey(inputs))?.privateKey));
  return { request: await makeCertificateRequest(hostNames, key) };
}

/** When the certificate of a key that comes without one was issued: the next `up` issues another. */
const NEVER = timestamp(new Date(0));

/**
 * The key alone: the next `up` issues a certificate for it.
 *
 * @param id - the file of the key. @example "keys/mail.example.org.pem"
 */
function importing(id: string): Imported {
  const outputs = keyOutputs({}, importedKey(readKeyFile(id).key));
  return { id: String(outputs.spkiSha256).slice(0, 16), inputs: { issuedAt: NEVER }, outputs };
}

/** A key stays for as long as it is declared, so that its TLSA records and pins stay right. */
async function update(olds: Values, inputs: Values): Promise<WireValues> {
  const keys = keepKeys(olds, inputs);
  const certificate = needsIssue(olds, inputs) ? await issue(inputs, keys) : certificateOf(olds);
  return { ...certificate, ...(await requestOf(olds, inputs, keys)), ...keyOutputs(inputs, keys) };
}

function preview(olds: Values, inputs: Values): WireValues {
  const request = !isTemporary(inputs)
    ? {}
    : { request: needsRequest(olds, inputs) ? encode(unknown) : String(olds.request) };
  const keys = { ...request, ...keyOutputs(inputs, previewKeys(olds, inputs)) };
  if (!needsIssue(olds, inputs)) return { ...certificateOf(olds), ...keys };
  const own = shownOwn(inputs);
  if (own !== undefined && own !== unknown) return { ...read(own), ...keys };
  const mayVary =
    own === unknown || ["issuedAt", "days", "caCertificate"].some((name) => hasUnknown(inputs[name]));
  return {
    certificate: encode(unknown),
    notAfter: mayVary ? encode(unknown) : timestamp(lifetimeOf(inputs).notAfter),
    fingerprint: encode(unknown),
    ...keys,
  };
}

function certificateOf({ certificate, notAfter, fingerprint }: Values): WireValues {
  return { certificate: String(certificate), notAfter: String(notAfter), fingerprint: String(fingerprint) };
}

/** What is said of a certificate from elsewhere. */
function read({ certificate }: OwnCertificate): WireValues {
  const { validToDate, fingerprint256: fingerprint } = new X509Certificate(certificate);
  return { certificate, notAfter: timestamp(validToDate), fingerprint };
}

async function issue(inputs: Values, keys: ServerKeyPairs): Promise<WireValues> {
  const own = shownOwn(inputs);
  if (own !== undefined && own !== unknown) return read(own);
  const [first, ...others] = knownNames(inputs);
  if (first === undefined) throw new Error("hostNames has no name");
  const life = lifetimeOf(inputs);
  const key = createPrivateKey(String(keys.get(servingKey(inputs))?.privateKey));
  const certificate = isTemporary(inputs)
    ? await issueTemporaryCertificate([first, ...others], life, key)
    : await issueServerCertificate([first, ...others], life, key, authorityIn(inputs));
  return {
    certificate,
    notAfter: timestamp(life.notAfter),
    fingerprint: new X509Certificate(certificate).fingerprint256,
  };
}

function knownNames(inputs: Values): readonly string[] {
  const { hostNames } = readInputs(new InputReader(inputs));
  if (hostNames === undefined || hostNames === unknown) throw new Error("input hostNames has no value");
  return hostNames;
}

function authorityIn(inputs: Values) {
  const { caCertificate, caPrivateKey } = known(readInputs(new InputReader(inputs)));
  return { certificate: caCertificate, key: createPrivateKey(caPrivateKey) };
}
