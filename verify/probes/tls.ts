import { once } from "node:events";
import {
  type ConnectionOptions,
  connect,
  type DetailedPeerCertificate,
  type PeerCertificate,
  type TLSSocket,
} from "node:tls";
import { checkClient } from "../../naming/check-client.ts";
import { ownConnection } from "../own-connections.ts";
import type { Protocol, TlsPort } from "../services.ts";
import { openDialogue } from "./dialogue.ts";

const timeoutMs = 8_000;

/** The outcome of a handshake. */
export interface Handshake {
  /** Such as `TLSv1.3`. */
  readonly version: string;
  readonly certificate: PeerCertificate;
  /** What the server showed, DER, its own certificate first. */
  readonly chain: readonly Buffer[];
}

/**
 * Makes a TLS connection as a careful client does, with STARTTLS where the service asks for it: the chain must
 * lead to the CA and the certificate must hold the service's name.
 *
 * @throws Error with OpenSSL's or the server's reason when there is no such connection.
 */
export async function handshake(service: TlsPort, options: ConnectionOptions = {}): Promise<Handshake> {
  const socket = await openTls(service, options);
  try {
    const certificate = socket.getPeerCertificate(true);
    return { version: socket.getProtocol() ?? "unknown", certificate, chain: chainOf(certificate) };
  } finally {
    socket.destroy();
  }
}

/** A self-signed certificate is its own issuer. */
function chainOf(certificate: DetailedPeerCertificate): Buffer[] {
  const chain: Buffer[] = [];
  let next: DetailedPeerCertificate | undefined = certificate;
  while (next?.raw && !chain.some((der) => der.equals(next?.raw ?? der))) {
    chain.push(next.raw);
    next = next.issuerCertificate;
  }
  return chain;
}

/** The connection that {@link handshake} judges; the caller ends it. */
export async function openTls(service: TlsPort, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return await ownConnection("", () => secured(service, options));
}

async function secured(service: TlsPort, options: ConnectionOptions): Promise<TLSSocket> {
  const { host, port, serverName, caCertificate } = service;
  const over =
    service.security === "implicit" ? { host, port } : { socket: await startTls(service.protocol, service) };
  const socket = connect({ ...over, servername: serverName, ca: caCertificate, ...options });
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no TLS handshake within ${timeoutMs} ms`)));
  await once(socket, "secureConnect");
  return socket;
}

const dialogues: Record<Protocol, readonly string[]> = {
  smtp: [`EHLO ${checkClient}`, "STARTTLS"],
  imap: ["STARTTLS"],
  pop3: ["STLS"],
  managesieve: ["STARTTLS"],
};

async function startTls(protocol: Protocol | undefined, endpoint: { host: string; port: number }) {
  if (protocol === undefined) throw new Error(`STARTTLS on ${endpoint.port} is of no known protocol`);
  const dialogue = await openDialogue(protocol, endpoint);
  for (const command of dialogues[protocol]) {
    const reply = await dialogue.ask(command);
    if (!/^(2\d\d|\+OK|\* |verify OK|OK\b)/.test(reply)) {
      await dialogue[Symbol.asyncDispose]();
      throw new Error(`the answer to ${command} is ${reply}`);
    }
  }
  return dialogue.release();
}
