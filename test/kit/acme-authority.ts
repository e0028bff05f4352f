import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get as httpsGet, request as httpsRequest } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pebbleProgram } from "../../toolchain/pebble.ts";
import { makeAuthority, makeKey, makeLeaf, pemOf } from "./certificates.ts";

/** Whether there is a Pebble; `npm test` builds it. */
export const hasPebble = existsSync(pebbleProgram());

export interface AcmeAuthorityOptions {
  /** Where it listens. @default 127.0.0.1 */
  readonly address?: string | undefined;
  /** The port of its directory. @default a free one */
  readonly port?: number | undefined;
  /** The names in its own certificate. @default "localhost" */
  readonly names?: readonly [string, ...string[]] | undefined;
  /** The lifetimes of its profiles in seconds. @default ninety days, and six days for "shortlived" */
  readonly profiles?: Readonly<Record<string, number>> | undefined;
  /** Where it asks for `/.well-known/acme-challenge/`. @default 80 */
  readonly httpPort?: number | undefined;
  /** The resolver that it asks, "address:port". @default the machine's */
  readonly resolver?: string | undefined;
  /** Refuses what a later version of ACME will. @default true */
  readonly strict?: boolean | undefined;
  /** The percentage of good nonces that it refuses. @default 5, as Pebble does by itself */
  readonly refusedNonces?: number | undefined;
  /** The percentage of valid authorizations that it uses again. @default 50 */
  readonly reusedAuthorizations?: number | undefined;
  /** The external accounts without which nobody gets an account, with their keys (base64url). @default none is needed */
  readonly externalAccounts?: Readonly<Record<string, string>> | undefined;
  /** By what CAA records name it. @default "pebble.letsencrypt.org" */
  readonly caaIdentities?: readonly string[] | undefined;
  /** Names that it refuses. @default none */
  readonly refusedNames?: readonly string[] | undefined;
}

const DAY = 86_400;
/** RFC 8555 section 6.1: every request names its program. */
const identified = { "User-Agent": "maildomain-test" };

/** Pebble, the ACME authority for tests by the makers of Let's Encrypt. All that it knows ends with its process. */
export class AcmeAuthority implements AsyncDisposable {
  /** The URL of its directory. */
  readonly directory: string;
  /** The authority that signed the certificate it serves, PEM; not the one of the certificates that it issues. */
  readonly root: string;
  readonly #management: string;
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #arguments: readonly string[];
  #process: ChildProcess | undefined;
  #output = "";

  private constructor(place: {
    directory: string;
    management: string;
    root: string;
    folder: string;
    environment: NodeJS.ProcessEnv;
    arguments: readonly string[];
  }) {
    this.directory = place.directory;
    this.root = place.root;
    this.#management = place.management;
    this.#folder = place.folder;
    this.#environment = place.environment;
    this.#arguments = place.arguments;
  }

  static async start(options: AcmeAuthorityOptions = {}): Promise<AcmeAuthority> {
    const { address = "127.0.0.1", names = ["localhost"] as const, strict = true, resolver } = options;
    const folder = mkdtempSync(join(tmpdir(), "maildomain-pebble-"));
    const port = options.port ?? (await freePort(address));
    const managementPort = await freePort(address);
    const { root, key, certificate } = await ownPair(names);
    writeFileSync(join(folder, "key.pem"), key);
    writeFileSync(join(folder, "certificate.pem"), certificate);
    const configuration = pebbleConfiguration(options, {
      listenAddress: `${address}:${port}`,
      managementListenAddress: `${address}:${managementPort}`,
      certificate: join(folder, "certificate.pem"),
      privateKey: join(folder, "key.pem"),
    });
    writeFileSync(join(folder, "configuration.json"), JSON.stringify(configuration));
    const authority = new AcmeAuthority({
      directory: `https://${names[0]}:${port}/dir`,
      management: `https://${names[0]}:${managementPort}`,
      root,
      folder,
      environment: { ...process.env, ...pebbleEnvironment(options) },
      arguments: [
        ...["-config", join(folder, "configuration.json"), `-strict=${strict}`],
        ...(resolver === undefined ? [] : ["-dnsserver", resolver]),
      ],
    });
    await authority.begin();
    return authority;
  }

