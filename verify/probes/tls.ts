import { once } from "node:events";
import { type ConnectionOptions, connect, type PeerCertificate, type TLSSocket } from "node:tls";
import type { Protocol, Service } from "../services.ts";
import { openDialogue } from "./dialogue.ts";

const timeoutMs = 8_000;

/** What a handshake came to. */
export interface Handshake {
  /** Such as `TLSv1.3`. */
  readonly version: string;
  readonly certificate: PeerCertificate;
}

/**
 * Makes a TLS connection as a careful client does, with STARTTLS where the service asks for it: the chain must
 * lead to the CA and the certificate must hold the service's name.
 *
 * @throws Error with OpenSSL's or the server's reason when there is no such connection.
 */
export async function handshake(service: Service, options: ConnectionOptions = {}): Promise<Handshake> {
  const socket = await openTls(service, options);
  try {
    return { version: socket.getProtocol() ?? "unknown", certificate: socket.getPeerCertificate() };
  } finally {
    socket.destroy();
  }
}

/** The connection that {@link handshake} judges; the caller ends it. */
export async function openTls(service: Service, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const { host, port, serverName, caCertificate } = service;
  const over =
    service.security === "implicit" ? { host, port } : { socket: await startTls(service.protocol, service) };
  const socket = connect({ ...over, servername: serverName, ca: caCertificate, ...options });
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no TLS handshake within ${timeoutMs} ms`)));
  await once(socket, "secureConnect");
  return socket;
}

const dialogues: Record<Protocol, readonly string[]> = {
  smtp: ["EHLO verify.invalid", "STARTTLS"],
  imap: ["STARTTLS"],
  pop3: ["STLS"],
};

async function startTls(protocol: Protocol, endpoint: { host: string; port: number }) {
  const dialogue = await openDialogue(protocol, endpoint);
  for (const command of dialogues[protocol]) {
    const reply = await dialogue.ask(command);
    if (!/^(2\d\d|\+OK|\* |verify OK)/.test(reply)) {
      await dialogue[Symbol.asyncDispose]();
      throw new Error(`the answer to ${command} is ${reply}`);
    }
  }
  return dialogue.release();
}
