import { once } from "node:events";
import { type IncomingHttpHeaders, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";

const timeoutMs = 8_000;
/** Longer answers are none of what is asked for here. */
const largestAnswerBytes = 1_000_000;

/** A request to a server by its address, under a name that the resolver need not know. */
export interface HttpRequest {
  /** Where to connect to. */
  readonly address: string;
  readonly port: number;
  /** The name that is asked for, which the certificate must hold. */
  readonly host: string;
  readonly path: string;
  /** Whether it goes without TLS. @default false */
  readonly isPlain?: boolean | undefined;
  /** The authorities that the certificate may come from, PEM. @default those that Node knows */
  readonly caCertificate?: string | string[] | undefined;
  /** @default "GET" */
  readonly method?: string | undefined;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as text, and as bytes. */
  readonly body: string;
  readonly bytes: Buffer;
}

/**
 * Asks once and follows nothing.
 *
 * @throws Error when there is no connection, no trust in the certificate, or no answer in time.
 */
export async function askHttp(asked: HttpRequest): Promise<HttpAnswer> {
  const { address, port, host, path, isPlain = false, caCertificate, method = "GET", body, headers } = asked;
  const options = {
    host: address,
    port,
    path,
    method,
    headers: { host, ...headers },
    agent: false,
    signal: AbortSignal.timeout(timeoutMs),
  };
  const sent = isPlain
    ? plainRequest(options)
    : tlsRequest({ ...options, servername: host, ca: caCertificate });
  sent.end(body);
  const [response] = await once(sent, "response");
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of response) {
    pieces.push(piece);
    length += piece.length;
    if (length > largestAnswerBytes) throw new Error(`the answer is longer than ${largestAnswerBytes} bytes`);
  }
  const bytes = Buffer.concat(pieces);
  return { status: response.statusCode, headers: response.headers, body: bytes.toString(), bytes };
}
