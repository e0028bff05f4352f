/** As much of an ACME client (RFC 8555) as an account needs; the agent beside the servers orders certificates. */
import { createHmac, createPublicKey, type KeyObject, sign } from "node:crypto";
import { request } from "node:https";
import { rootCertificates } from "node:tls";

/** An account elsewhere that a new one belongs to (RFC 8555 section 7.3.4). */
export interface ExternalAccount {
  readonly keyId: string;
  /** Base64url. */
  readonly hmacKey: string;
}

/** What the authority says against a request (RFC 7807). */
export class AcmeProblem extends Error {
  /** Without the namespace. @example "accountDoesNotExist" */
  readonly kind: string;

  constructor(kind: string, detail: string) {
    super(detail);
    this.kind = kind;
  }
}

/** The directory did not answer, or not as one does. */
export class DirectoryError extends Error {}

/** What a directory says (RFC 8555 section 7.1.1). */
export interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly termsOfService: string | undefined;
  readonly caaIdentities: readonly string[];
  readonly wantsExternalAccount: boolean;
  readonly profiles: readonly string[];
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly nonce: string | undefined;
  readonly location: string | undefined;
}

/** For one answer, in milliseconds. */
const patience = 20_000;
/** Servers may reject a nonce for reasons of their own (section 6.5). */
const mostNonces = 8;
const largestAnswer = 2 ** 20;

export class AcmeClient {
  readonly #url: string;
  readonly #ca: readonly string[];
  #nonce: string | undefined;

  /**
   * @param url - of the directory.
   * @param roots - further roots to trust, PEM.
   */
  constructor(url: string, roots?: string) {
    this.#url = url;
    this.#ca = roots === undefined ? rootCertificates : [...rootCertificates, roots];
  }

  /** @throws DirectoryError where nothing answers as a directory does. */
  async directory(): Promise<Directory> {
    const { status, body } = await this.#send("GET", this.#url);
    const read = status === 200 ? readJson(body) : undefined;
    const { newNonce, newAccount, meta } = read ?? {};
    if (typeof newNonce !== "string" || typeof newAccount !== "string") {
      throw new DirectoryError(`${this.#url} answers with status ${status}, and not as an ACME directory`);
    }
    const { termsOfService, caaIdentities, externalAccountRequired, profiles } = sectionOf(meta);
    return {
      newNonce,
      newAccount,
      termsOfService: typeof termsOfService === "string" ? termsOfService : undefined,
      caaIdentities: Array.isArray(caaIdentities) ? caaIdentities.map(String) : [],
      wantsExternalAccount: externalAccountRequired === true,
      profiles: Object.keys(sectionOf(profiles)),
    };
  }

  /**
   * Opens the account of a key; one that it has already is found again.
   *
   * @returns the account's URL
   * @throws AcmeProblem where the authority refuses.
   */
  async openAccount(
    { newAccount, newNonce }: Directory,
    key: KeyObject,
    contact: readonly string[],
    externalAccount: ExternalAccount | undefined,
  ): Promise<string> {
    const payload = {
      termsOfServiceAgreed: true,
      contact: contact.map(mailto),
      ...(externalAccount && { externalAccountBinding: bind(externalAccount, key, newAccount) }),
    };
    const { location } = await this.#post(newNonce, newAccount, payload, key, { jwk: jwkOf(key) });
    if (location === undefined) throw new DirectoryError(`${newAccount} names no account`);
    return location;
  }

  /** Whom the authority writes to from now on. @throws AcmeProblem where the authority refuses. */
  async changeContact(
    { newNonce }: Directory,
    key: KeyObject,
    account: string,
    contact: readonly string[],
  ): Promise<void> {
    await this.#post(newNonce, account, { contact: contact.map(mailto) }, key, { kid: account });
  }

