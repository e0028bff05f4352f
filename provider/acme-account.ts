import { createPrivateKey } from "node:crypto";
import { readCertificate } from "../keys/pem.ts";
import { directoryProblem, directoryUrl, knownAcmeAuthority } from "../records/acme-authority.ts";
import {
  AcmeClient,
  AcmeProblem,
  type Directory,
  DirectoryError,
  type ExternalAccount,
} from "./acme-client.ts";
import { keyPem, makeKey } from "./certificate.ts";
import { InputReader, known, type Maybe } from "./inputs.ts";
import type { Checked, Created, Difference, ResourceImplementation } from "./resource-implementation.ts";
import { encode, isMap, same, secret, unknown, type Values, type WireValues } from "./wire.ts";

/** Opens an account with an authority that issues by ACME (RFC 8555), and keeps its key. */
export const acmeAccount: ResourceImplementation = {
  check,
  diff,
  create,
  update,
  preview,
  importing: "declare it, and `up` opens an account of its own",
};

interface Inputs {
  readonly directory: Maybe<string>;
  readonly contact: Maybe<readonly string[]>;
  readonly roots: Maybe<string>;
  readonly settings: Maybe<string>;
}

function check(_olds: Values, news: Values): Checked {
  const reader = new InputReader(news);
  readInputs(reader);
  if (reader.flag("agreeToTerms", false) === false) {
    reader.fail("agreeToTerms", "must be true: the authority opens no account for anybody else");
  }
  const external = reader.section("externalAccount");
  if (external !== undefined && external !== unknown && Object.keys(external).length > 0) {
    for (const part of ["keyId", "hmacKey"]) {
      if (external[part] !== unknown && typeof external[part] !== "string") {
        reader.fail(`externalAccount.${part}`, "is missing");
      }
    }
  }
  reader.refuseOthers();
  const filled = news.externalAccount === undefined ? {} : { externalAccount: secret(news.externalAccount) };
  return { filled, failures: reader.failures };
}

function readInputs(reader: InputReader): Inputs {
  return {
    directory: reader.text("directory", directoryProblem),
    contact: reader.texts("contact", (address) =>
      address.includes("@") ? undefined : "must be a mail address",
    ),
    roots: reader.text(
      "roots",
      (pem) =>
        pem === "" || readCertificate(pem) !== undefined ? undefined : "must be a certificate in PEM",
      "",
    ),
    settings: reader.text("settings", () => undefined, "acme"),
  };
}

/** Another authority knows nothing of the account. */
function diff(olds: Values, news: Values): Difference {
  const isElsewhere =
    typeof olds.directory !== "string" ||
    typeof news.directory !== "string" ||
    directoryUrl(olds.directory) !== directoryUrl(news.directory);
  const changes =
    isElsewhere ||
    ["contact", "roots", "directory", "settings"].some((name) => !same(olds[name], news[name]));
  return { changes, replaces: isElsewhere ? ["directory"] : [] };
}

async function create(inputs: Values): Promise<Created> {
  const { directory, contact, client, settings } = clientOf(inputs);
  const key = makeKey();
  return explained(inputs, { settings, directory }, async () => {
    const found = await client.directory();
    const external = externalAccountOf(inputs);
    if (found.wantsExternalAccount && external === undefined) {
      throw new Error(
        `${settings}.externalAccount: is needed by ${directoryUrl(directory)}: write the keyId and hmacKey that it ` +
          "shows for your account there",
      );
    }
    const uri = await client.openAccount(found, key, contact, external);
    return { id: uri, outputs: { ...outputsOf(directory, found, uri), privateKey: secret(keyPem(key)) } };
  });
}

async function update(olds: Values, inputs: Values): Promise<WireValues> {
  const { directory, contact, client, settings } = clientOf(inputs);
  const [uri, pem] = [String(olds.uri), String(olds.privateKey)];
  return explained(inputs, { settings, directory }, async () => {
    const found = await client.directory();
    if (!same(olds.contact ?? [], inputs.contact ?? [])) {
      await client.changeContact(found, createPrivateKey(pem), uri, contact);
    }
    return { ...outputsOf(directory, found, uri), privateKey: secret(pem) };
  });
}

function preview({ uri, caaDomain, terms, privateKey }: Values): WireValues {
  return {
    uri: String(uri),
    caaDomain: String(caaDomain),
    terms: String(terms),
    privateKey: secret(String(privateKey)),
  };
}

function outputsOf(directory: string, { termsOfService, caaIdentities }: Directory, uri: string): WireValues {
  return {
    uri,
    caaDomain: encode(knownAcmeAuthority(directory)?.caaDomain ?? caaIdentities[0] ?? ""),
    terms: termsOfService ?? "",
  };
}

function clientOf(inputs: Values) {
  const { directory, contact, roots, settings } = known(readInputs(new InputReader(inputs)));
  const client = new AcmeClient(directoryUrl(directory), roots === "" ? undefined : roots);
  return { directory, contact, client, settings };
}

function externalAccountOf({ externalAccount }: Values): ExternalAccount | undefined {
  if (!isMap(externalAccount) || Object.keys(externalAccount).length === 0) return undefined;
  return { keyId: String(externalAccount.keyId), hmacKey: String(externalAccount.hmacKey) };
}

/** Which setting each of an authority's refusals is about. */
const settingOf: Readonly<Record<string, string>> = {
  externalAccountRequired: "externalAccount",
  invalidContact: "contact",
  unsupportedContact: "contact",
  userActionRequired: "agreeToTerms",
};

/** Makes of what an authority says the setting that it is about, and what to do. */
async function explained<Result>(
  { externalAccount: external }: Values,
  { settings, directory }: { readonly settings: string; readonly directory: string },
  action: () => Promise<Result>,
): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    const url = directoryUrl(directory);
    if (error instanceof DirectoryError) {
      throw new Error(
        `${settings}.directory: ${error.message}. Check the URL, and that this machine reaches it; an authority within ` +
          "a company may need its root in roots",
      );
    }
    if (!(error instanceof AcmeProblem)) throw error;
    const isBound = error.kind === "unauthorized" && isMap(external) && Object.keys(external).length > 0;
    const setting = isBound ? "externalAccount" : (settingOf[error.kind] ?? "directory");
    const advice =
      error.kind === "rateLimited"
        ? "Wait as long as it says, and run `up` again"
        : error.kind === "unauthorized"
          ? "The account was deactivated or its external key is not valid: ask the authority for another"
          : "Change what it refuses, and run `up` again";
    throw new Error(
      `${settings}.${setting}: ${url} refuses the account (${error.kind}): ${error.message}. ${advice}`,
    );
  }
}
