import SMTPConnection, { type Options } from "nodemailer/lib/smtp-connection";
import { checkClient } from "../../naming/check-client.ts";
import type { Service } from "../services.ts";

/** Who logs in, and with what. */
export interface Login {
  /** A full address, or a bare user name. */
  readonly user: string;
  readonly password: string;
}

/** A reply of the server that says no. */
export interface Refusal {
  readonly code: number;
  readonly text: string;
}

const timeouts = { connectionTimeout: 8_000, greetingTimeout: 8_000, socketTimeout: 15_000 };

/** An SMTP session in promises, over nodemailer's client. Disposing of it closes the connection. */
export class SmtpSession implements Disposable {
  readonly #connection: SMTPConnection;

  private constructor(connection: SMTPConnection) {
    this.#connection = connection;
  }

  /** Connects, under TLS unless `options` say otherwise. */
  static async open(service: Service, options: Options = {}): Promise<SmtpSession> {
    const connection = new SMTPConnection({
      host: service.host,
      port: service.port,
      secure: service.security === "implicit",
      requireTLS: service.security === "starttls",
      name: checkClient,
      // The name must be verified, not the address under which the service is reached.
      tls: { servername: service.serverName, ca: service.caCertificate },
      ...timeouts,
      ...options,
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    connection.once("error", reject);
    connection.connect((error) => (error ? reject(error) : resolve()));
    await promise;
    // A server that hangs up later is noticed by the command that waits for it.
    connection.on("error", () => {});
    return new SmtpSession(connection);
  }

  /** Whether the last EHLO offered AUTH. */
  get offersAuth(): boolean {
    return this.#connection.allowsAuth;
  }

  /** @returns the server's refusal, or nothing when the login succeeded. */
  async login({ user, password }: Login): Promise<Refusal | undefined> {
    const { promise, resolve } = Promise.withResolvers<Error | null>();
    this.#connection.login({ user, pass: password, method: "PLAIN" }, resolve);
    return refusalIn(await promise);
  }

  /** @returns the server's refusal of sender, recipient or content, or nothing when it took the message. */
  async send(from: string | false, to: string, message: string): Promise<Refusal | undefined> {
    const { promise, resolve } = Promise.withResolvers<Error | null>();
    this.#connection.send({ from, to }, message, (error) => resolve(error));
    return refusalIn(await promise);
  }

  [Symbol.dispose]() {
    this.#connection.close();
  }
}

function refusalIn(error: Error | null): Refusal | undefined {
  if (error === null || error === undefined) return undefined;
  if (!("responseCode" in error) || typeof error.responseCode !== "number") throw error;
  const response = "response" in error ? String(error.response) : error.message;
  return { code: error.responseCode, text: response.replaceAll(/\s+/g, " ").trim() };
}
