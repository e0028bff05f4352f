import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { issueAuthorityCertificate, keyPem, makeKey } from "./certificate.ts";
import { areFoundByImport, InputReader, known, type Maybe, timestamp } from "./inputs.ts";
import { readKeyFile } from "./key-file.ts";
import { lifetime, renewalIsDue } from "./lifetime.ts";
import type {
  Checked,
  Created,
  Difference,
  Imported,
  ResourceImplementation,
} from "./resource-implementation.ts";
import { encode, hasUnknown, same, secret, unknown, type Values, type WireValues } from "./wire.ts";

/** Makes a lab's certificate authority. */
export const certificateAuthority: ResourceImplementation = {
  check,
  diff,
  create,
  update,
  preview,
  importing,
};

function check(olds: Values, news: Values, now: Date): Checked {
  if (areFoundByImport(olds, news)) return { filled: {}, failures: [] };
  const reader = new InputReader(news);
  const { days } = readInputs(reader);
  reader.refuseOthers();
  if (days === undefined) return { filled: {}, failures: reader.failures };
  return {
    filled: { days: encode(days), issuedAt: encode(issueDate(olds, { ...news, days }, now)) },
    failures: reader.failures,
  };
}

interface Inputs {
  readonly commonName: Maybe<string>;
  readonly days: Maybe<number>;
}

function readInputs(reader: InputReader): Inputs {
  return {
    commonName: reader.text("commonName", (text) =>
      // The upper bound is ub-common-name of RFC 5280 appendix A.1.
      text.trim() === text && text.length >= 1 && text.length <= 64 && !/\p{Cc}/u.test(text)
        ? undefined
        : "must have 1 to 64 characters, no control characters and no space at either end",
    ),
    days: reader.integer("days", { min: 1, max: 7300, fallback: 3650 }),
  };
}

/**
 * The issue date that the inputs should have. It is an input, so that the engine itself sees a renewal as a
 * difference and a preview shows it.
 */
function issueDate(olds: Values, news: Values, now: Date): string | typeof unknown {
  const { issuedAt } = olds;
  if (typeof issuedAt !== "string") return timestamp(now);
  if (hasUnknown(news.days) || hasUnknown(news.commonName)) return unknown;
  const changed = !same(olds.days, news.days) || !same(olds.commonName, news.commonName);
  const due = renewalIsDue(lifetime(new Date(issuedAt), Number(olds.days)), now);
  return changed || due ? timestamp(now) : issuedAt;
}

function diff(olds: Values, news: Values): Difference {
  const changed = ["commonName", "days", "issuedAt"].filter((name) => !same(olds[name], news[name]));
  return {
    changes: changed.length > 0,
    // Another name is another authority: with a new key and beside the old one, and not the same in disguise.
    replaces: changed.filter((name) => name === "commonName"),
  };
}

async function create(inputs: Values): Promise<Created> {
  const key = makeKey();
  return { id: idOf(key), outputs: await issue(inputs, key) };
}

function idOf(key: KeyObject): string {
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  return createHash("sha256").update(publicKey).digest("hex").slice(0, 16);
}

/** @param id - the file of its certificate and its key. @example "keys/authority.pem" */
function importing(id: string): Imported {
  const { text, key } = readKeyFile(id);
  const certificate = certificateIn(text, id);
  const [, commonName] = /^CN=(.*)$/.exec(certificate.subject) ?? [];
  if (!certificate.ca || commonName === undefined || certificate.subject !== certificate.issuer) {
    throw new Error(
      `${id}: the certificate must be that of an authority, signed by itself, with a common name and no more: ` +
        `what is issued under ${certificate.subject.replaceAll("\n", ", ")} would not be trusted after a renewal`,
    );
  }
  if (!certificate.checkPrivateKey(key)) throw new Error(`${id}: the key does not belong to the certificate`);
  const { validFromDate, validToDate } = certificate;
  const days = Math.round((validToDate.getTime() - validFromDate.getTime()) / 86_400_000);
  const issuedAt = timestamp(new Date(validToDate.getTime() - days * 86_400_000));
  return {
    id: idOf(key),
    inputs: { commonName, days, issuedAt },
    outputs: {
      certificate: certificate.toString(),
      privateKey: secret(keyPem(key)),
      notAfter: timestamp(validToDate),
    },
  };
}

function certificateIn(text: string, file: string): X509Certificate {
  try {
    return new X509Certificate(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END[^\n]*/.exec(text)?.[0] ?? "");
  } catch {
    throw new Error(`${file}: must hold the authority's certificate as well, in PEM`);
  }
}

/** Renews: the key stays, so that certificates issued before stay valid under the new one. */
async function update(olds: Values, inputs: Values): Promise<WireValues> {
  return issue(inputs, createPrivateKey(String(olds.privateKey)));
}

function preview(olds: Values, inputs: Values): WireValues {
  const { issuedAt, days } = inputs;
  return {
    certificate: encode(unknown),
    privateKey: secret(String(olds.privateKey)),
    notAfter:
      typeof issuedAt === "string" && typeof days === "number"
        ? timestamp(lifetime(new Date(issuedAt), days).notAfter)
        : encode(unknown),
  };
}

async function issue(inputs: Values, key: KeyObject): Promise<WireValues> {
  const { commonName, days } = known(readInputs(new InputReader(inputs)));
  const life = lifetime(new Date(String(inputs.issuedAt)), days);
  return {
    certificate: await issueAuthorityCertificate(commonName, life, key),
    privateKey: secret(keyPem(key)),
    notAfter: timestamp(life.notAfter),
  };
}
