import { type ChildProcess, spawn } from "node:child_process";
import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { certificateAgentProgram } from "../../toolchain/certificate-agent.ts";
import { freePort } from "./acme-authority.ts";

export const hasAgent = existsSync(certificateAgentProgram());

/** What the agent reads in `orders.json`, but for the orders' requests. */
export interface AgentSettings {
  readonly directory: string;
  readonly contact?: readonly string[] | undefined;
  readonly profile?: string | undefined;
  readonly resolver?: string | undefined;
  readonly redirectPort?: number | undefined;
  readonly report?: { readonly webhook?: string; readonly mail?: object } | undefined;
  readonly dns?:
    | {
        readonly zone: string;
        readonly server?: string;
        readonly own?: boolean;
        readonly cloudflare?: { readonly api: string };
      }
    | undefined;
  readonly dnsPersist?: boolean | undefined;
  readonly orders: readonly AgentOrder[];
}

export interface AgentOrder {
  readonly name: string;
  readonly names: readonly string[];
  readonly key: KeyObject;
  readonly request: string;
  readonly formerKeyLeaked?: boolean | undefined;
}

/** What it writes of an order; the times are in RFC 3339. */
export interface OrderStatus {
  readonly name: string;
  readonly names: readonly string[];
  readonly state: "waiting" | "valid" | "failing";
  readonly serial?: string;
  readonly issuer?: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly renewAt?: string;
  readonly lastAttempt?: string;
  readonly nextAttempt?: string;
  readonly failures: number;
  readonly problem?: {
    readonly type: string;
    readonly detail: string;
    readonly name?: string;
    readonly nature?: string;
  };
  readonly revocations?: readonly {
    readonly serial: string;
    readonly reason: number;
    readonly revokedAt?: string;
    readonly failures?: number;
    readonly problem?: { readonly type: string };
  }[];
  readonly renewalInfo?: {
    readonly start?: string;
    readonly end?: string;
    readonly at?: string;
    readonly askAgain: string;
  };
}

/** An order for these names, with a key of its own. */
export async function orderFor(
  name: string,
  names: readonly string[],
  key: KeyObject = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
): Promise<AgentOrder> {
  return { name, names, key, request: await certificateRequest(names, key) };
}

/** A certificate request (PKCS #10), PEM. */
export async function certificateRequest(names: readonly string[], privateKey: KeyObject): Promise<string> {
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const { subtle } = globalThis.crypto;
  const rsa = privateKey.asymmetricKeyType === "rsa";
  const algorithm = rsa
    ? { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
    : { name: "ECDSA", namedCurve: curveOf(privateKey), hash: "SHA-256" };
  const der = privateKey.export({ type: "pkcs8", format: "der" });
  const imported = await subtle.importKey("pkcs8", new Uint8Array(der), algorithm, true, ["sign"]);
  const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const publicKey = await subtle.importKey("spki", new Uint8Array(spki), algorithm, true, ["verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    keys: { privateKey: imported, publicKey },
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value })))],
  });
  return `${request.toString("pem")}\n`;
}

function curveOf(key: KeyObject): string {
  const curves: Readonly<Record<string, string>> = {
    prime256v1: "P-256",
    secp384r1: "P-384",
    secp521r1: "P-521",
  };
  const curve = curves[key.asymmetricKeyDetails?.namedCurve ?? ""];
  if (curve === undefined) throw new Error("this kind of key is not known here");
  return curve;
}

/** The certificate agent as a process of this machine, with a clock that can be moved. */
export class CertificateAgent implements AsyncDisposable {
  /** Where it answers challenges. */
  readonly port: number;
  readonly folder = mkdtempSync(join(tmpdir(), "maildomain-agent-"));
  readonly certificates = join(this.folder, "certificates");
  readonly #clock = join(this.folder, "clock");
  readonly #accountKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  #generations = 0;
  #process: ChildProcess | undefined;
  #output = "";

  private constructor(port: number) {
    this.port = port;
  }

  /** @param port - where it is to answer challenges. @default a free one */
  static async prepare(port?: number): Promise<CertificateAgent> {
    return new CertificateAgent(port ?? (await freePort()));
  }