  /** Starts it again after {@link end}, as an authority that has lost all its accounts, orders and keys. */
  async begin(): Promise<void> {
    const started = spawn(pebbleProgram(), this.#arguments, { env: this.#environment });
    this.#process = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
    while (started.exitCode === null) {
      if ((await this.#ask(this.directory).catch(() => undefined)) !== undefined) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`Pebble does not start: ${this.#output}`);
  }

  async end(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = once(running, "exit");
    running.kill("SIGKILL");
    await ended;
  }

  /** What it has printed since the first start. */
  get output(): string {
    return this.#output;
  }

  /** The root of the certificates that it issues, PEM; each start makes another. */
  async issuingRoot(): Promise<string> {
    return this.#ask(`${this.#management}/roots/0`);
  }

  /** What it says of a certificate, and why it was revoked where it was (RFC 5280 section 5.3.1). */
  async statusOf(serial: string): Promise<{ status: string; reason: number | undefined }> {
    const answer = await this.#ask(`${this.#management}/cert-status-by-serial/${serial.toLowerCase()}`);
    const { Status, Reason } = JSON.parse(answer) as { Status: string; Reason?: number };
    return { status: Status, reason: Reason };
  }

  /** What the authority answers from now on when asked for the renewal of this certificate (RFC 9773). */
  async setRenewalInfo(certificate: string, answer: string): Promise<void> {
    const body = JSON.stringify({ Certificate: certificate, ARIResponse: answer });
    const refusal = await new Promise<string>((resolve, reject) => {
      const request = httpsRequest(`${this.#management}/set-renewal-info/`, {
        method: "POST",
        headers: identified,
        ca: this.root,
        lookup: loopback,
        agent: false,
      });
      request.on("error", reject).on("response", (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        response.on("end", () => resolve(response.statusCode === 200 ? "" : text));
      });
      request.end(body);
    });
    if (refusal !== "") throw new Error(`Pebble does not take the renewal's window: ${refusal}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #ask(url: string): Promise<string> {
    return new Promise((resolve, reject) => {
      httpsGet(url, { ca: this.root, headers: identified, lookup: loopback, agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        response.on("end", () => resolve(text)).on("error", reject);
      }).on("error", reject);
    });
  }
}

/** What Pebble reads. @param place - where it listens, and by which key and certificate. */
export function pebbleConfiguration(options: AcmeAuthorityOptions, place: object): object {
  const profiles = options.profiles ?? { default: 90 * DAY, shortlived: 6 * DAY };
  return {
    pebble: {
      ...place,
      httpPort: options.httpPort ?? 80,
      tlsPort: 1,
      externalAccountBindingRequired: options.externalAccounts !== undefined,
      externalAccountMACKeys: options.externalAccounts ?? {},
      caaIdentities: options.caaIdentities ?? ["pebble.letsencrypt.org"],
      domainBlocklist: options.refusedNames ?? [],
      retryAfter: { authz: 1, order: 1 },
      keyAlgorithm: "ecdsa",
      profiles: Object.fromEntries(
        Object.entries(profiles).map(([name, validityPeriod]) => [
          name,
          { description: name, validityPeriod },
        ]),
      ),
    },
  };
}

export function pebbleEnvironment(options: AcmeAuthorityOptions): Record<string, string> {
  return {
    PEBBLE_VA_NOSLEEP: "1",
    PEBBLE_WFE_NONCEREJECT: String(options.refusedNonces ?? 5),
    PEBBLE_AUTHZREUSE: String(options.reusedAuthorizations ?? 50),
  };
}

/** A key and a certificate for these names and addresses, and the authority that signed it, PEM. */
export async function ownPair(names: readonly [string, ...string[]]) {
  const authority = await makeAuthority("Pebble's own root");
  const key = makeKey();
  const certificate = await makeLeaf(names, authority, { key });
  return { root: authority.certificate, key: pemOf(key), certificate };
}

/** Whatever it is called, it runs here. */
function loopback(
  _name: string,
  options: { readonly all?: boolean | undefined },
  found: (error: null, address: string | { address: string; family: number }[], family?: number) => void,
): void {
  if (options.all === true) found(null, [{ address: "127.0.0.1", family: 4 }]);
  else found(null, "127.0.0.1", 4);
}

/** A port that nobody has at the moment. */
export async function freePort(address = "127.0.0.1"): Promise<number> {
  const server = createServer().listen(0, address);
  await once(server, "listening");
  const place = server.address();
  server.close();
  await once(server, "close");
  if (place === null || typeof place === "string") throw new Error("no port");
  return place.port;
}
