import { services } from "../../records/service.ts";
import { byPath, type ConfigurationFile } from "../generation/configuration-file.ts";
import { HTTP_QUESTION, renderHealthQuestions } from "../generation/health-questions.ts";
import { renderListeners } from "../generation/listening.ts";

const folder = "certificate-agent";

/** What the agent orders, and where, as far as it is not secret. */
export interface CertificateAgentDescription {
  /** The URL of the authority's directory (RFC 8555 section 7.1.1). */
  readonly directory: string;
  /** The mail addresses at which the authority reaches the account's owner. */
  readonly contact: readonly string[];
  /** The kind of certificate; the authority's usual one without it. */
  readonly profile?: string | undefined;
  /** Further roots to trust when the directory is asked, PEM. */
  readonly roots?: string | undefined;
  /** Whom the agent asks for CAA records, `address:port`; the container's own resolver without it. */
  readonly resolver?: string | undefined;
  /** The host's port for HTTPS, to which everything but challenges is sent on. */
  readonly redirectPort: number;
  /** Where the agent puts proofs of names into the DNS. */
  readonly dns?: ChallengeZone | undefined;
  /** Whether records prove names that stay in the DNS; port 80 does without both. */
  readonly dnsPersist?: boolean | undefined;
  /** Who gets reports of failures by mail; nobody without it. */
  readonly mail?: ReportMail | undefined;
  /** Where failures are reported as JSON; nowhere without it. */
  readonly webhook?: string | undefined;
  readonly orders: readonly AgentOrder[];
}

/** Reports by mail. */
export interface ReportMail {
  /** Addresses for which the server accepts mail from anybody. */
  readonly to: readonly string[];
  /** The mail server, `host:port`. */
  readonly server: string;
  /** By what people know the stack. */
  readonly hostName: string;
}

/** The zone in which names are proved, and who changes it, as far as that is not secret. */
export interface ChallengeZone {
  readonly zone: string;
  /** Its primary name server, `host:port`; Cloudflare's API without it. */
  readonly server?: string | undefined;
  /** Whether that one is the stack's own: the only one, and perhaps out of the world's reach. */
  readonly isOwnServer?: boolean | undefined;
}

/** One certificate. */
export interface AgentOrder {
  /** The pair that it is for, and the folder of its chain. @example "mail-server" */
  readonly name: string;
  readonly hostNames: readonly string[];
  /** Whether others may have the key before this one. */
  readonly formerKeyLeaked?: boolean | undefined;
}

/** Every file of the agent that is plain; the requests, the account's key and what binds it are added to them. */
export function renderCertificateAgent(description: CertificateAgentDescription): ConfigurationFile[] {
  const { directory, contact, profile, roots, resolver, redirectPort, dns, dnsPersist, webhook, mail } =
    description;
  const orders = description.orders.map(({ name, hostNames, formerKeyLeaked }) => ({
    name: requireOrderName(name),
    names: hostNames,
    ...(formerKeyLeaked === true ? { formerKeyLeaked } : {}),
  }));
  const content = {
    directory,
    contact: contact.map((address) => `mailto:${address}`),
    ...(profile === undefined ? {} : { profile }),
    ...(roots === undefined ? {} : { roots: `${folder}/roots.pem` }),
    ...(resolver === undefined ? {} : { resolver }),
    redirectPort,
    ...(dns === undefined ? {} : { dns: renderZone(dns) }),
    ...(dnsPersist === true ? { dnsPersist } : {}),
    ...(webhook === undefined && mail === undefined
      ? {}
      : { report: { webhook, mail: mail && { to: mail.to, server: mail.server, host: mail.hostName } } }),
    orders,
  };
  return byPath([
    { path: `${folder}/orders.json`, content: `${JSON.stringify(content, undefined, 1)}\n` },
    ...(roots === undefined ? [] : [{ path: `${folder}/roots.pem`, content: roots }]),
    renderListeners([`tcp ${services.http.port}`]),
    renderHealthQuestions([
      { daemon: "certificate-agent", socket: `tcp ${services.http.port}`, request: HTTP_QUESTION },
    ]),
  ]);
}

/** Cloudflare's API, version 4. */
const CLOUDFLARE = "https://api.cloudflare.com/client/v4";

function renderZone({ zone, server, isOwnServer: own = false }: ChallengeZone): object {
  return server === undefined ? { zone, cloudflare: { api: CLOUDFLARE } } : { zone, server, own };
}

/** What the agent asks for a certificate with. */
export function requestPath(order: string): string {
  return `${folder}/${requireOrderName(order)}.csr`;
}

export const ACCOUNT_KEY = `${folder}/account.pem`;
/** What the zone is changed with: `{ tsig }` or `{ token }`. */
export const ZONE_CREDENTIAL = `${folder}/zone.json`;
export const EXTERNAL_ACCOUNT = `${folder}/external-account.json`;

/** @throws RangeError where a name would lead out of its folder. */
function requireOrderName(name: string): string {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) throw new RangeError(`"${name}" cannot be the name of an order`);
  return name;
}
