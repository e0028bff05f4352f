import type { RunningStack } from "../../outputs/running-stack.ts";
import { askHttp, type HttpAnswer, type HttpRequest } from "../../verify/probes/http.ts";

/** Asks a stack's web server under one of its names, by HTTPS, trusting the stack's authority alone. */
export function askWeb(
  { endpoint, caCertificate }: RunningStack,
  host: string,
  path: string,
  more: Partial<HttpRequest> = {},
): Promise<HttpAnswer> {
  return askHttp({
    address: endpoint.address,
    port: endpoint.ports.https ?? 0,
    host,
    path,
    caCertificate,
    ...more,
  });
}
