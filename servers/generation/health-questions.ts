import { encode } from "dns-packet";
import type { ConfigurationFile } from "./configuration-file.ts";
import type { Listener } from "./listening.ts";

/**
 * What a daemon is asked once per minute. Any answer will do: a process that hangs still listens, and says nothing. None
 * of them leaves a line in a log.
 */
export interface HealthQuestion {
  readonly daemon: string;
  /** Of the container's own loopback. */
  readonly socket: Listener;
  /** What is sent. @default nothing: the daemon speaks first */
  readonly request?: Uint8Array | undefined;
}

/** Read by the images' health check: `<protocol> <place> <request in hexadecimal, or -> <daemon>` per line. */
export function renderHealthQuestions(questions: readonly HealthQuestion[]): ConfigurationFile {
  const lines = questions.map(
    ({ daemon, socket, request }) =>
      `${socket} ${request === undefined ? "-" : Buffer.from(request).toString("hex")} ${daemon}\n`,
  );
  return { path: "health-questions", content: lines.join("") };
}

/** One that every name server answers by itself: an authoritative one refuses it, and RFC 6761 s6.3 keeps it off the network. */
export const DNS_QUESTION: Uint8Array = encode({
  type: "query",
  id: 1,
  questions: [{ type: "A", name: "localhost" }],
});

/** RFC 9110 s9.3.2. Who connects from the container itself is not logged. */
export const HTTP_QUESTION: Uint8Array = Buffer.from("HEAD / HTTP/1.0\r\n\r\n");

/** The negotiation that opens each milter connection: the protocol's version, no actions, no steps left out. */
export const MILTER_QUESTION: Uint8Array = Buffer.from("0000000d4f000000060000000000000000", "hex");

/** What Postfix asks a policy service, without any of the attributes. */
export const POLICY_QUESTION: Uint8Array = Buffer.from("request=smtpd_access_policy\n\n");