  async #post(
    newNonce: string,
    url: string,
    payload: object,
    key: KeyObject,
    header: object,
  ): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const nonce = this.#nonce ?? (await this.#send("HEAD", newNonce)).nonce;
      this.#nonce = undefined;
      const body = signedJson({ alg: "ES256", nonce, url, ...header }, payload, key);
      const answer = await this.#send("POST", url, JSON.stringify(body));
      this.#nonce = answer.nonce;
      if (answer.status < 400) return answer;
      const problem = problemIn(answer, url);
      const isStale = problem instanceof AcmeProblem && problem.kind === "badNonce";
      if (!isStale || attempt === mostNonces) throw problem;
    }
  }

  async #send(method: "GET" | "HEAD" | "POST", url: string, body?: string): Promise<Answer> {
    if (!URL.canParse(url) || new URL(url).protocol !== "https:") {
      throw new DirectoryError(`${this.#url} names ${url}, which is not reached over HTTPS`);
    }
    return new Promise((resolve, reject) => {
      // What Node.js advises after a semicolon is about its own options.
      const fail = (why: string) =>
        reject(new DirectoryError(`${new URL(url).origin} cannot be used: ${why.split(";")[0]}`));
      const headers = {
        "User-Agent": "maildomain",
        ...(body === undefined ? {} : { "Content-Type": "application/jose+json" }),
      };
      const sent = request(url, { method, headers, ca: [...this.#ca], agent: false }, (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on("data", (part: Buffer) => {
          size += part.length;
          if (size > largestAnswer) sent.destroy(new Error("its answer is too long"));
          parts.push(part);
        });
        response.on("error", (error) => fail(error.message));
        response.on("end", () => {
          const { "replay-nonce": nonce, location } = response.headers;
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(parts).toString("utf8"),
            nonce: typeof nonce === "string" ? nonce : undefined,
            location,
          });
        });
      });
      const timer = setTimeout(
        () => sent.destroy(new Error(`no answer within ${patience / 1000} s`)),
        patience,
      );
      sent.on("close", () => clearTimeout(timer));
      sent.on("error", (error) =>
        fail(error.message || ("code" in error ? String(error.code) : "no answer")),
      );
      sent.end(body);
    });
  }
}

function mailto(address: string): string {
  return `mailto:${address}`;
}

function problemIn({ status, body }: Answer, url: string): Error {
  const { type, detail } = readJson(body) ?? {};
  if (typeof type !== "string") return new DirectoryError(`${url} answers with status ${status}`);
  const kind = type.replace(/^urn:ietf:params:acme:error:/, "");
  return new AcmeProblem(kind, typeof detail === "string" ? detail : kind);
}

function readJson(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return sectionOf(JSON.parse(body));
  } catch {
    return undefined;
  }
}

function sectionOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function encode(value: object | string | Buffer): string {
  const bytes = Buffer.isBuffer(value) || typeof value === "string" ? value : JSON.stringify(value);
  return Buffer.from(bytes).toString("base64url");
}

/** RFC 7515 in its flattened form, as RFC 8555 section 6.2 wants it; the key is on P-256. */
function signedJson(header: object, payload: object, key: KeyObject) {
  const [protectedHeader, encoded] = [encode(header), encode(payload)];
  const input = Buffer.from(`${protectedHeader}.${encoded}`);
  const signature = sign("sha256", input, { key, dsaEncoding: "ieee-p1363" });
  return { protected: protectedHeader, payload: encoded, signature: encode(signature) };
}

function jwkOf(key: KeyObject) {
  const { crv, kty, x, y } = createPublicKey(key).export({ format: "jwk" });
  return { crv, kty, x, y };
}

function bind({ keyId, hmacKey }: ExternalAccount, key: KeyObject, url: string) {
  const [protectedHeader, payload] = [encode({ alg: "HS256", kid: keyId, url }), encode(jwkOf(key))];
  const signature = createHmac("sha256", Buffer.from(hmacKey, "base64url"))
    .update(`${protectedHeader}.${payload}`)
    .digest();
  return { protected: protectedHeader, payload, signature: encode(signature) };
}