  /** Puts settings in place; a running agent takes them after {@link reload}. */
  configure(
    { orders, ...settings }: AgentSettings,
    secrets: {
      readonly roots?: string;
      readonly externalAccount?: object;
      /** What the zone is changed with, where names are proved in the DNS. */
      readonly zone?: object;
      readonly accountKey?: KeyObject;
    } = {},
  ): void {
    this.#generations++;
    const generation = join(this.folder, `generation-${this.#generations}`);
    const place = join(generation, "certificate-agent");
    mkdirSync(place, { recursive: true });
    const key = secrets.accountKey ?? this.#accountKey;
    writeFileSync(join(place, "account.pem"), key.export({ type: "pkcs8", format: "pem" }));
    if (secrets.roots !== undefined) writeFileSync(join(place, "roots.pem"), secrets.roots);
    if (secrets.externalAccount !== undefined)
      writeFileSync(join(place, "external-account.json"), JSON.stringify(secrets.externalAccount));
    if (secrets.zone !== undefined) writeFileSync(join(place, "zone.json"), JSON.stringify(secrets.zone));
    for (const { name, request } of orders) writeFileSync(join(place, `${name}.csr`), request);
    const written = {
      contact: ["mailto:postmaster@example.org"],
      ...settings,
      ...(secrets.roots === undefined ? {} : { roots: "certificate-agent/roots.pem" }),
      orders: orders.map(({ name, names, formerKeyLeaked }) => ({ name, names, formerKeyLeaked })),
    };
    writeFileSync(join(place, "orders.json"), JSON.stringify(written));
    symlinkSync(generation, join(this.folder, "current.new"));
    renameSync(join(this.folder, "current.new"), join(this.folder, "current"));
  }

  /** A file of the configuration, such as `orders.json`. */
  configurationFile(name: string): string {
    return join(this.folder, "current", "certificate-agent", name);
  }

  start(): void {
    const args = [
      ...["-configuration", join(this.folder, "current"), "-certificates", this.certificates],
      ...["-listen", `127.0.0.1:${this.port}`, "-in-use", join(this.folder, "in-use")],
    ];
    const started = spawn(certificateAgentProgram(), args, {
      env: { ...process.env, MAILDOMAIN_CLOCK: this.#clock },
    });
    for (const stream of [started.stdout, started.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
    this.#process = started;
  }

  /** Ends it like a power cut does. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, "exit");
    running.kill("SIGKILL");
    await ended;
  }

  /** Has it read its configuration again. */
  reload(): void {
    this.#process?.kill("SIGHUP");
  }

  /** Moves its clock by so many seconds from the real time. */
  moveClock(seconds: number): void {
    writeFileSync(`${this.#clock}.new`, `${seconds}\n`);
    renameSync(`${this.#clock}.new`, this.#clock);
  }

  get pid(): number {
    if (this.#process?.pid === undefined) throw new Error("the agent is not running");
    return this.#process.pid;
  }

  get isRunning(): boolean {
    return (
      this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
    );
  }

  /** The generation that it has read last; undefined before the first. */
  get inUse(): string | undefined {
    const path = join(this.folder, "in-use");
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  /** What it has printed since the first start. */
  get output(): string {
    return this.#output;
  }

  status(order: string): OrderStatus | undefined {
    const text = this.read(join(order, "status.json"));
    return text === undefined ? undefined : (JSON.parse(text) as OrderStatus);
  }

  /** The server's certificate of the chain in service. */
  certificate(order: string): X509Certificate | undefined {
    const text = this.read(join(order, "chain.pem"));
    return text === undefined ? undefined : new X509Certificate(text);
  }

  /** A file of what it writes; undefined where there is none. */
  read(file: string): string | undefined {
    const path = join(this.certificates, file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  /** The status once it has this state, and where `after` is given, another certificate. */
  async settled(order: string, state: OrderStatus["state"], after?: string): Promise<OrderStatus> {
    await expect
      .poll(() => {
        const { state: now, serial, problem } = this.status(order) ?? {};
        return {
          now,
          changed: after === undefined || serial !== after,
          problem: now === state ? undefined : problem,
        };
      })
      .toEqual({ now: state, changed: true, problem: undefined });
    return this.status(order) as OrderStatus;
  }

  /** The status once the certificate is valid and the authority has answered when to renew it, which moves `renewAt`. */
  async scheduled(order: string): Promise<OrderStatus> {
    await this.settled(order, "valid");
    await expect.poll(() => this.status(order)?.renewalInfo?.at).toBeDefined();
    return this.status(order) as OrderStatus;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
