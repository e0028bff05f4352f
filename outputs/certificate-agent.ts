/** What the certificate agent has noted beside the chains. */
import * as z from "zod";

const problem = z.object({
  /** That of RFC 8555 section 6.7, or one of the agent's own. @example "urn:ietf:params:acme:error:rateLimited", "caa" */
  type: z.string(),
  detail: z.string(),
  /** The name that it is about. */
  name: z.string().nullish(),
});

const revocation = z.object({
  serial: z.string(),
  revokedAt: z.string().nullish(),
  nextAttempt: z.string().nullish(),
  problem: problem.nullish(),
});

const status = z.object({
  name: z.string(),
  names: z.array(z.string()),
  state: z.enum(["waiting", "valid", "failing"]),
  /** Of the certificate in service. */
  serial: z.string().nullish(),
  issuer: z.string().nullish(),
  notBefore: z.string().nullish(),
  notAfter: z.string().nullish(),
  renewAt: z.string().nullish(),
  lastAttempt: z.string().nullish(),
  nextAttempt: z.string().nullish(),
  failures: z.number().nullish(),
  problem: problem.nullish(),
  /** Certificates of former keys. */
  revocations: z.array(revocation).nullish(),
});

const alive = z.object({ aliveAt: z.string(), version: z.string().nullish() });

/** The state of one certificate. Times are those of RFC 3339. */
export type CertificateStatus = z.output<typeof status>;

export interface AgentState {
  /** When the agent was last seen at work; undefined before its first minute. */
  readonly aliveAt: Date | undefined;
  /** By the name of the pair that shows each. */
  readonly certificates: ReadonlyMap<string, CertificateStatus>;
}

/** As much of the Docker Engine as is needed to ask. */
export interface AgentEngine {
  exec(container: string, command: readonly string[]): Promise<string>;
}

/** One file per line: none of them holds a line break of its own. */
const script = `cd /var/lib/certificates && for file in agent.json */status.json; do
  [[ ! -r $file ]] || { tr -d '\\n' <"$file"; echo; }
done`;

/** Asks the agent's container. */
export async function agentState(engine: AgentEngine, container: string): Promise<AgentState> {
  const lines = (await engine.exec(container, ["bash", "-c", script])).split("\n");
  const read = lines.filter((line) => line !== "").map((line): unknown => JSON.parse(line));
  const certificates = read.flatMap((value) => status.safeParse(value).data ?? []);
  const noted = read.map((value) => alive.safeParse(value).data).find((value) => value !== undefined);
  return {
    aliveAt: noted && new Date(noted.aliveAt),
    certificates: new Map(certificates.map((each) => [each.name, each])),
  };
}

/** Whether a certificate is there that holds a name. One whose order fails may be from before it had the name. */
export function isInService(
  certificate: Pick<CertificateStatus, "state" | "names" | "notAfter"> | undefined,
  name: string,
  now: Date,
): boolean {
  const end = certificate?.notAfter ? Date.parse(certificate.notAfter) : 0;
  return certificate?.state === "valid" && certificate.names.includes(name) && end > now.getTime();
}

/** The same of any of the agent's certificates. */
export function isCertified({ certificates }: AgentState, name: string): boolean {
  const now = new Date();
  return [...certificates.values()].some((each) => isInService(each, name, now));
}

/** Why an order does not succeed, and when it is tried again: the end of a sentence. */
export function reasonOf({
  problem,
  nextAttempt,
  failures,
}: Pick<CertificateStatus, "problem" | "nextAttempt" | "failures">): string {
  const kind = problem?.type.replace(/^urn:ietf:params:acme:error:/, "") ?? "no reason given";
  const name = problem?.name ? `${problem.name}: ` : "";
  const count = failures ? ` after ${failures} ${failures === 1 ? "attempt" : "attempts"}` : "";
  const next = nextAttempt ? `; next attempt at ${nextAttempt}` : "";
  return `${name}${problem?.detail ?? "it has not said why"} (${kind})${count}${next}`;
}
